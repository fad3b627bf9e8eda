/**
 * What the hospital says to the van: receipts, requests for what is missing, watches, the time,
 * and whether its landing is there. A message that cannot be used is counted and told, and nothing
 * else.
 */
import type { Decoded } from '../../protocols/packet/decoded.ts'
import {
  decodeBackfill,
  decodeLandingState,
  decodeReceipt,
  decodeTimeAnswer,
  decodeWatch,
  type Backfill,
  type LandingState,
  type Receipt,
  type SeqRange,
  type TimeAnswer,
  type Watch,
} from '../../protocols/packet/messages.ts'
import { downTopic, landingStateTopic } from '../../protocols/packet/topics.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import { uplinkTrouble } from '../errors/uplink.ts'
import type { Journal } from '../journal/journal.ts'
import type { Troubles } from './troubles.ts'

export interface DownlinkParts {
  readonly clock: Clock
  readonly journal: Pick<Journal, 'receipt' | 'watch'>
  readonly troubles: Troubles
  readonly van: string
  /** The journal has noted it. */
  readonly receipted: (epoch: string, stream: string, ranges: readonly SeqRange[]) => void
  /** False: too many wait. */
  readonly missing: (request: Backfill) => boolean
  readonly landing: (state: LandingState) => void
  readonly time: (answer: TimeAnswer) => void
}

/** Messages that wait for the journal. A receipt that is dropped comes again with the next. */
const waitingMax = 256
/** Streams that somebody watches at the same time. */
const watchedMax = 64

export class Downlink {
  readonly #parts: DownlinkParts
  readonly #filters: readonly string[]
  readonly #waiting: (() => Promise<void>)[] = []
  readonly #watched = new Map<string, number>()
  #isWorking = false
  #receipted = 0
  #bad = 0

  constructor(parts: DownlinkParts) {
    this.#parts = parts
    const kinds = ['receipt', 'backfill', 'watch', 'time'] as const
    this.#filters = [...kinds.map((kind) => downTopic(parts.van, kind)), landingStateTopic]
  }

  get filters(): readonly string[] {
    return this.#filters
  }

  /** Packets that the journal newly noted as receipted. */
  get receiptedCount(): number {
    return this.#receipted
  }

  /** Messages that could not be used. */
  get badCount(): number {
    return this.#bad
  }

  hear(topic: string, payload: Uint8Array): void {
    const { van } = this.#parts
    if (topic === landingStateTopic) {
      this.#use(decodeLandingState(payload), this.#parts.landing)
    } else if (topic === downTopic(van, 'receipt')) {
      this.#use(decodeReceipt(payload), (receipt) => this.#later(() => this.#receipt(receipt)))
    } else if (topic === downTopic(van, 'backfill')) {
      this.#use(decodeBackfill(payload), (request) => {
        if (!this.#parts.missing(request)) this.#refuse('too many requests wait')
      })
    } else if (topic === downTopic(van, 'watch')) {
      this.#use(decodeWatch(payload), (watch) => this.#watch(watch))
    } else if (topic === downTopic(van, 'time')) {
      this.#use(decodeTimeAnswer(payload), this.#parts.time)
    } else {
      this.#refuse('a topic that nobody subscribed to')
    }
  }

  #use<Message>(decoded: Decoded<Message>, use: (message: Message) => void): void {
    if (decoded.ok) use(decoded.value)
    else this.#refuse(decoded.reason)
  }

  #refuse(why: string): void {
    this.#bad++
    this.#parts.troubles.note(uplinkTrouble('uplink-bad-message', { why }))
  }

  async #receipt({ epoch, receipts }: Receipt): Promise<void> {
    const { journal, receipted } = this.#parts
    for (const { stream, ranges } of receipts) {
      const outcome = await journal.receipt(epoch, stream, ranges)
      this.#receipted += outcome.newlyReceipted
      if (outcome.unknown > 0) this.#refuse(`a receipt for packets that were never made: ${stream}`)
      receipted(epoch, stream, ranges)
    }
  }

  #watch({ stream, seconds, packetMs }: Watch): void {
    const { clock, journal } = this.#parts
    const nowMs = clock.monotonicMs()
    for (const [watched, untilMs] of this.#watched) {
      if (untilMs <= nowMs) this.#watched.delete(watched)
    }
    if (this.#watched.size >= watchedMax && !this.#watched.has(stream)) {
      return this.#refuse('too many streams are watched')
    }
    const untilMs = nowMs + seconds * 1000
    this.#watched.set(stream, untilMs)
    this.#later(() => journal.watch(stream, packetMs, untilMs))
  }

  /** One after the other: the journal has better things to do than to sort out our questions. */
  #later(work: () => Promise<void>): void {
    if (this.#waiting.length >= waitingMax) return this.#refuse('too many messages at once')
    this.#waiting.push(work)
    if (this.#isWorking) return
    this.#isWorking = true
    void this.#work()
  }

  async #work(): Promise<void> {
    for (;;) {
      const work = this.#waiting.shift()
      if (work === undefined) break
      try {
        await work()
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        this.#parts.troubles.note(uplinkTrouble('uplink-journal', { why }, error))
      }
    }
    this.#isWorking = false
  }
}
