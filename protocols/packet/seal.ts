/** Sealing and opening packets. Hashing, compressing and signing come from outside. */
import { decodeRecords, encodeRecords, mergeWaveforms } from './body.ts'
import { decoded, undecoded } from './decoded.ts'
import type { Decoded } from './decoded.ts'
import { plainBytes, sameBytes } from './hex.ts'
import {
  decodeHeader,
  decodePacket,
  encodeHeader,
  encodePacket,
  hashBytes,
  signatureBytes,
  signedBytes,
} from './packet.ts'
import type { ChunkPlace, DecodedPacket, PacketClass, PacketHeader } from './packet.ts'
import type { Record } from './record.ts'
import { carries, parseStream, parseUpTopic } from './topics.ts'

export type Sha256 = (bytes: Uint8Array) => Uint8Array

export interface SealTools {
  readonly sha256: Sha256
  /** One zstd frame. */
  readonly compress: (bytes: Uint8Array) => Uint8Array
  /** Ed25519, 64 bytes, with the key of the van. */
  readonly sign: (bytes: Uint8Array) => Uint8Array
}

export interface OpenTools {
  readonly sha256: Sha256
  /** Throws when the bytes are damaged or become more than `limitBytes`. */
  readonly decompress: (bytes: Uint8Array, limitBytes: number) => Uint8Array
}

type Times = Pick<Record, 'atMs' | 'utcMs' | 'uncertaintyMs'>

export type SealContent =
  | { readonly kind: 'records'; readonly records: readonly Record[] }
  | {
      /** As `WavePacker` made it of the blocks. */
      readonly kind: 'waves'
      readonly body: Uint8Array
      readonly count: number
      readonly keyDistance: number
      /** The times of all blocks. */
      readonly times: readonly Times[]
    }
  | {
      readonly kind: 'chunk'
      readonly bytes: Uint8Array
      readonly place: ChunkPlace
      /** That of the record for which the object was stored, and its UTC. */
      readonly atMs: number
      readonly utc: PacketHeader['utc']
    }

export interface SealOrder {
  readonly van: string
  readonly epoch: string
  readonly stream: string
  readonly seq: number
  /** Header bytes of the packet with the number before this one; null for seq 0. */
  readonly previousHeader: Uint8Array | null
  readonly class: PacketClass
  readonly boot: string
  readonly visit: string | null
  readonly signed: boolean
  readonly content: SealContent
}

export interface SealedPacket {
  readonly header: PacketHeader
  readonly headerBytes: Uint8Array
  /** Compressed for records, raw for a chunk. */
  readonly body: Uint8Array
  readonly signature: Uint8Array | null
  /** All of it, as it goes on the wire. */
  readonly bytes: Uint8Array
}

/** Throws a RangeError when the order breaks a rule of the wire: what is sealed always opens. */
export function sealPacket(order: SealOrder, tools: SealTools): SealedPacket {
  const { content, previousHeader, signed, ...names } = order
  if ((previousHeader === null) !== (order.seq === 0)) {
    throw new RangeError(`the header of packet ${order.seq - 1} must come with packet ${order.seq}`)
  }
  const { body, ...rest } = contentPart(order, content)
  const header: PacketHeader = {
    version: 1,
    ...names,
    prev:
      previousHeader === null ? new Uint8Array(hashBytes) : shortHash(previousHeader, tools.sha256),
    digest: shortHash(body, tools.sha256),
    sizeBytes: body.length,
    ...rest,
  }
  const headerBytes = encodeHeader(header)
  const packed = content.kind === 'chunk' ? body : plainBytes(tools.compress(body))
  const signature = signed ? plainBytes(tools.sign(signedBytes(headerBytes))) : null
  const bytes = encodePacket({ header: headerBytes, body: packed, signature })
  return { header, headerBytes, body: packed, signature, bytes }
}

type ContentPart = Pick<
  PacketHeader,
  'codec' | 'recordCount' | 'firstMs' | 'lastMs' | 'utc' | 'chunk' | 'keyDistance'
> & { readonly body: Uint8Array }

function contentPart(order: SealOrder, content: SealContent): ContentPart {
  switch (content.kind) {
    case 'chunk':
      return chunkPart(content)
    case 'waves':
      return wavesPart(content)
    case 'records':
      return recordsPart(order, content)
  }
}

function wavesPart(content: Extract<SealContent, { kind: 'waves' }>): ContentPart {
  const { body, count, keyDistance, times } = content
  return {
    body,
    codec: 'waves',
    recordCount: count,
    ...timesOf(times),
    chunk: null,
    keyDistance,
  }
}

function chunkPart(content: Extract<SealContent, { kind: 'chunk' }>): ContentPart {
  return {
    body: content.bytes,
    codec: 'chunk',
    recordCount: 0,
    firstMs: content.atMs,
    lastMs: content.atMs,
    utc: content.utc,
    chunk: content.place,
  }
}

function recordsPart(
  order: SealOrder,
  content: Extract<SealContent, { kind: 'records' }>,
): ContentPart {
  const wrong = strangerIn(order.stream, content.records)
  if (wrong !== null) throw new RangeError(wrong)
  const times = timesOf(content.records)
  const merged = mergeWaveforms(content.records)
  return {
    body: encodeRecords(merged),
    codec: 'records',
    recordCount: merged.length,
    ...times,
    chunk: null,
  }
}

function timesOf(records: readonly Times[]): Pick<PacketHeader, 'firstMs' | 'lastMs' | 'utc'> {
  const [first] = records
  if (first === undefined) throw new RangeError('a packet of records needs at least one')
  let earliest = first
  let latest = first
  for (const record of records) {
    if (record.atMs < earliest.atMs) earliest = record
    if (record.atMs > latest.atMs) latest = record
  }
  return { firstMs: earliest.atMs, lastMs: latest.atMs, utc: utcOf(earliest) }
}

function utcOf(record: Times): PacketHeader['utc'] {
  const { utcMs, uncertaintyMs } = record
  return utcMs === null || uncertaintyMs === null ? null : { utcMs, uncertaintyMs }
}

/** Why a record does not belong into the stream, or null. */
function strangerIn(streamText: string, records: readonly Record[]): string | null {
  const stream = parseStream(streamText)
  const stranger = records.find((record) => stream === null || !carries(stream, record.kind))
  return stranger === undefined
    ? null
    : `body: expected records of the stream ${streamText}, found a record of kind ${stranger.kind}`
}

/** The first 16 bytes of SHA-256. */
export function shortHash(bytes: Uint8Array, sha256: Sha256): Uint8Array {
  return plainBytes(sha256(bytes)).slice(0, hashBytes)
}

export interface OpenedPacket extends Omit<DecodedPacket, 'body'> {
  readonly content:
    | { readonly kind: 'records'; readonly records: readonly Record[] }
    | { readonly kind: 'chunk'; readonly bytes: Uint8Array; readonly place: ChunkPlace }
    /** For a `WaveReader`, which may have to read other packets first. */
    | { readonly kind: 'waves'; readonly body: Uint8Array }
}

/**
 * Checks everything that one packet can show by itself: version, sizes, digest, every field of
 * every record; of waves only that the bytes are those that were sealed. Its signature and its
 * predecessor are for `verifySignature` and `followsHeader`.
 */
export function openPacket(bytes: Uint8Array, tools: OpenTools): Decoded<OpenedPacket> {
  const packet = decodePacket(bytes)
  return packet.ok ? openDecoded(packet.value, tools) : packet
}

/** The same for a packet whose header was looked at before, or that lay in a database. */
export function openDecoded(packet: DecodedPacket, tools: OpenTools): Decoded<OpenedPacket> {
  const { header, headerBytes, signature } = packet
  const body = header.chunk === null ? unpack(packet, tools) : decoded(packet.body)
  if (!body.ok) return body
  if (body.value.length !== header.sizeBytes) {
    return undecoded(`body: expected ${header.sizeBytes} bytes, found ${body.value.length}`)
  }
  if (!sameBytes(shortHash(body.value, tools.sha256), header.digest)) {
    return undecoded('body: expected the digest that the header names, found another one')
  }
  const opened = { header, headerBytes, signature }
  if (header.chunk !== null) {
    return decoded({
      ...opened,
      content: { kind: 'chunk', bytes: body.value, place: header.chunk },
    })
  }
  if (header.codec === 'waves') {
    return decoded({ ...opened, content: { kind: 'waves', body: body.value } })
  }
  const records = decodeRecords(body.value)
  if (!records.ok) return records
  const wrong = wrongRecords(header, records.value)
  return wrong === null
    ? decoded({ ...opened, content: { kind: 'records', records: records.value } })
    : undecoded(wrong)
}

function unpack(packet: DecodedPacket, tools: OpenTools): Decoded<Uint8Array> {
  try {
    return decoded(plainBytes(tools.decompress(packet.body, packet.header.sizeBytes)))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return undecoded(`body: expected zstd of ${packet.header.sizeBytes} bytes, found: ${why}`)
  }
}

function wrongRecords(header: PacketHeader, records: readonly Record[]): string | null {
  if (records.length !== header.recordCount) {
    return `body: expected ${header.recordCount} records, found ${records.length}`
  }
  const stranger = strangerIn(header.stream, records)
  if (stranger !== null) return stranger
  const outside = records.find(({ atMs }) => atMs < header.firstMs || atMs > header.lastMs)
  return outside === undefined
    ? null
    : `body: expected atMs from ${header.firstMs} to ${header.lastMs}, found ${outside.atMs}`
}

/** Why a packet did not belong on its topic, or null: a broker guards topics, not payloads. */
export function strangerOn(topic: string, header: PacketHeader): string | null {
  const place = parseUpTopic(topic)
  return place?.van === header.van && place.stream === header.stream
    ? null
    : 'packet: expected the van and the stream of its topic, found others'
}

/** False also when the packet has no signature. `publicKey` is a raw Ed25519 key of 32 bytes. */
export function verifySignature(
  opened: Pick<DecodedPacket, 'headerBytes' | 'signature'>,
  publicKey: Uint8Array,
  verify: (publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array) => boolean,
): boolean {
  if (opened.signature === null || opened.signature.length !== signatureBytes) return false
  return (
    publicKey.length === 32 && verify(publicKey, signedBytes(opened.headerBytes), opened.signature)
  )
}

/** Whether a packet is the direct successor of another: same stream, next number, right hash. */
export function followsHeader(
  headerBytes: Uint8Array,
  predecessorHeaderBytes: Uint8Array,
  sha256: Sha256,
): boolean {
  const header = decodeHeader(headerBytes)
  const before = decodeHeader(predecessorHeaderBytes)
  if (!header.ok || !before.ok) return false
  return (
    header.value.van === before.value.van &&
    header.value.epoch === before.value.epoch &&
    header.value.stream === before.value.stream &&
    header.value.seq === before.value.seq + 1 &&
    sameBytes(header.value.prev, shortHash(predecessorHeaderBytes, sha256))
  )
}
