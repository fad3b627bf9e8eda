/** How the page calls what is measured: the vocabulary's names, shorter where a tile is small. */
import { resultNames } from '../../../drivers/keypad/choices.ts'
import type { Value } from '../../../protocols/packet/record.ts'
import { termOf, unitOf } from '../../../protocols/vocabulary/lookup.ts'
import type { Both, Language } from '../both.ts'
import { formatValue } from './format.ts'

/** By the code, or by what a pair of values has in common. */
const shortNames: Readonly<{ [code: string]: Both }> = {
  MDC_PRESS_BLD_NONINV: { id: 'Tekanan darah', en: 'Blood pressure' },
  MDC_PRESS_BLD_ART: { id: 'Tekanan arteri', en: 'Arterial pressure' },
  MDC_PULS_OXIM_SAT_O2: { id: 'SpO₂', en: 'SpO₂' },
  MDC_PULS_OXIM_PULS_RATE: { id: 'Nadi', en: 'Pulse' },
  MDC_PULS_RATE_NON_INV: { id: 'Nadi', en: 'Pulse' },
  MDC_ECG_HEART_RATE: { id: 'Denyut jantung', en: 'Heart rate' },
  MDC_RESP_RATE: { id: 'Laju napas', en: 'Respiration' },
  MDC_PULS_OXIM_PLETH: { id: 'Pleth', en: 'Pleth' },
  MDC_IMPED_TTHOR: { id: 'Napas', en: 'Resp' },
}

/** A code that nobody named is shown as it is, so that nothing is hidden. */
export function nameOf(code: string, language: Language): string {
  const names = shortNames[code] ?? termOf(code)?.name
  return names?.[language] ?? code.replace(/^(MDC|LOINC|LOCAL_[^_]+)_/, '').replaceAll('_', ' ')
}

export function unitName(ucum: string, language: Language): string {
  return unitOf(ucum)?.shown[language] ?? ucum.replace(/\{[^}]*\}/g, '')
}

/** Measured in one act, also by a monitor whose other numbers follow each other. */
export function isSpot(code: string): boolean {
  return (
    /^(LOINC|LOCAL)_/.test(code) ||
    /^MDC_(PRESS_BLD_NONINV|PULS_RATE_NON_INV|MASS_|LEN_|RATIO_|CONC_|CIRCUM_)/.test(code)
  )
}

/** One thing to read: a blood pressure is one, though it has two or three values. */
export interface Reading {
  readonly code: string
  /** Codes of the other values that are part of it. */
  readonly partners: readonly string[]
  readonly term: string
  /** null when the device says that it has no value. */
  readonly text: string | null
  readonly unit: string
  /** A second figure in smaller print, such as the mean pressure. */
  readonly aside: string | null
}

/** Puts the values of one measurement together as people read them. */
export function readingsOf(values: readonly Value[], language: Language): readonly Reading[] {
  const readings: Reading[] = []
  for (const value of values) {
    const whole = value.code.replace(/_(SYS|DIA|MEAN)$/, '')
    const part = (name: string) => values.find((other) => other.code === `${whole}_${name}`)
    const high = part('SYS')
    const low = part('DIA')
    if (whole === value.code || high === undefined || low === undefined) {
      readings.push(readingOf(value, language))
    } else if (value === high) {
      readings.push(pressureOf(whole, high, low, part('MEAN'), language))
    }
  }
  return readings
}

/** A day as people here write it: 12-04-2026; null for what is no day. */
function dayNames(words: string): Both | null {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(words) ?? []
  if (year === undefined) return null
  const text = `${day}-${month}-${year}`
  return { en: text, id: text }
}

function readingOf(value: Value, language: Language): Reading {
  // A result in words stands as the device says it; what a form offered, in the own language.
  const words = value.text ?? null
  const chosen = words === null ? null : (resultNames(words) ?? dayNames(words))
  return {
    code: value.code,
    partners: [],
    term: nameOf(value.code, language),
    text: value.value === null ? (chosen?.[language] ?? words) : formatValue(value.value, language),
    unit: chosen === null ? unitName(value.unit, language) : '',
    aside: null,
  }
}

function pressureOf(
  whole: string,
  high: Value,
  low: Value,
  average: Value | undefined,
  language: Language,
): Reading {
  const part = (value: Value) => (value.value === null ? '–' : formatValue(value.value, language))
  const isAbsent = high.value === null && low.value === null
  return {
    code: high.code,
    partners: average === undefined ? [low.code] : [low.code, average.code],
    term: nameOf(whole, language),
    text: isAbsent ? null : `${part(high)}/${part(low)}`,
    unit: unitName(high.unit, language),
    aside: average === undefined || average.value === null ? null : `MAP ${part(average)}`,
  }
}
