/** A person at a monitor: waves as functions of time, and numbers that wander a little. */
import type { Random } from '../../protocols/world/random.ts'
import { pressureOf, type Pressure } from './distinct.ts'
import { pulseWave } from './oximeter.ts'

/** From the R peak until the pulse reaches the finger. */
const pulseDelayMs = 200

export interface BodyOptions {
  readonly random: Random
  /** Somebody starts the cuff so often. */
  readonly pressureEveryMs: number
  /** `pressureOf` counts on from here. */
  readonly firstNumber: number
}

export class Body {
  readonly heartPerMinute = 75
  readonly breathsPerMinute = 15
  readonly endTidalCo2MmHg = 38
  saturationPercent = 97
  tenthsCelsius = 366
  readonly #options: BodyOptions
  #second = 0

  constructor(options: BodyOptions) {
    this.#options = options
  }

  /** Lets the numbers wander, once a second. */
  passUntil(ms: number): void {
    for (; this.#second < Math.floor(ms / 1_000); this.#second++) {
      this.saturationPercent = this.#wander(this.saturationPercent, 95, 99)
      this.tenthsCelsius = this.#wander(this.tenthsCelsius, 364, 369)
    }
  }

  #wander(value: number, least: number, most: number): number {
    return Math.min(most, Math.max(least, value + this.#options.random.below(3) - 1))
  }

  /** The last one, and how many there were; null before the first. */
  pressureAt(ms: number): (Pressure & { readonly count: number }) | null {
    const count = Math.floor(ms / this.#options.pressureEveryMs)
    return count === 0 ? null : { ...pressureOf(this.#options.firstNumber + count - 1), count }
  }

  /** Lead II. */
  ecgMillivolts(ms: number): number {
    const phase = this.#beatPhase(ms)
    const hill = (at: number, width: number): number => Math.exp(-(((phase - at) / width) ** 2))
    return (
      0.12 * hill(0.18, 0.03) -
      0.1 * hill(0.315, 0.01) +
      1.1 * hill(0.33, 0.012) -
      0.2 * hill(0.35, 0.012) +
      0.3 * hill(0.6, 0.05)
    )
  }

  /** 0 to 1. */
  pulse(ms: number): number {
    return pulseWave(this.#beatPhase(ms - pulseDelayMs))
  }

  /** 0 to 1. */
  breath(ms: number): number {
    return 0.5 - 0.5 * Math.cos((2 * Math.PI * ms * this.breathsPerMinute) / 60_000)
  }

  #beatPhase(ms: number): number {
    const beats = (ms * this.heartPerMinute) / 60_000
    return beats - Math.floor(beats)
  }
}

/** Instants of a wave that lie in a span, the earlier end included. */
export function instants(fromMs: number, untilMs: number, perSecond: number): readonly number[] {
  const first = Math.ceil((fromMs * perSecond) / 1_000)
  const end = Math.ceil((untilMs * perSecond) / 1_000)
  return Array.from({ length: end - first }, (_, index) => ((first + index) * 1_000) / perSecond)
}
