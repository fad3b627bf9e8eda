import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { noBytes } from '../bytes/bytes.ts'
import { Framer } from '../bytes/framer.ts'
import { fromHex, toHex } from '../packet/hex.ts'
import { encodeFiveBytes, fiveBytesLength, scanFiveBytes } from './five-bytes.ts'
import {
  contecPacketLimitBytes,
  encodeContec,
  encodeContecCommand,
  scanContec,
  type ContecPacket,
} from './v7.ts'

function bytes(hex: string): Uint8Array {
  return fromHex(hex.replaceAll(/\s/g, '').toLowerCase()) ?? noBytes
}

const option = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values)
const shared = {
  signal: fc.nat(15),
  isSearching: fc.boolean(),
  isProbeError: fc.boolean(),
  isBeat: fc.boolean(),
  pleth: fc.nat(127),
  bar: fc.nat(15),
  pulsePerMinute: option(fc.integer({ min: 1, max: 254 })),
  saturationPercent: option(fc.integer({ min: 1, max: 100 })),
}
const anyContec: fc.Arbitrary<ContecPacket> = fc.oneof(
  plain({
    kind: fc.constant('realtime' as const),
    ...shared,
    isSearchingTooLong: fc.boolean(),
    isSaturationLow: fc.boolean(),
    perfusionIndexPercent: option(fc.nat(2_200).map((hundredths) => hundredths / 100)),
  }),
  plain({
    kind: fc.constant('other' as const),
    type: fc.constantFrom(0x02, 0x04, 0x11, 0x15),
    payload: fc.uint8Array({ minLength: 7, maxLength: 7 }),
  }),
)

holdsWhatScannersPromise('contec', {
  scan: scanContec,
  encode: encodeContec,
  packets: anyContec,
  limitBytes: contecPacketLimitBytes,
})
holdsWhatScannersPromise('contec five bytes', {
  scan: scanFiveBytes,
  encode: encodeFiveBytes,
  packets: plain({
    ...shared,
    isSignalMissing: fc.boolean(),
    isFallingOrUnplugged: fc.boolean(),
  }),
  limitBytes: fiveBytesLength,
})

t.test('contec: a frame of a CMS50E, and one of a CMS50D+', async (t) => {
  t.match(scanContec(bytes('01 E0 84 93 92 BC E3 FF FF')), {
    packet: {
      kind: 'realtime',
      signal: 4,
      pleth: 19,
      bar: 2,
      pulsePerMinute: 60,
      saturationPercent: 99,
      perfusionIndexPercent: null,
      isBeat: false,
      isProbeError: false,
    },
    length: 9,
  })
  t.match(scanContec(bytes('01 E0 C4 C4 98 BC E3 FF FF')), { packet: { isBeat: true, pleth: 68 } })
  t.match(scanContec(bytes('01 E0 85 B3 96 C1 E1 FF FF')), {
    packet: { signal: 5, pleth: 51, bar: 6, pulsePerMinute: 65, saturationPercent: 97 },
  })
})

t.test('contec: bit 7 of a pulse rate above 127 comes from the byte of high bits', async (t) => {
  t.match(scanContec(bytes('01 88 85 C0 86 82 E1 D9 81')), {
    packet: { pulsePerMinute: 130, saturationPercent: 97, perfusionIndexPercent: 3.45 },
  })
  t.match(scanContec(bytes('01 E9 80 C0 90 FF FF FF FF')), {
    packet: {
      isProbeError: true,
      pulsePerMinute: null,
      saturationPercent: null,
      perfusionIndexPercent: null,
    },
  })
})

t.test('contec: commands and answers of the protocol', async (t) => {
  t.equal(toHex(encodeContecCommand('start-realtime')), '7d81a1808080808080')
  t.equal(toHex(encodeContecCommand('keep-alive')), '7d81af808080808080')
  const user = Uint8Array.from('user   ', (character) => character.charCodeAt(0))
  t.strictSame(scanContec(bytes('04 80 F5 F3 E5 F2 A0 A0 A0')), {
    kind: 'packet',
    packet: { kind: 'other', type: 4, payload: user },
    length: 9,
  })
  t.match(scanContec(bytes('08 80 81 80 8F D0 81 80')), {
    packet: { payload: Uint8Array.of(1, 0, 0x0f, 0x50, 0x01, 0) },
  })
  t.strictSame(scanContec(bytes('7F 80 80')), { kind: 'noise', reason: 'no type', length: 3 })
  t.strictSame(scanContec(bytes('01 80 01')), { kind: 'noise', reason: 'cut short', length: 2 })
})

t.test('contec: five bytes of the vendor tables', async (t) => {
  t.match(scanFiveBytes(bytes('85 2D 06 48 62')), {
    packet: { signal: 5, pleth: 45, bar: 6, pulsePerMinute: 72, saturationPercent: 98 },
  })
  t.match(scanFiveBytes(bytes('C5 50 09 48 62')), { packet: { isBeat: true, pleth: 80, bar: 9 } })
  t.match(scanFiveBytes(bytes('86 30 46 02 61')), { packet: { pulsePerMinute: 130 } })
  t.match(scanFiveBytes(bytes('90 00 50 7F 7F')), {
    packet: {
      isSignalMissing: true,
      isProbeError: true,
      pulsePerMinute: null,
      saturationPercent: null,
    },
  })
  t.strictSame(scanFiveBytes(bytes('85 2D 85')), { kind: 'noise', reason: 'cut short', length: 2 })
})

t.test('contec: 102 frames of a live CMS50E', async (t) => {
  const path = join(
    import.meta.dirname,
    '../../../shared/samples/local/serial/contec_cms50e_v7_live.hex',
  )
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '01 e0 84 93 92 bc e3 ff ff'
  const hex = text.split('\n').filter((line) => !line.startsWith('#'))
  const framer = new Framer(scanContec, contecPacketLimitBytes)
  const found = [...framer.feed(bytes(hex.join('')), 0), ...framer.pause()]
  for (const one of found) {
    t.match(one, {
      kind: 'packet',
      packet: { kind: 'realtime', pulsePerMinute: /^(59|60|61)$/, saturationPercent: /^(98|99)$/ },
    })
  }
  t.equal(found.length, existsSync(path) ? 102 : 1)
})
