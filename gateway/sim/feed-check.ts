/**
 * Whoever is passed on records by the landing: each packet in the order of its stream, and after a
 * fall of the landing at most the last batch once more.
 */
import type { FeedBatch } from '../../upstream/landing/feed.ts'
import type { Landing } from '../../upstream/landing/landing.ts'
import type { Incarnation } from './incarnation.ts'
import type { Witness } from './witness.ts'

const consumer = 'export'

export class FeedCheck {
  readonly #witness: Witness
  /** The number after the last that came, by stream. */
  readonly #next = new Map<string, number>()
  /** Of streams that have come already in this life. */
  #since = new Set<string>()

  constructor(witness: Witness) {
    this.#witness = witness
  }

  async follow(life: Pick<Incarnation, 'alive'>, landing: Landing): Promise<void> {
    this.#since = new Set()
    for await (const batch of landing.feed(consumer)) {
      if (!life.alive) return
      this.#take(batch)
    }
  }

  /** A packet that was given out and did not come yet, or null. */
  missing(): string | null {
    for (const { epoch, stream, packets } of this.#witness.streams()) {
      const next = this.#next.get(`${epoch} ${stream}`) ?? 0
      if (next < packets.size) return `${stream} ${next}`
    }
    return null
  }

  #take({ epoch, stream, items }: FeedBatch): void {
    const key = `${epoch} ${stream}`
    const isFirst = !this.#since.has(key)
    this.#since.add(key)
    let next = this.#next.get(key) ?? 0
    for (const item of items) {
      const seq = item.kind === 'packet' ? item.seq : item.from
      if (item.kind === 'lost') this.#witness.fail(`the feed calls ${stream} ${seq} lost`)
      else if (item.unread !== null) this.#witness.fail(`the feed cannot read ${stream} ${seq}`)
      const isAgain = isFirst && seq < next
      if (seq !== next && !isAgain) {
        this.#witness.fail(`the feed gives ${stream} ${seq} instead of ${next}`)
      }
      next = Math.max(next, seq + 1)
    }
    this.#next.set(key, next)
  }
}
