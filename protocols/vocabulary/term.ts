/** What the vocabulary says of one quantity. */
import type { Names } from './names.ts'
import type { Ucum } from './units.ts'

/** One quantity that a device measures or a person types, and what the world calls it. */
export interface Term {
  /**
   * The name under which a value travels: the ISO/IEEE 11073-10101 reference id. Where the standard
   * has none it is `LOINC_` and the LOINC number, and where neither has one `SIMPUL_` and a word of
   * our own.
   */
  readonly code: string
  /**
   * The 11073 number: partition * 65,536 + term; null where the standard has none, or where devices
   * send it for something else.
   */
  readonly mdc: number | null
  /** null where LOINC has no number, as for a wave, or where which one it is is not certain. */
  readonly loinc: string | null
  /** UCUM. Values of this term are always in this unit. */
  readonly unit: Ucum
  readonly name: Names
  /** What a living person can have, both ends included; null when there is no such limit. */
  readonly plausible: { readonly from: number; readonly to: number } | null
  /** Digits after the point that mean something. */
  readonly decimals: number
}

/** Terms of one subject, by the name under which the code of this project knows them. */
export type TermTable = Readonly<{ [name: string]: Term }>
