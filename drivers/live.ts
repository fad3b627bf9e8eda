/** Numbers that a device repeats for as long as it monitors. */
import type { Value, Words } from '../protocols/packet/record.ts'
import type { Said } from './driver.ts'
import { hasValue, repeated } from './measured.ts'

/** Numbers as they come. That there are none is said once, not every second. */
export class Live {
  readonly #withValues = new Set<string>();

  *say(
    name: string,
    values: readonly Value[],
    qualifiers: Words = {},
  ): Generator<Extract<Said, { kind: 'numerics' }>, void, undefined> {
    const isThere = hasValue(values)
    if (!isThere && !this.#withValues.has(name)) return
    if (isThere) this.#withValues.add(name)
    else this.#withValues.delete(name)
    yield repeated(values, qualifiers)
  }
}

/** How many packets in a row must say the same. */
const agreeingPackets = 3
const everyMs = 1_000

/**
 * For a device that sends its numbers many times a second without a check sum: what several packets
 * in a row agree on is believed, and let through once a second, and when numbers come or are gone.
 */
export class Agreed {
  #key: string | null = null
  #count = 0
  #letThrough: { readonly isThere: boolean; readonly atMs: number } | null = null

  /** Whether what `key` stands for is believed. */
  get isBelieved(): boolean {
    return this.#count >= agreeingPackets
  }

  /** Takes what the next packet says; true when it is time to say it. */
  isDue(key: string, isThere: boolean, atMs: number): boolean {
    this.#count = key === this.#key ? this.#count + 1 : 1
    this.#key = key
    if (!this.isBelieved) return false
    const last = this.#letThrough
    const isNews = last === null || last.isThere !== isThere
    if (!isNews && atMs - last.atMs < everyMs) return false
    this.#letThrough = { isThere, atMs }
    return true
  }
}
