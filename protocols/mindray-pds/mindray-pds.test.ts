import * as fc from 'fast-check'
import t from 'tap'
import { fromHex, toHex } from '../packet/hex.ts'
import { heartbeat } from './query.ts'
import { decodeZmw, encodeZmw } from './wave.ts'

t.test('mindray pds: the heartbeat is what the monitor expects, byte for byte', async (t) => {
  t.equal(
    toHex(heartbeat),
    '0b4d53487c5e7e5c267c7c7c7c7c7c7c4f52555e5230317c3130367c507c322e332e317c0d1c0d',
  )
})

t.test('mindray pds: a wave as it is packed', async (t) => {
  const samples = Int32Array.of(128, 129, 127, 16)
  const packed = '8080808181808480808081ff90808086'
  t.equal(toHex(encodeZmw({ wave: 1, samplesPerSecond: 4, samples }, 1)), packed)
  t.match(decodeZmw(fromHex(packed) ?? new Uint8Array()), {
    ok: true,
    value: { wave: 1, samplesPerSecond: 4, samples: [128, 129, 127, 16] },
  })
})

t.test('mindray pds: waves come back as they went, and parts of them are refused', async (t) => {
  const wave = fc.record({
    wave: fc.nat(65_535),
    width: fc.constantFrom<1 | 2>(1, 2),
    samples: fc.array(fc.nat(65_535), { minLength: 1, maxLength: 60 }),
  })
  fc.assert(
    fc.property(wave, ({ wave, width, samples }) => {
      const limited = Int32Array.from(samples, (one) => (width === 1 ? one & 0xff : one))
      const given = { wave, samplesPerSecond: limited.length, samples: limited }
      const packed = encodeZmw(given, width)
      t.ok(packed.every((byte) => byte >= 0x80))
      t.strictSame(decodeZmw(packed), { ok: true, value: given })
      t.equal(decodeZmw(packed.slice(0, packed.length - 8)).ok, false)
    }),
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 90 }), (bytes) => void decodeZmw(bytes)))
  t.match(decodeZmw(new Uint8Array(20_000)), { ok: false })
})
