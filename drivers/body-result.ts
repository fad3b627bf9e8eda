/** Weight and height of one person, printed together by scales and height columns. */
import type { DeviceTime, Value, Words } from '../protocols/packet/record.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import type { Said } from './driver.ts'
import { hasValue, measured, valueOf } from './measured.ts'

export interface BodyResult {
  readonly weightKg: number | null
  /** Absent for a device that has no height; null when it was not measured. */
  readonly heightCm?: number | null
  /** As the device says it. It is not computed. */
  readonly bodyMassIndex?: number | null
  readonly deviceTime: DeviceTime | null
  readonly qualifiers: Words
  readonly moreValues?: readonly Value[]
}

/** How far a body mass index may be from weight and height, all three being rounded. */
const indexTolerance = 0.3

/**
 * Says each result once. A key that was pressed twice prints the same numbers within seconds; the
 * next person with the same numbers comes later.
 */
export class BodyResults {
  readonly #repeatedWithinMs: number
  #last: { readonly key: string; readonly atMs: number } | null = null

  constructor(repeatedWithinMs: number) {
    this.#repeatedWithinMs = repeatedWithinMs
  }

  *say(result: BodyResult, atMs: number): Generator<Said, void, undefined> {
    const key = JSON.stringify(result)
    const before = this.#last
    this.#last = { key, atMs }
    if (before?.key === key && atMs - before.atMs < this.#repeatedWithinMs) {
      yield { kind: 'event', code: 'said-twice', level: 'info', active: null }
      return
    }
    const { weightKg, heightCm, bodyMassIndex, deviceTime, qualifiers, moreValues } = result
    const values = [
      valueOf(terms.weight, weightKg),
      ...(heightCm === undefined ? [] : [valueOf(terms.height, heightCm)]),
      ...(bodyMassIndex === undefined ? [] : [valueOf(terms.bodyMassIndex, bodyMassIndex)]),
      ...(moreValues ?? []),
    ]
    if (!hasValue(values)) return
    const implausible = isConsistent(result) ? [] : [terms.bodyMassIndex.code]
    yield measured(values, { deviceTime, qualifiers, implausible })
  }
}

function isConsistent({ weightKg, heightCm, bodyMassIndex }: BodyResult): boolean {
  const [height, index] = [heightCm ?? null, bodyMassIndex ?? null]
  if (weightKg === null || height === null || index === null) return true
  return Math.abs(index - weightKg / (height / 100) ** 2) <= indexTolerance
}
