/**
 * Reads ahead from the journal, by class and within limits, and remembers how far it came. What
 * the hospital asked for again comes in between.
 */
import type { Clock } from '../../protocols/world/clock.ts'
import { uplinkTrouble } from '../errors/uplink.ts'
import type { Journal, Outgoing, PacketClass } from '../journal/journal.ts'
import type { Backfills } from './backfill.ts'
import { Cursors } from './cursors.ts'
import type { Deliveries, Rewind } from './delivery.ts'
import { classes, SendQueue, type Waiting } from './queue.ts'
import type { Troubles } from './troubles.ts'

export interface ReaderParts {
  readonly clock: Clock
  readonly journal: Pick<Journal, 'outgoing'>
  readonly deliveries: Deliveries
  readonly backfills: Backfills
  readonly troubles: Troubles
  /** Something came, or there is nothing more. */
  readonly arrived: () => void
}

const readAhead = { limitCount: 512, limitBytes: 1024 * 1024 } as const
/** What may be read on top of a full queue because it goes first. */
const readUrgent = { limitCount: 64, limitBytes: 256 * 1024 } as const
const journalRetryMs = 2_000
/** Between two reads that found nothing to send: others need the card too. */
const skimPauseMs = 100

export class Reader {
  readonly #parts: ReaderParts
  readonly #queue = new SendQueue()
  readonly #cursors = new Cursors()
  #isOpen = false
  /** Changes when what is being read is no longer what is wanted. */
  #wanted = 0
  #isReading = false
  #isAsking = false
  /** Nothing more is in the journal, as far as is known. */
  #drained = false
  #nudged = false
  #cancelRetry = () => {}

  constructor(parts: ReaderParts) {
    this.#parts = parts
  }

  /** All that is in the journal was read, and taken. */
  get empty(): boolean {
    return this.#drained && this.#queue.count === 0
  }

  open(): void {
    this.#isOpen = true
    this.#drained = false
  }

  /** Forgets what was read: it is read again after `open`. */
  close(): void {
    this.#isOpen = false
    for (const one of classes) this.#drop(one)
    this.#queue.clear()
    this.#wanted++
    this.#cancelRetry()
  }

  /** The next packet to be sent, left where it is: see `SendQueue.peek`. */
  peek(liveOnly: boolean): Waiting | null {
    return this.#queue.peek(liveOnly)
  }

  /** Takes what `peek` shows. */
  shift(liveOnly: boolean): void {
    this.#queue.shift(liveOnly)
  }

  /** Something new may be in the journal. */
  nudge(): void {
    this.#nudged = true
  }

  /** This packet was taken and is wanted once more. */
  putBack(packet: Outgoing): void {
    this.rewind([{ classes: new Set([packet.class]), id: packet.id }])
  }

  rewind(rewinds: readonly Rewind[]): void {
    if (rewinds.length === 0) return
    for (const { classes, id } of rewinds) {
      for (const one of classes) {
        this.#cursors.rewind(one, id)
        this.#drop(one)
      }
    }
    this.#wanted++
    this.#drained = false
  }

  /** Reads when there is room: at most one query at a time. */
  read(): void {
    if (!this.#isOpen) return
    this.#ask()
    const { low, full, worstClass } = this.#queue
    if (this.#isReading || (low ? this.#drained && !this.#nudged : !this.#nudged)) return
    // What is new may go before all that waits, so the last class makes room for it.
    if (full && worstClass !== null) this.#drop(worstClass)
    this.#nudged = false
    this.#isReading = true
    void this.#readOn(low ? null : worstClass)
  }

  #drop(one: PacketClass): void {
    const lowest = this.#queue.lowestId(one)
    if (lowest === null) return
    this.#cursors.rewind(one, lowest)
    this.#queue.drop(one)
    this.#drained = false
  }

  async #readOn(betterThan: PacketClass | null): Promise<void> {
    const { journal, deliveries, clock, troubles, arrived } = this.#parts
    const wanted = this.#wanted
    const limits = betterThan === null ? readAhead : readUrgent
    let packets: readonly Outgoing[]
    try {
      packets = await journal.outgoing({ after: this.#cursors.query(betterThan), ...limits })
    } catch (error) {
      this.#isReading = false
      this.#failed(error)
      return
    }
    troubles.clear('uplink-journal')
    if (wanted === this.#wanted) {
      const countBefore = this.#queue.count
      for (const packet of packets) {
        this.#cursors.read(packet.class, packet.id)
        if (!deliveries.wants(packet, false, clock.monotonicMs())) continue
        this.#queue.push({ packet, again: false })
      }
      if (betterThan === null) this.#drained = packets.length === 0
      else if (packets.length >= limits.limitCount) this.#nudged = true
      const nothing = packets.length > 0 && this.#queue.count === countBefore
      if (nothing) await clock.sleep(skimPauseMs)
    }
    this.#isReading = false
    arrived()
  }

  /** One step of what the hospital asked for again. */
  #ask(): void {
    if (this.#isAsking || !this.#parts.backfills.waiting || !this.#queue.low) return
    this.#isAsking = true
    void this.#askOn()
  }

  async #askOn(): Promise<void> {
    const { backfills, arrived } = this.#parts
    let packets: readonly Outgoing[]
    try {
      packets = await backfills.next()
    } catch (error) {
      this.#isAsking = false
      this.#failed(error)
      return
    }
    this.#isAsking = false
    // On another connection they are as welcome as on this one.
    if (this.#isOpen) for (const packet of packets) this.#queue.push({ packet, again: true })
    arrived()
  }

  #failed(error: unknown): void {
    const { clock, troubles, arrived } = this.#parts
    const why = error instanceof Error ? error.message : String(error)
    troubles.note(uplinkTrouble('uplink-journal', { why }, error))
    this.#cancelRetry()
    this.#cancelRetry = clock.after('uplink journal', journalRetryMs, () => {
      this.#nudged = true
      arrived()
    })
  }
}
