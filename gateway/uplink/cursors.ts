/** How far the journal was read, by class. */
import type { OutgoingQuery, PacketClass } from '../journal/journal.ts'
import { classes } from './queue.ts'

/** No packet has a higher id, so a class with this cursor answers nothing. */
const atTheEnd = Number.MAX_SAFE_INTEGER

export class Cursors {
  readonly #after = new Map<PacketClass, number>()

  /** What to ask for; with `betterThan`, only classes that go before it. */
  query(betterThan: PacketClass | null): OutgoingQuery['after'] {
    const after: { [K in PacketClass]?: number } = {}
    for (const one of classes) {
      const cursor = this.#after.get(one)
      if (betterThan !== null && one >= betterThan) after[one] = atTheEnd
      else if (cursor !== undefined) after[one] = cursor
    }
    return after
  }

  read(one: PacketClass, id: number): void {
    this.#after.set(one, Math.max(id, this.#after.get(one) ?? id))
  }

  /** The packet with this id, and what follows it, is to be read again. */
  rewind(one: PacketClass, id: number): void {
    const cursor = this.#after.get(one)
    if (cursor !== undefined && cursor >= id) this.#after.set(one, id - 1)
  }
}
