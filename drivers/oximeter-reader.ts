/**
 * Finger oximeters that send everything with every sample of the pulse wave, without a check sum:
 * flags override numbers, and what one packet alone says is not believed.
 */
import type { Value } from '../protocols/packet/record.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { Current } from './condition.ts'
import type { Said } from './driver.ts'
import { Agreed, Live } from './live.ts'
import { hasValue, valueOf } from './measured.ts'

export type OximeterState =
  | 'ok'
  | 'sensor-off'
  | 'no-finger'
  | 'searching'
  | 'search-too-long'
  | 'artifact'

export interface OximeterInstant {
  readonly state: OximeterState
  readonly pleth: number
  readonly saturationPercent: number | null
  readonly pulsePerMinute: number | null
  /** Absent for a device that never says it. */
  readonly perfusionIndexPercent?: number | null
}

export class OximeterReader {
  readonly #condition = new Current()
  readonly #agreed = new Agreed()
  readonly #live = new Live();

  *instant(now: OximeterInstant, atMs: number): Generator<Said, void, undefined> {
    const isOk = now.state === 'ok'
    yield { kind: 'samples', wave: 'pleth', samples: isOk ? [now.pleth] : null }
    const values = isOk ? valuesOf(now) : absent(valuesOf(now))
    const key = [now.state, ...values.map(({ value }) => value)].join(' ')
    const isDue = this.#agreed.isDue(key, hasValue(values), atMs)
    if (!this.#agreed.isBelieved) return
    const code = `oximeter-${now.state}`
    yield* this.#condition.become(isOk ? null : { code, level: 'info' })
    if (isDue) yield* this.#live.say('oximeter', values)
  }
}

function valuesOf(now: OximeterInstant): readonly Value[] {
  return [
    valueOf(terms.saturation, now.saturationPercent),
    valueOf(terms.oximeterPulse, now.pulsePerMinute),
    ...(now.perfusionIndexPercent === undefined
      ? []
      : [valueOf(terms.perfusionIndex, now.perfusionIndexPercent)]),
  ]
}

function absent(values: readonly Value[]): readonly Value[] {
  return values.map((value) => ({ ...value, value: null }))
}
