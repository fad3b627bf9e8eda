/**
 * What a light through the finger tells. Where two codes stand for one thing, one is used:
 * perfusion is MDC_PULS_OXIM_PERF_REL also when a monitor says MDC_BLD_PERF_INDEX.
 */
import type { TermTable } from '../term.ts'

export const oximetry = {
  saturation: {
    code: 'MDC_PULS_OXIM_SAT_O2',
    mdc: 150_456,
    loinc: '59408-5',
    unit: '%',
    name: { en: 'Oxygen saturation (SpO2)', id: 'Saturasi oksigen (SpO2)' },
    plausible: { from: 30, to: 100 },
    decimals: 0,
  },
  oximeterPulse: {
    code: 'MDC_PULS_OXIM_PULS_RATE',
    mdc: 149_530,
    loinc: '8889-8',
    unit: '/min',
    name: { en: 'Pulse (oximeter)', id: 'Nadi (oksimeter)' },
    plausible: { from: 20, to: 300 },
    decimals: 0,
  },
  perfusionIndex: {
    code: 'MDC_PULS_OXIM_PERF_REL',
    mdc: 150_448,
    loinc: '61006-3',
    unit: '%',
    name: { en: 'Perfusion index', id: 'Indeks perfusi (PI)' },
    plausible: { from: 0, to: 30 },
    decimals: 2,
  },
  signalQuality: {
    code: 'MDC_SAT_O2_QUAL',
    mdc: 150_320,
    loinc: null,
    unit: '%',
    name: { en: 'Signal quality (oximeter)', id: 'Mutu sinyal (oksimeter)' },
    plausible: { from: 0, to: 100 },
    decimals: 0,
  },
  arterialSaturation: {
    code: 'MDC_SAT_O2_ART',
    mdc: 150_324,
    loinc: null,
    unit: '%',
    name: { en: 'Oxygen saturation, arterial (SaO2)', id: 'Saturasi oksigen arteri (SaO2)' },
    plausible: { from: 30, to: 100 },
    decimals: 1,
  },
  venousSaturation: {
    code: 'MDC_SAT_O2_VEN',
    mdc: 150_332,
    loinc: null,
    unit: '%',
    name: {
      en: 'Oxygen saturation, mixed venous (SvO2)',
      id: 'Saturasi oksigen vena campuran (SvO2)',
    },
    plausible: { from: 10, to: 100 },
    decimals: 1,
  },
  carboxyhaemoglobin: {
    code: 'LOINC_86904-0',
    mdc: null,
    loinc: '86904-0',
    unit: '%',
    name: {
      en: 'Carboxyhaemoglobin by oximeter (SpCO)',
      id: 'Karboksihemoglobin dengan oksimeter (SpCO)',
    },
    plausible: { from: 0, to: 100 },
    decimals: 1,
  },
  methaemoglobin: {
    code: 'SIMPUL_SPMET',
    mdc: null,
    loinc: null,
    unit: '%',
    name: {
      en: 'Methaemoglobin by oximeter (SpMet)',
      id: 'Methemoglobin dengan oksimeter (SpMet)',
    },
    plausible: { from: 0, to: 100 },
    decimals: 1,
  },
  oximeterHaemoglobin: {
    code: 'SIMPUL_SPHB',
    mdc: null,
    loinc: null,
    unit: 'g/dL',
    name: { en: 'Haemoglobin by oximeter (SpHb)', id: 'Hemoglobin dengan oksimeter (SpHb)' },
    plausible: { from: 2, to: 25 },
    decimals: 1,
  },
  oxygenContent: {
    code: 'SIMPUL_SPOC',
    mdc: null,
    loinc: null,
    unit: 'mL/dL',
    name: {
      en: 'Oxygen content by oximeter (SpOC)',
      id: 'Kandungan oksigen dengan oksimeter (SpOC)',
    },
    plausible: { from: 0, to: 35 },
    decimals: 0,
  },
  plethVariability: {
    code: 'SIMPUL_PVI',
    mdc: null,
    loinc: null,
    unit: '%',
    name: { en: 'Pleth variability index (PVI)', id: 'Indeks variabilitas pleth (PVI)' },
    plausible: { from: 0, to: 100 },
    decimals: 0,
  },
} as const satisfies TermTable
