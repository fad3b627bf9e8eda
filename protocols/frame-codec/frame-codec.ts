/**
 * Coders of single frames without loss: JPEG 2000 part 15 (HTJ2K, by OpenJPH) and JPEG-LS (by
 * CharLS), both in WebAssembly. Source: PS3.5 section 10.18 for the order of resolutions, PS3.5
 * section 8.2.3 for JPEG-LS.
 *
 * Pure functions between bytes, but for memory that they take and do not give back: a coder lives
 * in a thread that ends after some frames. They never throw; a frame that they cannot take is null.
 */
import type { FrameShape } from '../packed-image/packed-image.ts'

export interface FrameCodec {
  /** The coded frame, or null. Whether it decodes to the same pixels, the caller must see. */
  encode(pixels: Uint8Array, shape: FrameShape): Uint8Array | null
  decode(coded: Uint8Array, shape: FrameShape): Uint8Array | null
}

/** Anew for each: it becomes the module. */
function quiet(): CornerstoneOptions {
  return { print: () => {}, printErr: () => {} }
}

/** Resolutions, components, positions: what is smaller comes first. */
const resolutionsFirst = 2
/** The smallest resolution has at most so many rows and columns (PS3.5 section 10.18). */
const smallestSide = 64
const decompositionsMax = 16

export async function openHtj2k(): Promise<FrameCodec> {
  const { default: open } = await import('@cornerstonejs/codec-openjph/wasmjs')
  const { HTJ2KEncoder, HTJ2KDecoder } = await open(quiet())
  return {
    encode: (pixels, shape) =>
      attempt(new HTJ2KEncoder(), (encoder) => {
        const isUsingColorTransform = shape.samples === 3
        encoder.getDecodedBuffer({ ...frameOf(shape), isUsingColorTransform }).set(pixels)
        encoder.setQuality(true, 0)
        encoder.setProgressionOrder(resolutionsFirst)
        encoder.setDecompositions(decompositionsOf(shape))
        encoder.setTLMMarker(true)
        encoder.setTilePartDivisionsAtResolutions(true)
        encoder.encode()
        return copied(encoder.getEncodedBuffer())
      }),
    decode: (coded, shape) => decodeWith(new HTJ2KDecoder(), coded, shape),
  }
}

/**
 * How often the sides are halved until the smallest resolution is small. At least once: without it
 * OpenJPH loses the smallest value of all.
 */
export function decompositionsOf({ rows, columns }: Pick<FrameShape, 'rows' | 'columns'>): number {
  let count = 1
  while (Math.max(rows, columns) > smallestSide * 2 ** count) count++
  return Math.min(count, decompositionsMax)
}

/** Samples of a pixel lie together. */
const bySample = 2

export async function openJpegLs(): Promise<FrameCodec> {
  const { default: open } = await import('@cornerstonejs/codec-charls/wasmjs')
  const { JpegLSEncoder, JpegLSDecoder } = await open(quiet())
  return {
    encode: (pixels, shape) =>
      attempt(new JpegLSEncoder(), (encoder) => {
        encoder.getDecodedBuffer(unsignedFrameOf(shape)).set(pixels)
        encoder.setNearLossless(0)
        encoder.setInterleaveMode(shape.samples === 3 ? bySample : 0)
        encoder.encode()
        return copied(encoder.getEncodedBuffer())
      }),
    decode: (coded, shape) => decodeWith(new JpegLSDecoder(), coded, shape),
  }
}

function frameOf({ rows, columns, samples, bitsAllocated, bitsStored, signed }: FrameShape) {
  return {
    width: columns,
    height: rows,
    // Samples of at most 8 bits would be taken for bytes, and here they are words. Signed bytes
    // come back without their sign when they have fewer bits.
    bitsPerSample: Math.max(bitsStored, bitsAllocated === 16 ? 9 : 8 * signed),
    componentCount: samples,
    isSigned: signed === 1,
  }
}

/** JPEG-LS knows no sign: all bits are kept as they are. */
function unsignedFrameOf(shape: FrameShape) {
  const bits = shape.signed === 1 ? shape.bitsAllocated : Math.max(shape.bitsStored, 2)
  return frameOf({ ...shape, bitsStored: bits, signed: 0 })
}

function decodeWith(
  decoder: CornerstoneDecoder,
  coded: Uint8Array,
  shape: FrameShape,
): Uint8Array | null {
  return attempt(decoder, () => {
    decoder.getEncodedBuffer(coded.length).set(coded)
    decoder.decode()
    const { width, height, componentCount } = decoder.getFrameInfo()
    const { rows, columns, samples } = shape
    if (width !== columns || height !== rows || componentCount !== samples) return null
    return copied(decoder.getDecodedBuffer())
  })
}

/** Out of the coder's memory, and as plain bytes: some give them clamped. */
function copied({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength).slice()
}

function attempt<C extends { delete(): void }, T>(coder: C, work: (coder: C) => T): T | null {
  try {
    return work(coder)
  } catch {
    return null
  } finally {
    release(coder)
  }
}

/** A coder that has failed may fail in its end too. */
function release(coder: { delete(): void }): void {
  try {
    coder.delete()
  } catch {
    // Its memory goes with the thread.
  }
}

/** A picture of bytes: grey, or red, green and blue of a pixel together. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly samples: 1 | 3
  readonly pixels: Uint8Array
}

export interface JpegCodec {
  /** With loss. `quality` from 1 to 100. */
  encode(picture: Picture, quality: number): Uint8Array | null
  /** Baseline and progressive, 8 bits. */
  decode(coded: Uint8Array): Picture | null
}

/** JPEG by libjpeg-turbo. */
export async function openJpeg(): Promise<JpegCodec> {
  const { default: open } = await import('@cornerstonejs/codec-libjpeg-turbo-8bit/wasmjs')
  const { JPEGEncoder, JPEGDecoder } = await open(quiet())
  return {
    encode: ({ width, height, samples, pixels }, quality) =>
      attempt(new JPEGEncoder(), (encoder) => {
        const frame = { width, height, bitsPerSample: 8, componentCount: samples, isSigned: false }
        encoder.getDecodedBuffer(frame).set(pixels)
        encoder.setQuality(quality)
        encoder.encode()
        return copied(encoder.getEncodedBuffer())
      }),
    decode: (coded) =>
      attempt(new JPEGDecoder(), (decoder) => {
        decoder.getEncodedBuffer(coded.length).set(coded)
        decoder.decode()
        const { width, height, componentCount } = decoder.getFrameInfo()
        const pixels = copied(decoder.getDecodedBuffer())
        if (componentCount !== 1 && componentCount !== 3) return null
        const isWhole = pixels.length === width * height * componentCount
        return isWhole ? { width, height, samples: componentCount, pixels } : null
      }),
  }
}
