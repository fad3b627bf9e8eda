/** A scale onto which people step and from which they go: each weighs something else. */
import { joinBytes } from '../../protocols/bytes/bytes.ts'
import {
  encodeScaleLine,
  type ScaleLayout,
  type ScaleLine,
} from '../../protocols/st-gs-scale/line.ts'
import type { Random } from '../../protocols/world/random.ts'
import { weightOf } from './distinct.ts'
import type { Simulated, Spoken } from './simulated.ts'

export interface ScaleOptions {
  readonly random: Random
  readonly layout: ScaleLayout
  /** `stream`: ten lines a second, always. `print`: one line a person, when a key is pressed. */
  readonly mode: 'stream' | 'print'
  /** How long the scale stands empty between two people: at least, and so much more at most. */
  readonly emptyMs: number
  readonly jitterMs: number
  /** `weightOf` counts on from here. */
  readonly firstNumber: number
}

const lineEveryMs = 100
const stepsUp = 4
/** Enough for five that agree, also when one of them moves. */
const standingLines = 12

export function* simulateScale(options: ScaleOptions): Simulated {
  for (let number = options.firstNumber; ; number++) {
    const emptyMs = options.emptyMs + options.random.below(options.jitterMs + 1)
    const weightKg = weightOf(number)
    if (options.mode === 'stream') yield* person(options, emptyMs, weightKg)
    else yield spoken(options, emptyMs, 'stable', weightKg)
  }
}

function* person(options: ScaleOptions, emptyMs: number, weightKg: number): Simulated {
  const { random } = options
  for (let ms = 0; ms < emptyMs; ms += lineEveryMs) {
    yield spoken(options, lineEveryMs, 'stable', 0)
  }
  for (let step = 1; step <= stepsUp; step++) {
    yield spoken(options, lineEveryMs, 'unstable', (weightKg * step) / (stepsUp + 1))
  }
  const moves = random.below(standingLines)
  for (let line = 0; line < standingLines; line++) {
    const state = line === moves ? 'unstable' : 'stable'
    yield spoken(options, lineEveryMs, state, weightKg)
  }
  yield spoken(options, lineEveryMs, 'unstable', weightKg / 2)
}

function spoken(
  options: ScaleOptions,
  afterMs: number,
  state: ScaleLine['state'],
  weightKg: number,
): Spoken {
  const line: ScaleLine = {
    kind: 'line',
    state,
    load: options.layout === 'indicator' ? 'gross' : null,
    comparator: null,
    amount: { value: Math.round(weightKg * 20) / 20, decimals: 2, unit: 'kg' },
    parityInData: null,
  }
  return { afterMs, bytes: joinBytes(encodeScaleLine(line, options.layout), [0x0d, 0x0a]) }
}
