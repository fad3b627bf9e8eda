/**
 * Headers of the chunks of one object: they come by the hundred, and all but five values are the
 * same in each.
 *
 *   header = … stream, 5: seq, 6: prev, 7: class, 8: codec, 9: digest, 10: size, 11: records …
 *            visit, 16: [sha256, offset, total] }      deterministic CBOR, RFC 8949; see packet.ts
 *
 * What is the same is cut out of the first header, which `encodeHeader` makes.
 */
import { joinBytes } from '../bytes/bytes.ts'
import { uuidBytes } from './epoch.ts'
import { sameBytes } from './hex.ts'
import { chunkLimitBytes, encodeHeader, hashBytes, headerKeys } from './packet.ts'
import type { PacketHeader } from './packet.ts'

/** What differs. `prev` and `digest` are hashes as a header carries them. */
export interface ChunkOfObject extends Pick<PacketHeader, 'seq' | 'prev' | 'digest' | 'sizeBytes'> {
  readonly offset: number
}

/** A header with its chunk, as that of any chunk of the object. */
type AnyHeader = PacketHeader & { readonly chunk: NonNullable<PacketHeader['chunk']> }

const byteString16 = 0x40 | hashBytes
export class ChunkHeaders {
  readonly #totalBytes: number
  /** Up to the key of `seq`, with it. */
  readonly #begin: Uint8Array
  readonly #classAndCodec: Uint8Array
  /** From the records to the SHA-256. */
  readonly #middle: Uint8Array
  readonly #end: Uint8Array

  /** Throws a RangeError when `first` breaks a rule of the wire. */
  constructor(first: AnyHeader) {
    const bytes = encodeHeader(first)
    const { seq, prev, digest, sizeBytes, chunk } = first
    this.#totalBytes = chunk.totalBytes
    const seqAt = headBytes(first)
    const classAt = seqAt + uintBytes(seq) + 2 + prev.length
    const recordsAt = classAt + 4 + 2 + digest.length + 1 + uintBytes(sizeBytes)
    const endAt = bytes.length - uintBytes(chunk.totalBytes)
    this.#begin = bytes.slice(0, seqAt)
    this.#classAndCodec = bytes.slice(classAt, classAt + 4)
    this.#middle = bytes.slice(recordsAt, endAt - uintBytes(chunk.offset))
    this.#end = bytes.slice(endAt)
    if (!sameBytes(this.encode({ seq, prev, digest, sizeBytes, offset: chunk.offset }), bytes)) {
      throw new Error('expected the header of a chunk as it is cut here, found another')
    }
  }

  /** The bytes that `encodeHeader` would make. Throws a RangeError for what no chunk may be. */
  encode({ seq, prev, digest, sizeBytes, offset }: ChunkOfObject): Uint8Array {
    if (offset + sizeBytes > this.#totalBytes) {
      throw new RangeError(
        `expected a chunk that ends by ${this.#totalBytes}, found ${offset + sizeBytes}`,
      )
    }
    if (sizeBytes < 1 || sizeBytes > chunkLimitBytes) {
      throw new RangeError(`expected 1 to ${chunkLimitBytes} bytes, found ${sizeBytes}`)
    }
    if (prev.length !== hashBytes || digest.length !== hashBytes) {
      throw new RangeError(`expected hashes of ${hashBytes} bytes, found others`)
    }
    return joinBytes(
      this.#begin,
      encodeUint(seq),
      [headerKeys.prev, byteString16],
      prev,
      this.#classAndCodec,
      [headerKeys.digest, byteString16],
      digest,
      [headerKeys.sizeBytes],
      encodeUint(sizeBytes),
      this.#middle,
      encodeUint(offset),
      this.#end,
    )
  }
}

/** Where the number begins: version, van, epoch and stream come first, each behind its key. */
function headBytes({ van, stream }: PacketHeader): number {
  return 1 + 2 + (1 + textBytes(van)) + (1 + 1 + uuidBytes) + (1 + textBytes(stream)) + 1
}

/** Names are ASCII, and not as long as 256 characters. */
function textBytes(text: string): number {
  return text.length + (text.length < 24 ? 1 : 2)
}

function uintBytes(value: number): number {
  if (value < 24) return 1
  if (value < 0x100) return 2
  if (value < 0x1_0000) return 3
  return value < 0x1_0000_0000 ? 5 : 9
}

/** A whole number as a CBOR item of type 0, as short as possible. */
function encodeUint(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`expected a whole number, found ${value}`)
  }
  const bytes = new Uint8Array(uintBytes(value))
  if (bytes.length === 1) {
    bytes[0] = value
    return bytes
  }
  bytes[0] = 0x18 + Math.log2(bytes.length - 1)
  let rest = value
  for (let at = bytes.length - 1; at > 0; at--) {
    bytes[at] = rest % 0x100
    rest = Math.floor(rest / 0x100)
  }
  return bytes
}
