/**
 * What the rest of the gateway may ask of the journal. The same interface is served by the worker
 * thread in the daemon and by the store itself in a simulation.
 */
import type { Image, Record, Rendition } from '../../protocols/packet/record.ts'
import type { SeqRange } from '../../protocols/packet/messages.ts'
import type { Outline } from '../../protocols/packet/outline.ts'
import type { PacketClass } from '../../protocols/packet/packet.ts'
import type { VisitRecord, VisitRecordKind } from '../../protocols/packet/visit-records.ts'

export type { PacketClass }

export interface Journal {
  /**
   * UUIDv7 under which new packets are numbered, lower case with dashes. Older ones may wait too.
   */
  readonly epoch: string
  /** Raw Ed25519 key, 32 bytes, that verifies the signatures of this journal's packets. */
  readonly publicKey: Uint8Array
  /**
   * Resolves when the transaction that holds the record has been committed to the disk, which is at
   * once for what comes in ones, and within the group interval for waveforms and numerics. Rejects
   * with a `Trouble`, and then the record is not stored: `journal-full`, `journal-busy` when too
   * many wait for their commit, `journal-refused` when the record cannot go on the wire,
   * `journal-failed` when nothing will be stored any more. Images and documents come through
   * `adopt`.
   */
  store(device: string, record: Record): Promise<void>
  /**
   * Takes over a finished temporary file in `incomingFolder` under the hash that the record's
   * `object` names, together with the record and its chunks. Resolves when all of that is on the
   * disk: who wrote the file need not have waited for it.
   * `already`: the same record with the same object was stored before, and nothing was added: for
   * an
   * image the same SOP instance of the device, for a document the same title. Rejects as `store`
   * does, and with `journal-object-differs` when the file is not what the record says. After a
   * rejection the temporary file still is the caller's.
   *
   * `undecided`, for an image or a coerced form of one: nothing but the record is sent yet. The
   * file waits until `sendAsIs`, or until a rendition of the role `packed` is adopted that carries
   * it; this comes too late, and is `already`, when the image does not wait. What still waits after
   * a start, `undecided` tells. Whoever wrote the file has hashed it: that is believed, and the
   * file is not read before its form is known.
   */
  adopt(
    device: string,
    record: Record,
    temporaryPath: string,
    form?: 'as-is' | 'undecided',
  ): Promise<'stored' | 'already'>
  /** Images whose files wait for a form, the oldest first. */
  undecided(limit: number): Promise<readonly Undecided[]>
  /**
   * The file of an image travels as it is. It is read for that; one that is not any more what came
   * is declared lost when it is to be sent. Nothing happens when it does not wait. Rejects with
   * `journal-full`, and then it waits on.
   */
  sendAsIs(sha256: string): Promise<void>
  /** Where temporary files of `adopt` must lie, so that a rename suffices. Emptied at the start. */
  readonly incomingFolder: string
  /**
   * Packets without receipt, by class and then oldest first, with `id` greater than the cursor of
   * their class.
   */
  outgoing(query: OutgoingQuery): Promise<readonly Outgoing[]>
  /**
   * Packets of one stream that the hospital asked for again, oldest first, and what is gone for
   * ever.
   * Nothing of either for an epoch or a stream that was never here.
   */
  again(epoch: string, stream: string, range: SeqRange, limit: number): Promise<Again>
  /**
   * Notes what the hospital has. Unknown epochs and streams, and numbers never given, are ignored
   * and counted.
   */
  receipt(epoch: string, stream: string, ranges: readonly SeqRange[]): Promise<ReceiptOutcome>
  /**
   * Seals the tails that are older than their stream's packet time. The daemon calls it from a
   * timer.
   */
  sealDue(): Promise<void>
  /** Packet time of streams that match, in ms of data: short while somebody watches. */
  watch(stream: string, packetMs: number, untilMonotonicMs: number): Promise<void>
  status(): Promise<JournalStatus>
  /**
   * SHA-256, lower-case hex, of every object that was stored under this SOP instance UID, removed
   * ones included: more than one means that two images claim to be the same.
   */
  objectsOfImage(sopInstanceUid: string): Promise<readonly string[]>
  /** Files of the image whose file has this hash, for reading at once: they may be removed. */
  imageFiles(sha256: string): Promise<ImageFiles>
  /**
   * Images that are kept under these SOP instance UIDs, removed ones included, in no order; several
   * under one UID when they differ. Nothing for one that was never here, or of which too little is
   * known to answer for it. Each UID takes an index; ask for at most a thousand at once.
   */
  instances(sopInstanceUids: readonly string[]): Promise<readonly KeptInstance[]>
  /**
   * The newest record of each token of what visits are about, in the order in which they were
   * stored, also where its packet is gone after its receipt. What was over for 90 days and is with
   * the hospital is forgotten. After damage some may be missing; none is older than it should be.
   */
  known(kind: VisitRecordKind): Promise<readonly VisitRecord[]>
  /** The newest records first, for the page. */
  recent(limit: number): Promise<readonly RecentRecord[]>
  close(): Promise<void>
}

/** Paths; null: removed, or never here. */
export interface ImageFiles {
  readonly image: string | null
  /** Of the first frame, a JPEG. */
  readonly preview: string | null
}

export interface KeptInstance {
  readonly sopInstanceUid: string
  /** As its device named it. */
  readonly sopClassUid: string
  /** Of its file, lower-case hex. */
  readonly sha256: string
  /** Those that sent this very file. */
  readonly devices: readonly string[]
  /**
   * `here`: on the disk. `receipted`: the hospital has the record and every byte of the file, and
   * said so; the file may be removed here. `lost`: some of it was damaged before that.
   */
  readonly state: 'here' | 'receipted' | 'lost'
}

export interface Undecided {
  readonly device: string
  /** Or a coerced form of one. */
  readonly image: Image | Rendition
  /** The file, for reading. */
  readonly path: string
}

export interface OutgoingQuery {
  /** By class: the id after which to look. Classes that are not named start at the beginning. */
  readonly after: Partial<{ readonly [K in PacketClass]: number }>
  readonly limitCount: number
  readonly limitBytes: number
}

export interface Outgoing {
  /** Grows with every packet, whatever its epoch; only for cursors, never on the wire. */
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
  /**
   * Highest id that is receipted without a gap below it: nothing at or below it must be kept in a
   * cursor.
   */
  readonly receiptedThroughId: number
  /**
   * How many of the numbers were never given here: of an unknown epoch, stream, or above the
   * newest.
   */
  readonly unknown: number
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

export interface RecentPacket {
  readonly id: number
  readonly epoch: string
  readonly seq: number
  readonly receipted: boolean
}

export interface RecentRecord {
  readonly stream: string
  readonly record: Outline
  /** null while it lies in the open tail of its stream. */
  readonly packet: RecentPacket | null
}
