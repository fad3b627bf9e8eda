import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { noBytes } from '../bytes/bytes.ts'
import { fromHex } from '../packet/hex.ts'
import {
  contecBpReportBytes,
  encodeContecBp,
  encodeContecBpCommand,
  scanContecBp,
  type ContecBpReport,
} from './report.ts'

function report(hex: string): ContecBpReport | null {
  const whole = new Uint8Array(contecBpReportBytes)
  whole.set(fromHex(hex.replaceAll(' ', '').toLowerCase()) ?? noBytes)
  return readIn(whole)
}

function readIn(whole: Uint8Array): ContecBpReport | null {
  const found = scanContecBp(whole)
  return found.kind === 'packet' ? found.packet : null
}

t.test('contec08a: two published records are what the vendor program shows', async (t) => {
  t.strictSame(report('82 80 94 D5 C8 E9 97 85 80 81 8D 89 80 91'), {
    kind: 'record',
    deviceTime: { year: 2023, month: 5, day: 1, hour: 13, minute: 9, second: null },
    systolicMmHg: 148,
    systolics: [148],
    diastolicMmHg: 85,
    meanMmHg: 105,
    pulsePerMinute: 72,
  })
  t.match(report('82 80 80 D0 BD E2 99 87 80 8F 8A 81 80 91'), {
    deviceTime: { year: 2025, month: 7, day: 15, hour: 10, minute: 1 },
    systolicMmHg: 128,
    diastolicMmHg: 80,
    meanMmHg: 98,
    pulsePerMinute: 61,
  })
})

/** A record with these four bytes. */
function pressures(systolic: number, diastolic: number, mean: number, pulse = 72) {
  const bytes = [0x82, 0x80, systolic, diastolic | 0x80, pulse | 0x80, mean | 0x80]
  const date = [0x99, 0x87, 0x80, 0x8f, 0x8a, 0x81, 0x80, 0x91]
  const whole = new Uint8Array(contecBpReportBytes)
  whole.set([...bytes, ...date])
  return readIn(whole)
}

t.test('contec08a: below 128 the mean decides, or there is no systolic', async (t) => {
  t.match(pressures(0x76, 76, 90), { systolicMmHg: 118, systolics: [118] }, 'without a mark')
  t.match(pressures(0xf6, 76, 90), { systolicMmHg: 118, systolics: [118] }, 'with a mark')
  t.match(pressures(0xe6, 40, 92), { systolicMmHg: 230 }, 'the mean is too high for 102')
  t.match(pressures(0xf8, 40, 84), { systolicMmHg: null, systolics: [120, 248] }, 'both fit')
  t.match(pressures(0xff, 20, 90), { systolicMmHg: null, diastolicMmHg: null })
})

t.test('contec08a: what has more likely lost its bit 7 is no value', async (t) => {
  t.match(pressures(0x94, 85, 105, 32), { pulsePerMinute: null }, '32, or 160')
  t.match(pressures(0x94, 85, 105, 40), { pulsePerMinute: 40 })
  t.match(pressures(0x94, 5, 105), { diastolicMmHg: null }, '5, or 133')
})

t.test('contec08a: a record that cannot be is noise', async (t) => {
  t.equal(report('82 80 94 D5 C8 E9 97 8D 80 81 8D 89 80 91'), null, 'month 13')
  t.equal(pressures(0x94, 85, 80), null, 'mean below diastolic')
  t.equal(pressures(0x50, 60, 90), null, 'systolic below mean')
})

t.test('contec08a: knows if it is on, and how many records come', async (t) => {
  t.strictSame(report('4A 43 01'), { kind: 'state', isOn: true })
  t.strictSame(report('4A 43 00'), { kind: 'state', isOn: false })
  t.match(report('46 41 80 80 88 00 00 00 00 00 00 00 00 91'), { records: 8, user: 1 })
  t.strictSame(report('48 41 02 13 01 02'), { kind: 'other' })
})

t.test('contec08a: none of its commands begins with what may erase', async (t) => {
  for (const command of ['hello', 'query', { downloadUser: 1 }, { downloadUser: 3 }] as const) {
    t.not(encodeContecBpCommand(command)[0], 0x41)
  }
  t.strictSame(
    encodeContecBpCommand({ downloadUser: 2 }).subarray(0, 6),
    Uint8Array.of(0x43, 0x41, 1, 5, 2, 0),
  )
})

const anyReport: fc.Arbitrary<ContecBpReport> = fc.oneof(
  plain({ kind: fc.constant('state' as const), isOn: fc.boolean() }),
  plain({ kind: fc.constant('header' as const), records: fc.nat(127), user: fc.nat(3) }),
  plain({ kind: fc.constant('other' as const) }),
  fc
    .tuple(
      fc.integer({ min: 128, max: 200 }),
      fc.integer({ min: 40, max: 80 }),
      fc.option(fc.integer({ min: 40, max: 127 })),
    )
    .map(([systolic, diastolicMmHg, pulsePerMinute]): ContecBpReport => ({
      kind: 'record',
      deviceTime: { year: 2025, month: 7, day: 15, hour: 10, minute: 1, second: null },
      systolicMmHg: systolic,
      systolics: [systolic],
      diastolicMmHg,
      meanMmHg: Math.round(diastolicMmHg + (systolic - diastolicMmHg) / 3),
      pulsePerMinute,
    })),
)

holdsWhatScannersPromise('contec08a', {
  scan: scanContecBp,
  encode: encodeContecBp,
  packets: anyReport,
  limitBytes: contecBpReportBytes,
})
