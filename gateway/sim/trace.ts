/**
 * What happened, in words: the last of it for people, all of it as one number for comparing runs.
 */
import type { Clock } from '../../protocols/world/clock.ts'

const linesMax = 120
const fnvPrime = 0x0100_0193

export class Trace {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #print: ((line: string) => void) | null
  readonly #lines: string[] = []
  #first = 0x811c_9dc5
  #second = 0x9e37_79b9
  #count = 0

  /** `print` gets every line as it comes; null: nobody watches. */
  constructor(clock: Pick<Clock, 'monotonicMs'>, print: ((line: string) => void) | null) {
    this.#clock = clock
    this.#print = print
  }

  note(who: string, what: string): void {
    const seconds = (this.#clock.monotonicMs() / 1000).toFixed(3)
    const line = `${seconds.padStart(9)} ${who.padEnd(8)} ${what}`
    this.#mix(line)
    this.#lines[this.#count % linesMax] = line
    this.#count++
    this.#print?.(line)
  }

  get count(): number {
    return this.#count
  }

  /** The newest lines, oldest first. */
  last(): readonly string[] {
    if (this.#count <= linesMax) return [...this.#lines]
    const at = this.#count % linesMax
    return [...this.#lines.slice(at), ...this.#lines.slice(0, at)]
  }

  /** Equal for two runs in which the same happened in the same order at the same times. */
  hash(): string {
    return hexOf(this.#first) + hexOf(this.#second)
  }

  /** FNV-1a from two starting points. */
  #mix(line: string): void {
    let first = this.#first
    let second = this.#second
    for (let at = 0; at < line.length; at++) {
      const code = line.charCodeAt(at)
      first = Math.imul(first ^ code, fnvPrime)
      second = Math.imul(second ^ code, fnvPrime) + 1
    }
    this.#first = first
    this.#second = second
  }
}

function hexOf(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}
