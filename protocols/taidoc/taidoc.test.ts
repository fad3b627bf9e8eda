import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { toHex } from '../packet/hex.ts'
import {
  closed,
  encodeTaidoc,
  scanTaidoc,
  taidocLimitBytes,
  taidocQuestion,
  taidocScaleQuestion,
  type TaidocPacket,
} from './frame.ts'
import {
  dropBeyond,
  dropValueOf,
  encodeTaidocDrop,
  encodeTaidocTime,
  readTaidocCount,
  readTaidocDrop,
  readTaidocModel,
  readTaidocPressure,
  readTaidocSaturation,
  readTaidocTemperature,
  readTaidocTime,
  readTaidocWeighing,
} from './record.ts'

function dataOf(...bytes: readonly number[]): Uint8Array {
  const found = scanTaidoc(Uint8Array.from(bytes))
  if (found.kind !== 'packet' || found.packet.kind !== 'answer') throw new Error('no answer')
  return found.packet.data
}

t.test('taidoc: asks as the published programs do, and only for what it reads', async (t) => {
  t.equal(toHex(taidocQuestion('connect')), '512200000000a316')
  t.equal(toHex(taidocQuestion('count')), '512b00000000a31f')
  t.equal(toHex(taidocQuestion('recordValue', 0x0102)), '512602010000a31d')
  t.equal(toHex(taidocScaleQuestion), '5171020000a367')
})

t.test('taidoc: reads the times that programs publish', async (t) => {
  const second = null
  t.strictSame(readTaidocTime(Uint8Array.of(0x21, 0x24, 0x0e, 0x15)), {
    year: 2018,
    month: 1,
    day: 1,
    hour: 21,
    minute: 14,
    second,
  })
  t.strictSame(readTaidocTime(Uint8Array.of(0x04, 0x27, 0x25, 0x0d)), {
    year: 2019,
    month: 8,
    day: 4,
    hour: 13,
    minute: 37,
    second,
  })
  t.equal(readTaidocTime(new Uint8Array(4)), null, 'a clock that was never set')
})

t.test('taidoc: reads glucose, ketone and uric acid in the units of the meter', async (t) => {
  const glucose = readTaidocDrop(dataOf(0x51, 0x26, 0x76, 0x00, 0x19, 0x40, 0xa5, 0xeb))
  t.match(glucose, { kind: 'glucose', stored: 118, mark: 'before' })
  const ketone = readTaidocDrop(dataOf(0x51, 0x26, 0x2d, 0x00, 0x19, 0x1c, 0xa5, 0x7e))
  t.match(ketone, { kind: 'ketone', stored: 45, mark: 'none' })
  t.equal(dropValueOf('ketone', 45), 1.5)
  t.equal(dropValueOf('ketone', 46), 1.5, 'cut as the display cuts it')
  t.equal(dropValueOf('lactate', 18), 1.9)
  const urate = readTaidocDrop(dataOf(0x51, 0x26, 0x3e, 0x00, 0x19, 0x20, 0xa5, 0x93))
  t.equal(urate.kind, 'urate')
  t.equal(dropValueOf('urate', urate.stored), 6.2)
  t.equal(readTaidocDrop(Uint8Array.of(1, 0, 0, 0x08)).kind, null)
  t.equal(readTaidocDrop(Uint8Array.of(1, 0, 0, 0xc0)).mark, 'control')
})

t.test('taidoc: knows where the display says HI and LO', async (t) => {
  t.equal(dropBeyond('glucose', 600), null)
  t.equal(dropBeyond('glucose', 601), 'above')
  t.equal(dropBeyond('glucose', 20), null)
  t.equal(dropBeyond('glucose', 19), 'below')
  t.equal(dropBeyond('ketone', 240), null)
  t.equal(dropBeyond('ketone', 241), 'above')
  t.equal(dropBeyond('urate', 10), null)
})

t.test('taidoc: reads what is measured without blood', async (t) => {
  t.strictSame(readTaidocPressure(dataOf(0x51, 0x26, 0x80, 0x00, 0x4f, 0x42, 0xa5, 0x2d)), {
    systolicMmHg: 128,
    diastolicMmHg: 79,
    pulsePerMinute: 66,
    unknown: 0,
  })
  t.equal(readTaidocPressure(Uint8Array.of(128, 0, 79, 3)), null, 'the number of an error')
  t.equal(readTaidocPressure(Uint8Array.of(0, 0, 79, 66)), null)
  t.equal(readTaidocTemperature(dataOf(0x51, 0x26, 0x71, 0x01, 0, 0, 0xa5, 0x8e)), 36.9)
  t.equal(readTaidocTemperature(Uint8Array.of(0x6c, 0x0e, 0, 0)), 36.92)
  t.equal(readTaidocTemperature(new Uint8Array(4)), null)
  const none = { saturationPercent: null, pulsePerMinute: null }
  t.strictSame(readTaidocSaturation(Uint8Array.of(0, 0, 0, 70)), none, 'no pulse without a finger')
  t.strictSame(readTaidocSaturation(Uint8Array.of(127, 0, 0, 255)), none)
  t.match(readTaidocSaturation(Uint8Array.of(97, 0, 0, 255)), { pulsePerMinute: null })
})

t.test('taidoc: the model is four digits, and an empty memory has no records', async (t) => {
  t.equal(readTaidocModel(Uint8Array.of(0x77, 0x42, 0, 0)), '4277')
  t.equal(readTaidocModel(Uint8Array.of(0x05, 0x30, 0, 0)), '3005')
  t.equal(readTaidocModel(Uint8Array.of(0x7a, 0x42, 0, 0)), null)
  t.equal(readTaidocCount(Uint8Array.of(0xff, 0xff, 0xff, 0xff)), 0)
  t.equal(readTaidocCount(Uint8Array.of(0xc2, 1, 0, 0)), 450)
})

t.test('taidoc: a record of a scale is known by its end', async (t) => {
  const record = [0x51, 0x71, ...Array.from({ length: 28 }, (_, at) => at)]
  const whole = closed([...record, 0xa5])
  t.equal(whole.length, 32)
  t.match(scanTaidoc(whole), { kind: 'packet', length: 32, packet: { kind: 'scale' } })
  t.match(readTaidocWeighing(whole), { weightKg: 359.9, heightCm: 9, bodyMassIndex: null })
  t.equal(scanTaidoc(whole.with(5, 99)).kind, 'incomplete', 'it may be one of 40 bytes')
  const broken = Uint8Array.from([...whole.with(5, 99), ...new Uint8Array(8)])
  t.match(scanTaidoc(broken), { kind: 'noise', length: 40 })
})

t.test('taidoc: our own question, heard again, is no answer', async (t) => {
  t.match(scanTaidoc(taidocQuestion('count')), { kind: 'noise', length: 8 })
})

t.test('taidoc: times and drops come out as they were written', async (t) => {
  fc.assert(
    fc.property(fc.nat(0xffff), fc.nat(15), fc.nat(3), (stored, kindCode, mark) => {
      const bytes = Uint8Array.of(stored & 0xff, stored >> 8, 0, (mark << 6) | (kindCode << 2))
      t.strictSame(encodeTaidocDrop(readTaidocDrop(bytes)), bytes)
    }),
  )
  const time = { year: 2063, month: 12, day: 31, hour: 23, minute: 59, second: null }
  t.strictSame(readTaidocTime(encodeTaidocTime(time)), time)
})

const fourBytes = fc.uint8Array({ minLength: 4, maxLength: 4 })
const scaleRecords = fc
  .uint8Array({ minLength: 36, maxLength: 36 })
  .map((middle) => closed([0x51, 0x71, ...middle, 0xa5]))
  // The end of a short record may stand within a long one by chance.
  .filter((bytes) => bytes[30] !== 0xa5)

holdsWhatScannersPromise<TaidocPacket>('taidoc', {
  scan: scanTaidoc,
  encode: encodeTaidoc,
  packets: fc.oneof(
    plain({
      kind: fc.constant('answer' as const),
      command: fc.nat(0xff).filter((one) => one !== 0x71),
      data: fourBytes,
    }),
    plain({ kind: fc.constant('scale' as const), bytes: scaleRecords }),
  ),
  limitBytes: taidocLimitBytes,
})
