/** Messages that wait for their commit. Bounded: when full, the newest is dropped and counted. */
import type { Arrival } from './judge.ts'

export interface InboxLimits {
  readonly count: number
  readonly bytes: number
}

/** About 10 s of a busy fleet, and what a small server can spare. */
export const inboxLimits: InboxLimits = { count: 20_000, bytes: 64 * 1024 * 1024 }

export class Inbox {
  readonly #limits: InboxLimits
  #arrivals: Arrival[] = []
  #bytes = 0
  #dropped = 0

  constructor(limits: InboxLimits) {
    this.#limits = limits
  }

  get count(): number {
    return this.#arrivals.length
  }

  get dropped(): number {
    return this.#dropped
  }

  /** False when there was no room: the van keeps it and sends it again. */
  push(arrival: Arrival): boolean {
    const { count, bytes } = this.#limits
    if (this.#arrivals.length >= count || this.#bytes + arrival.payload.length > bytes) {
      this.#dropped += 1
      return false
    }
    this.#arrivals.push(arrival)
    this.#bytes += arrival.payload.length
    return true
  }

  /** The oldest ones. They stay until `done` says so: a commit may fail and be tried again. */
  oldest(limit: number): readonly Arrival[] {
    return this.#arrivals.slice(0, limit)
  }

  done(count: number): void {
    const done = this.#arrivals.splice(0, count)
    for (const { payload } of done) this.#bytes -= payload.length
  }
}
