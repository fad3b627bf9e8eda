import t from 'tap'
import * as fc from 'fast-check'
import { toHex } from '../packet/hex.ts'
import {
  bulkOnly,
  decodeCommandWrapper,
  decodeStatusWrapper,
  encodeCommandWrapper,
  encodeStatusWrapper,
  type BulkDone,
  type BulkOutcome,
  type StatusWrapper,
} from './bulk-only.ts'
import { scsiRead, scsiWrite, type ScsiRequest } from './scsi.ts'

const done: BulkDone = { kind: 'done' }
const halted: BulkDone = { kind: 'halted' }
const heard = (bytes: Uint8Array): BulkDone => ({ kind: 'heard', bytes })
const sector = Uint8Array.from({ length: 512 }, (_, at) => at & 0xff)

const status = (fields: Partial<StatusWrapper> = {}): BulkDone =>
  heard(encodeStatusWrapper({ tag: 7, unusedBytes: 0, status: 'passed', ...fields }))

/** Plays a command: each step and what came of it. */
function play(request: ScsiRequest, answers: readonly BulkDone[]) {
  const command = bulkOnly(7, request)
  const steps: string[] = []
  let next = command.next()
  for (const answer of answers) {
    if (next.done === true) throw new Error('expected one more step')
    const step = next.value
    steps.push(
      step.kind === 'clear-halt'
        ? `clear ${step.direction}`
        : step.kind === 'reset'
          ? 'reset'
          : `${step.kind} ${step.kind === 'write' ? step.bytes.length : step.bytes}`,
    )
    next = command.next(answer)
  }
  const outcome: BulkOutcome | null = next.done === true ? next.value : null
  return { steps, outcome }
}

t.test('bulk only: the wrapper of a command', async (t) => {
  t.equal(
    toHex(encodeCommandWrapper({ tag: 7, request: scsiRead(3, 1) })),
    '55534243070000000002000080000a28000000000300000100000000000000',
  )
  const written = encodeCommandWrapper({ tag: 7, request: scsiWrite(3, sector) })
  t.equal(toHex(written.subarray(8, 15)), '0002000000000a')
})

t.test('bulk only: data to the host', async (t) => {
  const { steps, outcome } = play(scsiRead(3, 1), [done, heard(sector), status()])
  t.strictSame(steps, ['write 31', 'read 512', 'read 13'])
  t.strictSame(outcome, { answer: { isGood: true, data: sector } })
})

t.test('bulk only: data to the device, and none at all', async (t) => {
  const { steps, outcome } = play(scsiWrite(3, sector), [done, done, status()])
  t.strictSame(steps, ['write 31', 'write 512', 'read 13'])
  t.match(outcome, { answer: { isGood: true } })
  const nothing = { block: new Uint8Array(6), wantedBytes: 0, data: new Uint8Array() }
  t.strictSame(play(nothing, [done, status()]).steps, ['write 31', 'read 13'])
})

t.test('bulk only: a device that says no', async (t) => {
  const failed = status({ status: 'failed', unusedBytes: 512 })
  t.match(play(scsiRead(3, 1), [done, heard(new Uint8Array()), failed]).outcome, {
    answer: { isGood: false },
  })
  const read = play(scsiRead(3, 1), [done, halted, done, failed])
  t.strictSame(read.steps, ['write 31', 'read 512', 'clear in', 'read 13'])
  t.match(read.outcome, { answer: { isGood: false } })
  const write = play(scsiWrite(3, sector), [done, halted, done, failed])
  t.strictSame(write.steps, ['write 31', 'write 512', 'clear out', 'read 13'])
})

t.test('bulk only: a halted status is read once it is cleared', async (t) => {
  const { steps, outcome } = play(scsiRead(3, 1), [done, heard(sector), halted, done, status()])
  t.strictSame(steps, ['write 31', 'read 512', 'read 13', 'clear in', 'read 13'])
  t.match(outcome, { answer: { isGood: true } })
})

t.test('bulk only: when nothing helps, the device is reset', async (t) => {
  const ways: readonly (readonly BulkDone[])[] = [
    [halted, done],
    [done, heard(sector), heard(sector), done],
    [done, heard(sector), status({ tag: 6 }), done],
    [done, heard(sector), status({ status: 'phase-error' }), done],
    [done, heard(sector), halted, done, halted, done, done],
  ]
  for (const way of ways) {
    const { steps, outcome } = play(scsiRead(3, 1), way)
    t.equal(steps.at(-1), 'reset')
    t.match(outcome, { answer: null, why: String })
  }
})

t.test('bulk only: wrappers go there and back, and noise is none', async (t) => {
  const tag = fc.nat(0xff_ff_ff_ff)
  const block = fc.uint8Array({ minLength: 1, maxLength: 16 })
  fc.assert(
    fc.property(tag, block, fc.nat(65_536), (tag, block, wantedBytes) => {
      const wrapper = { tag, request: { block, wantedBytes, data: new Uint8Array() } }
      t.strictSame(decodeCommandWrapper(encodeCommandWrapper(wrapper)), {
        ok: true,
        value: wrapper,
      })
      const answer = { tag, unusedBytes: wantedBytes, status: 'failed' } as const
      t.strictSame(decodeStatusWrapper(encodeStatusWrapper(answer)), { ok: true, value: answer })
    }),
    { numRuns: 200 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      return !decodeCommandWrapper(bytes).ok && !decodeStatusWrapper(bytes).ok
    }),
    { numRuns: 1_000 },
  )
  const wrong = encodeCommandWrapper({ tag: 1, request: scsiRead(1, 1) })
  wrong[14] = 17
  t.equal(decodeCommandWrapper(wrong).ok, false)
  const odd = encodeStatusWrapper({ tag: 1, unusedBytes: 0, status: 'passed' })
  odd[12] = 3
  t.equal(decodeStatusWrapper(odd).ok, false)
})
