/**
 * What the rest of the gateway may ask of the journal. The same interface is served by the worker
 * thread in the daemon and by the store itself in a simulation.
 */
import type { Record } from '../../protocols/packet/record.ts'
import type { SeqRange } from '../../protocols/packet/messages.ts'

/** 0 is sent first. See the classes in docs/wire-format.md. */
export type PacketClass = 0 | 1 | 2 | 3 | 4 | 5 | 6

export interface Journal {
  /** UUIDv7 of this database, lower case with dashes. */
  readonly epoch: string
  /**
   * Resolves when the transaction that holds the record has been committed to the disk, which is at
   * once for a spot measurement, an event, a document, and within the group interval otherwise.
   * Rejects with a `Trouble`: `journal-full`, `journal-failed`. Then the record is not stored.
   */
  store(device: string, record: Record): Promise<void>
  /**
   * Takes over a finished temporary file in `incomingFolder`, whose bytes are already on the disk,
   * under the hash that the record's `object` names, together with the record and its chunks.
   * `already`: the same record with the same object was stored before, and nothing was added.
   */
  adopt(device: string, record: Record, temporaryPath: string): Promise<'stored' | 'already'>
  /** Where temporary files of `adopt` must lie, so that a rename suffices. Emptied at the start. */
  readonly incomingFolder: string
  /** Packets without receipt, by class and then oldest first, with `id` greater than the cursor of their class. */
  outgoing(query: OutgoingQuery): Promise<readonly Outgoing[]>
  /** Packets of one stream that the hospital asked for again, oldest first, and what is gone for ever. */
  again(stream: string, range: SeqRange, limit: number): Promise<Again>
  /** Notes what the hospital has. Unknown epochs and streams, and numbers never given, are ignored and counted. */
  receipt(epoch: string, stream: string, ranges: readonly SeqRange[]): Promise<ReceiptOutcome>
  /** Seals the tails that are older than their stream's packet time. The daemon calls it from a timer. */
  sealDue(): Promise<void>
  /** Packet time of streams that match, in ms of data: short while somebody watches. */
  watch(stream: string, packetMs: number, untilMonotonicMs: number): Promise<void>
  status(): Promise<JournalStatus>
  /** The newest records first, for the page. */
  recent(limit: number): Promise<readonly RecentRecord[]>
  close(): Promise<void>
}

export interface OutgoingQuery {
  /** By class: the id after which to look. Classes that are not named start at the beginning. */
  readonly after: Partial<{ readonly [K in PacketClass]: number }>
  readonly limitCount: number
  readonly limitBytes: number
}

export interface Outgoing {
  /** Grows by one with every packet of this epoch; only for cursors, never on the wire. */
  readonly id: number
  readonly epoch: string
  readonly stream: string
  readonly seq: number
  readonly class: PacketClass
  /** The whole packet as it goes on the wire. */
  readonly bytes: Uint8Array
}

export interface Again {
  readonly packets: readonly Outgoing[]
  readonly lost: readonly SeqRange[]
  /** True when the range went on past `limit`. */
  readonly more: boolean
}

export interface ReceiptOutcome {
  readonly newlyReceipted: number
  /** Highest id that is receipted without a gap below it: nothing at or below it must be kept in a cursor. */
  readonly receiptedThroughId: number
}

export interface StreamStatus {
  readonly stream: string
  readonly class: PacketClass
  readonly recordsStored: number
  readonly packetsSealed: number
  readonly packetsReceipted: number
  readonly recordsReceipted: number
  readonly oldestUnreceiptedUtcMs: number | null
}

export interface JournalStatus {
  readonly streams: readonly StreamStatus[]
  readonly usedBytes: number
  readonly limitBytes: number
  /** True when intake refuses. */
  readonly full: boolean
  readonly unreceiptedPackets: number
  readonly unreceiptedBytes: number
}

export interface RecentRecord {
  readonly stream: string
  readonly record: Record
  /** null while it lies in the open tail of its stream. */
  readonly packet: { readonly id: number; readonly seq: number; readonly receipted: boolean } | null
}
