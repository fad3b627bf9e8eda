/**
 * How many packets may be acknowledged by the broker and not yet receipted by the hospital. The
 * broker takes as fast as the link is; the landing takes as fast as its disk is, and shares it
 * among all vans. What it has no room for it can only drop and ask for again, so the van finds out
 * how much may be on its way, as TCP does (RFC 5681): twice as much after each window that came
 * through, a little more after each beyond what last was too much, and half after a loss.
 */

export interface ReceiptWindowLimits {
  readonly first: number
  readonly most: number
}

/** Enough for 9,000 packets a second with receipts 1 s later, and less than a landing has room. */
export const receiptWindowLimits: ReceiptWindowLimits = { first: 2_048, most: 16_384 }

/** Less would make a van of small packets wait for each receipt. */
const least = 64

export class ReceiptWindow {
  readonly #most: number
  #limit: number
  /** Where growing becomes careful. */
  #careful: number
  /** Receipted since the last loss: one loss is told many times, by the packets that follow it. */
  #sinceLoss: number

  constructor({ first, most }: ReceiptWindowLimits) {
    this.#most = most
    this.#limit = Math.min(first, most)
    this.#careful = most
    this.#sinceLoss = first
  }

  get limit(): number {
    return Math.floor(this.#limit)
  }

  admits(unreceipted: number): boolean {
    return unreceipted < this.limit
  }

  /** So many packets were receipted that were not before. */
  receipted(count: number): void {
    const grown = this.#limit < this.#careful ? count : (count * least) / this.#limit
    this.#limit = Math.min(this.#most, this.#limit + grown)
    this.#sinceLoss += count
  }

  /** The hospital misses what the broker had taken. */
  lost(): void {
    if (this.#sinceLoss < this.#limit) return
    this.#sinceLoss = 0
    this.#limit = Math.max(Math.min(least, this.#most), this.#limit / 2)
    this.#careful = this.#limit
  }
}
