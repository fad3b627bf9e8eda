/**
 * A packed image: a DICOM file in fewer bytes, from which the file comes back bit for bit. The page
 * docs/packed-image.md says the same in words.
 *
 *   |  0..7  | S I M P U L P 1                                                     |
 *   |  8..11 | length of the header, big-endian                                    |
 *   | 12..   | header: a CBOR map                                                  |
 *   |        | head: the file from its first byte up to its first frame            |
 *   |        | tail: the file from behind its last frame on                        |
 *   | for each frame: length of the coded frame, 4 bytes, big-endian | coded frame  |
 *
 * The frames come last and in order, so that a beginning of the object is the whole data set and
 * the first pictures; in the coding `htj2k` a beginning of a frame is the same picture, smaller.
 * Where no coding carries the pixels, the frames are pieces of the file, whatever it is.
 */
import { bytesOf } from '../dicom/text.ts'
import { decodeCbor, encodeCbor } from '../packet/cbor.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { bytes, checked, oneOf, readField, table, uint, type Field } from '../packet/fields.ts'

export const packedMediaType = 'application/vnd.simpul.packed-image'

export const magicBytes = 8
const prefixBytes = magicBytes + 4
const magic = bytesOf('SIMPULP1')
export const headerLimitBytes = 1_024
/** Head and tail of a file that is packed have at most so many bytes, each. */
export const edgeLimitBytes = 1_048_576
/** One frame of pixels. Each thread that codes holds a few of them. */
export const frameLimitBytes = 41_943_040
export const framesMax = 65_536
/** A coded frame that is longer than its pixels by more than this is refused. */
const codedSlackBytes = 65_536

/**
 * How each frame is coded. `htj2k`: JPEG 2000 part 15, reversible, in the order of resolutions.
 * `jpeg-ls`: JPEG-LS without loss. `zstd`: the pixels as they are, compressed.
 */
export const codings = ['htj2k', 'jpeg-ls', 'zstd'] as const
export type Coding = (typeof codings)[number]

/** What a coder must know of a frame. Samples of 9 to 16 bits are little-endian words. */
export interface FrameShape {
  readonly rows: number
  readonly columns: number
  /** 1: grey. 3: red, green, blue of a pixel lie together. */
  readonly samples: number
  readonly bitsAllocated: number
  readonly bitsStored: number
  readonly signed: number
}

export interface PackedHeader extends FrameShape {
  readonly v: 1
  /** SHA-256 of the file, 32 bytes. */
  readonly sha256: Uint8Array
  readonly sizeBytes: number
  readonly headBytes: number
  readonly tailBytes: number
  readonly coding: Coding
  readonly frames: number
}

export function frameBytesOf({ rows, columns, samples, bitsAllocated }: FrameShape): number {
  return (rows * columns * samples * bitsAllocated) / 8
}

const headerField: Field<PackedHeader> = checked(
  table<PackedHeader>({
    v: oneOf([1]),
    sha256: bytes(32),
    sizeBytes: uint(1),
    headBytes: uint(1, edgeLimitBytes),
    tailBytes: uint(0, edgeLimitBytes),
    coding: oneOf(codings),
    frames: uint(1, framesMax),
    rows: uint(1, 65_535),
    columns: uint(1, 65_535),
    samples: oneOf([1, 3]),
    bitsAllocated: oneOf([8, 16]),
    bitsStored: uint(1, 16),
    signed: oneOf([0, 1]),
  }),
  (header) => {
    const frameBytes = frameBytesOf(header)
    if (header.bitsStored > header.bitsAllocated) return 'expected bits that fit'
    if (frameBytes > frameLimitBytes) return `expected frames of at most ${frameLimitBytes} bytes`
    const sum = header.headBytes + header.frames * frameBytes + header.tailBytes
    return sum === header.sizeBytes ? null : `expected a file of ${sum} bytes`
  },
)

/** Everything in front of the first frame. Throws a RangeError for what no reader would take. */
export function encodePackedHead(
  header: PackedHeader,
  head: Uint8Array,
  tail: Uint8Array,
): Uint8Array {
  if (head.length !== header.headBytes || tail.length !== header.tailBytes) {
    throw new RangeError('expected head and tail as long as the header says')
  }
  const raw = headerField.write(header)
  const checkedHeader = readField(headerField, raw, 'header')
  if (!checkedHeader.ok) throw new RangeError(checkedHeader.reason)
  const coded = encodeCbor(raw)
  const whole = new Uint8Array(prefixBytes + coded.length + head.length + tail.length)
  whole.set(magic)
  new DataView(whole.buffer).setUint32(magicBytes, coded.length)
  whole.set(coded, prefixBytes)
  whole.set(head, prefixBytes + coded.length)
  whole.set(tail, prefixBytes + coded.length + head.length)
  return whole
}

/** What stands in front of a coded frame. */
export function encodeFrameLength(lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, lengthBytes)
  return bytes
}

/** Whether an object that begins so is a packed image. */
export function isPacked(bytes: Uint8Array): boolean {
  return bytes.length >= magicBytes && magic.every((byte, index) => bytes[index] === byte)
}

/** A file as a restorer reads it; fewer bytes than asked for only at its end. */
export type ReadBytes = (offset: number, length: number) => Uint8Array

/** Pixels of one frame from what it was coded to; null when it cannot be. Never throws. */
export type DecodeFrame = (
  coded: Uint8Array,
  coding: Coding,
  shape: FrameShape,
) => Uint8Array | null

export interface OpenedPackage {
  readonly header: PackedHeader
  readonly head: Uint8Array
  readonly tail: Uint8Array
  /** Where the first frame's length stands. */
  readonly framesOffset: number
}

export function openPackage(read: ReadBytes): Decoded<OpenedPackage> {
  const prefix = read(0, prefixBytes)
  if (prefix.length < prefixBytes || !isPacked(prefix)) return undecoded('not a packed image')
  const headerBytes = new DataView(prefix.buffer, prefix.byteOffset).getUint32(magicBytes)
  if (headerBytes > headerLimitBytes) return undecoded('the header is too long')
  const plain = decodeCbor(read(prefixBytes, headerBytes))
  const header = plain.ok ? readField(headerField, plain.value, 'header') : plain
  if (!header.ok) return header
  const { headBytes, tailBytes } = header.value
  const at = prefixBytes + headerBytes
  const head = read(at, headBytes)
  const tail = read(at + headBytes, tailBytes)
  if (head.length < headBytes || tail.length < tailBytes) return undecoded('it is cut')
  return decoded({ header: header.value, head, tail, framesOffset: at + headBytes + tailBytes })
}

/**
 * The file from its first byte to its last, a frame at a time. Returns null when it is complete, or
 * why it cannot be. Whether it is the file, its hash alone tells.
 */
export function* restore(
  opened: OpenedPackage,
  read: ReadBytes,
  decodeFrame: DecodeFrame,
): Generator<Uint8Array, string | null> {
  const { header, head, tail } = opened
  const frameBytes = frameBytesOf(header)
  yield head
  let at = opened.framesOffset
  for (let frame = 0; frame < header.frames; frame++) {
    const prefix = read(at, 4)
    if (prefix.length < 4) return `it ends in front of frame ${frame}`
    const length = new DataView(prefix.buffer, prefix.byteOffset).getUint32(0)
    if (length > frameBytes + codedSlackBytes) return `frame ${frame} is too long`
    const coded = read(at + 4, length)
    if (coded.length < length) return `it ends in frame ${frame}`
    const pixels = decodeFrame(coded, header.coding, header)
    if (pixels?.length !== frameBytes) return `frame ${frame} cannot be decoded`
    yield pixels
    at += 4 + length
  }
  if (read(at, 1).length > 0) return 'there is more than its last frame'
  yield tail
  return null
}
