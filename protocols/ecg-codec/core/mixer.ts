/**
 * Mixes opinions about one bit, given as log odds, into one probability. For each of several
 * contexts one set of weights is chosen:
 *
 *   z_s = w_s inputs, held within -11 … 11           for each chosen set s
 *   z   = v_f (z_0 … z_n), held within -11 … 11      v_f: chosen by `last`, at first all 1 / n
 *   p   = squash(z)
 *
 * A set that was never chosen before begins with the first weights for this kind of question: the
 * first row where `last` is 0, the second elsewhere. After the bit, with uses_s the number of times
 * that set s has learned:
 *
 *   w_s += inputs * (bit - squash(z_s)) * (rateEnd + rateStart / (1 + uses_s / 50))
 *   v_f += (z_0 … z_n) * (bit - p) * rateLast
 */
import { squash, stretchMax } from './functions.ts'
import { addScaled, dot } from './kernels.ts'
import type { f64, i32 } from './numbers.ts'

const rateStart: f64 = 0.07
const rateEnd: f64 = 0.01
const rateLast: f64 = 0.002
const useWeight: f64 = 0.02

export class Mixer {
  /** To be filled before each `mix`; their number is a multiple of four. */
  readonly inputs: Float64Array
  /** Which set of each context, and which of the last weights; to be set before each `mix`. */
  readonly chosen: Int32Array
  last: i32 = 0
  /** The result, as log odds and as a probability. */
  z: f64 = 0
  p: f64 = 0.5
  private readonly n: i32
  private readonly contexts: i32
  /** First set of each context. */
  private readonly base: Int32Array
  private readonly w: Float64Array
  private readonly uses: Float64Array
  private readonly votes: Float64Array
  private readonly v: Float64Array
  private readonly start: Float64Array

  /** `sizes`: sets of each context, 8 contexts at most. `start`: two rows of first weights. */
  constructor(n: i32, sizes: Int32Array, lasts: i32, start: Float64Array) {
    const contexts = sizes.length
    const base = new Int32Array(contexts)
    let sets: i32 = 0
    for (let s: i32 = 0; s < contexts; s++) {
      base[s] = sets
      sets += sizes[s] as i32
    }
    const share: f64 = contexts
    const v = new Float64Array(lasts * votesMax)
    for (let f: i32 = 0; f < lasts; f++)
      for (let s: i32 = 0; s < contexts; s++) v[f * votesMax + s] = 1 / share
    this.n = n
    this.contexts = contexts
    this.base = base
    this.w = new Float64Array(sets * n)
    this.start = start
    this.v = v
    this.inputs = new Float64Array(n)
    this.chosen = new Int32Array(contexts)
    this.uses = new Float64Array(sets)
    this.votes = new Float64Array(votesMax)
  }

  mix(): f64 {
    for (let s: i32 = 0; s < this.contexts; s++) {
      const set = (this.base[s] as i32) + (this.chosen[s] as i32)
      if ((this.uses[set] as f64) === 0) this.begin(set)
      this.votes[s] = held(dot(this.w, set * this.n, this.inputs, 0, this.n))
    }
    this.z = held(dot(this.v, this.last * votesMax, this.votes, 0, votesMax))
    this.p = squash(this.z)
    return this.p
  }

  private begin(set: i32): void {
    const n = this.n
    const row: i32 = this.last === 0 ? 0 : n
    for (let i: i32 = 0; i < n; i++) this.w[set * n + i] = this.start[row + i] as f64
  }

  learn(bit: i32): void {
    const target: f64 = bit
    for (let s: i32 = 0; s < this.contexts; s++) {
      const set = (this.base[s] as i32) + (this.chosen[s] as i32)
      const uses: f64 = this.uses[set] as f64
      this.uses[set] = uses + useWeight
      const rate: f64 = rateEnd + rateStart / (1 + uses)
      const error: f64 = (target - squash(this.votes[s] as f64)) * rate
      addScaled(this.w, set * this.n, this.inputs, 0, this.n, error)
    }
    const error: f64 = (target - this.p) * rateLast
    addScaled(this.v, this.last * votesMax, this.votes, 0, votesMax, error)
  }
}

const votesMax: i32 = 8

function held(z: f64): f64 {
  if (z > stretchMax) return stretchMax
  return z < -stretchMax ? -stretchMax : z
}
