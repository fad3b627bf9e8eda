/** What the profiles differ in. The numbers are part of the format. */
import type { i32 } from './numbers.ts'

export const light: i32 = 0
export const live: i32 = 1
export const best: i32 = 2

/** Differences of each lead that are remembered. */
export const memory: i32 = 32
/** Other leads that a lead is predicted from, the nearest before it first, then those behind it. */
const othersMax: i32 = 11

/** A vector is filled up with zeros to a multiple of four. */
function padded(n: i32): i32 {
  return ((n + 3) >> 2) << 2
}

/**
 * Inputs of a predictor: `own` differences of the lead itself, and of each of the others as many as
 * stay within `sum` inputs together, but 1 at least and `each` at most.
 */
export class Shape {
  readonly own: i32
  readonly each: i32
  readonly others: i32
  readonly size: i32

  constructor(own: i32, each: i32, leads: i32, sum: i32) {
    const others: i32 = leads - 1 > othersMax ? othersMax : leads - 1
    let most: i32 = each
    while (most > 1 && own + most * others > sum) most--
    this.own = own
    this.each = most
    this.others = others
    this.size = padded(own + most * others)
  }
}

export class Settings {
  readonly level: i32
  /** Recursive least squares over little, some and much; and the vector of the first two NLMS. */
  readonly brisk: Shape
  readonly steady: Shape
  readonly broad: Shape
  /** The same for one phase of a resampled recording. */
  readonly phase: Shape

  constructor(level: i32, leads: i32) {
    this.level = level
    this.brisk = new Shape(4, 2, leads, 28)
    this.steady = new Shape(16, 3, leads, 52)
    this.phase = new Shape(12, 1, leads, 28)
    this.broad = level === best ? new Shape(32, 31, leads, 120) : new Shape(32, 31, leads, 76)
  }
}
