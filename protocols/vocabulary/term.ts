/** One quantity that a device measures or a person types, and what the world calls it. */
export interface Term {
  /**
   * The name under which a value travels: the ISO/IEEE 11073-10101 reference id. Where the standard
   * has none it is `LOINC_` and the LOINC number.
   */
  readonly code: string
  /** The 11073 number: partition * 65,536 + term; null where the standard has none. */
  readonly mdc: number | null
  /** null for a wave: LOINC has no number for it. */
  readonly loinc: string | null
  /** UCUM. Values of this term are always in this unit. */
  readonly unit: Ucum
  readonly name: Names
  /** What a living person can have, both ends included; null when there is no such limit. */
  readonly plausible: { readonly from: number; readonly to: number } | null
  /** Digits after the point that mean something. */
  readonly decimals: number
}

export interface Names {
  readonly en: string
  readonly id: string
}

export interface Unit {
  /** The 11073 number of the unit. */
  readonly mdc: number
  /** As it is shown to people. */
  readonly shown: Names
}

/** Units by their UCUM code. */
export const units = {
  '1': { mdc: 262_656, shown: { en: '', id: '' } },
  '%': { mdc: 262_688, shown: { en: '%', id: '%' } },
  '/min': { mdc: 264_864, shown: { en: '/min', id: 'x/menit' } },
  'mm[Hg]': { mdc: 266_016, shown: { en: 'mmHg', id: 'mmHg' } },
  Cel: { mdc: 268_192, shown: { en: '°C', id: '°C' } },
  kg: { mdc: 263_875, shown: { en: 'kg', id: 'kg' } },
  cm: { mdc: 263_441, shown: { en: 'cm', id: 'cm' } },
  'kg/m2': { mdc: 264_096, shown: { en: 'kg/m²', id: 'kg/m²' } },
  'mg/dL': { mdc: 264_274, shown: { en: 'mg/dL', id: 'mg/dL' } },
  'g/dL': { mdc: 264_256, shown: { en: 'g/dL', id: 'g/dL' } },
  mV: { mdc: 266_418, shown: { en: 'mV', id: 'mV' } },
  Ohm: { mdc: 266_432, shown: { en: 'Ω', id: 'Ω' } },
} as const satisfies Readonly<{ [ucum: string]: Unit }>

export type Ucum = keyof typeof units
