/** Packing the file of an image: choosing how, coding its frames, proving that it comes back. */
import { createHash } from 'node:crypto'
import { fromHex } from '../../../protocols/packet/hex.ts'
import { decoded, undecoded, type Decoded } from '../../../protocols/packet/decoded.ts'
import {
  edgeLimitBytes,
  encodeFrameLength,
  encodePackedHead,
  frameBytesOf,
  framesMax,
  openPackage,
  restore,
  type Coding,
  type FrameShape,
  type ReadBytes,
} from '../../../protocols/packed-image/packed-image.ts'
import { refusalOf, shapeOf, type PixelHead } from '../../../protocols/packed-image/pixel-head.ts'
import { decodeWith, type Coders } from './coders.ts'

/** What does not get smaller than this travels as it came. */
export const packedShareMax = 0.9
/**
 * Coders take some ten times as much memory as a frame has pixels, and the box has little. Larger
 * frames, of some mammographs, travel as they came.
 */
export const coderFrameLimitBytes = 25_165_824
/** A coded frame that is larger is worth looking at before it is complete: resolutions go first. */
export const progressiveBytes = 262_144
/** Larger frames get larger than that, so nothing but the first coding comes into question. */
const choiceLimitBytes = 4_194_304
/** So much smaller another coding must be to be worth the smaller pictures of the first one. */
const worthShare = 0.95

export interface SourceFile {
  readonly read: ReadBytes
  readonly sizeBytes: number
  /** Lower-case hex. */
  readonly sha256: string
}

/** A file that is written from its beginning, and then read again. */
export interface TargetFile {
  readonly write: (bytes: Uint8Array) => void
  readonly read: ReadBytes
  /** Makes it empty once more. */
  readonly clear: () => void
}

/** Answers the coding, or why the file travels as it came. `target` then holds nothing of use. */
export function pack(
  source: SourceFile,
  head: PixelHead,
  target: TargetFile,
  coders: Coders,
): Decoded<Coding> {
  const refusal = refusalOf(head)
  if (refusal !== null) return undecoded(refusal)
  const shape = shapeOf(head)
  const tailOffset = head.pixelOffset + head.frames * frameBytesOf(shape)
  const tailBytes = source.sizeBytes - tailOffset
  if (frameBytesOf(shape) > coderFrameLimitBytes || head.frames > framesMax) {
    return undecoded('the frames are too large or too many')
  }
  if (tailBytes < 0 || tailBytes > edgeLimitBytes) return undecoded('the file ends elsewhere')
  for (const coding of codingsFor(source, head, shape, coders)) {
    target.clear()
    const isSmall = code(source, head, { shape, coding, tailOffset, tailBytes }, target, coders)
    if (isSmall && comesBack(source, target, coders)) return decoded(coding)
  }
  return undecoded('no coding makes it smaller')
}

/** The codings that carry a frame of the middle, the best first. */
function codingsFor(
  source: SourceFile,
  head: PixelHead,
  shape: FrameShape,
  { frames }: Coders,
): readonly Coding[] {
  const frameBytes = frameBytesOf(shape)
  const offset = head.pixelOffset + Math.floor(head.frames / 2) * frameBytes
  const pixels = source.read(offset, frameBytes)
  const sizes = new Map<Coding, number>()
  const attempt = (coding: Coding): void => {
    const coded = frames[coding].encode(pixels, shape)
    if (coded !== null) sizes.set(coding, coded.length)
  }
  attempt('htj2k')
  const first = sizes.get('htj2k')
  if (first !== undefined && first > progressiveBytes) return ['htj2k']
  if (frameBytes <= choiceLimitBytes || first === undefined) {
    if (frameBytes <= choiceLimitBytes) attempt('jpeg-ls')
    attempt('zstd')
  }
  const weight = ([coding, size]: readonly [Coding, number]) =>
    coding === 'htj2k' ? size * worthShare : size
  return [...sizes].sort((one, other) => weight(one) - weight(other)).map(([coding]) => coding)
}

interface Plan {
  readonly shape: FrameShape
  readonly coding: Coding
  readonly tailOffset: number
  readonly tailBytes: number
}

/** False as soon as it is not small enough. */
function code(
  source: SourceFile,
  head: PixelHead,
  { shape, coding, tailOffset, tailBytes }: Plan,
  target: TargetFile,
  { frames }: Coders,
): boolean {
  const { sizeBytes } = source
  const headBytes = head.pixelOffset
  const header = {
    v: 1,
    sha256: fromHex(source.sha256) ?? new Uint8Array(32),
    sizeBytes,
    headBytes,
    tailBytes,
    coding,
    frames: head.frames,
    ...shape,
  } as const
  const edges = [source.read(0, headBytes), source.read(tailOffset, tailBytes)] as const
  const begin = encodePackedHead(header, ...edges)
  target.write(begin)
  let written = begin.length
  const frameBytes = frameBytesOf(shape)
  for (let frame = 0; frame < head.frames; frame++) {
    const pixels = source.read(headBytes + frame * frameBytes, frameBytes)
    const coded = frames[coding].encode(pixels, shape)
    if (coded === null) return false
    written += 4 + coded.length
    if (written > sizeBytes * packedShareMax) return false
    target.write(encodeFrameLength(coded.length))
    target.write(coded)
  }
  return true
}

/** Restores the file as the hospital will, and compares its hash. */
function comesBack({ sha256 }: SourceFile, { read }: TargetFile, coders: Coders): boolean {
  const opened = openPackage(read)
  if (!opened.ok) return false
  const hash = createHash('sha256')
  const pieces = restore(opened.value, read, decodeWith(coders))
  let next = pieces.next()
  for (; next.done !== true; next = pieces.next()) hash.update(next.value)
  return next.value === null && hash.digest('hex') === sha256
}
