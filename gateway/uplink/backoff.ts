/**
 * Pauses between attempts, with decorrelated jitter (Brooker, "Exponential Backoff And Jitter"):
 * each is drawn between the shortest and three times the one before, so that many vans that lost
 * one broker do not come back in step.
 */
import type { Random } from '../../protocols/world/random.ts'

export class Backoff {
  readonly #random: Random
  readonly #firstMs: number
  readonly #mostMs: number
  #lastMs: number

  constructor(random: Random, firstMs: number, mostMs: number) {
    this.#random = random
    this.#firstMs = firstMs
    this.#mostMs = mostMs
    this.#lastMs = firstMs
  }

  /** The next pause, from `firstMs` to `mostMs`. */
  nextMs(): number {
    const span = this.#lastMs * 3 - this.#firstMs
    this.#lastMs = Math.min(this.#mostMs, this.#firstMs + this.#random.below(span + 1))
    return this.#lastMs
  }

  /** A pause as after many failures: between a third of the longest and the longest. */
  longMs(): number {
    const leastMs = Math.ceil(this.#mostMs / 3)
    this.#lastMs = leastMs + this.#random.below(this.#mostMs - leastMs + 1)
    return this.#lastMs
  }

  reset(): void {
    this.#lastMs = this.#firstMs
  }
}
