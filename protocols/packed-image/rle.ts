/**
 * Frames in DICOM's run length encoding, read. Source: PS3.5 annex G.
 *
 *   | segments (4) | offset of each, 15 * 4 | segment | segment | …        numbers little-endian
 *
 * A segment holds one byte of one sample of every pixel, the highest byte first, in runs:
 *
 *   0 to 127: so many bytes and one follow · 129 to 255: the next byte 257 - n times · 128: nothing
 */
import { viewOf } from '../dicom/text.ts'
import { frameBytesOf, type FrameShape } from './packed-image.ts'

const headBytes = 64
const segmentsMax = 15

/** The pixels as a native little-endian file has them; null when a byte of them is missing. */
export function decodeRle(coded: Uint8Array, shape: FrameShape): Uint8Array | null {
  const sampleBytes = shape.bitsAllocated / 8
  const count = shape.samples * sampleBytes
  if (coded.length < headBytes || count > segmentsMax) return null
  const view = viewOf(coded)
  if (view.getUint32(0, true) !== count) return null
  const pixels = new Uint8Array(frameBytesOf(shape))
  for (let segment = 0; segment < count; segment++) {
    const from = view.getUint32(4 * (segment + 1), true)
    const end = segment + 1 < count ? view.getUint32(4 * (segment + 2), true) : coded.length
    if (from < headBytes || from > end || end > coded.length) return null
    const sample = Math.floor(segment / sampleBytes)
    const place = sample * sampleBytes + sampleBytes - 1 - (segment % sampleBytes)
    if (!isFilled(pixels, { from: place, step: count }, coded.subarray(from, end))) return null
  }
  return pixels
}

/** Every `step`th byte from `from` on. What is beyond the last is padding. */
function isFilled(
  pixels: Uint8Array,
  { from, step }: { readonly from: number; readonly step: number },
  runs: Uint8Array,
): boolean {
  let to = from
  for (let at = 0; at < runs.length && to < pixels.length;) {
    const word = runs[at++] ?? 0
    if (word < 128) {
      for (let left = word + 1; left > 0 && at < runs.length && to < pixels.length; left--) {
        pixels[to] = runs[at++] ?? 0
        to += step
      }
    } else if (word > 128) {
      const value = runs[at++]
      if (value === undefined) return false
      for (let left = 257 - word; left > 0 && to < pixels.length; left--) {
        pixels[to] = value
        to += step
      }
    }
  }
  return to >= pixels.length
}
