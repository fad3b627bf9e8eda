import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { noBytes } from '../bytes/bytes.ts'
import { fromHex, toHex } from '../packet/hex.ts'
import {
  encodeGasboard,
  encodeGasboardQuestion,
  gasboardLimitBytes,
  scanGasboard,
  type GasboardAnswer,
  type GasboardReading,
} from './frame.ts'

function scanned(hex: string) {
  return scanGasboard(fromHex(hex.replaceAll(' ', '').toLowerCase()) ?? noBytes)
}

t.test('gasboard: asks as it is published, and never for what is stored', async (t) => {
  t.equal(toHex(encodeGasboardQuestion('reading')), '110101ed')
  t.equal(toHex(encodeGasboardQuestion('version')), '11011ed0')
})

t.test('gasboard: reads oxygen, flow and temperature', async (t) => {
  t.strictSame(scanned('16 09 01 03 A6 00 34 01 38 00 00 CA'), {
    kind: 'packet',
    packet: { kind: 'reading', oxygenPercent: 93.4, flowLPerMin: 5.2, temperatureCel: 31.2 },
    length: 12,
  })
  t.match(scanned('16 09 01 03 A6 00 34 01 38 00 00 CB'), { reason: 'wrong check sum', length: 1 })
  t.match(scanned('16 0A'), { reason: 'impossible length' })
  t.match(scanned('16 02 07'), { reason: 'no answer that we ask for' })
  t.match(scanned('16 02 01'), { reason: 'no answer that we ask for' }, 'a reading of one byte')
  t.match(scanned('11 01 01 ED 16 09'), { reason: 'no beginning', length: 4 })
})

const tenths = fc.nat(1_200).map((value) => value / 10)
const reading: fc.Arbitrary<GasboardReading> = plain({
  kind: fc.constant('reading' as const),
  oxygenPercent: tenths,
  flowLPerMin: tenths,
  temperatureCel: tenths,
})
const version: fc.Arbitrary<GasboardAnswer> = plain({
  kind: fc.constant('version' as const),
  version: fc.stringMatching(/^[A-Z0-9.]{1,8}$/),
})
holdsWhatScannersPromise<GasboardAnswer>('gasboard', {
  scan: scanGasboard,
  encode: encodeGasboard,
  packets: fc.oneof(reading, version),
  limitBytes: gasboardLimitBytes,
})
