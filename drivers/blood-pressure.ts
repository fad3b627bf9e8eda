/** What every blood pressure has in common, whichever device measured it. */
import { terms } from '../protocols/vocabulary/terms.ts'

export interface CuffPressures {
  readonly systolicMmHg: number | null
  readonly meanMmHg: number | null
  readonly diastolicMmHg: number | null
}

/** Codes of what cannot be: diastolic < mean < systolic. What is absent cannot be out of order. */
export function outOfOrder(pressures: CuffPressures): readonly string[] {
  const { systolicMmHg, meanMmHg, diastolicMmHg } = pressures
  const high = systolicMmHg ?? Infinity
  const low = diastolicMmHg ?? -Infinity
  if (low >= high) return [terms.systolic.code, terms.diastolic.code]
  if (meanMmHg === null || (low < meanMmHg && meanMmHg < high)) return []
  return [terms.meanPressure.code]
}
