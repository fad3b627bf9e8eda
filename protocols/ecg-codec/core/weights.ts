/**
 * First weights of the inputs of the mixer (opinion.ts), learned over recordings of many makers:
 * what the sets of weights had come to, averaged. The first row is for the question of the side,
 * the second for all others.
 */
import { light } from './settings.ts'
import type { f64, i32 } from './numbers.ts'

const full: Array<f64> = [
  0.1, -0.08, 0.14, -0.01, 0.04, -0.12, 0.05, 0.1, 0.82, -0.01, 0.04, 0.19, -0.01, 0.0, 0.0, 0.07,
  0.48, 0.01, 0.16, 0.1, 0.28, 0.25, 0.0, 0.0, 0.27, 0.18, 0.18, -0.06, 0.1, -0.26, 0.03, 0.05,
  0.42, 0.03, -0.05, 0.24, 0.08, 0.0, 0.0, -0.03, 0.37, -0.16, 0.16, 0.04, 0.2, 0.11, 0.0, 0.0,
]

const few: Array<f64> = [
  0.25, -0.08, 0.18, 0.47, 0.41, 0.02, 0.1, 0.06, 0.32, 0.04, 0.23, 0.38, 0.15, 0.05, -0.03, -0.1,
]

export function startWeights(level: i32): Float64Array {
  const from: Array<f64> = level === light ? few : full
  const weights = new Float64Array(from.length)
  for (let i: i32 = 0; i < from.length; i++) weights[i] = from[i] as f64
  return weights
}
