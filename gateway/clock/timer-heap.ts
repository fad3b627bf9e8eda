/** Timers by due time, and among equals in the order in which they were set. */
import { monotonicMs } from '../../protocols/world/clock.ts'
import type { RunningTimer } from './listed-clock.ts'

export interface HeapTimer {
  readonly name: string
  readonly dueMs: number
  readonly work: () => void
}

interface Entry extends HeapTimer {
  readonly order: number
  cancelled: boolean
}

/** Cancelled timers stay in the heap until they outnumber the others: cancelling must be cheap. */
const sweepAboveCount = 64

export class TimerHeap {
  #entries: Entry[] = []
  #order = 0
  #cancelled = 0

  add(name: string, dueMs: number, work: () => void): () => void {
    const entry: Entry = { name, dueMs, work, order: this.#order++, cancelled: false }
    this.#entries.push(entry)
    this.#rise(this.#entries.length - 1)
    return () => {
      if (entry.cancelled) return
      entry.cancelled = true
      this.#cancelled++
      if (this.#cancelled > sweepAboveCount && this.#cancelled * 2 > this.#entries.length) {
        this.#sweep()
      }
    }
  }

  /** Removes and returns the first timer that is due at `untilMs`; null when there is none. */
  takeDue(untilMs: number): HeapTimer | null {
    for (;;) {
      const first = this.#entries[0]
      if (first === undefined) return null
      if (!first.cancelled && first.dueMs > untilMs) return null
      this.#removeFirst()
      if (first.cancelled) {
        this.#cancelled--
        continue
      }
      // A cancel that comes after it fired must not count.
      first.cancelled = true
      return first
    }
  }

  list(): readonly RunningTimer[] {
    return this.#entries
      .filter((entry) => !entry.cancelled)
      .sort((one, other) => one.dueMs - other.dueMs || one.order - other.order)
      .map((entry) => ({ name: entry.name, dueMs: monotonicMs(entry.dueMs) }))
  }

  #removeFirst(): void {
    const last = this.#entries.pop()
    if (last === undefined || this.#entries.length === 0) return
    this.#entries[0] = last
    this.#sink(0)
  }

  #sweep(): void {
    // Sorted by due time and order is a valid heap.
    this.#entries = this.#entries
      .filter((entry) => !entry.cancelled)
      .sort((one, other) => one.dueMs - other.dueMs || one.order - other.order)
    this.#cancelled = 0
  }

  #rise(from: number): void {
    let index = from
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!this.#before(index, parent)) return
      this.#swap(index, parent)
      index = parent
    }
  }

  #sink(from: number): void {
    let index = from
    for (;;) {
      const left = 2 * index + 1
      const right = left + 1
      let least = index
      if (left < this.#entries.length && this.#before(left, least)) least = left
      if (right < this.#entries.length && this.#before(right, least)) least = right
      if (least === index) return
      this.#swap(index, least)
      index = least
    }
  }

  #before(one: number, other: number): boolean {
    const first = this.#entries[one]
    const second = this.#entries[other]
    if (first === undefined || second === undefined) return false
    if (first.dueMs !== second.dueMs) return first.dueMs < second.dueMs
    return first.order < second.order
  }

  #swap(one: number, other: number): void {
    const first = this.#entries[one]
    const second = this.#entries[other]
    if (first === undefined || second === undefined) return
    this.#entries[one] = second
    this.#entries[other] = first
  }
}
