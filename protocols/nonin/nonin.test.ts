import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { noBytes } from '../bytes/bytes.ts'
import { fromHex } from '../packet/hex.ts'
import { encodeNoninLine, noninLineLimitBytes, scanNoninLine } from './line.ts'
import { encodeNonin1, encodeNonin8, scanNonin1, scanNonin8, type NoninSecond } from './second.ts'
import { encodeNoninSpotCheck, noninSpotCheckLimitBytes, scanNoninSpotCheck } from './spot-check.ts'
import {
  encodeNonin2,
  encodeNonin7,
  noninFrameBytes,
  noninFramesPerPacket,
  noninNumbers,
  scanNonin2,
  scanNonin7,
} from './stream.ts'

function bytes(hex: string): Uint8Array {
  return fromHex(hex.replaceAll(/\s/g, '').toLowerCase()) ?? noBytes
}

const pulsePerMinute = fc.option(fc.nat(510))
const saturationPercent = fc.option(fc.nat(100))

function frames(plethMax: number) {
  return plain({
    isFirst: fc.boolean(),
    isUnplugged: fc.boolean(),
    isArtifact: fc.boolean(),
    isArtifactForLong: fc.boolean(),
    isFingerOut: fc.boolean(),
    perfusion: fc.constantFrom(null, 'good' as const, 'marginal' as const, 'low' as const),
    pleth: fc.nat(plethMax),
    float: fc.nat(255),
  })
}

const seconds: fc.Arbitrary<NoninSecond> = plain({
  isUnplugged: fc.constant(false),
  isArtifact: fc.boolean(),
  isArtifactForLong: fc.boolean(),
  perfusion: fc.constantFrom('good' as const, 'marginal' as const, 'low' as const),
  pulsePerMinute,
  saturationPercent,
  isGoodForSpotCheck: fc.boolean(),
  isFingerOut: fc.boolean(),
  isBatteryLow: fc.boolean(),
})

holdsWhatScannersPromise('nonin format 2', {
  scan: scanNonin2,
  encode: encodeNonin2,
  packets: frames(255),
  limitBytes: noninFrameBytes,
})
holdsWhatScannersPromise('nonin format 7', {
  scan: scanNonin7,
  encode: encodeNonin7,
  packets: frames(65_535),
  limitBytes: noninFrameBytes,
})
holdsWhatScannersPromise('nonin format 8', {
  scan: scanNonin8,
  encode: encodeNonin8,
  packets: seconds,
  limitBytes: 4,
})
holdsWhatScannersPromise('nonin format 1', {
  scan: scanNonin1,
  encode: encodeNonin1,
  packets: seconds.map((second) => ({
    ...second,
    isUnplugged: second.isFingerOut,
    isFingerOut: false,
    isGoodForSpotCheck: false,
    isBatteryLow: false,
  })),
  limitBytes: 3,
})
holdsWhatScannersPromise('nonin format 13', {
  scan: scanNoninSpotCheck,
  encode: encodeNoninSpotCheck,
  packets: plain({
    deviceTime: fc.option(
      plain({
        year: fc.integer({ min: 2_000, max: 2_099 }),
        month: fc.integer({ min: 1, max: 12 }),
        day: fc.integer({ min: 1, max: 28 }),
        hour: fc.nat(23),
        minute: fc.nat(59),
        second: fc.nat(59),
      }),
    ),
    isGoodForSpotCheck: fc.boolean(),
    isWithoutMeasurement: fc.boolean(),
    isFromMemory: fc.boolean(),
    isBatteryLow: fc.boolean(),
    pulsePerMinute,
    saturationPercent,
  }),
  limitBytes: noninSpotCheckLimitBytes,
})
holdsWhatScannersPromise('nonin line', {
  scan: scanNoninLine,
  encode: encodeNoninLine,
  packets: plain({
    saturationPercent,
    pulsePerMinute: fc.option(fc.nat(999)),
    isFastAveraging: fc.boolean(),
  }),
  limitBytes: noninLineLimitBytes,
})

t.test('nonin: a frame of an Xpod without a finger', async (t) => {
  t.match(scanNonin2(bytes('01 98 63 00 FC')), {
    packet: { isFingerOut: true, isArtifactForLong: true, pleth: 99, isFirst: false },
  })
  t.strictSame(scanNonin2(bytes('01 98 63 00 FD')), {
    kind: 'noise',
    reason: 'wrong check sum',
    length: 1,
  })
})

t.test('nonin: the pulse rate has nine bits, two of them in their own frame', async (t) => {
  const read = (hex: string) => {
    const found = scanNonin7(bytes(hex))
    return found.kind === 'packet' ? found.packet : null
  }
  const first = read('81 7D 10 01 0F')
  t.match(first, { isFirst: true, pleth: 32_016, float: 1 })
  t.match(read('80 7D 40 02 3F'), { isFirst: false, pleth: 32_064 })
  t.match(read('80 7D 90 61 EE'), { pleth: 32_144, float: 97 })
  if (first === null) throw new Error('unreachable')
  const packet = Array.from({ length: noninFramesPerPacket }, () => ({ ...first, float: 0x7f }))
  const float = (number: number, value: number): void => {
    packet[number - 1] = { ...first, float: value }
  }
  float(8, 0x20)
  float(9, 97)
  float(20, 0x01)
  float(21, 0x02)
  t.strictSame(noninNumbers(packet), {
    saturationPercent: 97,
    pulsePerMinute: 130,
    isGoodForSpotCheck: true,
    isBatteryLow: false,
  })
  float(9, 127)
  float(20, 0x03)
  float(21, 0x7f)
  t.match(noninNumbers(packet), { saturationPercent: null, pulsePerMinute: null })
})

t.test('nonin: numbers once a second, and those that are missing', async (t) => {
  t.match(scanNonin8(bytes('80 48 61 20')), {
    packet: { pulsePerMinute: 72, saturationPercent: 97, isGoodForSpotCheck: true },
  })
  t.match(scanNonin8(bytes('83 7F 7F 08')), {
    packet: { pulsePerMinute: null, saturationPercent: null, isFingerOut: true },
  })
  t.match(scanNonin1(bytes('C0 48 61')), { packet: { isUnplugged: true } })
})

t.test('nonin: a spot check with its time in BCD', async (t) => {
  const hex = '00 02 00 0D 00 0E 20 26 11 22 14 30 15 00 02 00 00 48 00 61 7D 03'
  t.match(scanNoninSpotCheck(bytes(hex)), {
    packet: {
      deviceTime: { year: 2026, month: 11, day: 22, hour: 14, minute: 30, second: 15 },
      isGoodForSpotCheck: true,
      isFromMemory: false,
      pulsePerMinute: 72,
      saturationPercent: 97,
    },
  })
  t.match(scanNoninSpotCheck(bytes(hex.replace('7D 03', '7E 03'))), { reason: 'wrong check sum' })
})

t.test('nonin: lines as the manuals print them', async (t) => {
  const read = (text: string) =>
    scanNoninLine(Uint8Array.from(`${text}\r\n`, (character) => character.charCodeAt(0)))
  t.match(read('SPO2=097 HR=072'), { packet: { saturationPercent: 97, pulsePerMinute: 72 } })
  t.match(read('12:34:56 SPO2= 97 HR=123 F'), {
    packet: { saturationPercent: 97, pulsePerMinute: 123, isFastAveraging: true },
  })
  t.match(read('SPO2=--- HR=---'), { packet: { saturationPercent: null, pulsePerMinute: null } })
  t.match(read('SPO2=197 HR=072'), { kind: 'noise', reason: 'no saturation' })
  t.match(read('NONIN 8500'), { kind: 'noise' })
})
