/**
 * What a wave is a wave of: the leads of an ECG, and the waves of monitors and ventilators.
 *
 * Source: open tables of ISO/IEEE 11073-10101; the leads beyond V6 by the numbers that ECG files
 * use, which are the same (lead I is 1 there and 256 + 1 here).
 */
import type { Term } from './term.ts'
import type { Ucum } from './units.ts'

function wave(code: string, mdc: number | null, en: string, id: string, unit: Ucum): Term {
  return { code, mdc, loinc: null, unit, name: { en, id }, plausible: null, decimals: 0 }
}

function ecgLead(code: string, mdc: number | null, name: string): Term {
  return wave(`MDC_ECG_ELEC_POTL${code}`, mdc, name, name, 'mV')
}

/** The twelve of a resting ECG, in the order of a report. */
export const standardLeads = [
  'I',
  'II',
  'III',
  'aVR',
  'aVL',
  'aVF',
  'V1',
  'V2',
  'V3',
  'V4',
  'V5',
  'V6',
] as const

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
  V7: ecgLead('_V7', 131_337, 'V7'),
  V8: ecgLead('_V8', 131_394, 'V8'),
  /** Its number is the one that monitors send for a chest lead at a place that was not said. */
  V9: ecgLead('_V9', null, 'V9'),
  V2R: ecgLead('_V2R', 131_338, 'V2R'),
  V3R: ecgLead('_V3R', 131_339, 'V3R'),
  V4R: ecgLead('_V4R', 131_340, 'V4R'),
  V5R: ecgLead('_V5R', 131_341, 'V5R'),
  V6R: ecgLead('_V6R', 131_342, 'V6R'),
  V7R: ecgLead('_V7R', 131_343, 'V7R'),
  /** The orthogonal leads after Frank. */
  X: ecgLead('_X', 131_344, 'X'),
  Y: ecgLead('_Y', 131_345, 'Y'),
  Z: ecgLead('_Z', 131_346, 'Z'),
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
  arterialPressure: wave(
    'MDC_PRESS_BLD_ART',
    150_032,
    'Pressure wave, artery',
    'Gelombang tekanan arteri',
    'mm[Hg]',
  ),
  pulmonaryPressure: wave(
    'MDC_PRESS_BLD_ART_PULM',
    150_044,
    'Pressure wave, pulmonary artery',
    'Gelombang tekanan arteri pulmonalis',
    'mm[Hg]',
  ),
  leftAtrialPressure: wave(
    'MDC_PRESS_BLD_ATR_LEFT',
    150_064,
    'Pressure wave, left atrium',
    'Gelombang tekanan atrium kiri',
    'mm[Hg]',
  ),
  rightAtrialPressure: wave(
    'MDC_PRESS_BLD_ATR_RIGHT',
    150_068,
    'Pressure wave, right atrium',
    'Gelombang tekanan atrium kanan',
    'mm[Hg]',
  ),
  centralVenousPressure: wave(
    'MDC_PRESS_BLD_VEN_CENT',
    150_084,
    'Pressure wave, central vein',
    'Gelombang tekanan vena sentral',
    'mm[Hg]',
  ),
  intracranialPressure: wave(
    'MDC_PRESS_INTRA_CRAN',
    153_608,
    'Pressure wave, intracranial',
    'Gelombang tekanan intrakranial',
    'mm[Hg]',
  ),
  airwayPressure: wave(
    'MDC_PRESS_AWAY',
    151_792,
    'Airway pressure',
    'Tekanan jalan napas',
    'cm[H2O]',
  ),
  airwayFlow: wave('MDC_FLOW_AWAY', 151_764, 'Airway flow', 'Aliran jalan napas', 'L/min'),
  airwayVolume: wave('MDC_VOL_AWAY', 152_708, 'Airway volume', 'Volume jalan napas', 'mL'),
  airwayOxygen: wave('MDC_CONC_AWAY_O2', 151_908, 'O2 wave', 'Gelombang O2', '%'),
} as const
