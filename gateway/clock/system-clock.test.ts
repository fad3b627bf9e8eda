import { readFileSync } from 'node:fs'
import t from 'tap'
import { systemClock } from './system-clock.ts'

t.test('system clock: monotonic time counts since the boot', async (t) => {
  const clock = systemClock()
  const uptimeMs = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1_000
  t.ok(Math.abs(clock.monotonicMs() - uptimeMs) < 60_000)
  const first = clock.monotonicMs()
  t.ok(clock.monotonicMs() >= first)
  t.ok(Math.abs(clock.wallMs() - Date.now()) < 1_000)
})

t.test('system clock: lists what is waited for, the next due first', async (t) => {
  const clock = systemClock()
  const cancelLate = clock.after('late', 60_000, () => {})
  const cancelSoon = clock.after('soon', 30_000, () => {})
  t.strictSame(
    clock.running().map((timer) => timer.name),
    ['soon', 'late'],
  )
  cancelSoon()
  cancelLate()
  t.strictSame(clock.running(), [])
})

t.test('system clock: a timer fires once and leaves the list', async (t) => {
  const clock = systemClock()
  const before = clock.monotonicMs()
  await clock.sleep(5)
  t.ok(clock.monotonicMs() - before >= 4)
  t.strictSame(clock.running(), [])
})

t.test('system clock: waits longer than a Node timer can', async (t) => {
  const clock = systemClock()
  let fired = false
  const cancel = clock.after('in a month', 30 * 86_400_000, () => {
    fired = true
  })
  await clock.sleep(5)
  t.equal(fired, false)
  cancel()
})

t.test('system clock: an aborted sleep rejects with the reason', async (t) => {
  const clock = systemClock()
  const stop = new AbortController()
  const sleeping = clock.sleep(60_000, stop.signal)
  stop.abort(new Error('stopping'))
  await t.rejects(sleeping, { message: 'stopping' })
  t.strictSame(clock.running(), [])
})
