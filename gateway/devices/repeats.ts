/**
 * What a device will say again although it is stored: it was told that the journal had not taken
 * all of what it said, or was not told anything. Each thing that is expected here takes one
 * repetition, so that it is not stored twice.
 *
 * Documents are not kept here: the journal knows them by their hash.
 */
import type { Clock, MonotonicMs } from '../../protocols/world/clock.ts'
import { elapsedMs } from '../../protocols/world/clock.ts'
import type { Item } from './said-items.ts'

/** A device says the rest of a failed handing over within minutes; what it kept, when asked. */
export const expectedForMs = 3_600_000

/** A whole message of a laboratory device has less; the oldest is forgotten. */
export const expectedMax = 256

interface Expected {
  readonly content: string
  readonly sinceMs: MonotonicMs
}

export class Repeats {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  #expected: Expected[] = []

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  expect(item: Item): void {
    if ('bytes' in item) return
    this.#expected.push({ content: contentOf(item), sinceMs: this.#clock.monotonicMs() })
    if (this.#expected.length > expectedMax) this.#expected.shift()
  }

  /** True once for each that is expected: it is stored already. */
  takes(item: Item): boolean {
    if (this.#expected.length === 0 || 'bytes' in item) return false
    const nowMs = this.#clock.monotonicMs()
    this.#expected = this.#expected.filter(
      ({ sinceMs }) => elapsedMs(sinceMs, nowMs) < expectedForMs,
    )
    const content = contentOf(item)
    const index = this.#expected.findIndex((one) => one.content === content)
    if (index === -1) return false
    this.#expected.splice(index, 1)
    return true
  }
}

/** What the gateway adds: when it was heard, and in which run. */
const ofTheGateway: ReadonlySet<string> = new Set(['atMs', 'utcMs', 'uncertaintyMs', 'run'])

function contentOf(item: Item): string {
  return JSON.stringify(item, (name, value: unknown) => {
    if (ofTheGateway.has(name)) return undefined
    return value instanceof Int32Array ? [...value] : value
  })
}
