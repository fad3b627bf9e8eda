/**
 * Conditions that begin and end, like a lead that is off: an event at each change, none between.
 */
import type { EventLevel, Words } from '../protocols/packet/record.ts'
import type { Said } from './driver.ts'

export interface Condition {
  readonly code: string
  readonly level: EventLevel
  readonly detail?: Words
}

/**
 * Remembers which one of several conditions that exclude each other holds. At the beginning none
 * does, so that a device that is well says nothing.
 */
export class Current {
  #now: Condition | null = null

  get code(): string | null {
    return this.#now?.code ?? null
  }

  /** What there is to say when `next` holds from now on; null when none does. */
  *become(next: Condition | null): Generator<Said, void, undefined> {
    const before = this.#now
    if (isSame(before, next)) return
    this.#now = next
    if (before !== null) yield { kind: 'event', ...before, active: false }
    if (next !== null) yield { kind: 'event', ...next, active: true }
  }
}

function isSame(one: Condition | null, other: Condition | null): boolean {
  return one?.code === other?.code && one?.detail?.['kind'] === other?.detail?.['kind']
}
