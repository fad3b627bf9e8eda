import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { noBytes } from '../bytes/bytes.ts'
import { fromHex, toHex } from '../packet/hex.ts'
import {
  capnostreamLimitBytes,
  encodeCapnostream,
  encodeCapnostreamCommand,
  scanCapnostream,
  type CapnostreamPacket,
} from './frame.ts'

function bytes(hex: string): Uint8Array {
  return fromHex(hex.replaceAll(/\s/g, '').toLowerCase()) ?? noBytes
}

const number = fc.option(fc.nat(254))
const tenths = fc.option(fc.nat(254).map((value) => value / 10))
const numbers = {
  kind: fc.constant('numbers' as const),
  localSeconds: fc.nat(0xffffffff),
  breathsPerMinute: number,
  saturationPercent: number,
  pulsePerMinute: number,
  isBreathMissing: fc.boolean(),
  isPulseMissing: fc.boolean(),
  isSensorOff: fc.boolean(),
  isSensorUnplugged: fc.boolean(),
  isBatteryLow: fc.boolean(),
}
const escapeRich = fc.oneof(fc.nat(255), fc.constantFrom(0x80, 0x85))
const anyPacket: fc.Arbitrary<CapnostreamPacket> = fc.oneof(
  plain({
    kind: fc.constant('wave' as const),
    number: escapeRich,
    co2Steps: fc.nat(0xffff),
    status: escapeRich,
  }),
  plain({
    ...numbers,
    co2Unit: fc.constant('mm[Hg]' as const),
    endTidalCo2: number,
    inspiredCo2: number,
  }),
  plain({
    ...numbers,
    co2Unit: fc.constantFrom('kPa' as const, '%' as const),
    endTidalCo2: tenths,
    inspiredCo2: tenths,
  }),
  plain({
    kind: fc.constant('identity' as const),
    version: fc.constantFrom('45.67', '2.3'),
    serialNumber: fc.constantFrom('B355987654', 'B211112222'),
  }),
  plain({
    kind: fc.constant('other' as const),
    code: fc.integer({ min: 9, max: 200 }),
    payload: fc.array(escapeRich, { maxLength: 60 }).map((values) => Uint8Array.from(values)),
  }),
)

holdsWhatScannersPromise('capnostream', {
  scan: scanCapnostream,
  encode: encodeCapnostream,
  packets: anyPacket,
  limitBytes: capnostreamLimitBytes,
})

t.test('capnostream: a sample, of which a byte is escaped', async (t) => {
  t.strictSame(scanCapnostream(bytes('85 05 00 07 26 80 00 00 A4')), {
    kind: 'packet',
    packet: { kind: 'wave', number: 7, co2Steps: 38 * 256 + 128, status: 0 },
    length: 9,
  })
})

const said =
  '85 1C 01 65 53 F1 00 26 00 10 61 48 00 00 00 00 00 00 1E 3C 0F 1E 05 08 64 55 82 32 01 00 7B'

t.test('capnostream: numbers, and 255 for those that are missing', async (t) => {
  t.match(scanCapnostream(bytes(said)), {
    packet: {
      kind: 'numbers',
      co2Unit: 'mm[Hg]',
      endTidalCo2: 38,
      inspiredCo2: 0,
      breathsPerMinute: 16,
      saturationPercent: 97,
      pulsePerMinute: 72,
      isSensorOff: false,
    },
  })
  const off =
    '85 1C 01 65 53 F1 00 FF FF FF FF FF 00 00 00 00 00 20 1E 3C 0F 1E 05 08 64 55 82 32 01 00 BB'
  t.match(scanCapnostream(bytes(off)), {
    packet: { endTidalCo2: null, saturationPercent: null, isSensorOff: true },
  })
})

t.test('capnostream: commands, and what is no frame', async (t) => {
  t.equal(toHex(encodeCapnostreamCommand('enable')), '85010100')
  t.equal(toHex(encodeCapnostreamCommand('start')), '85010405')
  t.equal(toHex(encodeCapnostreamCommand('alive')), '85010607')
  t.match(scanCapnostream(bytes(said.replace('7B', '7A'))), { reason: 'wrong check sum' })
  t.match(scanCapnostream(bytes('85 05 00 85')), { reason: 'cut short', length: 3 })
  t.match(scanCapnostream(bytes('85 05 00 80 33')), { reason: 'no escape', length: 3 })
  t.match(scanCapnostream(bytes('85 00')), { reason: 'impossible length' })
  t.match(scanCapnostream(bytes('01 02 85')), { reason: 'no beginning', length: 2 })
})
