import t from 'tap'
import type { Talk } from './asking.ts'
import type { Said } from './driver.ts'
import { KnownMemory, readNumbered } from './memory.ts'
import { deviceClock, Presence, Stored, type StoredResult } from './stored.ts'

function result(key: string): StoredResult {
  return {
    key,
    said: (record): Said => ({ kind: 'event', code: record, level: 'info', active: null }),
  }
}

/** Runs a talk that only says and commits; the disk takes what it says, or does not. */
function said(talk: Generator<unknown, unknown, unknown>, isStored = true): readonly string[] {
  const codes: string[] = []
  let next = talk.next()
  while (next.done !== true) {
    const want = next.value as { readonly kind: string; readonly code?: string }
    if (want.kind === 'event') codes.push(want.code ?? '')
    next = talk.next(want.kind === 'commit' ? { kind: 'committed', isStored, atMs: 0 } : undefined)
  }
  return codes
}

t.test('stored: what is read again is said once, and equal results are two', async (t) => {
  const stored = new Stored()
  const memory = [result('9:30 140'), result('9:30 140'), result('9:41 118')]
  t.strictSame(said(stored.say(memory)), ['9:30 140', '9:30 140 #2', '9:41 118'])
  t.strictSame(said(stored.say(memory)), [])
  t.strictSame(said(stored.say([...memory, result('9:55 99')])), ['9:55 99'])
  t.strictSame(said(stored.say([...memory, result('9:41 118')])), ['9:41 118 #2'])
})

t.test('stored: what the disk did not take is said again', async (t) => {
  const stored = new Stored()
  t.strictSame(said(stored.say([result('a')]), false), ['a'])
  t.strictSame(said(stored.say([result('a'), result('b')])), ['a', 'b'])
  t.strictSame(said(stored.say([result('a'), result('b')])), [])
})

t.test(
  'stored: a long memory is committed in parts, and a refused part is said again',
  async (t) => {
    const stored = new Stored()
    const memory = Array.from({ length: 250 }, (_, at) => result(`${at}`))
    const answers = [true, false]
    const talk = stored.say(memory)
    let [codes, next] = [0, talk.next()]
    while (next.done !== true) {
      if (next.value.kind === 'event') codes++
      const isCommit = next.value.kind === 'commit'
      const isStored = isCommit && answers.shift() === true
      next = talk.next(isCommit ? { kind: 'committed', isStored, atMs: 0 } : undefined)
    }
    t.equal(next.value, false)
    t.equal(codes, 200, 'nothing more is said to a disk that refuses')
    t.equal(said(stored.say(memory)).length, 150)
  },
)

interface Meter {
  /** The oldest first. */
  readonly results: string[]
  asked: number
}

function talk(meter: Meter, known: KnownMemory, during: (asked: number) => void = () => {}) {
  const memory = {
    *count(): Talk<number> {
      yield { kind: 'listen', ms: 0 }
      return meter.results.length
    },
    *result(number: number): Talk<string | null> {
      yield { kind: 'listen', ms: 0 }
      meter.asked++
      const found = meter.results.at(-1 - number) ?? null
      during(meter.asked)
      return found
    },
    storedOf: (found: string) => (found === 'failed' ? null : result(found)),
  }
  return readNumbered(memory, known, 'meter', 100)
}

t.test('memory: reads from the newest, says from the oldest, and asks no more', async (t) => {
  const meter = { results: ['a', 'failed', 'b'], asked: 0 }
  const known = new KnownMemory()
  t.strictSame(said(talk(meter, known)), ['a', 'b'])
  t.equal(meter.asked, 3)
  t.strictSame(said(talk(meter, known)), [])
  t.equal(meter.asked, 4, 'only whether the newest is the same')
  meter.results.push('c')
  t.strictSame(said(talk(meter, known)), ['c'])
})

t.test('memory: a full one that moves on is read again', async (t) => {
  const meter = { results: ['a', 'b'], asked: 0 }
  const known = new KnownMemory()
  t.strictSame(said(talk(meter, known)), ['a', 'b'])
  meter.results.splice(0, 2, 'b', 'c')
  t.strictSame(said(talk(meter, known)), ['c'])
})

t.test('memory: what moves on while it is read is not said twice', async (t) => {
  const meter = { results: ['a', 'b', 'c'], asked: 0 }
  const known = new KnownMemory()
  const add = (asked: number): void => {
    if (asked === 2) meter.results.push('d')
  }
  t.strictSame(said(talk(meter, known, add)), [], 'b was read twice')
  t.strictSame(said(talk(meter, known)), ['a', 'b', 'c', 'd'])
})

t.test('memory: it is read anew until it was on the disk', async (t) => {
  const meter = { results: ['a'], asked: 0 }
  const known = new KnownMemory()
  t.strictSame(said(talk(meter, known), false), ['a'])
  t.strictSame(said(talk(meter, known)), ['a'])
  t.strictSame(said(talk(meter, known)), [])
})

t.test('memory: not more than its limit is asked for', async (t) => {
  const meter = { results: Array.from({ length: 300 }, (_, at) => `${at}`), asked: 0 }
  t.equal(said(talk(meter, new KnownMemory())).length, 100)
  t.equal(meter.asked, 100)
})

t.test('presence: a meter is read when it comes, and not again while it stays', async (t) => {
  const presence = new Presence()
  t.notOk(presence.isDue(null), 'nobody is there')
  t.ok(presence.isDue('one'))
  t.ok(presence.isDue('one'), 'it was not read')
  presence.wasRead('one')
  t.notOk(presence.isDue('one'))
  t.ok(presence.isDue('other'), 'another one at the same cable')
  presence.wasRead('other')
  t.notOk(presence.isDue(null))
  t.ok(presence.isDue('other'), 'it was away, and may have measured')
  presence.wasRead('other')
  const due = Array.from({ length: 70 }, () => presence.isDue('other'))
  t.equal(due.indexOf(true), 59, 'and now and then all the same')
})

t.test('presence: another meter is introduced once', async (t) => {
  const presence = new Presence()
  t.ok(presence.isOther('one'))
  t.notOk(presence.isOther('one'))
  t.ok(presence.isOther('other'))
})

t.test('stored: the clock of a device is told without a zone', async (t) => {
  const time = { year: 2025, month: 3, day: 4, hour: 9, minute: 5, second: null }
  t.match(deviceClock(time), { code: 'device-clock', detail: { deviceTime: '2025-03-04T09:05' } })
  t.match(deviceClock({ ...time, second: 7 }), { detail: { deviceTime: '2025-03-04T09:05:07' } })
})
