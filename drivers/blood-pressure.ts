/** What every blood pressure has in common, whichever device measured it. */
import type { DeviceTime, Words } from '../protocols/packet/record.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import type { Said } from './driver.ts'
import { measured, valueOf } from './measured.ts'

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

export interface CuffResult {
  readonly systolicMmHg: number | null
  readonly diastolicMmHg: number | null
  /** Absent for a device that never says it; it is not computed. */
  readonly meanMmHg?: number | null
  readonly pulsePerMinute: number | null
  readonly deviceTime: DeviceTime | null
}

/** One act of measuring with a cuff. */
export function cuffMeasured(result: CuffResult, qualifiers: Words = {}): Said {
  const { meanMmHg, deviceTime } = result
  return measured(
    [
      valueOf(terms.systolic, result.systolicMmHg),
      valueOf(terms.diastolic, result.diastolicMmHg),
      ...(meanMmHg === undefined ? [] : [valueOf(terms.meanPressure, meanMmHg)]),
      valueOf(terms.cuffPulse, result.pulsePerMinute),
    ],
    { deviceTime, qualifiers, implausible: outOfOrder({ ...result, meanMmHg: meanMmHg ?? null }) },
  )
}
