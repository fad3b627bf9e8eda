/**
 * Names of ISO/IEEE 11073 as HL7 messages carry them: other names for quantities that have a term
 * here, and names of units, which some monitors send without their numbers.
 *
 * Source: traffic of IHE PCD devices and of Comen monitors; the 11073 numbers are in the sheet of
 * each.
 */
import { termOf, termOfMdc, ucumOfMdc } from './lookup.ts'
import type { Term } from './term.ts'
import { terms } from './terms.ts'
import type { ForeignUcum, Ucum } from './units.ts'

/** One quantity, several codes: a cuff has one set of codes here, and so has a perfusion index. */
const otherNames: Readonly<{ [refId: string]: Term }> = {
  MDC_PRESS_CUFF_SYS: terms.systolic,
  MDC_PRESS_CUFF_DIA: terms.diastolic,
  MDC_PRESS_CUFF_MEAN: terms.meanPressure,
  MDC_BLD_PERF_INDEX: terms.perfusionIndex,
  MDC_PRESS_BLD_ART_ABP_SYS: terms.arterialSystolic,
  MDC_PRESS_BLD_ART_ABP_DIA: terms.arterialDiastolic,
  MDC_PRESS_BLD_ART_ABP_MEAN: terms.arterialMean,
}

const otherNumbers: ReadonlyMap<number, Term> = new Map<number, Term>([
  [150_301, terms.systolic],
  [150_302, terms.diastolic],
  [150_303, terms.meanPressure],
  [150_488, terms.perfusionIndex],
])

/** By number and by name; null when neither is known, or when they say different things. */
export function termOfMdcCode(number: string, refId: string): Term | null {
  const mdc = /^[1-9]\d{0,9}$/.test(number) ? Number(number) : null
  const byNumber = mdc === null ? null : (termOfMdc(mdc) ?? otherNumbers.get(mdc) ?? null)
  const other = Object.hasOwn(otherNames, refId) ? (otherNames[refId] ?? null) : null
  const byName = termOf(refId) ?? other
  if (byNumber !== null && byName !== null && byNumber !== byName) return null
  return byNumber ?? byName
}

const dimensions: Readonly<{ [name: string]: Ucum | ForeignUcum }> = {
  DIMLESS: '1',
  PERCENT: '%',
  BEAT_PER_MIN: '/min',
  RESP_PER_MIN: '/min',
  MMHG: 'mm[Hg]',
  CM_H2O: 'cm[H2O]',
  KILO_PASCAL: 'kPa',
  DEGC: 'Cel',
  FAHR: '[degF]',
  MILLI_VOLT: 'mV',
  MICRO_VOLT: 'uV',
  MILLI_L: 'mL',
  MILLI_L_PER_HR: 'mL/h',
  MILLI_L_PER_MIN: 'mL/min',
  L_PER_MIN: 'L/min',
  SEC: 's',
  MILLI_SEC: 'ms',
  MIN: 'min',
  HR: 'h',
  KILO_G: 'kg',
  CENTI_M: 'cm',
}

/** `MDC_DIM_MMHG`, with its number where there is one. */
export function ucumOfMdcUnit(number: string, refId: string): Ucum | ForeignUcum | null {
  const mdc = /^[1-9]\d{0,9}$/.test(number) ? ucumOfMdc(Number(number)) : null
  if (mdc !== null) return mdc
  const name = refId.replace(/^MDC_DIM_/, '')
  return refId !== name && Object.hasOwn(dimensions, name) ? (dimensions[name] ?? null) : null
}
