import t from 'tap'
import { frameBytesOf, type FrameShape } from '../packed-image/packed-image.ts'
import { decompositionsOf, openHtj2k, openJpeg, openJpegLs } from './frame-codec.ts'

const codecs = { htj2k: await openHtj2k(), 'jpeg-ls': await openJpegLs() }

/** The worst case for a coder: every bit that the shape allows, without any order. */
function noise(shape: FrameShape): Uint8Array {
  const { bitsAllocated, bitsStored, signed } = shape
  const pixels = new Uint8Array(frameBytesOf(shape))
  const view = new DataView(pixels.buffer)
  let state = 12_345 + bitsStored
  const step = bitsAllocated / 8
  for (let at = 0; at < pixels.length; at += step) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    const value = (state >>> 8) % 2 ** bitsStored
    const sample = signed === 1 ? value - 2 ** (bitsStored - 1) : value
    if (step === 1) view.setInt8(at, sample)
    else view.setInt16(at, sample, true)
  }
  return pixels
}

const sizes = [
  [5, 3],
  [64, 64],
  [65, 130],
] as const

t.test('frame codec: noise of every depth comes back bit for bit', async (t) => {
  for (const [rows, columns] of sizes) {
    for (const bitsAllocated of [8, 16]) {
      for (let bitsStored = 2; bitsStored <= bitsAllocated; bitsStored++) {
        for (const signed of [0, 1]) {
          const shape = { rows, columns, samples: 1, bitsAllocated, bitsStored, signed }
          const pixels = noise(shape)
          for (const [name, codec] of Object.entries(codecs)) {
            const coded = codec.encode(pixels, shape)
            const back = coded === null ? null : codec.decode(coded, shape)
            if (!Buffer.from(pixels).equals(back ?? Buffer.alloc(0))) {
              t.fail(`${name} ${JSON.stringify(shape)}`)
            }
          }
        }
      }
    }
  }
})

t.test(
  'frame codec: colours come back bit for bit, and what gets longer may be refused',
  async (t) => {
    for (const [rows, columns] of sizes) {
      const shape = { rows, columns, samples: 3, bitsAllocated: 8, bitsStored: 8, signed: 0 }
      const screen = noise(shape).map((value, index) => (index % 50 < 40 ? 0 : value))
      for (const [name, codec] of Object.entries(codecs)) {
        const coded = codec.encode(screen, shape)
        t.strictSame(coded === null ? null : codec.decode(coded, shape), screen, name)
        const longer = codec.encode(noise(shape), shape)
        if (longer !== null) t.strictSame(codec.decode(longer, shape), noise(shape), name)
      }
    }
  },
)

t.test('frame codec: what is no frame of that shape is null', async (t) => {
  const shape = { rows: 8, columns: 8, samples: 1, bitsAllocated: 8, bitsStored: 8, signed: 0 }
  for (const [name, codec] of Object.entries(codecs)) {
    t.equal(codec.decode(new Uint8Array(0), shape), null, name)
    t.equal(codec.decode(new Uint8Array(200), shape), null, name)
    const coded = codec.encode(noise(shape), shape)
    t.ok(coded)
    if (coded === null) continue
    t.equal(codec.decode(coded, { ...shape, rows: 7 }), null, name)
    t.strictSame(codec.decode(coded, shape), noise(shape), `${name} still works`)
  }
})

/** Marker segments of a JPEG 2000 main header, by their code. */
function mainHeader(coded: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const view = new DataView(coded.buffer)
  const found = new Map<number, Uint8Array>()
  for (let at = 2; view.getUint16(at) !== 0xff90; at += 2 + view.getUint16(at + 2)) {
    found.set(view.getUint16(at), coded.subarray(at + 4, at + 2 + view.getUint16(at + 2)))
  }
  return found
}

t.test(
  'frame codec: the smallest resolution comes first, and lengths stand in front',
  async (t) => {
    const shape = {
      rows: 300,
      columns: 200,
      samples: 1,
      bitsAllocated: 16,
      bitsStored: 12,
      signed: 0,
    }
    const coded = codecs.htj2k.encode(noise(shape), shape) ?? new Uint8Array()
    const markers = mainHeader(coded)
    const coding = markers.get(0xff52)
    t.equal(coding?.[1], 2, 'COD: resolutions, positions, components, layers')
    t.equal(coding?.[5], 3, 'COD: decompositions')
    t.ok(markers.has(0xff55), 'TLM')
    t.ok(markers.has(0xff50), 'CAP: part 15')
  },
)

t.test('frame codec: decompositions reach 64 rows and columns', async (t) => {
  const counts = [1, 64, 65, 128, 129, 3_000, 65_535].map((rows) =>
    decompositionsOf({ rows, columns: 1 }),
  )
  t.strictSame(counts, [1, 1, 1, 1, 2, 6, 10])
})

t.test('frame codec: a JPEG is near to what it was made of', async (t) => {
  const jpeg = await openJpeg()
  for (const samples of [1, 3] as const) {
    const pixels = Uint8Array.from({ length: 32 * 16 * samples }, (_, index) => index % 200)
    const coded = jpeg.encode({ width: 32, height: 16, samples, pixels: pixels.fill(90) }, 90)
    const back = coded === null ? null : jpeg.decode(coded)
    t.equal(back?.width, 32)
    t.equal(back?.samples, samples)
    t.ok(back?.pixels.every((value) => Math.abs(value - 90) <= 2))
  }
  t.equal(jpeg.decode(new Uint8Array(100)), null)
})
