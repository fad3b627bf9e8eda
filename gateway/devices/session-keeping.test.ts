/** A session keeps what the journal refuses. */
import t from 'tap'
import type { Record } from '../../protocols/packet/record.ts'
import { keptRecordsMax } from './outbox.ts'
import { letters, started, testDriver } from './session-testing.ts'

t.test('session: what the journal refuses is shown, kept, and stored in order later', async (t) => {
  const stored: Record[] = []
  let why: Error | null = null
  const van = await started({
    sink: {
      record: async (_device, record) => {
        if (why !== null) throw why
        stored.push(record)
      },
    },
  })
  why = new Error('journal is full')
  for (let round = 0; round < 20; round++) {
    van.say('m')
    await van.clock.advance(500)
  }
  t.match(van.session.status(), {
    state: 'talking',
    storeTrouble: { message: 'journal is full' },
    recordsWaiting: 21,
    recordsLost: 0,
  })
  t.match(van.memory.lines.at(-1), { level: 'error', message: 'records are not stored' })
  why = null
  await van.clock.advance(30_000)
  t.match(van.session.status(), { storeTrouble: null, recordsWaiting: 0, recordsLost: 0 })
  t.strictSame(
    stored.filter((record) => record.kind === 'measurement').map((record) => record.atMs),
    Array.from({ length: 20 }, (_, round) => 10_010 + round * 500),
  )
  await van.session.stop()
})

t.test('session: when no more can be kept, the loss is counted and becomes an event', async (t) => {
  const stored: Record[] = []
  let refuses = true
  const van = await started({
    driver: testDriver(letters, { silentAfterMs: null }),
    sink: {
      record: async (_device, record) => {
        if (refuses) throw new Error('journal is full')
        stored.push(record)
      },
    },
  })
  for (let round = 0; round < 90; round++) van.say('m'.repeat(100))
  await van.clock.settle()
  const lost = 1 + 9_000 - keptRecordsMax
  t.match(van.session.status(), { recordsLost: lost, recordsWaiting: keptRecordsMax })
  refuses = false
  for (let round = 0; round < 60; round++) await van.clock.advance(100)
  const last = stored.at(-1)
  t.match(last, {
    kind: 'event',
    code: 'records-lost',
    level: 'warning',
    detail: { count: `${lost}`, waveforms: '0', fromMs: '10010', toMs: '10010' },
  })
  t.equal(stored.length, keptRecordsMax + 1)
  await van.session.stop()
})

t.test('session: what could not be stored until the end is said', async (t) => {
  const van = await started({
    sink: {
      record: async () => {
        throw new Error('journal is full')
      },
    },
  })
  van.say('m')
  await van.clock.settle()
  await van.session.stop()
  t.match(van.memory.lines.at(-1), { message: 'records lost at the end', fields: { count: 2 } })
  t.strictSame(van.clock.running(), [])
})
