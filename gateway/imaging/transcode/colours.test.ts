import t from 'tap'
import type { PixelHead } from '../../../protocols/packed-image/pixel-head.ts'
import { coloursOf, nativeFrameBytes } from './colours.ts'

const head: PixelHead = {
  transferSyntaxUid: '1.2.840.10008.1.2.1',
  pixelOffset: 0,
  pixelBytes: 12,
  rows: 2,
  columns: 2,
  samplesPerPixel: 3,
  photometric: 'RGB',
  planar: 0,
  frames: 1,
  bitsAllocated: 8,
  bitsStored: 8,
  highBit: 7,
  isSigned: false,
  hasOverlayInPixels: false,
  window: null,
  rescale: { slope: 1, intercept: 0 },
  palette: null,
}

t.test('colours: samples that lie together, and in planes', async (t) => {
  const together = Uint8Array.of(1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12)
  const planes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
  t.strictSame(coloursOf(head, together), together)
  t.strictSame(coloursOf({ ...head, planar: 1 }, planes), together)
})

t.test('colours: light and colour, of each pixel or of two', async (t) => {
  const full = { ...head, photometric: 'YBR_FULL' }
  const grey = Uint8Array.of(10, 128, 128, 20, 128, 128, 30, 128, 128, 40, 128, 128)
  const rgb = Uint8Array.of(10, 10, 10, 20, 20, 20, 30, 30, 30, 40, 40, 40)
  t.strictSame(coloursOf(full, grey), rgb)
  const halved = { ...head, photometric: 'YBR_FULL_422', pixelBytes: 8 }
  t.equal(nativeFrameBytes(halved), 8)
  t.strictSame(coloursOf(halved, Uint8Array.of(10, 20, 128, 128, 30, 40, 128, 128)), rgb)
  const mislabelled = { ...halved, pixelBytes: 12 }
  t.equal(nativeFrameBytes(mislabelled), 12)
  t.strictSame(coloursOf(mislabelled, grey), rgb)
  // Red: PS3.3 gives 255, 0, 0 for 76, 85, 255, rounded.
  t.strictSame(coloursOf(full, Uint8Array.of(76, 85, 255)), Uint8Array.of(254, 0, 0))
})

t.test('colours: of a palette, below its first and beyond its last', async (t) => {
  const palette = {
    first: 10,
    red: Uint8Array.of(1, 2),
    green: Uint8Array.of(3, 4),
    blue: Uint8Array.of(5, 6),
  }
  const numbered = { ...head, photometric: 'PALETTE COLOR', samplesPerPixel: 1, palette }
  const rgb = Uint8Array.of(1, 3, 5, 1, 3, 5, 2, 4, 6, 2, 4, 6)
  t.strictSame(coloursOf(numbered, Uint8Array.of(0, 10, 11, 255)), rgb)
  const wide = { ...numbered, bitsAllocated: 16 }
  t.strictSame(coloursOf(wide, Uint8Array.of(0, 0, 10, 0, 11, 0, 0, 9)), rgb)
  t.equal(coloursOf({ ...numbered, palette: null }, Uint8Array.of(1)), null)
})

t.test('colours: what is not known is not shown', async (t) => {
  for (const photometric of ['CMYK', 'HSV', 'YBR_PARTIAL_422', '']) {
    t.equal(coloursOf({ ...head, photometric }, new Uint8Array(12)), null)
  }
  t.equal(coloursOf({ ...head, bitsAllocated: 16 }, new Uint8Array(24)), null)
})
