import t from 'tap'
import type { Record } from '../../protocols/packet/record.ts'
import { fakeClock } from '../clock/fake-clock.ts'
import { Trouble } from '../errors/trouble.ts'
import { keptBytesMax, keptRecordsMax, Outbox, type Lost } from './outbox.ts'

const stamped = { utcMs: null, uncertaintyMs: null, source: 'device', simulated: false } as const

function measurement(atMs: number): Record {
  return { kind: 'measurement', values: [], deviceTime: null, qualifiers: {}, atMs, ...stamped }
}

function numerics(atMs: number): Record {
  return { kind: 'numerics', values: [], qualifiers: {}, atMs, ...stamped }
}

function waveform(atMs: number, samples = 63): Record {
  return {
    kind: 'waveform',
    wave: 'ecg',
    run: 1,
    firstSample: 0,
    rate: { samples: 250, perMs: 1_000 },
    leads: [],
    samples: [new Int32Array(samples)],
    atMs,
    ...stamped,
  }
}

const refusal = (retriable: boolean) => {
  const text = { what: 'No room.', todo: 'Make room.' }
  return new Trouble('journal-full', { en: text, id: text, retriable })
}

/** A journal that answers when it is told to. */
function box() {
  const clock = fakeClock()
  const stored: Record[] = []
  const troubles: (string | null)[] = []
  const losses: Lost[] = []
  let waiting: { record: Record; resolve: () => void; reject: (why: Error) => void }[] = []
  /** Null: accepts. 'later': answers only when told. */
  const journal: { answer: Error | 'later' | null; calls: number } = { answer: null, calls: 0 }
  const outbox = new Outbox(
    'ecg-1',
    {
      record: async (_device, record) => {
        journal.calls++
        if (journal.answer === 'later') {
          await new Promise<void>((resolve, reject) => waiting.push({ record, resolve, reject }))
        } else if (journal.answer !== null) throw journal.answer
        stored.push(record)
      },
      document: async () => {},
    },
    clock,
    {
      trouble: (why) => troubles.push(why === null ? null : why.message),
      lost: (lost) => {
        losses.push(lost)
        return measurement(-1)
      },
    },
  )
  return {
    clock,
    journal,
    outbox,
    troubles,
    losses,
    stored,
    times: () => stored.map((record) => record.atMs),
    answerAll: (why: Error | null) => {
      const now = waiting
      waiting = []
      for (const one of now) {
        if (why === null) one.resolve()
        else one.reject(why)
      }
    },
  }
}

t.test('outbox: hands records over at once and in order', async (t) => {
  const { outbox, journal, times, clock, answerAll } = box()
  journal.answer = 'later'
  for (let at = 0; at < 10; at++) outbox.add(measurement(at))
  t.equal(journal.calls, 10, 'without waiting for the commit of one before the next')
  t.match(outbox.status(), { waiting: 10, stored: 0, lost: 0, trouble: null })
  answerAll(null)
  await clock.settle()
  t.strictSame(times(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  t.match(outbox.status(), { waiting: 0, stored: 10 })
})

t.test('outbox: a slow journal is given only so many at once', async (t) => {
  const { outbox, journal, clock, answerAll, stored } = box()
  journal.answer = 'later'
  for (let at = 0; at < 1_000; at++) outbox.add(measurement(at))
  t.equal(journal.calls, 256)
  for (let round = 0; round < 4; round++) {
    answerAll(null)
    await clock.settle()
  }
  t.equal(stored.length, 1_000)
  t.ok(stored.every((record, index) => record.atMs === index))
})

t.test('outbox: what is refused is kept and tried again, in order', async (t) => {
  const { outbox, journal, clock, times, troubles } = box()
  journal.answer = refusal(true)
  for (let at = 0; at < 5; at++) outbox.add(measurement(at))
  await clock.settle()
  t.strictSame(troubles, ['No room. Make room.'])
  t.match(outbox.status(), { waiting: 5, trouble: { code: 'journal-full' } })
  for (let at = 5; at < 8; at++) outbox.add(measurement(at))
  t.equal(journal.calls, 5, 'no more is handed over')
  const calls: number[] = []
  for (let second = 1; second <= 60; second++) {
    const before = journal.calls
    await clock.advance(1_000)
    if (journal.calls > before) calls.push(second)
  }
  t.strictSame(calls, [1, 3, 8, 18, 48])
  t.equal(journal.calls, 10, 'one at a time')
  journal.answer = null
  await clock.advance(30_000)
  t.strictSame(times(), [0, 1, 2, 3, 4, 5, 6, 7])
  t.strictSame(troubles, ['No room. Make room.', null])
  t.match(outbox.status(), { waiting: 0, stored: 8, lost: 0, trouble: null })
  t.strictSame(clock.running(), [])
})

t.test('outbox: one refused in the middle is only ever late', async (t) => {
  const { outbox, clock } = box()
  const stored: number[] = []
  let refuse = true
  const picky = new Outbox(
    'ecg-1',
    {
      record: async (_device, record) => {
        if (record.atMs === 2 && refuse) throw new Error('busy')
        stored.push(record.atMs)
      },
      document: async () => {},
    },
    clock,
    { trouble: () => {}, lost: () => measurement(-1) },
  )
  for (let at = 0; at < 5; at++) picky.add(measurement(at))
  await clock.settle()
  t.strictSame(stored, [0, 1, 3, 4])
  refuse = false
  await clock.advance(1_000)
  t.strictSame(stored, [0, 1, 3, 4, 2])
  t.equal(picky.status().trouble, null)
  t.equal(outbox.status().waiting, 0)
})

t.test('outbox: when it is full the oldest waveforms go first, and the loss is told', async (t) => {
  const { outbox, journal, clock, losses, stored } = box()
  journal.answer = refusal(true)
  outbox.add(measurement(0))
  await clock.settle()
  for (let at = 1; at <= keptRecordsMax; at++) {
    outbox.add(at % 2 === 0 ? waveform(at) : measurement(at))
  }
  outbox.add(measurement(9_000))
  await clock.settle()
  t.match(outbox.status(), { waiting: keptRecordsMax, lost: 2 })
  journal.answer = null
  for (let round = 0; round < 40; round++) await clock.advance(1_000)
  t.match(losses, [{ count: 2, waveformCount: 2, fromMs: 2, toMs: 4, why: 'No room. Make room.' }])
  t.equal(stored.length, keptRecordsMax + 1)
  t.equal(stored.at(-1)?.atMs, -1, 'the event comes last')
  t.equal(stored.filter((record) => record.kind === 'measurement').length, 4_096 + 1 + 2)
})

t.test('outbox: numerics go behind the waveforms and before everything else', async (t) => {
  const { outbox, journal, clock, losses, times } = box()
  journal.answer = refusal(true)
  outbox.add(measurement(0))
  await clock.settle()
  for (const record of [measurement(1), numerics(2), waveform(3), numerics(4)]) outbox.add(record)
  for (let at = 5; at < keptRecordsMax + 3; at++) outbox.add(measurement(at))
  await clock.settle()
  journal.answer = null
  for (let round = 0; round < 40; round++) await clock.advance(1_000)
  t.match(losses, [{ count: 3, waveformCount: 1, numericsCount: 2, fromMs: 2, toMs: 4 }])
  t.strictSame(times().slice(0, 3), [0, 1, 5])
})

t.test('outbox: without waveforms the oldest goes', async (t) => {
  const { outbox, journal, clock, losses, times } = box()
  journal.answer = refusal(true)
  for (let at = 0; at < keptRecordsMax + 3; at++) outbox.add(measurement(at))
  await clock.settle()
  journal.answer = null
  await clock.advance(1_000)
  for (let round = 0; round < 40; round++) await clock.advance(1)
  t.match(losses, [{ count: 3, waveformCount: 0 }])
  t.strictSame(times().slice(0, 2), [3, 4])
})

t.test('outbox: large records are limited by their bytes', async (t) => {
  const { outbox, journal, clock } = box()
  journal.answer = refusal(true)
  for (let at = 0; at < 20; at++) outbox.add(waveform(at, 262_144))
  await clock.settle()
  t.ok(outbox.status().waiting * 262_144 * 4 <= keptBytesMax)
  t.equal(outbox.status().waiting + outbox.status().lost, 20)
  t.ok(outbox.status().waiting >= 15)
})

t.test('outbox: what can never be stored does not hold up the rest', async (t) => {
  const { outbox, journal, clock, times, losses } = box()
  journal.answer = refusal(false)
  outbox.add(measurement(0))
  await clock.settle()
  t.equal(journal.calls, 1, 'and nothing is tried that would be refused just so')
  journal.answer = null
  outbox.add(measurement(1))
  await clock.settle()
  t.strictSame(
    times(),
    [-1, 1].sort((one, other) => other - one),
  )
  t.match(losses, [{ count: 1, fromMs: 0, toMs: 0 }])
  t.match(outbox.status(), { lost: 1, trouble: null, waiting: 0 })
})

t.test('outbox: drained waits for what is on its way, not for what is refused', async (t) => {
  const { outbox, journal, clock, answerAll } = box()
  await outbox.drained()
  journal.answer = 'later'
  outbox.add(measurement(0))
  let drained = false
  const waited = outbox.drained().then(() => {
    drained = true
    return undefined
  })
  await clock.settle()
  t.equal(drained, false)
  answerAll(refusal(true))
  await waited
  outbox.stop()
  t.strictSame(clock.running(), [])
  t.equal(outbox.status().waiting, 1)
})
