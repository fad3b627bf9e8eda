/**
 * What patient monitors, oximeters and capnographs say besides the vital signs.
 *
 * Source: 11073 numbers from open tables of ISO/IEEE 11073-10101 and from the Philips data export,
 * whose codes are the same numbers. LOINC is null where no open table confirms a number.
 */
import type { Term } from './term.ts'

export const monitorTerms = {
  perfusionIndex: {
    code: 'MDC_PULS_OXIM_PERF_REL',
    mdc: 150_448,
    loinc: '61006-3',
    unit: '%',
    name: { en: 'Perfusion index', id: 'Indeks perfusi' },
    plausible: { from: 0, to: 25 },
    decimals: 2,
  },
  carboxyhaemoglobin: {
    code: 'LOINC_86904-0',
    mdc: null,
    loinc: '86904-0',
    unit: '%',
    name: { en: 'Carboxyhaemoglobin (SpCO)', id: 'Karboksihemoglobin (SpCO)' },
    plausible: { from: 0, to: 99 },
    decimals: 0,
  },
  skinTemperature: {
    code: 'MDC_TEMP_SKIN',
    mdc: 150_388,
    loinc: null,
    unit: 'Cel',
    name: { en: 'Skin temperature', id: 'Suhu kulit' },
    plausible: { from: 15, to: 45 },
    decimals: 1,
  },
  endTidalCo2: {
    code: 'MDC_AWAY_CO2_ET',
    mdc: 151_728,
    loinc: '19891-1',
    unit: 'mm[Hg]',
    name: { en: 'End-tidal CO2', id: 'CO2 akhir ekspirasi (EtCO2)' },
    plausible: { from: 5, to: 150 },
    decimals: 0,
  },
  inspiredCo2: {
    code: 'MDC_AWAY_CO2_INSP_MIN',
    mdc: 151_738,
    loinc: null,
    unit: 'mm[Hg]',
    name: { en: 'Inspired CO2', id: 'CO2 inspirasi (FiCO2)' },
    plausible: { from: 0, to: 40 },
    decimals: 0,
  },
  /** Counted in the breath, where `respiration` does not say how. */
  breathRespiration: {
    code: 'MDC_CO2_RESP_RATE',
    mdc: 151_594,
    loinc: '9279-1',
    unit: '/min',
    name: { en: 'Respiratory rate (CO2)', id: 'Laju napas (CO2)' },
    plausible: { from: 4, to: 80 },
    decimals: 0,
  },
  /** By a catheter. Where it lies is in the qualifier `site`. */
  invasiveSystolic: {
    code: 'MDC_PRESS_BLD_SYS',
    mdc: 150_017,
    loinc: null,
    unit: 'mm[Hg]',
    name: { en: 'Systolic pressure (catheter)', id: 'Tekanan sistolik (kateter)' },
    plausible: { from: -40, to: 320 },
    decimals: 0,
  },
  invasiveDiastolic: {
    code: 'MDC_PRESS_BLD_DIA',
    mdc: 150_018,
    loinc: null,
    unit: 'mm[Hg]',
    name: { en: 'Diastolic pressure (catheter)', id: 'Tekanan diastolik (kateter)' },
    plausible: { from: -40, to: 320 },
    decimals: 0,
  },
  invasiveMean: {
    code: 'MDC_PRESS_BLD_MEAN',
    mdc: 150_019,
    loinc: null,
    unit: 'mm[Hg]',
    name: { en: 'Mean pressure (catheter)', id: 'Tekanan rata-rata (kateter)' },
    plausible: { from: -40, to: 320 },
    decimals: 0,
  },
} as const satisfies Readonly<{ [name: string]: Term }>
