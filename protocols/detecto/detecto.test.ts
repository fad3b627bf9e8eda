import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise } from '../../test/scanner-properties.ts'
import { latin1Bytes } from '../bytes/bytes.ts'
import { detectoLimitBytes, encodeDetecto, scanDetecto, type DetectoLine } from './line.ts'

const example = '12:00,08/07/15,21.5,5\'03.0",132.3lb\r'

function scanned(text: string) {
  return scanDetecto(latin1Bytes(text))
}

t.test('detecto: reads the example of the manual, with any quotation marks', async (t) => {
  const packet: DetectoLine = {
    deviceTime: { year: 2015, month: 8, day: 7, hour: 12, minute: 0, second: null },
    bodyMassIndex: 21.5,
    height: { value: 63, unit: 'in' },
    weight: { value: 132.3, unit: 'lb' },
  }
  t.strictSame(scanned(example), { kind: 'packet', packet, length: example.length })
  t.match(scanned(example.replace("'", '\u0092').replace('"', '\u0094')), { packet })
  t.match(scanned('09:41,03/14/25,22.8,160.0cm,58.3kg\r'), {
    packet: { height: { value: 160, unit: 'cm' }, weight: { value: 58.3, unit: 'kg' } },
  })
})

t.test('detecto: zero is not measured', async (t) => {
  t.match(scanned('09:41,03/14/25,00.0,0.0cm,58.3kg\r'), {
    packet: { height: null, bodyMassIndex: null, weight: { value: 58.3 } },
  })
  t.match(scanned('09:41,00/00/25,00.0,0.0cm,0.0kg\r'), {
    packet: { deviceTime: null, weight: null },
  })
})

t.test('detecto: refuses what is not a line, and finds the next one', async (t) => {
  t.match(scanned('09:41,03/14/25,22.8,160.0cm,58.3\r'), { kind: 'noise' })
  t.match(scanned(example.slice(0, 17) + example), { kind: 'noise', length: 17 })
  t.match(scanned(`xy${example}`), { kind: 'noise', length: 2 })
})

const tenths = (max: number) => fc.integer({ min: 1, max }).map((value) => value / 10)
const anyLine = fc
  .tuple(fc.option(tenths(999)), fc.option(tenths(900)), fc.option(tenths(9_999)), fc.boolean())
  .map(([bodyMassIndex, height, weight, isMetric]): DetectoLine => {
    return {
      deviceTime: { year: 2025, month: 3, day: 14, hour: 9, minute: 41, second: null },
      bodyMassIndex,
      height: height === null ? null : { value: height, unit: isMetric ? 'cm' : 'in' },
      weight: weight === null ? null : { value: weight, unit: isMetric ? 'kg' : 'lb' },
    }
  })

holdsWhatScannersPromise('detecto', {
  scan: scanDetecto,
  encode: encodeDetecto,
  packets: anyLine,
  limitBytes: detectoLimitBytes,
})
