import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { noBytes } from '../bytes/bytes.ts'
import { fromHex } from '../packet/hex.ts'
import {
  encodeHealthyPi4,
  encodeHealthyPi5,
  healthyPi4Length,
  healthyPi5LimitBytes,
  scanHealthyPi4,
  scanHealthyPi5,
} from './frame.ts'

function bytes(hex: string): Uint8Array {
  return fromHex(hex.replaceAll(/\s/g, '').toLowerCase()) ?? noBytes
}

const long = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const short = fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 })
const rate = fc.option(fc.integer({ min: 1, max: 255 }))
const shared = {
  kind: fc.constant('instant' as const),
  infrared: long,
  red: long,
  temperatureCelsius: fc.option(fc.integer({ min: 1, max: 9_999 }).map((value) => value / 100)),
  breathsPerMinute: rate,
  saturationPercent: rate,
  heartPerMinute: rate,
}

holdsWhatScannersPromise('healthypi 4', {
  scan: scanHealthyPi4,
  encode: encodeHealthyPi4,
  packets: plain({ ...shared, ecg: short, respiration: short, areLeadsOff: fc.boolean() }),
  limitBytes: healthyPi4Length,
})
holdsWhatScannersPromise('healthypi 5', {
  scan: scanHealthyPi5,
  encode: encodeHealthyPi5,
  packets: fc.oneof(
    plain({
      ...shared,
      ecg: long,
      respiration: fc.option(long),
      areLeadsOff: fc.constant(false),
    }),
    plain({
      kind: fc.constant('other' as const),
      type: fc.constant(3),
      payload: fc.uint8Array({ minLength: 50, maxLength: 50 }),
    }),
  ),
  limitBytes: healthyPi5LimitBytes,
})

t.test('healthypi: the pressure of 80 over 120 that every frame carries is not read', async (t) => {
  const frame = '0A FA 14 00 02 00 02 E2 FF 40 E2 01 00 47 94 03 00 44 0E 10 61 48 50 78 00 00 0B'
  t.strictSame(scanHealthyPi4(bytes(frame)), {
    kind: 'packet',
    packet: {
      kind: 'instant',
      ecg: 512,
      respiration: -30,
      infrared: 123_456,
      red: 234_567,
      temperatureCelsius: 36.52,
      breathsPerMinute: 16,
      saturationPercent: 97,
      heartPerMinute: 72,
      areLeadsOff: false,
    },
    length: 27,
  })
})

t.test('healthypi: a HealthyPi 5 has an impedance only in every second frame', async (t) => {
  const frame = (skip: string) =>
    bytes(
      `0A FA 16 00 02 24 FA FF FF F0 55 00 00 ${skip} F0 49 02 00 20 BF 02 00 42 0E 61 48 10 00 0B`,
    )
  t.match(scanHealthyPi5(frame('00')), {
    packet: {
      ecg: -1_500,
      respiration: 22_000,
      red: 150_000,
      infrared: 180_000,
      temperatureCelsius: 36.5,
      saturationPercent: 97,
      heartPerMinute: 72,
      breathsPerMinute: 16,
    },
  })
  t.match(scanHealthyPi5(frame('FF')), { packet: { respiration: null } })
})

t.test('healthypi: what is no frame costs one byte', async (t) => {
  t.match(scanHealthyPi4(bytes('0A FA 16 00 02')), { reason: 'impossible length', length: 1 })
  t.match(scanHealthyPi5(bytes('0A FA 14 00 02')), { reason: 'impossible length', length: 1 })
  t.match(scanHealthyPi4(bytes('0A 0A FA')), { reason: 'half a header', length: 1 })
  t.match(scanHealthyPi4(bytes('00 01 0A')), { reason: 'no header', length: 2 })
})
