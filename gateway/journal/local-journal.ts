/**
 * The journal as everybody sees it, on a store in the same thread. It decides what is committed
 * together: a commit waits for the card, so what comes within the group interval shares one, and
 * what is urgent takes all that waits along at once.
 */
import type { SeqRange } from '../../protocols/packet/messages.ts'
import type { Record } from '../../protocols/packet/record.ts'
import type { VisitRecord, VisitRecordKind } from '../../protocols/packet/visit-records.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import { journalTrouble } from '../errors/journal.ts'
import type { Trouble } from '../errors/trouble.ts'
import { Adopting } from './adopting.ts'
import { chunksMax, type PreparedObject } from './adoption.ts'
import { messageOf, troubleOf } from './failures.ts'
import type {
  Again,
  Journal,
  JournalStatus,
  ImageFiles,
  KeptInstance,
  Outgoing,
  OutgoingQuery,
  ReceiptOutcome,
  RecentRecord,
  Undecided,
} from './journal.ts'
import { hasObject, repeats } from './kinds.ts'
import type { ObjectFiles, ScannedFile } from './objects.ts'
import { prepare, type Prepared } from './prepared.ts'
import type { JournalStore, ReceiptOrder } from './store.ts'

export interface LocalJournalParts {
  readonly store: JournalStore
  readonly objects: ObjectFiles
  readonly clock: Clock
  readonly incomingFolder: string
  /** As in `AdoptingParts`. */
  readonly sync: (path: string) => void
  readonly syncAside: (paths: readonly string[]) => Promise<void>
  /** Called once when nothing will be stored any more. The process must end then. */
  readonly failed: (error: Trouble) => void
  /** Called when all of it is closed. */
  readonly closed: () => void
}

/** What is not urgent waits at most so long for its commit. */
export const groupMs = 250

/** What waits for a commit never grows beyond this: then it comes at once. */
const groupMax = 4_096
const groupLimitBytes = 16_777_216

interface WaitingRecord {
  readonly prepared: Prepared
  readonly stored: () => void
  readonly refused: (error: Trouble) => void
}

interface WaitingReceipt {
  readonly order: ReceiptOrder
  readonly noted: (outcome: ReceiptOutcome) => void
  readonly refused: (error: Trouble) => void
}

export class LocalJournal implements Journal {
  readonly epoch: string
  readonly publicKey: Uint8Array
  readonly incomingFolder: string
  readonly #parts: LocalJournalParts
  readonly #store: JournalStore
  readonly #adopting: Adopting
  #records: WaitingRecord[] = []
  #recordBytes = 0
  #receipts: WaitingReceipt[] = []
  #cancelTimer: (() => void) | null = null
  #isUrgent = false
  #ended: Trouble | null = null

  constructor(parts: LocalJournalParts) {
    this.#parts = parts
    this.#store = parts.store
    this.epoch = parts.store.epoch
    this.publicKey = parts.store.publicKey
    this.incomingFolder = parts.incomingFolder
    this.#adopting = new Adopting({
      store: parts.store,
      step: (work) => this.#step(work),
      flush: () => this.#flush(),
      sync: parts.sync,
      syncAside: parts.syncAside,
    })
  }

  async store(device: string, record: Record): Promise<void> {
    this.#assertOpen()
    if (hasObject(record)) {
      throw new TypeError(`a record of the kind ${record.kind} comes with its file: adopt it`)
    }
    const prepared = prepare(device, record)
    const bytes = this.#recordBytes + prepared.encoded.length
    if (this.#records.length >= groupMax || bytes > groupLimitBytes) this.#flush()
    this.#recordBytes += prepared.encoded.length
    await new Promise<void>((stored, refused) => {
      this.#records.push({ prepared, stored, refused })
      if (repeats(record.kind)) this.#flushSoon()
      else this.#flushNow()
    })
  }

  async adopt(
    device: string,
    record: Record,
    temporaryPath: string,
    form: 'as-is' | 'undecided' = 'as-is',
  ): Promise<'stored' | 'already'> {
    this.#assertOpen()
    const prepared = preparedObject(device, record)
    if (!temporaryPath.startsWith(`${this.incomingFolder}/`)) {
      throw new TypeError('a file to adopt must lie in the folder for incoming files')
    }
    const file =
      form === 'undecided'
        ? this.#parts.objects.believe(temporaryPath, prepared.record.object)
        : await this.#scan(temporaryPath, prepared)
    this.#assertOpen()
    return this.#adopting.add({ prepared, file, temporaryPath })
  }

  async undecided(limit: number): Promise<readonly Undecided[]> {
    return this.#step(() => this.#store.undecided(limit))
  }

  async sendAsIs(sha256: string): Promise<void> {
    const file = this.#step(() => this.#store.undecidedFile(sha256))
    if (file === null) return
    const scanned = await turnsOf(this.#parts, this.#parts.objects.scanKept(file))
    this.#step(() => this.#store.sendAsIs(scanned))
  }

  async outgoing(query: OutgoingQuery): Promise<readonly Outgoing[]> {
    return this.#step(() => this.#store.outgoing(query))
  }

  async again(epoch: string, stream: string, range: SeqRange, limit: number): Promise<Again> {
    return this.#step(() => this.#store.again(epoch, stream, range, limit))
  }

  async receipt(
    epoch: string,
    stream: string,
    ranges: readonly SeqRange[],
  ): Promise<ReceiptOutcome> {
    this.#assertOpen()
    if (this.#receipts.length >= groupMax) this.#flush()
    return new Promise<ReceiptOutcome>((noted, refused) => {
      this.#receipts.push({ order: { epoch, stream, ranges }, noted, refused })
      this.#flushSoon()
    })
  }

  async sealDue(): Promise<void> {
    if (!this.#step(() => this.#store.hasDue())) return
    // What waits belongs into the packets that are sealed.
    this.#flush()
    this.#step(() => this.#store.sealDue())
  }

  async watch(stream: string, packetMs: number, untilMonotonicMs: number): Promise<void> {
    this.#step(() => this.#store.watch(stream, packetMs, untilMonotonicMs))
  }

  async status(): Promise<JournalStatus> {
    return this.#step(() => this.#store.status())
  }

  async objectsOfImage(sopInstanceUid: string): Promise<readonly string[]> {
    return this.#step(() => this.#store.objectsOfImage(sopInstanceUid))
  }

  async imageFiles(sha256: string): Promise<ImageFiles> {
    return this.#step(() => this.#store.imageFiles(sha256))
  }

  async instances(sopInstanceUids: readonly string[]): Promise<readonly KeptInstance[]> {
    return this.#step(() => this.#store.instances(sopInstanceUids))
  }

  async known(kind: VisitRecordKind): Promise<readonly VisitRecord[]> {
    return this.#step(() => this.#store.known(kind))
  }

  async recent(limit: number): Promise<readonly RecentRecord[]> {
    return this.#step(() => this.#store.recent(limit))
  }

  async close(): Promise<void> {
    if (this.#ended !== null) return
    this.#adopting.finish()
    this.#flush()
    this.#step(() => this.#store.close())
    this.#ended = journalTrouble('journal-failed', { why: 'it was closed.' })
    this.#parts.closed()
  }

  async #scan(path: string, { device, record }: PreparedObject): Promise<ScannedFile> {
    const { sha256, chunkBytes } = record.object
    try {
      return await turnsOf(this.#parts, this.#parts.objects.scan(path, chunkBytes))
    } catch (error) {
      const details = { device, expected: `SHA-256 ${sha256}`, found: messageOf(error) }
      throw journalTrouble('journal-object-differs', details, error)
    }
  }

  #assertOpen(): void {
    if (this.#ended !== null) throw this.#ended
  }

  #flushSoon(): void {
    if (this.#isUrgent || this.#cancelTimer !== null) return
    this.#cancelTimer = this.#parts.clock.after('journal: commit', groupMs, () => {
      this.#cancelTimer = null
      this.#flush()
    })
  }

  /** After whoever runs now has finished, so that what comes in one go shares a commit. */
  #flushNow(): void {
    if (this.#isUrgent) return
    this.#isUrgent = true
    queueMicrotask(() => {
      this.#isUrgent = false
      this.#flush()
    })
  }

  #flush(): void {
    const { records, receipts } = this.#takeWaiting()
    try {
      this.#commit(records, receipts)
    } catch (error) {
      if (troubleOf(error).code === 'journal-full') this.#commitWhatFits(records, receipts)
      else refuse([...records, ...receipts], this.#fail(error))
    }
  }

  #takeWaiting(): { records: readonly WaitingRecord[]; receipts: readonly WaitingReceipt[] } {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    const taken = { records: this.#records, receipts: this.#receipts }
    this.#records = []
    this.#recordBytes = 0
    this.#receipts = []
    return taken
  }

  /** The receipts alone always fit; then one stream after the other, what matters most first. */
  #commitWhatFits(records: readonly WaitingRecord[], receipts: readonly WaitingReceipt[]): void {
    const streams = Map.groupBy(records, ({ prepared }) => prepared.stream)
    const byUrgency = [...streams.values()].sort((one, other) => classOf(one) - classOf(other))
    const groups = [
      { records: [], receipts },
      ...byUrgency.map((records) => ({ records, receipts: [] })),
    ]
    for (const group of groups) {
      const members = [...group.records, ...group.receipts]
      if (this.#ended !== null) refuse(members, this.#ended)
      else this.#commitOrRefuse(group.records, group.receipts)
    }
  }

  #commitOrRefuse(records: readonly WaitingRecord[], receipts: readonly WaitingReceipt[]): void {
    try {
      this.#commit(records, receipts)
    } catch (error) {
      const trouble = troubleOf(error)
      const isFull = trouble.code === 'journal-full'
      refuse([...records, ...receipts], isFull ? trouble : this.#fail(error))
    }
  }

  #commit(records: readonly WaitingRecord[], receipts: readonly WaitingReceipt[]): void {
    if (records.length === 0 && receipts.length === 0) return
    const outcomes = this.#store.commit({
      records: records.map(({ prepared }) => prepared),
      receipts: receipts.map(({ order }) => order),
    })
    for (const { stored } of records) stored()
    for (const [index, { noted, refused }] of receipts.entries()) {
      const outcome = outcomes[index]
      if (outcome === undefined) refused(troubleOf(new Error('expected an outcome, found none')))
      else noted(outcome)
    }
  }

  /** One step of the store: a full disk is a passing trouble, anything else is the end. */
  #step<T>(work: () => T): T {
    this.#assertOpen()
    try {
      return work()
    } catch (error) {
      const trouble = troubleOf(error)
      throw passing.includes(trouble.code) ? trouble : this.#fail(error)
    }
  }

  /** Nothing is stored any more, and whoever waits for that is told. */
  #fail(error: unknown): Trouble {
    const trouble = troubleOf(error)
    if (this.#ended !== null) return trouble
    this.#ended = trouble
    this.#parts.failed(trouble)
    const { records, receipts } = this.#takeWaiting()
    refuse([...records, ...receipts], trouble)
    return trouble
  }
}

/** Others get their turn between those of `work`. */
async function turnsOf<T>(
  { clock }: Pick<LocalJournalParts, 'clock'>,
  work: Generator<void, T>,
): Promise<T> {
  for (;;) {
    const turn = work.next()
    if (turn.done === true) return turn.value
    await clock.sleep(0)
  }
}

function refuse(
  waiting: readonly { readonly refused: (error: Trouble) => void }[],
  error: Trouble,
): void {
  for (const { refused } of waiting) refused(error)
}

/** Troubles after which the store is as it was before. */
const passing = ['journal-full', 'journal-object-differs']

function classOf(records: readonly WaitingRecord[]): number {
  return Math.min(...records.map(({ prepared }) => prepared.class))
}

function preparedObject(device: string, record: Record): PreparedObject {
  if (!hasObject(record)) {
    throw new TypeError(`a record of the kind ${record.kind} has no file`)
  }
  const prepared = { ...prepare(device, record), record }
  const { sizeBytes, chunkBytes } = record.object
  if (sizeBytes > chunksMax * chunkBytes) {
    const reason = `expected at most ${chunksMax} chunks, found ${Math.ceil(sizeBytes / chunkBytes)}`
    throw journalTrouble('journal-refused', { device, reason })
  }
  return prepared
}
