/**
 * From the lines of a scale to one weight for each person. A line has no check sum, so a stream of
 * them is believed only when it repeats itself; a scale that prints on a key says each weight once.
 *
 *   empty --- above the limit ---> loaded --- 5 stable lines agree: the weight ---> said
 *     ^                              |                                               |
 *     +------- below the limit ------+------------- below the limit for 1 s ---------+
 *
 * A pause after fewer than five lines means that they were printed one by one.
 */
import { kilogramsOf, type ScaleLine, type ScalePacket } from '../protocols/st-gs-scale/line.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { Current } from './condition.ts'
import type { Said } from './driver.ts'
import { measured, valueOf } from './measured.ts'
import type { Reader } from './streaming.ts'

const agreeingLines = 5
const steppedOffMs = 1_000
const printedTwiceMs = 2_000
/**
 * A scale counts in steps of 1, 2 or 5 of its last digit. inferred from the usual verification
 * classes
 */
const stepDigits = 5

interface Weight {
  readonly atMs: number
  readonly weightKg: number
  readonly toleranceKg: number
  readonly isNet: boolean
}

export class ScaleReader implements Reader<ScalePacket> {
  readonly #emptyBelowKg: number
  readonly #overload = new Current()
  #state: 'empty' | 'loaded' | 'said' = 'empty'
  #saidWeight: Weight | null = null
  #emptySinceMs: number | null = null
  /** Stable lines in a row, at most five. */
  #agreeing: Weight[] = []
  /** Lines since the last pause, and the stable ones of the first four. */
  #linesSincePause = 0
  #printed: Weight[] = []
  #lastPrinted: Weight | null = null
  #hasToldParity = false

  constructor(emptyBelowKg: number) {
    this.#emptyBelowKg = emptyBelowKg
  }

  *packet(packet: ScalePacket, atMs: number): Generator<Said, void, undefined> {
    if (packet.kind === 'line-end') return
    this.#linesSincePause++
    if (packet.parityInData !== null && !this.#hasToldParity) {
      this.#hasToldParity = true
      yield {
        kind: 'event',
        code: 'serial-setting-wrong',
        level: 'warning',
        active: null,
        detail: { found: `7 bits, ${packet.parityInData} parity` },
      }
    }
    const isOverload = packet.state === 'overload'
    yield* this.#overload.become(isOverload ? { code: 'overload', level: 'warning' } : null)
    const weight = weightOf(packet, atMs)
    if (weight === null || weight.weightKg < this.#emptyBelowKg) {
      // Below zero too: that is a tare without its load.
      this.#agreeing = []
      if (weight !== null) this.#unload(atMs)
      return
    }
    this.#emptySinceMs = null
    if (this.#state === 'empty') this.#state = 'loaded'
    if (packet.state !== 'stable') {
      this.#agreeing = []
      return
    }
    if (this.#printed.length < agreeingLines - 1) this.#printed.push(weight)
    if (this.#state === 'loaded') yield* this.#agree(weight)
  }

  *pause(): Generator<{ readonly said: Said; readonly atMs: number }, void, undefined> {
    const printed = this.#linesSincePause < agreeingLines ? this.#printed : []
    this.#linesSincePause = 0
    this.#printed = []
    this.#agreeing = []
    for (const weight of printed) {
      const before = this.#lastPrinted
      this.#lastPrinted = weight
      // The same line again, of a key that was pressed twice or of a person who still stands there.
      if (before !== null && isRepeated(before, weight)) continue
      if (this.#state === 'said' && this.#saidWeight !== null && isSame(this.#saidWeight, weight)) {
        continue
      }
      this.#state = 'empty'
      yield { said: say(weight, 'printed'), atMs: weight.atMs }
    }
  }

  #unload(atMs: number): void {
    this.#emptySinceMs ??= atMs
    if (this.#state === 'said' && atMs - this.#emptySinceMs < steppedOffMs) return
    this.#state = 'empty'
  }

  *#agree(weight: Weight): Generator<Said, void, undefined> {
    this.#agreeing.push(weight)
    if (this.#agreeing.length > agreeingLines) this.#agreeing.shift()
    if (this.#agreeing.length < agreeingLines) return
    const sorted = this.#agreeing.toSorted((one, other) => one.weightKg - other.weightKg)
    const [lowest, , median, , highest] = sorted
    if (lowest === undefined || median === undefined || highest === undefined) return
    if (!isSame(lowest, highest)) return
    this.#state = 'said'
    this.#saidWeight = median
    yield say(median, 'stable')
  }
}

function isSame(one: Weight, other: Weight): boolean {
  // A hundredth of a digit more, because 72.45 - 72.40 is not 0.05 in binary.
  return (
    one.isNet === other.isNet && Math.abs(one.weightKg - other.weightKg) <= one.toleranceKg * 1.002
  )
}

function isRepeated(before: Weight, weight: Weight): boolean {
  const isEqual = before.weightKg === weight.weightKg && before.isNet === weight.isNet
  return isEqual && weight.atMs - before.atMs < printedTwiceMs
}

/** null for what is no weight of a load: a count, an overload, a tare. */
function weightOf(line: ScaleLine, atMs: number): Weight | null {
  if (line.state === 'count' || line.amount === null) return null
  if (line.load === 'tare' || line.load === 'preset-tare') return null
  const kilograms = kilogramsOf(line.amount)
  if (kilograms === null) return null
  return {
    atMs,
    weightKg: kilograms.weightKg,
    toleranceKg: kilograms.stepKg * stepDigits,
    isNet: line.load === 'net',
  }
}

function say(weight: Weight, how: 'stable' | 'printed'): Said {
  return measured([valueOf(terms.weight, weight.weightKg)], {
    qualifiers: { how, ...(weight.isNet ? { load: 'net' } : {}) },
  })
}
