/**
 * Normalised least mean squares: w += x * share * step * error / (1 + x x). `share` is 1, or less
 * for a sample that is off by more than expected. Weights begin as zeros.
 */
import { addScaled, dot } from './kernels.ts'
import type { f64, i32 } from './numbers.ts'

export class Nlms {
  readonly w: Float64Array
  prediction: f64 = 0
  private readonly n: i32
  private readonly step: f64

  constructor(n: i32, step: f64) {
    this.n = n
    this.step = step
    this.w = new Float64Array(n)
  }

  predict(x: Float64Array): f64 {
    this.prediction = dot(this.w, 0, x, 0, this.n)
    return this.prediction
  }

  learn(x: Float64Array, target: f64, power: f64, share: f64): void {
    const error: f64 = share * (target - this.prediction)
    addScaled(this.w, 0, x, 0, this.n, (this.step * error) / (1 + power))
  }
}
