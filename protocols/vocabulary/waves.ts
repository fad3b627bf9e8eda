/** What a wave is a wave of: the leads of an ECG, and the waves of a monitor. */
import type { Term } from './term.ts'
import type { Ucum } from './units.ts'

function wave(code: string, mdc: number, en: string, id: string, unit: Ucum): Term {
  return { code, mdc, loinc: null, unit, name: { en, id }, plausible: null, decimals: 0 }
}

function ecgLead(code: string, mdc: number, name: string): Term {
  return wave(`MDC_ECG_ELEC_POTL${code}`, mdc, name, name, 'mV')
}

/** The order in which a report shows them. `V` is one chest lead at a place that was not said. */
export const ecgLeads = {
  I: ecgLead('_I', 131_329, 'I'),
  II: ecgLead('_II', 131_330, 'II'),
  III: ecgLead('_III', 131_389, 'III'),
  aVR: ecgLead('_AVR', 131_390, 'aVR'),
  aVL: ecgLead('_AVL', 131_391, 'aVL'),
  aVF: ecgLead('_AVF', 131_392, 'aVF'),
  V: ecgLead('_V', 131_395, 'V'),
  V1: ecgLead('_V1', 131_331, 'V1'),
  V2: ecgLead('_V2', 131_332, 'V2'),
  V3: ecgLead('_V3', 131_333, 'V3'),
  V4: ecgLead('_V4', 131_334, 'V4'),
  V5: ecgLead('_V5', 131_335, 'V5'),
  V6: ecgLead('_V6', 131_336, 'V6'),
  /** A lead of which nothing is known but that it is an ECG. */
  unknown: wave('MDC_ECG_ELEC_POTL', 131_328, 'ECG', 'EKG', 'mV'),
} as const

export const otherWaves = {
  pleth: wave('MDC_PULS_OXIM_PLETH', 150_452, 'Pulse wave (pleth)', 'Gelombang nadi (pleth)', '1'),
  respiration: wave(
    'MDC_IMPED_TTHOR',
    151_780,
    'Respiration wave (impedance)',
    'Gelombang napas (impedansi)',
    'Ohm',
  ),
  co2: wave('MDC_AWAY_CO2', 151_724, 'CO2 wave', 'Gelombang CO2', 'mm[Hg]'),
  /** By a catheter, wherever it lies. */
  invasivePressure: wave(
    'MDC_PRESS_BLD',
    150_016,
    'Pressure wave (catheter)',
    'Gelombang tekanan (kateter)',
    'mm[Hg]',
  ),
} as const
