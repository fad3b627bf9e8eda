/**
 * What a probability really came to, in one context: a curve over its log odds with 25 points, 0.6
 * apart from -7.2 to 7.2, at first squash of each. Read with linear interpolation; after the bit,
 * the two points beside move towards it by 0.01, shared as they were read.
 */
import { squash } from './functions.ts'
import { toInt } from './kernels.ts'
import type { f64, i32 } from './numbers.ts'

const points: i32 = 25
const apart: f64 = 0.6
const middle: f64 = 12
const rate: f64 = 0.01
const placeMax: f64 = 23.999

export class Refinement {
  private readonly curves: Float64Array
  private at: i32 = 0
  private right: f64 = 0

  constructor(contexts: i32) {
    this.curves = new Float64Array(contexts * points)
    for (let i: i32 = 0; i < this.curves.length; i++) {
      const point: f64 = i % points
      this.curves[i] = squash((point - middle) * apart)
    }
  }

  refine(z: f64, context: i32): f64 {
    let place: f64 = z / apart + middle
    if (!(place > 0)) place = 0
    if (place > placeMax) place = placeMax
    const point = toInt(place)
    this.right = place - point
    this.at = context * points + point
    const left: f64 = this.curves[this.at] as f64
    const next: f64 = this.curves[this.at + 1] as f64
    return left * (1 - this.right) + next * this.right
  }

  learn(bit: i32): void {
    const at = this.at
    const left: f64 = this.curves[at] as f64
    const next: f64 = this.curves[at + 1] as f64
    const target: f64 = bit
    this.curves[at] = left + rate * (1 - this.right) * (target - left)
    this.curves[at + 1] = next + rate * this.right * (target - next)
  }
}
