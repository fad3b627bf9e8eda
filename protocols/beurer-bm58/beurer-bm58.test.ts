import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import {
  beurerAnswerBytes,
  beurerRecordBytes,
  beurerReport,
  encodeBeurerAnswer,
  encodeBeurerRecord,
  readBeurerRecord,
  scanBeurerAnswer,
  scanBeurerReport,
  type BeurerRecord,
} from './record.ts'

const record: BeurerRecord = {
  user: 2,
  deviceTime: { year: 2025, month: 3, day: 14, hour: 9, minute: 41, second: null },
  systolicMmHg: 128,
  diastolicMmHg: 81,
  pulsePerMinute: 72,
  hasMoved: false,
  isIrregular: true,
}
const bytes = Uint8Array.of(0x67, 0x38, 0x48, 0x03, 0x8e, 0x09, 0x29, 0x99)

t.test('beurer-bm58: adds 25 to the pressures and takes the flags off the date', async (t) => {
  t.strictSame(readBeurerRecord(bytes), { ok: true, value: record })
  t.strictSame(encodeBeurerRecord(record), bytes)
  const moved = readBeurerRecord(bytes.with(3, 0x83).with(4, 0x0e).with(7, 0x19))
  t.match(moved, { value: { hasMoved: true, user: 1, isIrregular: false } })
})

t.test('beurer-bm58: refuses what cannot be, since there is no check sum', async (t) => {
  const reason = 'no date in a record'
  t.match(readBeurerRecord(bytes.with(3, 0x0d)), { ok: false, reason })
  t.match(readBeurerRecord(bytes.with(3, 0x13)), { reason })
  t.match(readBeurerRecord(bytes.with(4, 0xae)), { reason })
  t.match(readBeurerRecord(bytes.with(5, 24)), { reason })
  t.match(readBeurerRecord(bytes.with(0, 0x38)), { reason: 'no pressures in a record' })
  t.match(readBeurerRecord(bytes.with(1, 4)), { reason: 'no pressures in a record' })
  t.match(readBeurerRecord(bytes.with(2, 0)), { reason: 'no pressures in a record' })
  t.match(readBeurerRecord(new Uint8Array(8).fill(0xf4)), { ok: false })
  t.match(readBeurerRecord(bytes.subarray(1)), { reason: 'wrong length' })
})

t.test('beurer-bm58: a question fills its report up', async (t) => {
  const wanted = Uint8Array.of(0xa3, 1, 0xf4, 0xf4, 0xf4, 0xf4, 0xf4, 0xf4)
  t.strictSame(beurerReport(0xa3, 1), wanted)
})

t.test('beurer-bm58: a byte that is an answer stands alone', async (t) => {
  t.match(scanBeurerAnswer(Uint8Array.of(0x55)), { packet: { kind: 'ready' } })
  t.match(scanBeurerAnswer(Uint8Array.of(0x55, 0x53)), { kind: 'noise', length: 1 })
})

t.test('beurer-bm58: a broken serial record is noise', async (t) => {
  t.match(scanBeurerAnswer(Uint8Array.of(0xac, ...bytes.with(5, 99))), { kind: 'noise', length: 1 })
  t.match(scanBeurerAnswer(Uint8Array.of(0x13)), { kind: 'noise', length: 1 })
})

const anyRecord = plain<BeurerRecord>({
  user: fc.constantFrom(1, 2),
  deviceTime: plain({
    year: fc.integer({ min: 2000, max: 2099 }),
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.integer({ min: 1, max: 28 }),
    hour: fc.nat(23),
    minute: fc.nat(59),
    second: fc.constant(null),
  }),
  systolicMmHg: fc.integer({ min: 101, max: 280 }),
  diastolicMmHg: fc.integer({ min: 30, max: 100 }),
  pulsePerMinute: fc.integer({ min: 1, max: 255 }),
  hasMoved: fc.boolean(),
  isIrregular: fc.boolean(),
})

holdsWhatScannersPromise('beurer-bm58 serial', {
  scan: scanBeurerAnswer,
  encode: encodeBeurerAnswer,
  packets: fc.oneof(
    plain({ kind: fc.constantFrom('ready' as const, 'none' as const) }),
    plain({ kind: fc.constant('record' as const), record: anyRecord }),
  ),
  limitBytes: beurerAnswerBytes,
})

holdsWhatScannersPromise('beurer-bm58 report', {
  scan: scanBeurerReport,
  encode: (report) => report,
  packets: anyRecord.map(encodeBeurerRecord),
  limitBytes: beurerRecordBytes,
})
