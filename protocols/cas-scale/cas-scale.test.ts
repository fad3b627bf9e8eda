import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { joinBytes, latin1Bytes } from '../bytes/bytes.ts'
import { xorOf } from '../bytes/checksum.ts'
import type { ScaleLine } from '../st-gs-scale/line.ts'
import { casLimitBytes, encodeCas, scanCas } from './frame.ts'

function framed(text: string): Uint8Array {
  const body = latin1Bytes(text)
  return joinBytes([1, 2], body, [xorOf(body), 3, 4])
}

t.test('cas-scale: reads a weight with its state and unit', async (t) => {
  t.match(scanCas(framed('S 072.45KG')), {
    packet: { state: 'stable', amount: { value: 72.45, decimals: 2, unit: 'kg' } },
    length: 15,
  })
  t.match(scanCas(framed('U- 12.5 LB')), { packet: { state: 'unstable' } })
  t.match(scanCas(framed('U-  12.5LB')), { packet: { amount: { value: -12.5, unit: 'lb' } } })
})

t.test('cas-scale: refuses a wrong check byte, a wrong end and what is no weight', async (t) => {
  const good = framed('S 072.45KG')
  t.match(scanCas(good.with(5, 0x38)), { kind: 'noise', reason: 'wrong check byte' })
  t.match(scanCas(good.with(14, 0x05)), { reason: 'no end' })
  t.match(scanCas(framed('S 072.45PC')), { reason: 'no weight' })
  t.match(scanCas(framed('S 0-2.45KG')), { reason: 'no weight' })
})

holdsWhatScannersPromise('cas-scale', {
  scan: scanCas,
  encode: encodeCas,
  packets: plain<ScaleLine>({
    kind: fc.constant('line'),
    state: fc.constantFrom('stable', 'unstable'),
    load: fc.constant(null),
    comparator: fc.constant(null),
    amount: plain({
      value: fc.integer({ min: -9_999, max: 9_999 }).map((tenths) => tenths / 10),
      decimals: fc.constant(1),
      unit: fc.constantFrom('kg', 'lb'),
    }),
    parityInData: fc.constant(null),
  }),
  limitBytes: casLimitBytes,
})
