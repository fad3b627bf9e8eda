/**
 * Recursive least squares with a forgetting factor and a weight for each sample.
 *
 *   predict   w x
 *   learn     k = P x,  q = k x,  g = 1 / (lambda * noise + q)
 *             w += k * g * (target - prediction)
 *             P = (P - g k k') / lambda
 *
 * `noise` is how far off a prediction may be here, squared: a sample that is uncertain teaches little.
 * P begins as `spread` on the diagonal and w as zeros. P is brought up to date together with the next
 * product, in one pass. When q is below 0 or not a number, or q or the squared error above 1e30,
 * arithmetic has failed: P and w begin anew. Every 64 samples, P is made smaller as a whole when the
 * mean of its diagonal is above 100 times `spread`, which happens when nothing moves.
 */
import { addScaled, dot, symmetricStep } from './kernels.ts'
import type { f64, i32 } from './numbers.ts'

const failed: f64 = 1e30
const boundEvery: i32 = 64
const spreadsMax: f64 = 100

export class Rls {
  readonly w: Float64Array
  prediction: f64 = 0
  private readonly n: i32
  private readonly lambda: f64
  private readonly spread: f64
  private readonly p: Float64Array
  /** The k of the last sample and that of this one, in turns. */
  private readonly k: Float64Array
  private old: i32 = 0
  private gain: f64 = 0
  private growth: f64 = 1
  private age: i32 = 0

  constructor(n: i32, lambda: f64, spread: f64) {
    this.n = n
    this.lambda = lambda
    this.spread = spread
    this.w = new Float64Array(n)
    this.p = new Float64Array(n * n)
    this.k = new Float64Array(2 * n)
    this.begin()
  }

  private begin(): void {
    this.p.fill(0)
    for (let i: i32 = 0; i < this.n; i++) this.p[i * this.n + i] = this.spread
    this.gain = 0
    this.growth = 1
    this.k.fill(0)
  }

  predict(x: Float64Array): f64 {
    this.prediction = dot(this.w, 0, x, 0, this.n)
    return this.prediction
  }

  learn(x: Float64Array, target: f64, noise: f64): void {
    const n = this.n
    const fresh: i32 = this.old === 0 ? n : 0
    symmetricStep(this.p, n, this.k, this.old, fresh, this.gain, this.growth, x)
    const q: f64 = dot(this.k, fresh, x, 0, n)
    const error: f64 = target - this.prediction
    if (!(q >= 0 && q < failed && error * error < failed)) {
      this.w.fill(0)
      this.begin()
      return
    }
    const gain: f64 = 1 / (this.lambda * noise + q)
    addScaled(this.w, 0, this.k, fresh, n, error * gain)
    this.old = fresh
    this.gain = gain
    this.growth = 1 / this.lambda
    this.age += 1
    if (this.age === boundEvery) this.bound()
  }

  private bound(): void {
    this.age = 0
    let trace: f64 = 0
    for (let i: i32 = 0; i < this.n; i++) trace += this.p[i * this.n + i] as f64
    let most: f64 = this.n
    most *= this.spread * spreadsMax
    // The update that is still to come is shrunk by the same factor.
    if (trace > most) this.growth *= most / trace
  }
}
