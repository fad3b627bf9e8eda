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

/** Where records go: the journal's `store`. Resolves when the record is on the disk. */
export interface DeviceSink {
  record(device: string, record: Record): Promise<void>
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

interface Entry {
  readonly record: Record
  readonly bytes: number
  readonly order: number
}

export class Outbox {
  readonly #device: string
  readonly #sink: DeviceSink
  readonly #clock: Clock
  readonly #hears: OutboxHears
  readonly #inFlight = new Set<Entry>()
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
  readonly #drained: (() => void)[] = []

  constructor(device: string, sink: DeviceSink, clock: Clock, hears: OutboxHears) {
    this.#device = device
    this.#sink = sink
    this.#clock = clock
    this.#hears = hears
  }

  add(record: Record): void {
    this.#keep({ record, bytes: sizeOf(record), order: this.#order++ })
    this.#pump()
    this.#makeRoom()
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
    if (this.#inFlight.size > 0) {
      await new Promise<void>((resolve) => this.#drained.push(resolve))
    }
  }

  /** Resolves with true when all that was added is on the disk, with false when some is not. */
  async committed(): Promise<boolean> {
    const lostBefore = this.#lostCount
    await this.drained()
    return this.#inFlight.size + this.#kept.length === 0 && this.#lostCount === lostBefore
  }

  /** No more tries: what is kept is gone with the process. */
  stop(): void {
    this.#stopped = true
    this.#cancelRetry?.()
    this.#cancelRetry = null
  }

  #keep(entry: Entry): void {
    const later = this.#kept.findLastIndex((other) => other.order < entry.order) + 1
    this.#kept.splice(later, 0, entry)
    this.#keptBytes += entry.bytes
  }

  #pump(): void {
    while (this.#trouble === null && this.#inFlight.size < inFlightMax) {
      if (!this.#handFirst()) break
    }
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
    const entry = this.#kept.shift()
    if (entry === undefined || this.#stopped) return false
    this.#keptBytes -= entry.bytes
    this.#inFlight.add(entry)
    this.#sink.record(this.#device, entry.record).then(
      () => this.#answered(entry, null),
      (why: unknown) => {
        const error = why instanceof Error ? why : new Error('refused', { cause: why })
        this.#answered(entry, error)
      },
    )
    return true
  }

  #answered(entry: Entry, why: Error | null): void {
    this.#inFlight.delete(entry)
    if (why === null) {
      this.#stored++
      // While the journal refuses, only the one that was tried alone proves that it takes records.
      if (this.#trouble !== null && this.#cancelRetry === null) this.#recovered()
      this.#tellLoss()
    } else if (why instanceof Trouble && !why.retriable) {
      // Trying it again would hold up everything behind it for ever.
      this.#lose(entry, why.message)
      if (this.#trouble !== null && this.#cancelRetry === null) this.#recovered()
    } else {
      this.#keep(entry)
      this.#makeRoom()
      this.#refused(why)
    }
    this.#pump()
    if (this.#inFlight.size === 0) for (const resolve of this.#drained.splice(0)) resolve()
  }

  #refused(why: Error): void {
    if (this.#trouble?.message !== why.message) this.#hears.trouble(why)
    this.#trouble = why
    if (this.#cancelRetry !== null || this.#stopped) return
    this.#refusals++
    this.#cancelRetry = this.#clock.after(
      `${this.#device}: storing again`,
      waitAfter(this.#refusals),
      () => {
        this.#cancelRetry = null
        if (!this.#handFirst()) this.#recovered()
      },
    )
  }

  #recovered(): void {
    this.#trouble = null
    this.#refusals = 0
    this.#hears.trouble(null)
    this.#pump()
  }

  #makeRoom(): void {
    while (this.#kept.length > keptRecordsMax || this.#keptBytes > keptBytesMax) {
      const [entry] = this.#kept.splice(this.#leastMissed(), 1)
      if (entry === undefined) return
      this.#keptBytes -= entry.bytes
      this.#lose(entry, this.#trouble?.message ?? 'the journal is too slow')
    }
  }

  /** Where the oldest of the most expendable kind stands; the oldest of all when there is none. */
  #leastMissed(): number {
    for (const kind of expendable) {
      const index = this.#kept.findIndex(({ record }) => record.kind === kind)
      if (index !== -1) return index
    }
    return 0
  }

  #lose(entry: Entry, why: string): void {
    const { record } = entry
    const before = this.#lost
    this.#lostCount++
    this.#lost = {
      count: (before?.count ?? 0) + 1,
      waveformCount: (before?.waveformCount ?? 0) + (record.kind === 'waveform' ? 1 : 0),
      numericsCount: (before?.numericsCount ?? 0) + (record.kind === 'numerics' ? 1 : 0),
      fromMs: Math.min(before?.fromMs ?? record.atMs, record.atMs),
      toMs: Math.max(before?.toMs ?? record.atMs, record.atMs),
      why,
    }
  }
}

function sizeOf(record: Record): number {
  if (record.kind !== 'waveform') return plainRecordBytes
  return plainRecordBytes + record.samples.reduce((sum, lead) => sum + lead.byteLength, 0)
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
