/**
 * A packet: consecutive records of one stream, or one chunk of a large object.
 *
 *   packet = [ header: bytes, body: bytes, signature: 64 bytes / null ]            CBOR, RFC 8949
 *   header = { 1: version, 2: van, 3: epoch, 4: stream, 5: seq, 6: prev, 7: class, 8: codec,
 *              9: digest, 10: size, 11: records, 12: boot, 13: [first, last],
 *              14: [utc, uncertainty] / null, 15: visit / null,
 *              16: [sha256, offset, total] / null, ? 17: distance of the key }
 *
 * The header is deterministic CBOR. Its bytes travel as they were made: they are what the successor
 * hashes and what the signature is over, so nobody encodes a header a second time.
 */
import { decodeCbor, encodeCbor } from './cbor.ts'
import { decoded, undecoded } from './decoded.ts'
import type { Decoded } from './decoded.ts'
import { uuidBytes, uuidFromBytes, uuidToBytes } from './epoch.ts'
import {
  bytes,
  checked,
  converted,
  table,
  nullable,
  number,
  oneOf,
  optional,
  readField,
  row,
  textThat,
  uint,
} from './fields.ts'
import type { Field } from './fields.ts'
import { fromHex, toHex } from './hex.ts'
import {
  bodyLimitBytes,
  chunkLimitBytes,
  headerLimitBytes,
  keyDistanceMax,
  packetLimitBytes,
  recordsPerPacketMax,
  visitLimitBytes,
} from './limits.ts'
import { isVanName, parseStream } from './topics.ts'

export { bodyLimitBytes, chunkLimitBytes, headerLimitBytes, packetLimitBytes }

/** 0 is sent first. See the classes in docs/wire-format.md. */
export type PacketClass = 0 | 1 | 2 | 3 | 4 | 5 | 6

export interface PacketHeader {
  readonly version: 1
  readonly van: string
  /** UUID of the journal that numbered the packet, lower case with dashes. */
  readonly epoch: string
  /** `device/kind`, unique within an epoch. */
  readonly stream: string
  /** From 0 without gaps, for each epoch and stream. */
  readonly seq: number
  /** The first 16 bytes of SHA-256 over the predecessor's header bytes; zeros for seq 0. */
  readonly prev: Uint8Array
  readonly class: PacketClass
  readonly codec: Codec
  /** The first 16 bytes of SHA-256 over the body before compression. */
  readonly digest: Uint8Array
  /** Of the body before compression. */
  readonly sizeBytes: number
  /** 0 for a chunk. Of waves: how many there are in the body. */
  readonly recordCount: number
  /** Boot id of the box, lower case with dashes: `atMs` of all records counts within it. */
  readonly boot: string
  /** The smallest and the greatest `atMs` of what was sealed, before waveforms were joined. */
  readonly firstMs: number
  readonly lastMs: number
  /** UTC that belongs to `firstMs`; null while the box had no believable time. */
  readonly utc: { readonly utcMs: number; readonly uncertaintyMs: number } | null
  /** An opaque token, never the identity of a person; null when no visit was open. */
  readonly visit: string | null
  /** Which part of which large object the body is; null for records. */
  readonly chunk: ChunkPlace | null
  /**
   * Of waves only: how many packets before this one in its stream the key packet is, from which on
   * all have to be read to read this one. 0 for one that stands for itself.
   */
  readonly keyDistance?: number
}

/** How the body is written: see body.ts, waves.ts; a chunk is bytes of an object as they are. */
export type Codec = 'records' | 'chunk' | 'waves'

export interface ChunkPlace {
  /** Lower-case hex of the SHA-256 of the whole object. */
  readonly sha256: string
  readonly offset: number
  readonly totalBytes: number
}

export interface PacketParts {
  /** As `encodeHeader` made it. */
  readonly header: Uint8Array
  /** Compressed for records, raw for a chunk. */
  readonly body: Uint8Array
  readonly signature: Uint8Array | null
}

export interface DecodedPacket {
  readonly headerBytes: Uint8Array
  readonly header: PacketHeader
  /** As on the wire: neither decompressed nor compared with the digest. `openPacket` does both. */
  readonly body: Uint8Array
  readonly signature: Uint8Array | null
}

export const hashBytes = 16
export const signatureBytes = 64

/** Keys of the header on the wire. `times` holds `firstMs` and `lastMs`. */
export const headerKeys = {
  version: 1,
  van: 2,
  epoch: 3,
  stream: 4,
  seq: 5,
  prev: 6,
  class: 7,
  codec: 8,
  digest: 9,
  sizeBytes: 10,
  recordCount: 11,
  boot: 12,
  times: 13,
  utc: 14,
  visit: 15,
  chunk: 16,
  keyDistance: 17,
} as const

type WireHeader = Omit<PacketHeader, 'firstMs' | 'lastMs'> & {
  readonly times: Pick<PacketHeader, 'firstMs' | 'lastMs'>
}

const uuid = converted(
  bytes(uuidBytes),
  'a UUID',
  uuidFromBytes,
  (text) => uuidToBytes(text) ?? new Uint8Array(),
)

const codecs: readonly Codec[] = ['records', 'chunk', 'waves']

const codec: Field<Codec> = converted(
  uint(1, codecs.length),
  `1 to ${codecs.length}`,
  (wire) => codecs[wire - 1] ?? null,
  (name) => codecs.indexOf(name) + 1,
)

const isVisit = (text: string) => /^[!-~]+$/.test(text) && text.length <= visitLimitBytes

const headerField = checked(
  table<WireHeader>(
    {
      version: oneOf([1]),
      van: textThat(isVanName, 'the name of a van'),
      epoch: uuid,
      stream: textThat((text) => parseStream(text) !== null, 'the name of a stream'),
      seq: uint(),
      prev: bytes(hashBytes),
      class: oneOf([0, 1, 2, 3, 4, 5, 6]),
      codec,
      digest: bytes(hashBytes),
      sizeBytes: uint(1, bodyLimitBytes),
      recordCount: uint(0, recordsPerPacketMax),
      boot: uuid,
      times: row(['firstMs', 'lastMs'], { firstMs: number(0), lastMs: number(0) }),
      utc: nullable(row(['utcMs', 'uncertaintyMs'], { utcMs: number(), uncertaintyMs: number(0) })),
      visit: nullable(textThat(isVisit, `1 to ${visitLimitBytes} printable ASCII characters`)),
      chunk: nullable(
        row<ChunkPlace>(['sha256', 'offset', 'totalBytes'], {
          sha256: converted(
            bytes(32),
            '32 bytes',
            toHex,
            (hex) => fromHex(hex) ?? new Uint8Array(),
          ),
          offset: uint(),
          totalBytes: uint(1),
        }),
      ),
      keyDistance: optional(uint(0, keyDistanceMax)),
    },
    headerKeys,
  ),
  wrongTogether,
)

/** What holds between the fields of a header. */
function wrongTogether(header: WireHeader): string | null {
  const { chunk, times } = header
  if (header.seq === 0 && header.prev.some((byte) => byte !== 0)) {
    return 'expected prev to be zeros for seq 0, found something else'
  }
  if (times.firstMs > times.lastMs) {
    return `expected firstMs up to ${times.lastMs}, found ${times.firstMs}`
  }
  const kind = parseStream(header.stream)?.kind
  const isObject = kind === 'object'
  if (isObject !== (header.codec === 'chunk') || isObject !== (chunk !== null)) {
    return 'expected chunks in an object stream and nowhere else, found otherwise'
  }
  const { codec, keyDistance = null } = header
  if (
    (codec === 'waves') !== (keyDistance !== null) ||
    (codec === 'waves' && kind !== 'waveform')
  ) {
    return 'expected waves in a waveform stream and with their key, found otherwise'
  }
  if ((keyDistance ?? 0) > header.seq) {
    return `expected a key up to ${header.seq} packets before, found ${keyDistance}`
  }
  if ((header.recordCount === 0) !== isObject) {
    return `expected no records in a chunk and some elsewhere, found ${header.recordCount}`
  }
  if (chunk === null) return null
  if (header.sizeBytes > chunkLimitBytes) {
    return `expected a chunk of at most ${chunkLimitBytes} bytes, found ${header.sizeBytes}`
  }
  return chunk.offset + header.sizeBytes <= chunk.totalBytes
    ? null
    : `expected a chunk that ends by ${chunk.totalBytes}, found ${chunk.offset + header.sizeBytes}`
}

/** Throws a RangeError with the reason when `decodeHeader` would refuse it. */
export function encodeHeader(header: PacketHeader): Uint8Array {
  const { firstMs, lastMs, ...rest } = header
  const wire = headerField.write({ ...rest, times: { firstMs, lastMs } })
  const answer = readField(headerField, wire, 'header')
  if (!answer.ok) throw new RangeError(answer.reason)
  return encodeCbor(wire)
}

export function decodeHeader(bytes: Uint8Array): Decoded<PacketHeader> {
  if (bytes.length > headerLimitBytes) {
    return undecoded(`header: expected at most ${headerLimitBytes} bytes, found ${bytes.length}`)
  }
  const raw = decodeCbor(bytes)
  if (!raw.ok) return undecoded(`header: ${raw.reason}`)
  if (raw.value instanceof Map && !ascends([...raw.value.keys()])) {
    return undecoded('header: expected whole numbers as keys in ascending order, found others')
  }
  const answer = readField(headerField, raw.value, 'header')
  if (!answer.ok) return answer
  const { times, ...rest } = answer.value
  return decoded({ ...rest, ...times })
}

function ascends(keys: readonly unknown[]): boolean {
  return keys.every((key, index) => {
    const before = index === 0 ? -1 : keys[index - 1]
    return Number.isInteger(key) && Number(key) > Number(before)
  })
}

/** Throws a RangeError when the parts are too large for a packet. */
export function encodePacket(parts: PacketParts): Uint8Array {
  const { header, body, signature } = parts
  const bytes = encodeCbor([header, body, signature])
  if (bytes.length > packetLimitBytes) {
    throw new RangeError(
      `packet: expected at most ${packetLimitBytes} bytes, found ${bytes.length}`,
    )
  }
  return bytes
}

const packetField = row<PacketParts>(['header', 'body', 'signature'], {
  header: bytes(1, headerLimitBytes),
  body: bytes(1, packetLimitBytes),
  signature: nullable(bytes(signatureBytes)),
})

/** Checks the packet and all of its header. The body is checked by `openPacket`. */
export function decodePacket(bytes: Uint8Array): Decoded<DecodedPacket> {
  if (bytes.length > packetLimitBytes) {
    return undecoded(`packet: expected at most ${packetLimitBytes} bytes, found ${bytes.length}`)
  }
  const raw = decodeCbor(bytes)
  if (!raw.ok) return undecoded(`packet: ${raw.reason}`)
  const parts = readField(packetField, raw.value, 'packet')
  if (!parts.ok) return parts
  const header = decodeHeader(parts.value.header)
  if (!header.ok) return header
  return decoded({
    headerBytes: parts.value.header,
    header: header.value,
    body: parts.value.body,
    signature: parts.value.signature,
  })
}

const signedPrefix = 'simpul packet v1\0'

/** What the signature is over: a text of ours, a zero byte, the header bytes. */
export function signedBytes(headerBytes: Uint8Array): Uint8Array {
  const signed = new Uint8Array(signedPrefix.length + headerBytes.length)
  for (let index = 0; index < signedPrefix.length; index++) {
    signed[index] = signedPrefix.charCodeAt(index)
  }
  signed.set(headerBytes, signedPrefix.length)
  return signed
}
