import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import {
  encodeNibscan,
  nibscanLimitBytes,
  nibscanQuestion,
  scanNibscan,
  type NibscanPacket,
} from './frame.ts'

function scanned(text: string) {
  return scanNibscan(latin1Bytes(text))
}

const good: NibscanPacket = {
  kind: 'status',
  errorCode: '00',
  patient: 'adult',
  systolicMmHg: 121,
  diastolicMmHg: 78,
  meanMmHg: 92,
  pulsePerMinute: 72,
}

t.test('nibscan: asks as it is printed', async (t) => {
  t.equal(latin1Text(nibscanQuestion), '\u000218;;DF\u0003')
})

t.test('nibscan: reads a status with the right check only', async (t) => {
  const text = latin1Text(encodeNibscan(good))
  t.match(scanned(text), { packet: good })
  t.match(scanned(text.replace('121', '131')), { kind: 'noise', reason: 'wrong check' })
  const printed = '\u0002S1;A0;C00;M00;P135345234;R087;T6890;;D9\u0003\r'
  t.match(scanned(printed), { reason: 'wrong check' }, 'the printed answer is made up')
  const failed = latin1Text(encodeNibscan({ ...good, errorCode: '05' }))
  t.match(scanned(failed), { packet: { errorCode: '05', systolicMmHg: null } })
  const short = latin1Text(encodeNibscan(good)).replace(/^.S1;.*?;;../, '\u0002S1;;2F')
  t.match(scanned(short), { kind: 'noise' })
})

t.test('nibscan: tells the pressure in the cuff from the end', async (t) => {
  t.match(scanned('142\r'), { packet: { kind: 'cuff', cuffMmHg: 142 }, length: 4 })
  t.match(scanned('999\r'), { packet: { kind: 'over' } })
  t.match(scanned('1420\r'), { kind: 'noise', length: 1 })
  t.match(scanned('C0S3\r'), { kind: 'noise' }, 'what some firmware appends')
})

const number = fc.option(fc.integer({ min: 1, max: 998 }))
holdsWhatScannersPromise('nibscan', {
  scan: scanNibscan,
  encode: encodeNibscan,
  packets: fc.oneof<fc.Arbitrary<NibscanPacket>[]>(
    plain({
      kind: fc.constant('status' as const),
      errorCode: fc.constant('00'),
      patient: fc.constantFrom('adult', 'other'),
      systolicMmHg: number,
      diastolicMmHg: number,
      meanMmHg: number,
      pulsePerMinute: number,
    }),
    plain({ kind: fc.constant('cuff' as const), cuffMmHg: fc.nat(998) }),
    plain({ kind: fc.constant('over' as const) }),
  ),
  limitBytes: nibscanLimitBytes,
})
