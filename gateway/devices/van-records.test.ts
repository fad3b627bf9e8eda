import t from 'tap'
import type { ClockFix } from '../../protocols/packet/record.ts'
import { fakeClock } from '../clock/fake-clock.ts'
import { Trouble } from '../errors/trouble.ts'
import { memoryLog } from '../health/log.ts'
import { vanRecords } from './van-records.ts'

function fix(atMs: number): ClockFix {
  return {
    kind: 'clock',
    atMs,
    utcMs: null,
    uncertaintyMs: null,
    source: 'device',
    simulated: false,
    offsetMs: 1,
    fixUncertaintyMs: 1,
    authority: 'ntp',
  }
}

t.test('van records: wait for the journal like all others', async (t) => {
  const clock = fakeClock()
  const memory = memoryLog()
  const stored: string[] = []
  let why: Error | null = new Error('journal is full')
  const van = vanRecords(
    { clock, log: memory.log },
    {
      record: async (device, record) => {
        if (why !== null) throw why
        stored.push(`${device} ${record.kind} ${record.atMs}`)
      },
      document: async () => {},
    },
  )
  van.add(fix(1))
  van.add(fix(2))
  await clock.settle()
  t.match(van.status(), { waiting: 2, trouble: { message: 'journal is full' } })
  why = null
  await clock.advance(5_000)
  t.strictSame(stored, ['van clock 1', 'van clock 2'])

  const words = { what: 'Never.', todo: 'Report it.' }
  why = new Trouble('journal-refused', { en: words, id: words, retriable: false })
  van.add(fix(3))
  await clock.settle()
  why = null
  van.add(fix(4))
  await clock.settle()
  t.strictSame(stored.at(-1), 'van clock 4', 'there is no stream for the event of a loss')
  t.strictSame(
    memory.lines.map((line) => line.message),
    ['records are not stored', 'records are stored again', 'records lost'],
  )
  await van.stop()
  t.strictSame(clock.running(), [])
})
