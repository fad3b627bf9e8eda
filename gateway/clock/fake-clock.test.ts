import t from 'tap'
import { fakeClock } from './fake-clock.ts'

t.test('fake clock: fires by due time and then by order of setting', async (t) => {
  const clock = fakeClock()
  const fired: string[] = []
  const note = (name: string, ms: number) => clock.after(name, ms, () => fired.push(name))
  note('c', 30)
  note('a1', 10)
  note('b', 20)
  note('a2', 10)
  t.strictSame(
    clock.running().map((timer) => timer.name),
    ['a1', 'a2', 'b', 'c'],
  )
  await clock.advance(20)
  t.strictSame(fired, ['a1', 'a2', 'b'])
  t.equal(clock.monotonicMs(), 10_020)
  await clock.advance(9)
  t.strictSame(fired, ['a1', 'a2', 'b'])
  await clock.advance(1)
  t.strictSame(fired, ['a1', 'a2', 'b', 'c'])
})

t.test('fake clock: what a timer wakes has run before the next one fires', async (t) => {
  const clock = fakeClock()
  const seen: string[] = []
  clock.after('first', 5, () => {
    seen.push('first')
    let chain = Promise.resolve()
    for (let link = 0; link < 50; link++) chain = chain.then(() => undefined)
    void chain.then(() => seen.push(`woken at ${clock.monotonicMs()}`))
  })
  clock.after('second', 5, () => seen.push('second'))
  await clock.advance(10)
  t.strictSame(seen, ['first', 'woken at 10005', 'second'])
})

t.test('fake clock: a chain of sleeps sees each exact moment', async (t) => {
  const clock = fakeClock({ monotonicMs: 0 })
  const at: number[] = []
  const walk = async () => {
    for (let step = 0; step < 5; step++) {
      await clock.sleep(7)
      at.push(clock.monotonicMs())
    }
  }
  const walked = walk()
  await clock.advance(100)
  await walked
  t.strictSame(at, [7, 14, 21, 28, 35])
  t.equal(clock.monotonicMs(), 100)
})

t.test('fake clock: a cancelled timer never fires, and cancelling late does nothing', async (t) => {
  const clock = fakeClock()
  let fired = 0
  const cancel = clock.after('one', 10, () => fired++)
  cancel()
  cancel()
  const late = clock.after('two', 10, () => fired++)
  await clock.advance(10)
  late()
  t.equal(fired, 1)
  t.strictSame(clock.running(), [])
})

t.test('fake clock: many cancelled timers are swept and the others keep their order', async (t) => {
  const clock = fakeClock()
  const fired: number[] = []
  const cancels: (() => void)[] = []
  for (let index = 0; index < 1_000; index++) {
    const ms = (index * 7_919) % 1_000
    const cancel = clock.after(`${ms}`, ms, () => fired.push(ms))
    if (ms % 10 !== 0) cancels.push(cancel)
  }
  for (const cancel of cancels) cancel()
  await clock.advance(1_000)
  t.strictSame(
    fired,
    Array.from({ length: 100 }, (_, index) => index * 10),
  )
})

t.test('fake clock: an aborted sleep rejects with the reason and leaves no timer', async (t) => {
  const clock = fakeClock()
  const stop = new AbortController()
  const sleeping = clock.sleep(1_000, stop.signal)
  const why = new Error('enough')
  stop.abort(why)
  await t.rejects(sleeping, why)
  await t.rejects(clock.sleep(1, stop.signal), why)
  t.strictSame(clock.running(), [])
})

t.test('fake clock: next goes from timer to timer', async (t) => {
  const clock = fakeClock({ monotonicMs: 0 })
  clock.after('far', 86_400_000, () => {})
  t.equal(await clock.next(), true)
  t.equal(clock.monotonicMs(), 86_400_000)
  t.equal(await clock.next(), false)
  t.equal(clock.monotonicMs(), 86_400_000)
})

t.test('fake clock: wall time jumps without monotonic time', async (t) => {
  const clock = fakeClock({ wallMs: 1_000_000, monotonicMs: 5 })
  await clock.advance(10)
  t.equal(clock.wallMs(), 1_000_010)
  clock.setWallMs(5_000)
  await clock.advance(1)
  t.equal(clock.wallMs(), 5_001)
  t.equal(clock.monotonicMs(), 16)
})

t.test('fake clock: what a timer throws comes out of advance', async (t) => {
  const clock = fakeClock()
  clock.after('bad', 5, () => {
    throw new Error('mistake')
  })
  await t.rejects(clock.advance(10), { message: 'mistake' })
  await clock.advance(1)
  t.equal(clock.monotonicMs(), 10_006)
})

t.test('fake clock: is strict about its use', async (t) => {
  const clock = fakeClock()
  t.throws(() => clock.after('nan', Number.NaN, () => {}), RangeError)
  t.throws(() => clock.after('past', -1, () => {}), RangeError)
  await t.rejects(clock.advance(-1), RangeError)
  const first = clock.advance(5)
  await t.rejects(clock.advance(5), /moving already/)
  await first
  const again = (): void => {
    clock.after('again', 0, again)
  }
  again()
  await t.rejects(clock.advance(1), /time stands still.*"again"/)
})

t.test('fake clock: a wait too short to be added to the time passes all the same', async (t) => {
  const clock = fakeClock({ monotonicMs: 1_000_000 })
  const before = clock.monotonicMs()
  t.equal(before + 1e-12, before, 'rounding swallows it')
  let after: number = before
  clock.after('rest', 1e-12, () => {
    after = clock.monotonicMs()
  })
  await clock.next()
  t.ok(after > before)
})
