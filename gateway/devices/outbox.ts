/**
 * The way of a device's records to the journal. They are handed over many at a time, because the
 * journal commits in groups. What it refuses is kept and tried again; when there is no room for
 * more, what the device repeats goes first, and every loss is counted and becomes an event.
 *
 * The order of a device's records is kept, except around a refusal: what was on its way behind the
 * refused record may be stored before it.
 */
import type { Record, RecordKind, Words } from '../../protocols/packet/record.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import { Trouble } from '../errors/trouble.ts'
import { waitAfter } from './backoff.ts'
import type { Item, NewDocument } from './said-items.ts'

/** The journal. Resolves when all is on the disk; after a rejection nothing of it is. */
export interface DeviceSink {
  record(device: string, record: Record): Promise<void>
  /** The bytes of a file, and the record that names them. */
  document(device: string, document: NewDocument): Promise<void>
}

export interface Lost {
  readonly count: number
  /** How many of them were blocks of a waveform. */
  readonly waveformCount: number
  /** How many of them were numerics. */
  readonly numericsCount: number
  /** Monotonic times of the first and the last that were lost. */
  readonly fromMs: number
  readonly toMs: number
  /** Why the newest was lost. */
  readonly why: string
}

export interface OutboxHears {
  /** The journal refuses; null when it takes records again. */
  trouble(why: Error | null): void
  /**
   * Makes the event that tells a loss; null when there is no stream for it. Asked for when the
   * journal takes records again.
   */
  lost(lost: Lost): Record | null
}

export interface OutboxStatus {
  /** Not committed yet: on the way to the journal, or waiting for it. */
  readonly waiting: number
  readonly stored: number
  /** Gone for ever, since the start. */
  readonly lost: number
  /** Why the journal refuses; null while it takes records. */
  readonly trouble: Error | null
}

/** More than ten minutes of a patient monitor with three waves. */
export const keptRecordsMax = 8_192

/** About twenty minutes of seven ECG leads. */
export const keptBytesMax = 16_777_216

/** Records that the journal has and has not answered. */
const inFlightMax = 256

/** What a record without samples takes, roughly. */
const plainRecordBytes = 512

/** What gives way first when there is no room: samples, then the numbers that were made of them. */
const expendable: readonly RecordKind[] = ['waveform', 'numerics']

/** What became of one record. */
export interface Handed {
  readonly item: Item
  readonly state: 'waiting' | 'stored' | 'lost' | 'withdrawn'
}

interface Entry extends Handed {
  readonly bytes: number
  readonly order: number
  state: Handed['state']
  readonly stored: (() => void) | null
  /** Called when it is stored all the same: it was on its way when it was withdrawn. */
  storedLate: (() => void) | null
}

interface Waiting {
  readonly isOver: () => boolean
  readonly end: () => void
}

export class Outbox {
  readonly #device: string
  readonly #sink: DeviceSink
  readonly #clock: Clock
  readonly #hears: OutboxHears
  readonly #inFlight = new Set<Entry>()
  #inFlightBytes = 0
  /** Waiting to be handed over, the oldest first. */
  readonly #kept: Entry[] = []
  #keptBytes = 0
  #order = 0
  #stored = 0
  #lostCount = 0
  #lost: Lost | null = null
  #refusals = 0
  #trouble: Error | null = null
  #cancelRetry: (() => void) | null = null
  #stopped = false
  readonly #waiting = new Set<Waiting>()

  constructor(device: string, sink: DeviceSink, clock: Clock, hears: OutboxHears) {
    this.#device = device
    this.#sink = sink
    this.#clock = clock
    this.#hears = hears
  }

  /** `stored` is called when it is on the disk. */
  add(item: Item, stored: (() => void) | null = null): Handed {
    const entry: Entry = {
      item,
      bytes: sizeOf(item),
      order: this.#order++,
      state: 'waiting',
      stored,
      storedLate: null,
    }
    this.#keep(entry)
    this.#pump()
    this.#makeRoom()
    return entry
  }

  status(): OutboxStatus {
    return {
      waiting: this.#inFlight.size + this.#kept.length,
      stored: this.#stored,
      lost: this.#lostCount,
      trouble: this.#trouble,
    }
  }

  /** Resolves when nothing is on its way: all is stored, or the journal refuses. */
  async drained(): Promise<void> {
    await this.#until(() => this.#inFlight.size === 0, null)
  }

  /**
   * Tries at once what the journal has refused. Resolves when it has answered for all of `handed`,
   * or refuses again, and at the latest after `limitMs`.
   */
  async answered(handed: readonly Pick<Handed, 'state'>[], limitMs: number): Promise<void> {
    this.#retryNow()
    const isOver = (): boolean =>
      this.#stopped || this.#inFlight.size === 0 || handed.every(({ state }) => state !== 'waiting')
    await this.#until(isOver, limitMs)
  }

  /**
   * What waits is not stored any more. What is on its way may be: `storedLate` tells, for each of
   * them.
   */
  withdraw(handed: readonly Pick<Handed, 'state'>[], storedLate: (item: Item) => void): void {
    for (const entry of this.#inFlight) {
      if (!handed.includes(entry)) continue
      entry.state = 'withdrawn'
      entry.storedLate = () => storedLate(entry.item)
    }
    for (const entry of this.#kept.filter((kept) => handed.includes(kept))) {
      entry.state = 'withdrawn'
      this.#removeKept(this.#kept.indexOf(entry))
    }
  }

  /** No more tries: what is kept is gone with the process. */
  stop(): void {
    this.#stopped = true
    this.#cancelRetry?.()
    this.#cancelRetry = null
    this.#tellWaiting()
  }

  async #until(isOver: () => boolean, limitMs: number | null): Promise<void> {
    if (isOver()) return
    await new Promise<void>((resolve) => {
      const name = `${this.#device}: storing`
      const waiting = {
        isOver,
        end: () => {
          this.#waiting.delete(waiting)
          cancel?.()
          resolve()
        },
      }
      const cancel = limitMs === null ? null : this.#clock.after(name, limitMs, waiting.end)
      this.#waiting.add(waiting)
    })
  }

  #tellWaiting(): void {
    for (const waiting of this.#waiting) if (waiting.isOver()) waiting.end()
  }

  #keep(entry: Entry): void {
    const later = this.#kept.findLastIndex((other) => other.order < entry.order) + 1
    this.#kept.splice(later, 0, entry)
    this.#keptBytes += entry.bytes
  }

  #removeKept(index: number): Entry | undefined {
    const [entry] = this.#kept.splice(index, 1)
    if (entry !== undefined) this.#keptBytes -= entry.bytes
    return entry
  }

  #pump(): void {
    while (this.#trouble === null && this.#hasRoomInFlight()) {
      if (!this.#handFirst()) break
    }
  }

  #hasRoomInFlight(): boolean {
    const bytes = this.#inFlightBytes + (this.#kept[0]?.bytes ?? 0)
    const { size } = this.#inFlight
    return size === 0 || (size < inFlightMax && bytes <= keptBytesMax)
  }

  /** Only after something was stored: a journal that takes nothing would not take this either. */
  #tellLoss(): void {
    const lost = this.#lost
    if (lost === null || this.#trouble !== null || this.#kept.length > 0) return
    this.#lost = null
    const event = this.#hears.lost(lost)
    if (event !== null) this.add(event)
  }

  /** False when nothing is kept. */
  #handFirst(): boolean {
    if (this.#stopped) return false
    const entry = this.#removeKept(0)
    if (entry === undefined) return false
    this.#inFlight.add(entry)
    this.#inFlightBytes += entry.bytes
    this.#store(entry.item).then(
      () => this.#answered(entry, null),
      (why: unknown) => {
        const error = why instanceof Error ? why : new Error('refused', { cause: why })
        this.#answered(entry, error)
      },
    )
    return true
  }

  #store(item: Item): Promise<void> {
    if ('bytes' in item) return this.#sink.document(this.#device, item)
    return this.#sink.record(this.#device, item)
  }

  #answered(entry: Entry, why: Error | null): void {
    this.#inFlight.delete(entry)
    this.#inFlightBytes -= entry.bytes
    if (why === null) {
      this.#stored++
      if (entry.state === 'withdrawn') entry.storedLate?.()
      entry.state = 'stored'
      entry.stored?.()
      this.#provedSound()
      this.#tellLoss()
    } else if (why instanceof Trouble && !why.retriable) {
      // Trying it again would hold up everything behind it for ever.
      if (entry.state === 'waiting') this.#lose(entry, why.message)
      this.#provedSound()
    } else {
      if (entry.state === 'waiting') this.#keep(entry)
      this.#makeRoom()
      this.#refused(why)
    }
    this.#pump()
    this.#tellWaiting()
  }

  /** While the journal refuses, only the one that was tried alone proves that it takes records. */
  #provedSound(): void {
    if (this.#trouble !== null && this.#cancelRetry === null) this.#recovered()
  }

  #refused(why: Error): void {
    if (this.#trouble?.message !== why.message) this.#hears.trouble(why)
    this.#trouble = why
    if (this.#cancelRetry !== null || this.#stopped) return
    this.#refusals++
    this.#cancelRetry = this.#clock.after(
      `${this.#device}: storing again`,
      waitAfter(this.#refusals),
      () => this.#retryNow(),
    )
  }

  #retryNow(): void {
    if (this.#cancelRetry === null) return
    this.#cancelRetry()
    this.#cancelRetry = null
    if (!this.#handFirst()) this.#recovered()
  }

  #recovered(): void {
    this.#trouble = null
    this.#refusals = 0
    this.#hears.trouble(null)
    this.#pump()
  }

  #makeRoom(): void {
    // One that is larger than all the room has it alone.
    while (
      this.#kept.length > keptRecordsMax ||
      (this.#keptBytes > keptBytesMax && this.#kept.length > 1)
    ) {
      const entry = this.#removeKept(this.#leastMissed())
      if (entry === undefined) return
      this.#lose(entry, this.#trouble?.message ?? 'the journal is too slow')
    }
  }

  /** Where the oldest of the most expendable kind stands; the oldest of all when there is none. */
  #leastMissed(): number {
    for (const kind of expendable) {
      const index = this.#kept.findIndex(({ item }) => item.kind === kind)
      if (index !== -1) return index
    }
    return 0
  }

  #lose(entry: Entry, why: string): void {
    const { item } = entry
    const before = this.#lost
    entry.state = 'lost'
    this.#lostCount++
    this.#lost = {
      count: (before?.count ?? 0) + 1,
      waveformCount: (before?.waveformCount ?? 0) + (item.kind === 'waveform' ? 1 : 0),
      numericsCount: (before?.numericsCount ?? 0) + (item.kind === 'numerics' ? 1 : 0),
      fromMs: Math.min(before?.fromMs ?? item.atMs, item.atMs),
      toMs: Math.max(before?.toMs ?? item.atMs, item.atMs),
      why,
    }
  }
}

function sizeOf(item: Item): number {
  if ('bytes' in item) return plainRecordBytes + item.bytes.byteLength
  if (item.kind !== 'waveform') return plainRecordBytes
  return plainRecordBytes + item.samples.reduce((sum, lead) => sum + lead.byteLength, 0)
}

/** What the event `records-lost` says. */
export function lostWords(lost: Lost): Words {
  return {
    count: String(lost.count),
    waveforms: String(lost.waveformCount),
    numerics: String(lost.numericsCount),
    fromMs: String(lost.fromMs),
    toMs: String(lost.toMs),
  }
}
