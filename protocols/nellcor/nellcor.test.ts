import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { latin1Bytes } from '../bytes/bytes.ts'
import { encodeNellcor, nellcorLineLimitBytes, scanNellcor, type NellcorLine } from './line.ts'

const anyLine: fc.Arbitrary<NellcorLine> = fc.oneof(
  plain({
    kind: fc.constant('row' as const),
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
    saturationPercent: fc.option(fc.nat(100)),
    pulsePerMinute: fc.option(fc.nat(255)),
    pulseAmplitude: fc.option(fc.nat(254)),
    statuses: fc.array(fc.constantFrom('MO', 'SD', 'AO', 'LB'), { maxLength: 3 }),
  }),
  plain({
    kind: fc.constant('instrument' as const),
    model: fc.constantFrom('N-560', 'N-595', 'N-600X', 'NPB-295'),
    firmware: fc.constantFrom('1.61.00', '2.0'),
  }),
  fc.constant({ kind: 'heading' as const }),
)

holdsWhatScannersPromise('nellcor', {
  scan: scanNellcor,
  encode: encodeNellcor,
  packets: anyLine,
  limitBytes: nellcorLineLimitBytes,
})

function read(line: string): NellcorLine | string {
  const found = scanNellcor(latin1Bytes(`${line}\r\n`))
  if (found.kind === 'packet') return found.packet
  return found.kind === 'noise' ? found.reason : found.kind
}

t.test('nellcor: a row of an N-560', async (t) => {
  t.strictSame(read('07-Jan-04 11:24:54   100     102      36    MO             AO'), {
    kind: 'row',
    deviceTime: { year: 2004, month: 1, day: 7, hour: 11, minute: 24, second: 54 },
    saturationPercent: 100,
    pulsePerMinute: 102,
    pulseAmplitude: 36,
    statuses: ['MO', 'AO'],
  })
})

t.test('nellcor: out of limits, missing, and months in capitals', async (t) => {
  t.match(read('31-DEC-25 23:59:59    84*     49*     ---'), {
    deviceTime: { year: 2025, month: 12, day: 31 },
    saturationPercent: 84,
    pulsePerMinute: 49,
    pulseAmplitude: null,
    statuses: [],
  })
  t.match(read('07-Jan-04 11:24:54   ---     ---     ---    SD'), {
    saturationPercent: null,
    pulsePerMinute: null,
    statuses: ['SD'],
  })
  t.equal(read('07-Jan-04 11:24:54   101     102      36'), 'no saturation')
  t.equal(read('07-Jan-04 11:24:54   100     302      36'), 'no pulse rate')
  t.equal(read('07-Jan-04 11:24:54   100     102'), 'no line')
})

t.test('nellcor: headings say which instrument it is', async (t) => {
  t.strictSame(read('N-560    VERSION 1.61.00    CRC:XXXX  SpO2 Limit: 95-100%'), {
    kind: 'instrument',
    model: 'N-560',
    firmware: '1.61.00',
  })
  t.match(read('                             ADULT           25SAT-S'), { kind: 'heading' })
  t.match(read('TIME                 %SpO2   BPM     PA     Status'), { kind: 'heading' })
})

t.test('nellcor: everything that was captured of an N-560', async (t) => {
  const folder = join(import.meta.dirname, '../../../shared/samples/local/serial')
  const path = join(folder, 'nellcor_n560_ascii.txt')
  const text = existsSync(path)
    ? readFileSync(path, 'utf8')
    : '07-Jan-04 11:24:50   100     105      88                   AO'
  for (const line of text.split(/\r?\n/).filter((one) => one !== '' && !one.startsWith('#'))) {
    t.type(read(line), Object, line)
  }
})
