/**
 * Red, green and blue of each pixel of a colour image as it is in the file. Source: PS3.3 section
 * C.7.6.3.1.2 for what the samples mean, PS3.5 section 8.1 for how they lie.
 */
import type { Palette } from '../../../protocols/packed-image/palette.ts'
import { frameBytesOf } from '../../../protocols/packed-image/packed-image.ts'
import { shapeOf, type PixelHead } from '../../../protocols/packed-image/pixel-head.ts'

/** How many bytes of the file a frame of native pixels takes. */
export function nativeFrameBytes(head: PixelHead): number {
  return isHalved(head) ? head.rows * head.columns * 2 : frameBytesOf(shapeOf(head))
}

/** Three bytes a pixel; null for what this does not show. */
export function coloursOf(head: PixelHead, frame: Uint8Array): Uint8Array | null {
  const { photometric, samplesPerPixel, bitsAllocated, planar, palette, isSigned } = head
  if (photometric === 'PALETTE COLOR' && samplesPerPixel === 1 && palette !== null) {
    const isWide = bitsAllocated === 16
    if (!isWide && bitsAllocated !== 8) return null
    return ofPalette(palette, numbersOf(frame, isWide, isSigned))
  }
  if (bitsAllocated !== 8 || samplesPerPixel !== 3) return null
  if (isHalved(head)) return ofLight(whole(frame))
  const pixels = planar === 0 ? frame : together(frame)
  if (photometric === 'RGB') return pixels
  return photometric.startsWith('YBR_FULL') ? ofLight(pixels) : null
}

/**
 * Two pixels share their colour: two bytes of light, one of blue, one of red. Some say so and have
 * three bytes a pixel.
 */
function isHalved(head: PixelHead): boolean {
  const fullBytes = head.frames * frameBytesOf(shapeOf(head))
  return head.photometric === 'YBR_FULL_422' && (head.pixelBytes ?? fullBytes) < fullBytes
}

function numbersOf(frame: Uint8Array, isWide: boolean, isSigned: boolean): ArrayLike<number> {
  if (!isWide) return isSigned ? new Int8Array(frame) : frame
  // A copy, because words must lie at even places.
  const { buffer } = frame.slice()
  return isSigned ? new Int16Array(buffer) : new Uint16Array(buffer)
}

function ofPalette(palette: Palette, numbers: ArrayLike<number>): Uint8Array {
  const { first, red, green, blue } = palette
  const rgb = new Uint8Array(numbers.length * 3)
  for (let pixel = 0; pixel < numbers.length; pixel++) {
    const index = Math.min(red.length - 1, Math.max(0, (numbers[pixel] ?? 0) - first))
    rgb[3 * pixel] = red[index] ?? 0
    rgb[3 * pixel + 1] = green[index] ?? 0
    rgb[3 * pixel + 2] = blue[index] ?? 0
  }
  return rgb
}

/** All of the first sample, then all of the second and third, as three of each pixel. */
function together(planes: Uint8Array): Uint8Array {
  const pixels = planes.length / 3
  return Uint8Array.from(planes, (_, at) => planes[(at % 3) * pixels + Math.floor(at / 3)] ?? 0)
}

/** Light, light, blue and red of two pixels as light, blue and red of each. */
function whole(halved: Uint8Array): Uint8Array {
  const full = new Uint8Array((halved.length / 4) * 6)
  for (let from = 0, to = 0; from + 3 < halved.length; from += 4, to += 6) {
    const [one = 0, other = 0, blue = 0, red = 0] = halved.subarray(from, from + 4)
    full.set([one, blue, red, other, blue, red], to)
  }
  return full
}

function ofLight(ybr: Uint8Array): Uint8Array {
  const rgb = new Uint8ClampedArray(ybr.length)
  for (let at = 0; at + 2 < ybr.length; at += 3) {
    const y = ybr[at] ?? 0
    const blue = (ybr[at + 1] ?? 0) - 128
    const red = (ybr[at + 2] ?? 0) - 128
    rgb[at] = y + 1.402 * red
    rgb[at + 1] = y - 0.344136 * blue - 0.714136 * red
    rgb[at + 2] = y + 1.772 * blue
  }
  return new Uint8Array(rgb.buffer)
}
