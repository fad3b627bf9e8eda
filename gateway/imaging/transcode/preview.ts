/** Previews: small, marked, lossy JPEG pictures of some frames of an image. */
import type { Picture } from '../../../protocols/frame-codec/frame-codec.ts'
import { frameBytesOf, frameLimitBytes } from '../../../protocols/packed-image/packed-image.ts'
import { shapeOf, type PixelHead } from '../../../protocols/packed-image/pixel-head.ts'
import { decodeRle } from '../../../protocols/packed-image/rle.ts'
import { explicitLittle, implicitLittle } from '../../../protocols/dicom/uids.ts'
import type { Coders } from './coders.ts'
import { nativeFrameBytes } from './colours.ts'
import { codedFrames } from './encapsulated.ts'
import { marked } from './mark.ts'
import { coderFrameLimitBytes, type SourceFile } from './pack.ts'
import { pictureOfNative, reduced } from './picture.ts'

/** On the wire: at 64 kbit/s some 8 seconds. */
export const previewLimitBytes = 60_000
const qualities = [80, 70, 60, 45, 30, 15]

const jpegBaseline = '1.2.840.10008.1.2.4.50'
const runLength = '1.2.840.10008.1.2.5'
const jpegLs: readonly string[] = ['1.2.840.10008.1.2.4.80', '1.2.840.10008.1.2.4.81']
const htj2k: readonly string[] = ['201', '202', '203'].map((end) => `1.2.840.10008.1.2.4.${end}`)

export interface Preview {
  readonly frame: number
  readonly jpeg: Uint8Array
}

/** Of the first, the middle and the last frame; nothing of what cannot be shown. */
export function* previewsOf(
  source: SourceFile,
  head: PixelHead,
  coders: Coders,
): Generator<Preview, void> {
  const pictureAt = picturesOf(source, head, coders)
  const last = head.frames - 1
  for (const frame of new Set([0, Math.floor(last / 2), last])) {
    const picture = pictureAt(frame)
    const jpeg = picture === null ? null : smallJpeg(marked(picture), coders)
    if (jpeg !== null) yield { frame, jpeg }
  }
}

function smallJpeg(picture: Picture, { jpeg }: Coders): Uint8Array | null {
  for (const quality of qualities) {
    const coded = jpeg.encode(picture, quality)
    if (coded !== null && coded.length <= previewLimitBytes) return coded
  }
  return null
}

function picturesOf(
  source: SourceFile,
  head: PixelHead,
  { frames, jpeg }: Coders,
): (frame: number) => Picture | null {
  const { transferSyntaxUid: syntax, pixelOffset, rows, columns } = head
  const shape = shapeOf(head)
  const frameBytes = frameBytesOf(shape)
  const isNative = head.pixelBytes !== null
  const limitBytes = isNative ? frameLimitBytes : coderFrameLimitBytes
  if (frameBytes > limitBytes) return () => null
  if (isNative) {
    const isLittle = syntax === implicitLittle || syntax === explicitLittle
    const nativeBytes = nativeFrameBytes(head)
    return (frame) => {
      const pixels = source.read(pixelOffset + frame * nativeBytes, nativeBytes)
      return isLittle && pixels.length === nativeBytes ? pictureOfNative(head, pixels) : null
    }
  }
  const coded = codedFrames(source.read, pixelOffset, head.frames)
  if (syntax === jpegBaseline) {
    return (frame) => {
      const bytes = coded(frame)
      const picture = bytes === null ? null : jpeg.decode(bytes)
      const isIt = picture?.width === columns && picture.height === rows
      return picture !== null && isIt ? reduced(picture) : null
    }
  }
  if (syntax === runLength) {
    return (frame) => {
      const bytes = coded(frame)
      const pixels = bytes === null ? null : decodeRle(bytes, shape)
      return pixels === null ? null : pictureOfNative({ ...head, planar: 0 }, pixels)
    }
  }
  const codec = jpegLs.includes(syntax) ? frames['jpeg-ls'] : frames.htj2k
  if (!jpegLs.includes(syntax) && !htj2k.includes(syntax)) return () => null
  // Inside of a coded frame colours are turned by the coder itself, and lie together.
  const photometric = head.samplesPerPixel === 3 ? 'RGB' : head.photometric
  return (frame) => {
    const bytes = coded(frame)
    const pixels = bytes === null ? null : codec.decode(bytes, shape)
    if (pixels?.length !== frameBytes) return null
    return pictureOfNative({ ...head, photometric, planar: 0 }, pixels)
  }
}
