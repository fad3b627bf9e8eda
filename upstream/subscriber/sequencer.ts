/** Puts the packets of one stream in order. Knows no time, asks nobody, says what is missing. */
import type { SeqRange, StreamPlace } from '../../protocols/packet/messages.ts'
import { RangeSet } from '../../protocols/packet/ranges.ts'
import type { ReadPacket } from './read-packet.ts'

/** Packets that wait for an earlier one. What has no place is fetched again when its turn comes. */
const waitingPacketsMost = 64
const waitingBytesMost = 2 * 1024 * 1024
/** Declared losses that lie ahead. The landing names them again when their turn comes. */
const lostRangesMost = 1_024

export type Ordered =
  | { readonly kind: 'packet'; readonly packet: ReadPacket }
  | { readonly kind: 'lost'; readonly range: SeqRange }

export class Sequencer {
  readonly place: StreamPlace
  readonly #waiting = new Map<number, ReadPacket>()
  #waitingBytes = 0
  #lost = new RangeSet()
  #next: number
  /** The highest number that is known to exist. */
  #highest = -1

  constructor(place: StreamPlace, next: number) {
    this.place = place
    this.#next = next
  }

  /** The number that is handed out next. */
  get next(): number {
    return this.#next
  }

  /** Somebody says that this number exists. */
  exists(seq: number): void {
    this.#highest = Math.max(this.#highest, seq)
  }

  /** Keeps the lowest numbers when there is no room for all. */
  offer(packet: ReadPacket): void {
    const { seq, sizeBytes } = packet.header
    this.exists(seq)
    if (seq < this.#next || this.#waiting.has(seq)) return
    while (this.#isFull(sizeBytes)) {
      const highest = Math.max(...this.#waiting.keys())
      if (highest <= seq) return
      this.#drop(highest)
    }
    this.#waiting.set(seq, packet)
    this.#waitingBytes += sizeBytes
  }

  #isFull(sizeBytes: number): boolean {
    const count = this.#waiting.size
    return (
      count >= waitingPacketsMost ||
      (count > 0 && this.#waitingBytes + sizeBytes > waitingBytesMost)
    )
  }

  #drop(seq: number): void {
    this.#waitingBytes -= this.#waiting.get(seq)?.header.sizeBytes ?? 0
    this.#waiting.delete(seq)
  }

  declareLost(ranges: readonly SeqRange[]): void {
    for (const { from, to } of ranges) {
      if (to < this.#next || this.#lost.rangeCount >= lostRangesMost) continue
      this.#lost.add(Math.max(from, this.#next), to)
      this.exists(to)
    }
  }

  /** The next one in order, or null while it is missing. */
  take(): Ordered | null {
    const packet = this.#waiting.get(this.#next)
    if (packet !== undefined) {
      this.#drop(this.#next)
      this.#next += 1
      return { kind: 'packet', packet }
    }
    if (!this.#lost.has(this.#next)) return null
    const to = this.#endOf(this.#lost.missing(this.#next, this.#highest)[0]?.from)
    return { kind: 'lost', range: this.skip(to) }
  }

  /** What is missing before the next packet that is here; null when nothing is known to be. */
  missing(): SeqRange | null {
    if (this.#next > this.#highest || this.#waiting.has(this.#next)) return null
    if (this.#lost.has(this.#next)) return null
    return { from: this.#next, to: this.#endOf(this.#lost.ranges(1)[0]?.from) }
  }

  /** The last number before `stop`, before the next packet that waits, and up to the highest. */
  #endOf(stop: number | undefined): number {
    let end = stop === undefined ? this.#highest : Math.min(this.#highest, stop - 1)
    for (const seq of this.#waiting.keys()) if (seq > this.#next) end = Math.min(end, seq - 1)
    return end
  }

  /** Goes on after `to` without what is between. */
  skip(to: number): SeqRange {
    const range = { from: this.#next, to }
    this.#next = to + 1
    for (const seq of this.#waiting.keys()) if (seq <= to) this.#drop(seq)
    if (this.#lost.count > 0)
      this.#lost = RangeSet.of(
        this.#lost
          .ranges()
          .filter((lost) => lost.to > to)
          .map((lost) => ({ from: Math.max(lost.from, to + 1), to: lost.to })),
      )
    return range
  }
}
