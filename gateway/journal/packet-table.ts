import { parseStream, vanDevice, type StreamKind } from '../../protocols/packet/topics.ts'
import type { PacketClass } from '../../protocols/packet/packet.ts'
import { repeats } from './kinds.ts'
import type { Ledger } from './ledger.ts'
import type { Stream } from './streams.ts'

export interface PacketToInsert {
  readonly id: number
  readonly seq: number
  readonly class: PacketClass
  /** As they were stored, before waveform blocks were joined. 0 for a chunk. */
  readonly records: number
  /** Row of the object of which it is a chunk, or that its record names; null without one. */
  readonly object: number | null
  readonly headerBytes: Uint8Array
  readonly signature: Uint8Array | null
  /** null for a chunk, whose bytes stay in the object's file. */
  readonly body: Uint8Array | null
  readonly wireBytes: number
  /** UTC of its first record; null when it was not known. */
  readonly utcMs: number | null
}

/** CBOR around the parts of a packet: a list, three lengths. */
const framingBytes = 10

/** Packets and that they wait for a receipt, which are always stored together. */
export class PacketTable {
  readonly #ledger: Ledger
  readonly #insertPacket
  readonly #insertUnreceipted

  constructor(ledger: Ledger) {
    this.#ledger = ledger
    this.#insertPacket = ledger.db.prepare(
      `INSERT INTO packets (id, stream, seq, class, records, listed, object, header, signature, body)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#insertUnreceipted = ledger.db.prepare(
      `INSERT INTO unreceipted (stream, seq, class, id, records, bytes, object, utc_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
  }

  insert(stream: Stream, packet: PacketToInsert): void {
    const { id, seq, records, object, headerBytes, signature, body, wireBytes, utcMs } = packet
    const { totals, streams } = this.#ledger
    this.#insertPacket.run(
      id,
      stream.id,
      seq,
      packet.class,
      records,
      isListed(stream.name) ? 1 : 0,
      object,
      headerBytes,
      signature,
      body,
    )
    this.#insertUnreceipted.run(stream.id, seq, packet.class, id, records, wireBytes, object, utcMs)
    totals.nextId = Math.max(totals.nextId, id + 1)
    totals.unreceiptedPackets++
    totals.unreceiptedBytes += wireBytes
    stream.recordsSealed += records
    streams.touch(stream)
  }
}

/** Not what a device said, but in which form it travels. */
const unlisted: readonly StreamKind[] = ['object', 'rendition']

/** Whether the page lists the records of a stream: what a device says in ones. */
export function isListed(streamName: string): boolean {
  const name = parseStream(streamName)
  if (name === null || name.device === vanDevice) return false
  return !unlisted.includes(name.kind) && !repeats(name.kind)
}

/** Whether each packet of a stream is signed. */
export function isSigned(streamName: string): boolean {
  const name = parseStream(streamName)
  return isListed(streamName) || name?.kind === 'rendition' || name?.device === vanDevice
}

export function wireBytesOf(
  header: Uint8Array,
  bodyBytes: number,
  signature: Uint8Array | null,
): number {
  return header.length + bodyBytes + (signature?.length ?? 0) + framingBytes
}
