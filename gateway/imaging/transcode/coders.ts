/** The coders of frames as one thread holds them. Their memory goes when the thread ends. */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import {
  openHtj2k,
  openJpeg,
  openJpegLs,
  type FrameCodec,
  type JpegCodec,
} from '../../../protocols/frame-codec/frame-codec.ts'
import {
  frameBytesOf,
  type Coding,
  type DecodeFrame,
} from '../../../protocols/packed-image/packed-image.ts'

export interface Coders {
  readonly frames: { readonly [K in Coding]: FrameCodec }
  readonly jpeg: JpegCodec
}

/** The highest one that costs less time than JPEG-LS. */
const zstdLevel = 9

const zstd: FrameCodec = {
  encode: (pixels) =>
    zstdCompressSync(pixels, { params: { [constants.ZSTD_c_compressionLevel]: zstdLevel } }),
  decode: (coded, shape) => {
    try {
      return zstdDecompressSync(coded, { maxOutputLength: frameBytesOf(shape) })
    } catch {
      return null
    }
  },
}

export async function openCoders(): Promise<Coders> {
  const [htj2k, jpegLs, jpeg] = await Promise.all([openHtj2k(), openJpegLs(), openJpeg()])
  return { frames: { htj2k, 'jpeg-ls': jpegLs, zstd }, jpeg }
}

export function decodeWith({ frames }: Coders): DecodeFrame {
  return (coded, coding, shape) => frames[coding].decode(coded, shape)
}
