import t from 'tap'
import type { FrameShape } from './packed-image.ts'
import { decodeRle } from './rle.ts'

const shape: FrameShape = {
  rows: 1,
  columns: 5,
  samples: 1,
  bitsAllocated: 8,
  bitsStored: 8,
  signed: 0,
}

function coded(...segments: readonly (readonly number[])[]): Uint8Array {
  const head = new DataView(new ArrayBuffer(64))
  head.setUint32(0, segments.length, true)
  let offset = 64
  for (const [index, segment] of segments.entries()) {
    head.setUint32(4 * (index + 1), offset, true)
    offset += segment.length
  }
  return Uint8Array.from([...new Uint8Array(head.buffer), ...segments.flat()])
}

t.test('rle: runs, literals, what means nothing, and padding', async (t) => {
  const pixels = Uint8Array.of(7, 7, 7, 1, 2)
  t.strictSame(decodeRle(coded([254, 7, 1, 1, 2]), shape), pixels)
  t.strictSame(decodeRle(coded([128, 254, 7, 128, 1, 1, 2, 0]), shape), pixels)
})

t.test('rle: the high byte comes first, and samples one after the other', async (t) => {
  const wide = { ...shape, columns: 2, bitsAllocated: 16, bitsStored: 16 }
  t.strictSame(decodeRle(coded([1, 1, 2], [1, 3, 4]), wide), Uint8Array.of(3, 1, 4, 2))
  const colour = { ...shape, columns: 2, samples: 3 }
  t.strictSame(
    decodeRle(coded([1, 1, 2], [1, 3, 4], [1, 5, 6]), colour),
    Uint8Array.of(1, 3, 5, 2, 4, 6),
  )
})

t.test('rle: what is cut, or of another number of segments, is none', async (t) => {
  const whole = coded([254, 7, 1, 1, 2])
  for (let length = 0; length < whole.length; length++) {
    t.equal(decodeRle(whole.subarray(0, length), shape), null, `${length} bytes`)
  }
  t.equal(decodeRle(coded([254, 7, 1, 1, 2], [254, 7, 1, 1, 2]), shape), null)
  const backwards = coded([1, 1, 2], [1, 3, 4])
  new DataView(backwards.buffer).setUint32(8, 64, true)
  new DataView(backwards.buffer).setUint32(4, 70, true)
  t.equal(decodeRle(backwards, { ...shape, bitsAllocated: 16, bitsStored: 16 }), null)
})
