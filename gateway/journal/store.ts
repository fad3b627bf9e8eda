/**
 * The journal without waiting: every method is one step that is done when it returns. What is
 * stored together is in one transaction. `LocalJournal` decides what waits for whom.
 */
import type { ChainProfile } from '../../protocols/ecg-codec/chain.ts'
import type { SeqRange } from '../../protocols/packet/messages.ts'
import type { Loss } from '../../protocols/packet/record.ts'
import { parseStream, vanDevice } from '../../protocols/packet/topics.ts'
import {
  isVisitRecord,
  type VisitRecord,
  type VisitRecordKind,
} from '../../protocols/packet/visit-records.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import type { Log } from '../world.ts'
import { Adoptions, type Adoption } from './adoption.ts'
import type { Db } from './database.ts'
import { isFull } from './failures.ts'
import type { Files } from './files.ts'
import type {
  Again,
  JournalStatus,
  ImageFiles,
  KeptInstance,
  Outgoing,
  OutgoingQuery,
  ReceiptOutcome,
  RecentRecord,
  Undecided,
} from './journal.ts'
import { repeats } from './kinds.ts'
import { KnownRecords } from './known-records.ts'
import { Ledger } from './ledger.ts'
import type { KeptFile, ObjectFiles, ScannedFile } from './objects.ts'
import { needOf, packetParts } from './packet-parts.ts'
import { prepare, type Prepared } from './prepared.ts'
import { PacketReader, type Damaged } from './reader.ts'
import { Receipts } from './receipts.ts'
import { Room, type Need, type RoomLimits } from './retention.ts'
import { Sealer } from './sealing.ts'
import type { JournalTools } from './seal-tools.ts'
import { statusOf } from './status.ts'
import type { Stream } from './streams.ts'
import { Tails } from './tails.ts'
import { transaction } from './transaction.ts'

export interface StoreParts {
  readonly db: Db
  readonly files: Files
  readonly objects: ObjectFiles
  readonly tools: JournalTools
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly log: Log
  readonly van: string
  /** UUID of this boot of the box. */
  readonly bootId: string
  readonly limits: RoomLimits
  /** How much time an unwatched packet holds of what a device repeats. */
  readonly packetMs: number
  readonly waves: ChainProfile
  /** Makes a UUIDv7 that sorts behind `others`, when a new epoch must begin. */
  readonly newEpoch: (others: readonly string[]) => string
}

export interface ReceiptOrder {
  readonly epoch: string
  readonly stream: string
  readonly ranges: readonly SeqRange[]
}

export type AdoptionOrder = Omit<Adoption, 'epoch' | 'boot' | 'nowMs'>

/** What goes to the disk with one commit. */
export interface Group {
  readonly records: readonly Prepared[]
  readonly receipts: readonly ReceiptOrder[]
}

export class JournalStore {
  readonly epoch: string
  readonly #parts: StoreParts
  readonly #ledger: Ledger
  readonly #sealer: Sealer
  readonly #tails: Tails
  readonly #room: Room
  readonly #receipts: Receipts
  readonly #reader: PacketReader
  readonly #adoptions: Adoptions
  readonly #known: KnownRecords

  constructor(parts: StoreParts) {
    const { db, files, objects, tools } = parts
    this.#parts = parts
    this.epoch = currentEpoch(db, parts)
    this.#ledger = new Ledger(db)
    this.#sealer = new Sealer(this.#ledger, tools)
    this.#tails = new Tails(this.#ledger, this.#sealer, parts)
    this.#room = new Room(this.#ledger, parts)
    this.#receipts = new Receipts(this.#ledger)
    this.#reader = new PacketReader(this.#ledger, objects, tools)
    this.#adoptions = new Adoptions({
      ledger: this.#ledger,
      sealer: this.#sealer,
      room: this.#room,
      objects,
      files,
    })
    this.#known = new KnownRecords(db)
    this.#room.forgetOldObjects()
    this.#sealWhere((stream) => stream.tail !== null)
  }

  get publicKey(): Uint8Array {
    return this.#parts.tools.publicKey
  }

  /** All of it or, when this throws, nothing. Answers one outcome for each receipt. */
  commit(group: Group): ReceiptOutcome[] {
    const { records, receipts } = group
    const need = needOf(records)
    // Receipts may make the room that is missing.
    if (receipts.length === 0) this.#room.refuseHopeless(need)
    const outcomes = this.#ledger.change(() => {
      const noted = receipts.map(({ epoch, stream, ranges }) =>
        this.#receipts.note(epoch, stream, ranges, this.epoch),
      )
      if (records.length > 0) this.#add(records, need)
      return noted
    })
    this.#room.settle()
    for (const { unknown } of outcomes) {
      if (unknown > 0)
        this.#parts.log.warn('a receipt names packets never sent', { count: unknown })
    }
    return outcomes
  }

  /** Gives its file its name. Answers what must be on the disk before `adopt`. */
  place(order: AdoptionOrder): readonly string[] {
    return this.#adoptions.place({ ...order, ...this.#common() })
  }

  /** Nothing comes of what was placed. */
  giveBack(order: AdoptionOrder): void {
    this.#adoptions.giveBack(order)
  }

  /** With one commit. When it throws, nothing of it is stored. No two may be the same object. */
  adopt(orders: readonly AdoptionOrder[]): readonly ('stored' | 'already')[] {
    const common = this.#common()
    return this.#adoptions.adopt(orders.map((order) => ({ ...order, ...common })))
  }

  undecided(limit: number): readonly Undecided[] {
    return this.#adoptions.undecided(limit)
  }

  undecidedFile(sha256: string): KeptFile | null {
    return this.#adoptions.undecidedFile(sha256)
  }

  sendAsIs(scanned: ScannedFile): void {
    this.#adoptions.sendAsIs(scanned, this.epoch, this.#nowMs())
  }

  outgoing(query: OutgoingQuery): readonly Outgoing[] {
    const { found, damaged } = this.#reader.outgoing(query)
    this.#declareLost(damaged)
    return found
  }

  again(epoch: string, stream: string, range: SeqRange, limit: number): Again {
    const { found, damaged } = this.#reader.again(epoch, stream, range, limit)
    this.#declareLost(damaged)
    return found
  }

  objectsOfImage(sopInstanceUid: string): readonly string[] {
    return this.#adoptions.objectsOfImage(sopInstanceUid)
  }

  imageFiles(sha256: string): ImageFiles {
    return this.#adoptions.imageFiles(sha256)
  }

  instances(sopInstanceUids: readonly string[]): readonly KeptInstance[] {
    return this.#adoptions.instances(sopInstanceUids)
  }

  known(kind: VisitRecordKind): readonly VisitRecord[] {
    return this.#known.all(kind)
  }

  recent(limit: number): readonly RecentRecord[] {
    return this.#reader.recent(limit)
  }

  status(): JournalStatus {
    return statusOf(this.#ledger, this.#room)
  }

  watch(stream: string, packetMs: number, untilMs: number): void {
    this.#tails.watch(stream, { packetMs, untilMs }, this.#nowMs())
  }

  /** Whether `sealDue` would seal something. */
  hasDue(): boolean {
    const nowMs = this.#nowMs()
    return this.#ledger.streams.all().some((stream) => this.#tails.isDue(stream, nowMs))
  }

  sealDue(): void {
    const nowMs = this.#nowMs()
    this.#sealWhere((stream) => this.#tails.isDue(stream, nowMs))
  }

  /**
   * Of records that the journal itself makes. It does not know UTC: the time keeper corrects them.
   */
  stamp(): Pick<Loss, 'atMs' | 'utcMs' | 'uncertaintyMs' | 'source' | 'simulated'> {
    return {
      atMs: this.#nowMs(),
      utcMs: null,
      uncertaintyMs: null,
      source: 'device',
      simulated: false,
    }
  }

  /** Seals what is open, and leaves a database without a log beside it. */
  close(): void {
    this.#sealWhere((stream) => stream.tail !== null)
    const { db } = this.#parts
    db.pragma('wal_checkpoint(TRUNCATE)')
    db.close()
  }

  #add(records: readonly Prepared[], need: Need): void {
    const nowMs = this.#nowMs()
    this.#room.make(need)
    const spots = new Map<string, Prepared[]>()
    for (const prepared of records) {
      const { stream, record, encoded } = prepared
      if (repeats(record.kind)) {
        const open = this.#ledger.streams.obtain(this.epoch, stream)
        this.#tails.append(open, record, encoded, nowMs)
        continue
      }
      // What was said before it belongs to the visit before.
      if (record.kind === 'visit') {
        this.#sealAll(spots, nowMs)
        this.#sealEnds(this.#sealer.visits.changedBy(record), nowMs)
      }
      const others = spots.get(stream)
      if (others === undefined) spots.set(stream, [prepared])
      else others.push(prepared)
      if (record.kind === 'visit') this.#sealAll(spots, nowMs)
    }
    this.#sealAll(spots, nowMs)
  }

  #sealAll(spots: Map<string, Prepared[]>, nowMs: number): void {
    for (const [name, ones] of spots) {
      const stream = this.#ledger.streams.obtain(this.epoch, name)
      for (const part of packetParts(ones)) this.#sealSpots(stream, part, nowMs)
    }
    spots.clear()
  }

  /** The open ends of what devices repeat: a packet names one visit. */
  #sealEnds(devices: readonly string[], nowMs: number): void {
    for (const stream of this.#ledger.streams.all()) {
      const device = parseStream(stream.name)?.device
      const isMeant = device !== undefined && devices.includes(device)
      if (isMeant && stream.tail !== null) this.#tails.seal(stream, nowMs)
    }
  }

  #sealSpots(stream: Stream, part: readonly Prepared[], nowMs: number): void {
    const [first] = part
    if (first === undefined) return
    const { nextSeq: seq } = stream
    this.#sealer.records(
      stream,
      {
        content: { kind: 'records', records: part.map(({ record }) => record) },
        class: first.class,
        boot: this.#parts.bootId,
        object: null,
      },
      nowMs,
    )
    for (const { record } of part) {
      if (!isVisitRecord(record)) continue
      this.#known.put(record, { stream: stream.id, seq })
      if (record.kind === 'visit') this.#sealer.visits.put(record)
    }
  }

  /** A full disk leaves tails open: they are stored as they are, and sealed when there is room. */
  #sealWhere(wanted: (stream: Stream) => boolean): void {
    const nowMs = this.#nowMs()
    const due = [...this.#ledger.streams.all()].filter(wanted)
    if (due.length === 0) return
    try {
      this.#ledger.change(() => {
        for (const stream of due) this.#tails.seal(stream, nowMs)
      })
    } catch (error) {
      if (!isFull(error)) throw error
      this.#parts.log.warn('no room to seal open ends', { count: due.length })
    }
  }

  /** What turned out to be unreadable will never be sent, and the hospital is told so. */
  #declareLost(damaged: readonly Damaged[]): void {
    if (damaged.length === 0) return
    this.#parts.log.error('packets are damaged', { count: damaged.length })
    this.#ledger.change(() => {
      const losses = damaged
        .filter(({ stream, seq }) => this.#receipts.lose(stream, seq))
        .map(({ stream, seq }) => this.#lossOf(stream, seq))
      const stream = this.#ledger.streams.obtain(this.epoch, `${vanDevice}/losses`)
      const nowMs = this.#nowMs()
      for (const part of packetParts(losses)) this.#sealSpots(stream, part, nowMs)
    })
  }

  #lossOf(stream: Stream, seq: number): Prepared {
    return prepare(vanDevice, {
      kind: 'loss',
      ...this.stamp(),
      epoch: stream.epoch,
      stream: stream.name,
      fromSeq: seq,
      toSeq: seq,
      reason: 'damaged on the disk',
    })
  }

  #common(): Pick<Adoption, 'epoch' | 'boot' | 'nowMs'> {
    return { epoch: this.epoch, boot: this.#parts.bootId, nowMs: this.#nowMs() }
  }

  #nowMs(): number {
    return this.#parts.clock.monotonicMs()
  }
}

/**
 * The epoch of new packets: a new one at the very start, when numbers might be given twice, and
 * when
 * the van has got another name, because nobody asks one van for the packets of another.
 */
function currentEpoch(db: Db, { van, newEpoch, log }: StoreParts): string {
  const newest = db
    .prepare<[], { uuid: string; van: string }>(
      'SELECT uuid, van FROM epochs ORDER BY id DESC LIMIT 1',
    )
    .get()
  const regressed = db.prepare<[], number>('SELECT regressed FROM journal').pluck().get() === 1
  if (newest?.van === van && !regressed) return newest.uuid
  if (regressed) log.error('the disk lost what it had confirmed: a new epoch begins')
  else if (newest !== undefined) log.warn('the van has another name: a new epoch begins')
  const others = db.prepare<[], string>('SELECT uuid FROM epochs').pluck().all()
  const uuid = newEpoch(others)
  transaction(db, () => {
    db.prepare('INSERT INTO epochs (uuid, van) VALUES (?, ?)').run(uuid, van)
    db.prepare('UPDATE journal SET regressed = 0').run()
  })
  return uuid
}
