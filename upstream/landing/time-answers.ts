/**
 * Tells vans what time it is. An answer is worth something only at once, so what cannot be said now
 * is not said: the van asks again.
 */
import { decodeTimeRequest, encodeTimeAnswer } from '../../protocols/packet/messages.ts'
import { downTopic } from '../../protocols/packet/topics.ts'
import { elapsedMs, type Clock, type MonotonicMs } from '../../protocols/world/clock.ts'
import type { Link } from '../link.ts'

export interface Utc {
  readonly utcMs: number
  /** Half width of the interval that surely holds the true UTC. */
  readonly uncertaintyMs: number
}

/** A server whose clock NTP holds is well inside this. */
export const clockUncertaintyMs = 100

/** No van needs to hear it more often. */
const vanEveryMs = 1_000
/** Vans that are answered within that time: receipts have to come through as well. */
const vansAtOnceMost = 500

export class TimeAnswers {
  readonly #clock: Clock
  readonly #utc: () => Utc | null
  readonly #link: () => Link
  /** When a van was answered, of those of the last moment, oldest first. */
  readonly #answered = new Map<string, MonotonicMs>()
  #served = 0
  #refused = 0

  /** `utc` says null while this machine is not sure. */
  constructor(clock: Clock, utc: () => Utc | null, link: () => Link) {
    this.#clock = clock
    this.#utc = utc
    this.#link = link
  }

  get counts(): { readonly served: number; readonly refused: number } {
    return { served: this.#served, refused: this.#refused }
  }

  ask(payload: Uint8Array): void {
    if (this.#answer(payload)) this.#served += 1
    else this.#refused += 1
  }

  #answer(payload: Uint8Array): boolean {
    const request = decodeTimeRequest(payload)
    if (!request.ok) return false
    const { van, nonce } = request.value
    const nowMs = this.#clock.monotonicMs()
    for (const [other, atMs] of this.#answered) {
      if (elapsedMs(atMs, nowMs) < vanEveryMs) break
      this.#answered.delete(other)
    }
    if (this.#answered.has(van) || this.#answered.size >= vansAtOnceMost) return false
    const utc = this.#utc()
    if (utc === null) return false
    this.#answered.set(van, nowMs)
    const answer = encodeTimeAnswer({
      nonce,
      utcMs: Math.round(utc.utcMs),
      uncertaintyMs: Math.ceil(utc.uncertaintyMs),
    })
    return this.#link().publish(downTopic(van, 'time'), answer)
  }
}
