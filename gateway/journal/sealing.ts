/**
 * Packets come into being here, and only here: with their number, inside the transaction that
 * stores them.
 */
import { ChunkHeaders, type ChunkOfObject } from '../../protocols/packet/chunk-headers.ts'
import {
  hashBytes,
  signedBytes,
  type PacketClass,
  type PacketHeader,
} from '../../protocols/packet/packet.ts'
import type { Record } from '../../protocols/packet/record.ts'
import { sealPacket, shortHash, type SealContent } from '../../protocols/packet/seal.ts'
import { DeviceVisits } from './device-visits.ts'
import type { Ledger } from './ledger.ts'
import { isSigned, PacketTable, wireBytesOf, type PacketToInsert } from './packet-table.ts'
import type { JournalTools } from './seal-tools.ts'
import type { Stream } from './streams.ts'

export interface RecordsToSeal {
  readonly content:
    | { readonly kind: 'records'; readonly records: readonly Record[] }
    | Extract<SealContent, { kind: 'waves' }>
  readonly class: PacketClass
  readonly boot: string
  /** Row of the object that the record names; null when there is none. */
  readonly object: number | null
}

export interface ChunksToSeal {
  readonly sha256: string
  readonly totalBytes: number
  readonly chunks: readonly ChunkToSeal[]
  readonly class: PacketClass
  readonly boot: string
  readonly object: number
  readonly atMs: number
  readonly utc: PacketHeader['utc']
}

export interface ChunkToSeal {
  readonly offset: number
  readonly sizeBytes: number
  /** As a header carries it. */
  readonly digest: Uint8Array
}

/** A stream where not each packet is signed never goes longer than this without a signature. */
const signEveryMs = 30_000

export class Sealer {
  /** Which visit each packet names. */
  readonly visits: DeviceVisits
  readonly #ledger: Ledger
  readonly #tools: JournalTools
  readonly #packets: PacketTable

  constructor(ledger: Ledger, tools: JournalTools) {
    this.#ledger = ledger
    this.#tools = tools
    this.#packets = new PacketTable(ledger)
    this.visits = new DeviceVisits(ledger)
  }

  /** The records must fit into one packet, and be of one boot. */
  records(stream: Stream, order: RecordsToSeal, nowMs: number): void {
    const signed = this.#signs(stream, nowMs)
    const sealed = sealPacket(
      {
        van: stream.van,
        epoch: stream.epoch,
        stream: stream.name,
        seq: stream.nextSeq,
        previousHeader: previousHeader(stream),
        class: order.class,
        boot: order.boot,
        visit: this.visits.of(stream.name),
        signed,
        content: order.content,
      },
      this.#tools,
    )
    const { headerBytes, signature, body, bytes } = sealed
    this.#insert(stream, sealed.header, {
      headerBytes,
      signature,
      body,
      records: countOf(order.content),
      object: order.object,
      wireBytes: bytes.length,
    })
    if (signed) stream.signedAtMs = nowMs
  }

  /** The bytes of chunks stay where they are: in the object's file. */
  chunks(stream: Stream, { chunks, ...order }: ChunksToSeal, nowMs: number): void {
    let headers: ChunkHeaders | null = null
    for (const { offset, sizeBytes, digest } of chunks) {
      const signed = this.#signs(stream, nowMs)
      const before = previousHeader(stream)
      const chunk = {
        seq: stream.nextSeq,
        prev: before === null ? new Uint8Array(hashBytes) : shortHash(before, this.#tools.sha256),
        digest,
        sizeBytes,
        offset,
      }
      headers ??= new ChunkHeaders(firstHeader(stream, order, chunk))
      const headerBytes = headers.encode(chunk)
      const signature = signed ? this.#tools.sign(signedBytes(headerBytes)) : null
      this.#insert(
        stream,
        { ...order, seq: chunk.seq },
        {
          headerBytes,
          signature,
          body: null,
          records: 0,
          object: order.object,
          wireBytes: wireBytesOf(headerBytes, sizeBytes, signature),
        },
      )
      if (signed) stream.signedAtMs = nowMs
    }
  }

  #signs(stream: Stream, nowMs: number): boolean {
    if (stream.nextSeq === 0 || stream.signedAtMs === null) return true
    return isSigned(stream.name) || nowMs - stream.signedAtMs >= signEveryMs
  }

  #insert(
    stream: Stream,
    header: Pick<PacketHeader, 'seq' | 'class' | 'utc'>,
    packet: Omit<PacketToInsert, 'id' | 'seq' | 'class' | 'utcMs'>,
  ): void {
    this.#packets.insert(stream, {
      ...packet,
      id: this.#ledger.totals.nextId,
      seq: header.seq,
      class: header.class,
      utcMs: header.utc?.utcMs ?? null,
    })
    stream.class = header.class
    stream.nextSeq++
    stream.lastHeader = packet.headerBytes
  }
}

function firstHeader(
  stream: Stream,
  order: Omit<ChunksToSeal, 'chunks'>,
  { offset, ...varying }: ChunkOfObject,
): ConstructorParameters<typeof ChunkHeaders>[0] {
  const { sha256, totalBytes, boot, atMs, utc } = order
  return {
    version: 1,
    van: stream.van,
    epoch: stream.epoch,
    stream: stream.name,
    ...varying,
    class: order.class,
    codec: 'chunk',
    recordCount: 0,
    boot,
    firstMs: atMs,
    lastMs: atMs,
    utc,
    visit: null,
    chunk: { sha256, offset, totalBytes },
  }
}

/** How many were stored, before they were joined. */
function countOf(content: RecordsToSeal['content']): number {
  return content.kind === 'waves' ? content.times.length : content.records.length
}

/** After damage a predecessor may be gone: then nothing that anybody has matches its hash. */
function previousHeader(stream: Stream): Uint8Array | null {
  if (stream.nextSeq === 0) return null
  return stream.lastHeader ?? new Uint8Array(0)
}
