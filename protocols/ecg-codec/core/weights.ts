/** First weights of the mixer's inputs (opinion.ts), learned over recordings of many makers. */
import { light } from './settings.ts'
import type { i32 } from './numbers.ts'

export function startWeights(level: i32, n: i32): Float64Array {
  const weights = new Float64Array(n)
  if (level === light) {
    weights.fill(0.2)
    weights[7] = 0
    return weights
  }
  weights.fill(0.1)
  weights[13] = 0
  weights.fill(0.2, 14)
  return weights
}
