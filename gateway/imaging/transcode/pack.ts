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
/** A smaller file travels in one packet, and the record of its package would be another. */
export const packedFileLeast = 8_192
/** As far back as a small computer looks for what was there before. */
const pieceBytes = 4_194_304
const pieceColumns = 1_024

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

/**
 * Answers the coding, or why the file travels as it came. `target` then holds nothing of use. With
 * `head` not read, and where its pixels cannot be coded, the file is carried as bytes.
 */
export function pack(
  source: SourceFile,
  head: Decoded<PixelHead>,
  target: TargetFile,
  coders: Coders,
): Decoded<Coding> {
  if (source.sizeBytes < packedFileLeast) return undecoded('the file is small as it is')
  const plans = head.ok ? plansFor(source, head.value, coders) : head
  for (const plan of [...(plans.ok ? plans.value : []), ...asBytes(source, coders)]) {
    target.clear()
    const isSmall = code(source, plan, target, coders)
    if (isSmall && comesBack(source, target, coders)) return decoded(plan.coding)
  }
  return plans.ok ? undecoded('no coding makes it smaller') : plans
}

/** How a file is cut into head, frames and tail, and how those are coded. */
interface Plan {
  readonly shape: FrameShape
  readonly coding: Coding
  readonly headBytes: number
  readonly frames: number
  readonly tailBytes: number
}

/** With the pixels of its image as the frames, the best first; else why that cannot be. */
function plansFor(source: SourceFile, head: PixelHead, coders: Coders): Decoded<readonly Plan[]> {
  const refusal = refusalOf(head)
  if (refusal !== null) return undecoded(refusal)
  const shape = shapeOf(head)
  const { pixelOffset: headBytes, frames } = head
  const tailBytes = source.sizeBytes - headBytes - frames * frameBytesOf(shape)
  if (frameBytesOf(shape) > coderFrameLimitBytes || frames > framesMax) {
    return undecoded('the frames are too large or too many')
  }
  if (tailBytes < 0 || tailBytes > edgeLimitBytes) return undecoded('the file ends elsewhere')
  const codings = codingsFor(source, head, shape, coders)
  return decoded(codings.map((coding) => ({ shape, coding, headBytes, frames, tailBytes })))
}

/**
 * With pieces of the file as the frames: a palette, a report or an ECG gets smaller so, and a clip
 * of JPEG pictures that are all the same. Nothing when a piece of the middle shows no use in it.
 */
function asBytes(source: SourceFile, { frames: codecs }: Coders): readonly Plan[] {
  const { sizeBytes } = source
  const frames = Math.ceil(sizeBytes / pieceBytes)
  // One byte at the least is left for the head, which no package is without.
  const rows = Math.floor((sizeBytes - 1) / (frames * pieceColumns))
  const plain = { samples: 1, bitsAllocated: 8, bitsStored: 8, signed: 0 } as const
  const shape = { rows, columns: pieceColumns, ...plain }
  const headBytes = sizeBytes - frames * frameBytesOf(shape)
  if (headBytes > edgeLimitBytes) return []
  const offset = headBytes + Math.floor(frames / 2) * frameBytesOf(shape)
  const coded = codecs.zstd.encode(source.read(offset, frameBytesOf(shape)), shape)
  const isUseful = coded !== null && coded.length <= frameBytesOf(shape) * packedShareMax
  return isUseful ? [{ shape, coding: 'zstd', headBytes, frames, tailBytes: 0 }] : []
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

/** False as soon as it is not small enough. */
function code(source: SourceFile, plan: Plan, target: TargetFile, { frames }: Coders): boolean {
  const { sizeBytes } = source
  const { shape, coding, headBytes, tailBytes } = plan
  const header = {
    v: 1,
    sha256: fromHex(source.sha256) ?? new Uint8Array(32),
    sizeBytes,
    headBytes,
    tailBytes,
    coding,
    frames: plan.frames,
    ...shape,
  } as const
  const edges = [source.read(0, headBytes), source.read(sizeBytes - tailBytes, tailBytes)] as const
  const begin = encodePackedHead(header, ...edges)
  target.write(begin)
  let written = begin.length
  const frameBytes = frameBytesOf(shape)
  for (let frame = 0; frame < plan.frames; frame++) {
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
