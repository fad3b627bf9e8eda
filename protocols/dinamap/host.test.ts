import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import {
  dinamapLimitBytes,
  encodeDinamap,
  encodeDinamapQuestion,
  scanDinamap,
  type DinamapPacket,
} from './host.ts'

function scanned(text: string) {
  return scanDinamap(latin1Bytes(text))
}

t.test('dinamap: asks in the strings that are printed', async (t) => {
  const questions = ['pressures', 'saturation', 'pulse', 'heart-rate'] as const
  t.strictSame(
    questions.map((one) => latin1Text(encodeDinamapQuestion(one))),
    [' NA!2\r', ' OA!3\r', ' RA!6\r', ' RC!8\r'],
  )
})

t.test('dinamap: reads a result', async (t) => {
  t.match(scanned(' NA1000012121078092&$\r'), {
    packet: {
      kind: 'pressures',
      isValid: true,
      age: 12,
      systolicMmHg: 121,
      diastolicMmHg: 78,
      meanMmHg: 92,
    },
    length: 22,
  })
})

t.test('dinamap: not valid, blank and 000 are no value', async (t) => {
  const pressures = { systolicMmHg: 121, diastolicMmHg: 78, meanMmHg: 92 }
  const busy = latin1Text(
    encodeDinamap({ kind: 'pressures', isValid: false, age: 0, ...pressures }),
  )
  t.match(scanned(busy), { packet: { isValid: false, systolicMmHg: null, meanMmHg: null } })
  const zero = latin1Text(encodeDinamap({ kind: 'saturation', saturationPercent: null }))
  t.match(scanned(zero), { packet: { saturationPercent: null } })
})

t.test('dinamap: refuses a wrong check, and tells other letters apart', async (t) => {
  t.match(scanned(' NA1000012131078092&$\r'), { kind: 'noise', reason: 'wrong check' })
  t.match(scanned(' N\r'), { kind: 'noise', reason: 'no frame' })
  t.match(scanned(' NA\r'), { kind: 'noise', reason: 'wrong check' })
  const refusal = latin1Text(encodeDinamap({ kind: 'other', letters: 'NK' }))
  t.match(scanned(refusal), { packet: { kind: 'other', letters: 'NK' } })
  const short = latin1Text(encodeDinamap({ kind: 'other', letters: 'NA' }))
  t.match(scanned(short), { kind: 'noise', reason: 'no pressures' })
})

const number = fc.option(fc.integer({ min: 1, max: 999 }))
const age = fc.option(fc.nat(9_999))
holdsWhatScannersPromise('dinamap', {
  scan: scanDinamap,
  encode: encodeDinamap,
  packets: fc.oneof<fc.Arbitrary<DinamapPacket>[]>(
    plain({
      kind: fc.constant('pressures' as const),
      isValid: fc.constant(true),
      age,
      systolicMmHg: number,
      diastolicMmHg: number,
      meanMmHg: number,
    }),
    plain({ kind: fc.constant('saturation' as const), saturationPercent: number }),
    plain({ kind: fc.constant('pulse' as const), pulsePerMinute: number }),
    plain({ kind: fc.constant('heart-rate' as const), heartRatePerMinute: number }),
    plain({ kind: fc.constant('other' as const), letters: fc.constantFrom('NK', 'ZZ') }),
  ),
  limitBytes: dinamapLimitBytes,
})
