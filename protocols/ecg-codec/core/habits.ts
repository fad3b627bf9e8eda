/**
 * Which values of a lead are likelier than their neighbours, whatever was predicted: recorders that
 * scale or resample leave values on a lattice, wholly or mostly. Six habits are watched for each
 * lead:
 *
 *   0  value modulo 2, given the last two values modulo 2
 *   1  value modulo 5, given the number of the sample modulo 5
 *   2  value modulo 5, given how many of the leads before it at this instant were multiples of 5
 *      (there were none before it, none was, some were, all were) and whether the lead's value five
 *      samples ago was one
 *   3  value modulo 4, given the number of the sample modulo 4
 *   4  value modulo 5, given which of the last four values were multiples of 5
 *   5  how often the value itself was seen, against the mean over it and 6 neighbours on both sides
 *
 * Each gives a weight to every value: 0 to 4, the share of its remainder times the modulus, counted
 * from 0.4 each and all halved when one is above 500; 5, (seen + 2) / (mean + 2), counted modulo
 * 4096. Around the center, min(40, 8 + the whole part of 4 * spread) values on each side are
 * summed, each with its weight times its share of a logistic distribution of the leading prediction
 * with 0.2 quick + 0.4 middle + 0.4 slow (plus 1e-12); and once more without the weights.
 *
 * To a question, each habit answers odds(beyond, before) with its weights minus the same without
 * weights, where odds(a, b) = stretch((a + 1e-9) / (a + b + 2e-9)): beyond is what lies between the
 * edge and the far end of what is possible, or the last value summed; before is what lies between
 * the near end and the edge. It is 0 when the edge is not within what was summed.
 */
import { stretch, tail } from './functions.ts'
import { toInt } from './kernels.ts'
import type { f64, i32 } from './numbers.ts'

export const habits: i32 = 6
const remainders: i32 = 5
const reach: i32 = 40
/** Places of the sums of one side: the sum over the first 0, 1 … 40 values. */
const places: i32 = 41
const countStart: f64 = 0.4
const countMax: f64 = 500
const contexts: i32 = 16
/** Counts in one context; the largest modulus is 5. */
const width: i32 = 8
const seenSize: f64 = 4096
const seenMask: i32 = 4095
const seenStart: f64 = 2
const neighbours: i32 = 6
const tiny: f64 = 1e-12
const small: f64 = 1e-9

const moduli: Int32Array = new Int32Array(remainders)
moduli.fill(5)
moduli[0] = 2
moduli[3] = 4

/** The remainder, 0 or above, of a whole number. */
export function modulo(x: f64, m: f64): i32 {
  return toInt(x - Math.floor(x / m) * m)
}

/** What is remembered of one lead. */
export class Habits {
  readonly counts: Float64Array = new Float64Array(remainders * contexts * width)
  readonly context: Int32Array = new Int32Array(remainders)
  readonly seen: Float64Array = new Float64Array(4096)
  /** Bit 0: the last value, bit 1: the one before it … */
  odd: i32 = 0
  five: i32 = 0

  constructor() {
    this.counts.fill(countStart)
  }
}

/** Asks the habits of the lead at hand. One for all leads. */
export class HabitSums {
  private habit: Habits = new Habits()
  private reached: i32 = reach
  private fives: i32 = 0
  private leads: i32 = 0
  private readonly plain: Float64Array = new Float64Array(2 * places)
  private readonly weighted: Float64Array = new Float64Array(habits * 2 * places)
  private readonly weights: Float64Array = new Float64Array(remainders * width)
  private readonly remainder: Int32Array = new Int32Array(remainders)

  startInstant(): void {
    this.fives = 0
    this.leads = 0
  }

  /** The lead that comes next, and the number of its sample modulo 5 and modulo 4. */
  choose(habit: Habits, fifth: i32, fourth: i32): void {
    this.habit = habit
    const others: i32 =
      this.leads === 0 ? 0 : this.fives === 0 ? 1 : this.fives === this.leads ? 3 : 2
    habit.context[0] = habit.odd & 3
    habit.context[1] = fifth
    habit.context[2] = others + 4 * ((habit.five >> 4) & 1)
    habit.context[3] = fourth
    habit.context[4] = habit.five & 15
  }

  /** Sums around `center`, for a distribution around `mean` of 1 / `sharpness`. */
  prepare(center: f64, mean: f64, sharpness: f64, spread: f64): void {
    for (let h: i32 = 0; h < remainders; h++) this.weigh(h)
    const wanted = toInt(4 * (spread < 100 ? spread : 100)) + 8
    this.reached = wanted > reach ? reach : wanted
    this.sum(0, 1, center, center - 0.5 - mean, sharpness)
    this.sum(1, -1, center - 1, mean - (center - 0.5), sharpness)
  }

  private weigh(h: i32): void {
    const habit = this.habit
    const m = moduli[h] as i32
    const at = (h * contexts + (habit.context[h] as i32)) * width
    let sum: f64 = 0
    for (let i: i32 = 0; i < m; i++) sum += habit.counts[at + i] as f64
    const each: f64 = m
    const factor: f64 = each / sum
    for (let i: i32 = 0; i < m; i++)
      this.weights[h * width + i] = (habit.counts[at + i] as f64) * factor
  }

  /** The values first, first + step …; `distance`: of the near edge, outwards from the mean. */
  private sum(side: i32, step: i32, first: f64, distance: f64, sharpness: f64): void {
    const base = side * places
    const seen = this.habit.seen
    this.plain[base] = 0
    for (let h: i32 = 0; h < habits; h++) this.weighted[h * 2 * places + base] = 0
    for (let h: i32 = 0; h < remainders; h++) this.remainder[h] = modulo(first, moduli[h] as f64)
    let place = modulo(first, seenSize)
    let around: f64 = 0
    for (let o: i32 = -neighbours; o <= neighbours; o++)
      around += seen[(place + o) & seenMask] as f64
    let edge: f64 = distance * sharpness
    let near: f64 = tail(edge)
    for (let k: i32 = 0; k < this.reached; k++) {
      edge += sharpness
      const far: f64 = tail(edge)
      const mass: f64 = near - far + tiny
      near = far
      this.plain[base + k + 1] = (this.plain[base + k] as f64) + mass
      for (let h: i32 = 0; h < remainders; h++) {
        const at = h * 2 * places + base + k
        const i = this.remainder[h] as i32
        this.weighted[at + 1] =
          (this.weighted[at] as f64) + mass * (this.weights[h * width + i] as f64)
        const m = moduli[h] as i32
        const next = i + step
        this.remainder[h] = next < 0 ? m - 1 : next === m ? 0 : next
      }
      const at = remainders * 2 * places + base + k
      const weight: f64 = ((seen[place] as f64) + seenStart) / (around / 13 + seenStart)
      this.weighted[at + 1] = (this.weighted[at] as f64) + mass * weight
      around += seen[(place + (neighbours + 1) * step) & seenMask] as f64
      around -= seen[(place - neighbours * step) & seenMask] as f64
      place = (place + step) & seenMask
    }
  }

  /**
   * Beyond `mid` against before it, both between `near` and `far`: distances from the center on one
   * side (0 up, 1 down), `far` -1 for no end. Into `into` from `at` on.
   */
  ask(side: i32, near: i32, mid: i32, far: i32, into: Float64Array, at: i32): void {
    if (mid >= this.reached) {
      for (let h: i32 = 0; h < habits; h++) into[at + h] = 0
      return
    }
    const end: i32 = far < 0 || far > this.reached ? this.reached : far
    const a = side * places
    const middle: f64 = this.plain[a + mid] as f64
    const plain = odds(
      (this.plain[a + end] as f64) - middle,
      middle - (this.plain[a + near] as f64),
    )
    for (let h: i32 = 0; h < habits; h++) {
      const b = h * 2 * places + a
      const split: f64 = this.weighted[b + mid] as f64
      const beyond: f64 = (this.weighted[b + end] as f64) - split
      into[at + h] = odds(beyond, split - (this.weighted[b + near] as f64)) - plain
    }
  }

  /** Up against down. */
  askSide(into: Float64Array, at: i32): void {
    const up = this.reached
    const down = places + this.reached
    const plain = odds(this.plain[up] as f64, this.plain[down] as f64)
    for (let h: i32 = 0; h < habits; h++) {
      const b = h * 2 * places
      into[at + h] = odds(this.weighted[b + up] as f64, this.weighted[b + down] as f64) - plain
    }
  }

  learn(value: f64): void {
    const habit = this.habit
    for (let h: i32 = 0; h < remainders; h++) {
      const m = moduli[h] as i32
      const at = (h * contexts + (habit.context[h] as i32)) * width
      const place = at + modulo(value, m)
      const count: f64 = (habit.counts[place] as f64) + 1
      habit.counts[place] = count
      if (count > countMax)
        for (let i: i32 = 0; i < m; i++) habit.counts[at + i] = (habit.counts[at + i] as f64) * 0.5
    }
    const place = modulo(value, seenSize)
    habit.seen[place] = (habit.seen[place] as f64) + 1
    habit.odd = ((habit.odd << 1) | modulo(value, 2)) & 3
    const five: i32 = modulo(value, 5) === 0 ? 1 : 0
    habit.five = ((habit.five << 1) | five) & 31
    this.fives += five
    this.leads += 1
  }
}

function odds(beyond: f64, before: f64): f64 {
  return stretch((beyond + small) / (beyond + before + 2 * small))
}
