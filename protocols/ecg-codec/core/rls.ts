/**
 * Recursive least squares with a forgetting factor and a weight for each sample.
 *
 *   predict   w x
 *   learn     k = P x,  q = k x,  g = 1 / (lambda * noise + q)
 *             w += k * g * (target - prediction)
 *             P = (P - g k k') / lambda
 *
 * `noise` is how far off a prediction may be here, squared: a sample that is uncertain teaches
 * little. P begins as `spread` on the diagonal and w as zeros. In truth P is a factor c times a
 * matrix S, so that dividing by lambda concerns c alone; and S is brought up to date together with
 * the next product, in one pass:
 *
 *   S = S - gain * old old'     old, gain: h and g * c of the sample before; gain is 0 at first
 *   h = S x,  q = c * (h x),  g = 1 / (lambda * noise + q)
 *   w += h * (error * g * c),  gain = g * c,  c = c / lambda
 *
 * When q is below 0 or not a number, or q or the squared error above 1e30, arithmetic has failed:
 * S, c and w begin anew. Every 64 samples, c is made smaller when the mean of the diagonal of P (S
 * as it stands, times c) is above 100 times `spread`, which happens when nothing moves: c is
 * multiplied by most / trace. When c is then above 1e60, S and gain are multiplied by it and c is 1
 * again.
 */
import { addScaled, dot, symmetricStep } from './kernels.ts'
import type { f64, i32 } from './numbers.ts'

const failed: f64 = 1e30
const boundEvery: i32 = 64
const spreadsMax: f64 = 100
const factorMax: f64 = 1e60

export class Rls {
  readonly w: Float64Array
  prediction: f64 = 0
  private readonly n: i32
  private readonly lambda: f64
  private readonly spread: f64
  private readonly s: Float64Array
  private c: f64 = 1
  /** The h of the last sample and that of this one, in turns. */
  private readonly h: Float64Array
  private old: i32 = 0
  private gain: f64 = 0
  private age: i32 = 0

  constructor(n: i32, lambda: f64, spread: f64) {
    this.n = n
    this.lambda = lambda
    this.spread = spread
    this.w = new Float64Array(n)
    this.s = new Float64Array(n * n)
    this.h = new Float64Array(2 * n)
    this.begin()
  }

  private begin(): void {
    this.s.fill(0)
    for (let i: i32 = 0; i < this.n; i++) this.s[i * this.n + i] = this.spread
    this.c = 1
    this.gain = 0
    this.h.fill(0)
  }

  predict(x: Float64Array): f64 {
    this.prediction = dot(this.w, 0, x, 0, this.n)
    return this.prediction
  }

  learn(x: Float64Array, target: f64, noise: f64): void {
    const n = this.n
    const fresh: i32 = this.old === 0 ? n : 0
    symmetricStep(this.s, n, this.h, this.old, fresh, this.gain, x)
    const q: f64 = this.c * dot(this.h, fresh, x, 0, n)
    const error: f64 = target - this.prediction
    if (!(q >= 0 && q < failed && error * error < failed)) {
      this.w.fill(0)
      this.begin()
      return
    }
    this.gain = this.c / (this.lambda * noise + q)
    addScaled(this.w, 0, this.h, fresh, n, error * this.gain)
    this.old = fresh
    this.c /= this.lambda
    this.age += 1
    if (this.age === boundEvery) this.bound()
  }

  private bound(): void {
    this.age = 0
    const n = this.n
    let trace: f64 = 0
    for (let i: i32 = 0; i < n; i++) trace += this.s[i * n + i] as f64
    trace *= this.c
    let most: f64 = n
    most *= this.spread * spreadsMax
    if (trace > most) this.c *= most / trace
    if (this.c < factorMax) return
    for (let i: i32 = 0; i < n * n; i++) this.s[i] = (this.s[i] as f64) * this.c
    this.gain *= this.c
    this.c = 1
  }
}
