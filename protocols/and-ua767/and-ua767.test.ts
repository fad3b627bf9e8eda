import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { latin1Bytes } from '../bytes/bytes.ts'
import { toHex } from '../packet/hex.ts'
import {
  encodeUa767Open,
  encodeUa767,
  scanUa767,
  ua767LimitBytes,
  type Ua767Packet,
} from './frame.ts'

function scanned(text: string) {
  return scanUa767(latin1Bytes(text))
}

t.test('and-ua767: systolic is diastolic plus pulse pressure', async (t) => {
  t.strictSame(scanned('804C4C4960'), {
    kind: 'packet',
    packet: {
      kind: 'result',
      status: '80',
      systolicMmHg: 152,
      diastolicMmHg: 76,
      pulsePerMinute: 73,
    },
    length: 10,
  })
  t.match(scanned('8400000000'), { packet: { kind: 'failed', status: '84' } })
})

t.test('and-ua767: refuses numbers that cannot be, and other digits', async (t) => {
  t.match(scanned('80004C4960'), { kind: 'noise', reason: 'no pressures in a result' })
  t.match(scanned('804C104960'), { kind: 'noise' })
  t.match(scanned('804C4C0560'), { kind: 'noise' })
  t.match(scanned('804C4C49g0'), { kind: 'noise', reason: 'no frame' })
  t.match(scanned('4C4C496080'), { kind: 'noise', length: 8 }, 'the first digits were lost')
  t.match(scanned('\u000170PCx'), { reason: 'neither ACK nor NAK' })
})

t.test('and-ua767: opens with the sum that is printed', async (t) => {
  t.equal(toHex(encodeUa767Open()), '0243504330353b')
})

holdsWhatScannersPromise('and-ua767', {
  scan: scanUa767,
  encode: encodeUa767,
  packets: fc.oneof<fc.Arbitrary<Ua767Packet>[]>(
    plain({
      kind: fc.constant('result' as const),
      status: fc.constantFrom('80', '83'),
      systolicMmHg: fc.integer({ min: 130, max: 280 }),
      diastolicMmHg: fc.integer({ min: 30, max: 120 }),
      pulsePerMinute: fc.integer({ min: 30, max: 200 }),
    }),
    plain({ kind: fc.constant('failed' as const), status: fc.constantFrom('84', '8F') }),
    plain({ kind: fc.constant('answer' as const), isAccepted: fc.boolean() }),
  ),
  limitBytes: ua767LimitBytes,
})
