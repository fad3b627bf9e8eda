import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { noBytes } from '../bytes/bytes.ts'
import { fromHex, toHex } from '../packet/hex.ts'
import {
  encodeSuntech,
  encodeSuntechQuestion,
  scanSuntech,
  suntechErrorWords,
  suntechLimitBytes,
  type SuntechPacket,
} from './frame.ts'

function scanned(hex: string) {
  return scanSuntech(fromHex(hex.replaceAll(' ', '').toLowerCase()) ?? noBytes)
}

t.test('suntech: reads a result and the published pressure', async (t) => {
  const result = '3E 18 79 00 4E 00 00 00 00 00 00 00 00 00 00 00 48 00 5C 00 00 00 00 3F'
  t.match(scanned(result), {
    packet: {
      kind: 'result',
      systolicMmHg: 121,
      diastolicMmHg: 78,
      meanMmHg: 92,
      pulsePerMinute: 72,
      error: 0,
    },
    length: 24,
  })
  t.match(scanned('3E 05 02 01 BA'), { packet: { kind: 'pressure', cuffMmHg: 258 } })
  t.match(scanned('3E 04 4B 73'), { packet: { kind: 'acknowledge', letter: 'K' } })
})

t.test('suntech: refuses a wrong sum and a length that cannot be', async (t) => {
  t.match(scanned('3E 05 02 02 BA'), { kind: 'noise', reason: 'wrong check byte', length: 1 })
  t.match(scanned('3E 03 02'), { reason: 'no length', length: 1 })
  t.match(scanned('3E 44'), { reason: 'no length' })
  t.match(scanned('00 11 3E 05'), { reason: 'no frame', length: 2 })
})

t.test(
  'suntech: asks for the pressure and for the last result, and for nothing else',
  async (t) => {
    t.equal(toHex(encodeSuntechQuestion('cuff-pressure')), '3a79050048')
    t.equal(toHex(encodeSuntechQuestion('last-result')), '3a7903004a')
  },
)

t.test('suntech: the codes of errors, also by their decimal digits', async (t) => {
  t.equal(suntechErrorWords(1), 'weak-pulse')
  t.equal(suntechErrorWords(0x57), 'leak')
  t.equal(suntechErrorWords(0x87), 'leak')
  t.equal(suntechErrorWords(0x99), 'calibration')
  t.equal(suntechErrorWords(0x40), null)
})

const word = fc.nat(999)
const hexOf = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => toHex(bytes))
holdsWhatScannersPromise('suntech', {
  scan: scanSuntech,
  encode: encodeSuntech,
  packets: fc.oneof<fc.Arbitrary<SuntechPacket>[]>(
    plain({
      kind: fc.constant('result' as const),
      systolicMmHg: word,
      diastolicMmHg: word,
      meanMmHg: word,
      pulsePerMinute: word,
      error: fc.nat(255),
      internal: hexOf(10),
      reserved: fc.oneof(hexOf(0), hexOf(2), hexOf(45)),
    }),
    plain({ kind: fc.constant('pressure' as const), cuffMmHg: word }),
    plain({ kind: fc.constant('acknowledge' as const), letter: fc.constantFrom('O', 'B', 'S') }),
    plain({ kind: fc.constant('other' as const), lengthBytes: fc.integer({ min: 6, max: 21 }) }),
  ),
  limitBytes: suntechLimitBytes,
})
