/**
 * From the samples of a frame to a small picture for the eye. Source: PS3.3 section C.11.2.1.2 for
 * the window, section C.7.6.3.1.2 for what the samples mean.
 */
import type { Picture } from '../../../protocols/frame-codec/frame-codec.ts'
import type { PixelHead } from '../../../protocols/packed-image/pixel-head.ts'
import { coloursOf } from './colours.ts'

/** The longer side of a preview, without its mark. */
export const previewSideMax = 1_000

/** Without a window, so much of the samples at either end is cut off. */
const cutShare = 0.005
const histogramBins = 4_096

type Samples = Uint8Array | Int8Array | Uint16Array | Int16Array

/** A frame as it is in the file; null for what this does not show. */
export function pictureOfNative(head: PixelHead, frame: Uint8Array): Picture | null {
  const { photometric, rows, columns, samplesPerPixel } = head
  const size = { width: columns, height: rows }
  if (photometric.startsWith('MONOCHROME') && samplesPerPixel === 1) {
    const samples = samplesOf(head, frame)
    return samples === null ? null : pictureOfGrey(head, samples)
  }
  const pixels = coloursOf(head, frame)
  return pixels === null ? null : reduced({ ...size, samples: 3, pixels })
}

/** A picture of bytes that was decoded already; its window does not matter. */
export function reduced(picture: Picture): Picture {
  const { width, height, samples, pixels } = picture
  const factor = factorOf(width, height)
  if (factor === 1) return picture
  const small = { width: Math.floor(width / factor), height: Math.floor(height / factor) }
  const out = new Uint8Array(small.width * small.height * samples)
  for (let sample = 0; sample < samples; sample++) {
    const means = meansOf(pixels, { width, samples, sample, factor }, small)
    for (const [index, mean] of means.entries()) out[index * samples + sample] = Math.round(mean)
  }
  return { ...small, samples, pixels: out }
}

function factorOf(width: number, height: number): number {
  return Math.max(1, Math.ceil(Math.max(width, height) / previewSideMax))
}

function samplesOf({ bitsAllocated, isSigned }: PixelHead, frame: Uint8Array): Samples | null {
  if (bitsAllocated === 8) return isSigned ? new Int8Array(frame) : frame
  if (bitsAllocated !== 16) return null
  // A copy, because words must lie at even places.
  const { buffer } = frame.slice()
  return isSigned ? new Int16Array(buffer) : new Uint16Array(buffer)
}

function pictureOfGrey(head: PixelHead, samples: Samples): Picture {
  const { columns, rows, rescale, photometric } = head
  const factor = factorOf(columns, rows)
  const size = {
    width: Math.max(1, Math.floor(columns / factor)),
    height: Math.max(1, Math.floor(rows / factor)),
  }
  const grid = { width: columns, samples: 1, sample: 0, factor }
  const values = meansOf(samples, grid, size).map(
    (mean) => mean * rescale.slope + rescale.intercept,
  )
  const { low, high } = rangeOf(head, values)
  const isInverted = photometric === 'MONOCHROME1'
  const pixels = new Uint8Array(values.length)
  for (const [index, value] of values.entries()) {
    const share = Math.min(1, Math.max(0, (value - low) / (high - low)))
    pixels[index] = Math.round(255 * (isInverted ? 1 - share : share))
  }
  return { ...size, samples: 1, pixels }
}

/** Values that become black and white. */
function rangeOf({ window }: PixelHead, values: Float32Array): { low: number; high: number } {
  if (window !== null && window.width >= 1) {
    const { center, width } = window
    const low = center - 0.5 - (width - 1) / 2
    return { low, high: low + Math.max(1, width - 1) }
  }
  let least = Infinity
  let most = -Infinity
  for (const value of values) {
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  if (most <= least) return { low: least - 1, high: least + 1 }
  const bins = new Uint32Array(histogramBins)
  const binOf = (value: number) =>
    Math.floor(((value - least) / (most - least)) * (histogramBins - 1))
  for (const value of values) bins[binOf(value)] = (bins[binOf(value)] ?? 0) + 1
  const cut = values.length * cutShare
  const width = (most - least) / (histogramBins - 1)
  const low = binAfter(bins, cut)
  const high = histogramBins - 1 - binAfter(bins.toReversed(), cut)
  if (high <= low) return { low: least, high: most }
  return { low: least + low * width, high: least + high * width }
}

/** The first bin at which more than so many samples have come. */
function binAfter(bins: Uint32Array, count: number): number {
  let sum = 0
  return Math.max(
    0,
    bins.findIndex((bin) => (sum += bin) > count),
  )
}

interface Grid {
  readonly width: number
  readonly samples: number
  readonly sample: number
  readonly factor: number
}

/** Mean of each square of `factor` by `factor` samples. */
function meansOf(
  samples: ArrayLike<number>,
  { width, samples: step, sample, factor }: Grid,
  small: { readonly width: number; readonly height: number },
): Float32Array {
  const means = new Float32Array(small.width * small.height)
  for (let y = 0; y < small.height; y++) {
    for (let x = 0; x < small.width; x++) {
      let sum = 0
      for (let row = y * factor; row < (y + 1) * factor; row++) {
        const from = (row * width + x * factor) * step + sample
        for (let column = 0; column < factor; column++) sum += samples[from + column * step] ?? 0
      }
      means[y * small.width + x] = sum / (factor * factor)
    }
  }
  return means
}
