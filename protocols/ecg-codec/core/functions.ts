/**
 * Logistic functions from tables, so that no function of a mathematical library takes part.
 *
 *   tail(z)    1 / (1 + e^z): how much of a logistic distribution lies beyond z
 *   squash(z)  tail(-z): a probability from its log odds
 *   stretch(p) ln(p / (1 - p)), held within -11 … 11
 *
 * Each is read off its table with linear interpolation. The tables are made by the operations that
 * are written here, in this order; they are part of the format.
 */
import { toInt } from './kernels.ts'
import type { f64, i32 } from './numbers.ts'

export const stretchMax: f64 = 11

/** The table of `tail` has 64 steps for each unit, from 0 to 32; beyond, it stays as at 32. */
const tailPerUnit: i32 = 64
const tailEnd: i32 = 32
const tails: Float64Array = new Float64Array(tailPerUnit * tailEnd + 2)

/** `stretch` has 4096 steps from 0 to 1, and 4096 finer ones from 0 to 1/32 for the ends. */
const stretchSteps: i32 = 4096
const fineEnd: f64 = 0.03125
const fineSteps: f64 = 131072
const wide: Float64Array = new Float64Array(stretchSteps + 1)
const fine: Float64Array = new Float64Array(stretchSteps + 1)

/** ln((n + 1) / n), as 2 atanh(1 / (2 n + 1)) with six terms. */
function logarithmStep(n: f64): f64 {
  const y: f64 = 1 / (2 * n + 1)
  let term: f64 = y
  let sum: f64 = 0
  for (let odd: f64 = 1; odd < 12; odd += 2) {
    sum += term / odd
    term *= y * y
  }
  return 2 * sum
}

/**
 * e^(k / 64) is the k-th power of the sum of 16 terms for 1/64, by repeated multiplication. With
 * ln n as the sum of the steps from 1 on, `stretch` is ln i - ln(4096 - i) and, finer,
 * ln i - ln(131072 - i), the latter going down from 17 ln 2. For i = 0 it is -stretchMax, and 2
 * less in the finer table; for i = 4096 it is stretchMax.
 */
function fillTables(): void {
  let root: f64 = 1
  let term: f64 = 1
  for (let k: f64 = 1; k < 16; k += 1) {
    term = term / 64 / k
    root += term
  }
  let power: f64 = 1
  for (let i: i32 = 0; i < tails.length; i++) {
    tails[i] = 1 / (1 + power)
    power *= root
  }
  const logarithms = new Float64Array(stretchSteps)
  let sum: f64 = 0
  for (let i: i32 = 1; i < stretchSteps; i++) {
    logarithms[i] = sum
    sum += logarithmStep(i)
  }
  wide[0] = -stretchMax
  wide[stretchSteps] = stretchMax
  fine[0] = -stretchMax - 2
  let rest: f64 = 17 * Math.LN2
  for (let i: i32 = 1; i < stretchSteps; i++) {
    wide[i] = (logarithms[i] as f64) - (logarithms[stretchSteps - i] as f64)
    rest -= logarithmStep(fineSteps - i)
    fine[i] = (logarithms[i] as f64) - rest
  }
  fine[stretchSteps] = sum - (rest - logarithmStep(fineSteps - 4096))
}

fillTables()

export function tail(z: f64): f64 {
  const size: f64 = z < 0 ? -z : z
  let beyond: f64 = 0
  if (size < 32) {
    const place: f64 = size * 64
    const i = toInt(place)
    const left: f64 = tails[i] as f64
    beyond = left + (place - i) * ((tails[i + 1] as f64) - left)
  } else beyond = tails[tailPerUnit * tailEnd] as f64
  return z < 0 ? 1 - beyond : beyond
}

export function squash(z: f64): f64 {
  return tail(-z)
}

export function stretch(p: f64): f64 {
  if (p < fineEnd) return fineStretch(p)
  if (p > 1 - fineEnd) return -fineStretch(1 - p)
  const place: f64 = p * 4096
  const i = toInt(place)
  const left: f64 = wide[i] as f64
  return left + (place - i) * ((wide[i + 1] as f64) - left)
}

/** Not a number counts as 0. */
function fineStretch(p: f64): f64 {
  if (!(p > 0)) return -stretchMax
  const place: f64 = p * fineSteps
  const i = toInt(place)
  const left: f64 = fine[i] as f64
  const z: f64 = left + (place - i) * ((fine[i + 1] as f64) - left)
  return z < -stretchMax ? -stretchMax : z
}
