/**
 * What is known of one lead, and its predictions of the next value. All predict the difference d to
 * the last value from differences before:
 *
 *   0 leading   least squares over 1 to 6, whose weights are 1/6 at first, 7, 10 and 11 (lambda
 *               0.9995, spread 0.1)
 *   1 steady    least squares over 16 own and 3 of each other lead (0.9995, spread 1)
 *   2 brisk     least squares over 4 own and 2 of each other lead (0.998, spread 1)
 *   3 NLMS of the inputs of 1, step 0.1
 *   4 NLMS of the same, step 0.02
 *   5 NLMS of all that is remembered of all leads (32 each), step 0.005
 *   6 broad     least squares over 32 own and up to 31 of each other lead (0.9999, spread 0.1)
 *   7 slope     the last difference
 *   8 level     0
 *   9 mended    0 plus what an NLMS makes of its last 16 errors and of the errors at this instant
 *               of the 16 leads before, the nearest first, step 0.2
 *   10 fifths   five least squares, each for every fifth sample, over 12 own and 1 of each other
 *               lead (0.9995, spread 1): the sample that is number n of the lead, from 0, is for n
 *               modulo 5
 *   11 eighths  the same with eight
 *
 * 10 and 11 are for recordings that were resampled, where each phase has its own way.
 *
 * Of another lead, the latest difference is the one at this instant when the lead comes before. How
 * many leads and differences are taken when there are many leads is in settings.ts.
 * Profile light has 0 (over 2 and 3, with 1/2 at first, and 7), 2, 3, 7 and 8 only.
 *
 * After the value v, with prediction 0 and the averages as they were before it:
 *
 *   error = v - prediction 0,  squared = error * error
 *   off   = (0.2 * slow + 0.8 * quick) * 1.25 + 0.1
 *   noise = off * off * (0.5 + 0.5 * surprise)
 *
 * The target of 0 to 6, 10 and 11 is d, that of the NLMS of 9 is error. What least squares take for
 * noise is noise + squared in 0 and 6, noise + 0.1 * squared in 1, noise in 2, 10 and 11. The share
 * of the NLMS is noise / (noise + squared) in 3 and 5, and 1 in 4 and 9. So a value that is far off
 * teaches some of them little. Then each average follows the size of its error e:
 *
 *   average += rate * (e - average),  rate = max(r, 1 / (samples + 1))
 *
 * with r = 0.25 (quick), 0.03 (middle) and 0.003 (slow); all are 4 at first. In samples, this one
 * and the first of the lead are counted.
 */
import { dot } from './kernels.ts'
import { Nlms } from './nlms.ts'
import type { f64, i32 } from './numbers.ts'
import { Habits, modulo } from './habits.ts'
import { Rls } from './rls.ts'
import { light, memory } from './settings.ts'
import type { Settings, Shape } from './settings.ts'

export const predictions: i32 = 12
const stageSize: i32 = 12
const errorsKept: i32 = 16
const errorInputs: i32 = 32
const half: f64 = 0.5
const sixth: f64 = 0.16666666666666666

/** Where averages of the size of errors begin, and how fast they follow. */
const errorStart: f64 = 4
const quickRate: f64 = 0.25
const middleRate: f64 = 0.03
const slowRate: f64 = 0.003

const int32Min: f64 = -2147483648
const int32Max: f64 = 2147483647

export class Lead {
  /** The last value. */
  last: f64 = 0
  samples: f64 = 0
  /** Predicted values, within 32 bits. */
  readonly means: Float64Array = new Float64Array(predictions)
  /** Averages of how far off each was: over about 4, 33 and 330 samples. */
  readonly quick: Float64Array = new Float64Array(predictions)
  readonly middle: Float64Array = new Float64Array(predictions)
  readonly slow: Float64Array = new Float64Array(predictions)
  readonly habits: Habits = new Habits()
  private readonly isLight: boolean
  private readonly place: i32
  private readonly settings: Settings
  private readonly some: Float64Array
  private readonly few: Float64Array
  private readonly many: Float64Array
  private readonly bits: Float64Array
  private readonly stageInputs: Float64Array = new Float64Array(stageSize)
  private readonly errors: Float64Array = new Float64Array(errorInputs)
  private readonly stage: Rls = new Rls(stageSize, 0.9995, 0.1)
  private readonly steady: Rls
  private readonly brisk: Rls
  private readonly broad: Rls
  private readonly fifths: Array<Rls>
  private readonly eighths: Array<Rls>
  private readonly first: Nlms
  private readonly second: Nlms
  private readonly whole: Nlms
  private readonly mend: Nlms = new Nlms(errorInputs, 0.2)

  constructor(settings: Settings, place: i32, leads: i32) {
    const isLight = settings.level === light
    this.isLight = isLight
    this.place = place
    this.settings = settings
    this.some = new Float64Array(settings.steady.size)
    this.few = new Float64Array(settings.brisk.size)
    this.many = new Float64Array(isLight ? 4 : settings.broad.size)
    this.steady = new Rls(isLight ? 4 : settings.steady.size, 0.9995, 1)
    this.brisk = new Rls(settings.brisk.size, 0.998, 1)
    this.broad = new Rls(isLight ? 4 : settings.broad.size, 0.9999, 0.1)
    this.bits = new Float64Array(isLight ? 4 : settings.phase.size)
    this.fifths = phases(settings, 5)
    this.eighths = phases(settings, 8)
    this.first = new Nlms(settings.steady.size, 0.1)
    this.second = new Nlms(settings.steady.size, 0.02)
    this.whole = new Nlms(isLight ? 4 : memory * leads, 0.005)
    this.quick.fill(errorStart)
    this.middle.fill(errorStart)
    this.slow.fill(errorStart)
    for (let i: i32 = 0; i < 6; i++) this.stage.w[i] = isLight ? half : sixth
  }

  /** `history`: 32 differences of each lead, the latest first. `latestErrors`: of 0, one a lead. */
  predict(history: Float64Array, latestErrors: Float64Array): void {
    const z = this.stageInputs
    gather(history, this.place, this.settings.steady, this.some)
    gather(history, this.place, this.settings.brisk, this.few)
    z[1] = this.brisk.predict(this.few)
    z[2] = this.first.predict(this.some)
    if (!this.isLight) {
      gather(history, this.place, this.settings.broad, this.many)
      gather(history, this.place, this.settings.phase, this.bits)
      z[0] = this.steady.predict(this.some)
      z[3] = this.second.predict(this.some)
      z[4] = this.whole.predict(history)
      z[5] = this.broad.predict(this.many)
      z[7] = this.fifth().predict(this.bits)
      z[8] = this.eighth().predict(this.bits)
      let at = errorsKept
      for (let o: i32 = this.place - 1; o >= 0 && at < errorInputs; o--) {
        this.errors[at] = latestErrors[o] as f64
        at++
      }
      this.mend.predict(this.errors)
    }
    z[6] = history[this.place * memory] as f64
    const leading = this.stage.predict(z)
    const means = this.means
    means[0] = this.valueOf(leading)
    for (let i: i32 = 0; i < 6; i++) means[i + 1] = this.valueOf(z[i] as f64)
    means[7] = this.valueOf(history[this.place * memory] as f64)
    means[8] = this.last
    means[9] = this.valueOf(leading + this.mend.prediction)
    means[10] = this.valueOf(z[7] as f64)
    means[11] = this.valueOf(z[8] as f64)
  }

  private fifth(): Rls {
    return this.fifths[modulo(this.samples, 5)] as Rls
  }

  private eighth(): Rls {
    return this.eighths[modulo(this.samples, 8)] as Rls
  }

  private valueOf(difference: f64): f64 {
    const value: f64 = this.last + difference
    if (!(value > int32Min)) return int32Min
    return value > int32Max ? int32Max : value
  }

  /** The typical size of an error of one prediction. */
  spread(prediction: i32): f64 {
    return (
      0.2 * (this.quick[prediction] as f64) +
      0.4 * (this.middle[prediction] as f64) +
      0.4 * (this.slow[prediction] as f64)
    )
  }

  /** `surprise`: how far off this and the leads before were, in units of what was typical. */
  learn(history: Float64Array, value: f64, surprise: f64): void {
    const d: f64 = value - this.last
    const error: f64 = value - (this.means[0] as f64)
    const off: f64 = (0.2 * (this.slow[0] as f64) + 0.8 * (this.quick[0] as f64)) * 1.25 + 0.1
    const noise: f64 = off * off * (0.5 + 0.5 * surprise)
    const squared: f64 = error * error
    const share: f64 = noise / (noise + squared)
    const power: f64 = dot(this.some, 0, this.some, 0, this.some.length)
    this.stage.learn(this.stageInputs, d, noise + squared)
    this.brisk.learn(this.few, d, noise)
    this.first.learn(this.some, d, power, share)
    if (!this.isLight) {
      this.steady.learn(this.some, d, noise + 0.1 * squared)
      this.broad.learn(this.many, d, noise + squared)
      this.fifth().learn(this.bits, d, noise)
      this.eighth().learn(this.bits, d, noise)
      this.mend.learn(this.errors, error, dot(this.errors, 0, this.errors, 0, errorInputs), 1)
      for (let k: i32 = errorsKept - 1; k > 0; k--) this.errors[k] = this.errors[k - 1] as f64
      this.errors[0] = error
      this.second.learn(this.some, d, power, 1)
      this.whole.learn(history, d, dot(history, 0, history, 0, history.length), share)
    }
    this.follow(value)
    this.last = value
  }

  private follow(value: f64): void {
    this.samples += 1
    const start: f64 = 1 / (this.samples + 1)
    const quick: f64 = start > quickRate ? start : quickRate
    const middle: f64 = start > middleRate ? start : middleRate
    const slow: f64 = start > slowRate ? start : slowRate
    for (let i: i32 = 0; i < predictions; i++) {
      const size: f64 = Math.abs(value - (this.means[i] as f64))
      this.quick[i] = (this.quick[i] as f64) + quick * (size - (this.quick[i] as f64))
      this.middle[i] = (this.middle[i] as f64) + middle * (size - (this.middle[i] as f64))
      this.slow[i] = (this.slow[i] as f64) + slow * (size - (this.slow[i] as f64))
    }
  }
}

/** One for each phase; none in profile light. */
function phases(settings: Settings, period: i32): Array<Rls> {
  const all = new Array<Rls>()
  if (settings.level === light) return all
  for (let phase: i32 = 0; phase < period; phase++)
    all.push(new Rls(settings.phase.size, 0.9995, 1))
  return all
}

/** The inputs of a predictor of lead `place`: its own differences, then those of the others. */
function gather(history: Float64Array, place: i32, shape: Shape, x: Float64Array): void {
  const leads = history.length >> 5
  const own = place * memory
  for (let k: i32 = 0; k < shape.own; k++) x[k] = history[own + k] as f64
  let n = shape.own
  let left = shape.others
  for (let o: i32 = place - 1; o >= 0 && left > 0; o--) {
    for (let k: i32 = 0; k < shape.each; k++) x[n + k] = history[o * memory + k] as f64
    n += shape.each
    left--
  }
  for (let o: i32 = place + 1; o < leads && left > 0; o++) {
    for (let k: i32 = 0; k < shape.each; k++) x[n + k] = history[o * memory + k] as f64
    n += shape.each
    left--
  }
}
