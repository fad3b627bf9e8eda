import * as fc from 'fast-check'
import t from 'tap'
import { holds } from '../../test/wire/holds.ts'
import { decodeSamples, encodeSamples } from './samples.ts'
import { fromHex, toHex } from './hex.ts'

const int32 = fc.oneof(
  fc.integer({ min: -300, max: 300 }),
  fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
)
const lead = fc.array(int32, { maxLength: 300 })

function decode(hex: string): number[] | null {
  const samples = decodeSamples(fromHex(hex) ?? new Uint8Array())
  return samples === null ? null : [...samples]
}

t.test('samples: small steps take one byte, each size its own', async (t) => {
  const short = Int32Array.of(0, 1, 0, 64, 127, -1)
  t.equal(toHex(encodeSamples(short)), '00020180017eff01')
  const wide = Int32Array.of(-0x8000_0000, 0x7fff_ffff, -0x8000_0000)
  t.equal(toHex(encodeSamples(wide)), 'ffffffff0ffeffffff1ffdffffff1f')
  t.equal(toHex(encodeSamples(new Int32Array())), '')
  t.strictSame(decode('ffffffff0ffeffffff1ffdffffff1f'), [...wide])
})

t.test('samples: what is encoded is decoded', async (t) => {
  const property = fc.property(lead, (samples) => {
    const decoded = decodeSamples(encodeSamples(Int32Array.from(samples)))
    return decoded !== null && samples.join() === decoded.join()
  })
  holds(t, 'any samples', property, { numRuns: 500 })
})

t.test('samples: any bytes give null or what encodes to the same bytes', async (t) => {
  const property = fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
    const samples = decodeSamples(bytes)
    return samples === null || toHex(encodeSamples(samples)) === toHex(bytes)
  })
  holds(t, 'any bytes', property, { numRuns: 5_000 })
})

t.test('samples: refuses what is cut off, too long, too wide or not the shortest', async (t) => {
  t.equal(decode('80'), null, 'cut off')
  t.equal(decode('0280'), null, 'cut off after a whole one')
  t.equal(decode('8000'), null, 'not the shortest')
  t.equal(decode('808080808001'), null, 'six bytes')
  t.equal(decode('ffffffffff'), null, 'five bytes and no end')
  t.equal(decode('808080807f'), null, 'five bytes, 34 bits and more')
  t.equal(decode('feffffff0f02'), null, 'one above 32 bits')
  t.equal(decode('ffffffff0f01'), null, 'one below 32 bits')
})
