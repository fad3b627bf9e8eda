/** What every laboratory instrument has in common, whichever language it speaks. */
import { valuesMax } from '../protocols/packet/limits.ts'
import type { Value, Words } from '../protocols/packet/record.ts'
import { converted } from '../protocols/vocabulary/convert.ts'
import { isLoinc } from '../protocols/vocabulary/loinc.ts'
import { termOf } from '../protocols/vocabulary/lookup.ts'
import type { Term } from '../protocols/vocabulary/term.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { ucumOfText } from '../protocols/vocabulary/unit-text.ts'

/** A result as an instrument sends it: texts, not interpreted. */
export interface LaboratoryResult {
  /** What the instrument calls the test. */
  readonly test: string
  /** What it is, when the instrument or its table says so. */
  readonly term: Term | null
  /** A LOINC number that the instrument sends along; empty when none. */
  readonly loinc: string
  readonly text: string
  readonly unit: string
  /** True when the instrument itself does not vouch for it: then it is no number. */
  readonly isDoubtful: boolean
}

/** Blood counts, by the names that several makers use. */
export const bloodCountTests: Readonly<{ [test: string]: Term }> = {
  WBC: terms.leukocytes,
  RBC: terms.erythrocytes,
  HGB: terms.haemoglobin,
  HCT: terms.haematocrit,
  PLT: terms.platelets,
  MCV: terms.cellVolume,
  MCH: terms.cellHaemoglobin,
  MCHC: terms.cellHaemoglobinConcentration,
  'RDW-CV': terms.redCellWidth,
  MPV: terms.plateletVolume,
  'NEU#': terms.neutrophils,
  'NEUT#': terms.neutrophils,
  'LYM#': terms.lymphocytes,
  'LYMPH#': terms.lymphocytes,
  'MON#': terms.monocytes,
  'MONO#': terms.monocytes,
  'EOS#': terms.eosinophils,
  'EO#': terms.eosinophils,
  'BAS#': terms.basophils,
  'BASO#': terms.basophils,
}

/** More than the longest result in words. */
const textLimit = 200
const localNameLimit = 60

/**
 * The code under which a test travels that no table knows: the kind of instrument, and its own name
 * of the test.
 */
export function localCode(instrument: string, test: string): string {
  const word = test.replace(/[^\x21-\x7e]+/g, '-').slice(0, localNameLimit)
  return `LOCAL_${instrument}_${word === '' ? 'unnamed' : word}`
}

/**
 * A number is one only with a unit that we know; else the result is what the instrument shows, as
 * text. What is measured in another way than the term travels under the instrument's own code.
 */
export function laboratoryValue(instrument: string, result: LaboratoryResult): Value {
  const { test, unit } = result
  const text = result.text.slice(0, textLimit)
  const own = localCode(instrument, test)
  const term = termFor(result)
  const code = term?.code ?? (isLoinc(result.loinc) ? `LOINC_${result.loinc}` : own)
  const ucum = ucumOfText(unit)
  const usual = term?.unit ?? ucum ?? '1'
  if (isAbsent(text)) return { code, value: null, unit: usual }
  // Words, such as NOT DETECTED or ERROR, have no unit.
  if (!/\d/.test(text)) return { code, value: null, unit: usual, text }
  if (ucum === null) {
    const shown = isUnitSet(unit) ? text : `${text} ${unit.slice(0, 40)}`.trim()
    return { code: own, value: null, unit: '1', text: shown }
  }
  const number = result.isDoubtful ? null : numberOf(text)
  if (number === null) {
    const isOther = term !== null && ucum !== term.unit
    return { code: isOther ? own : code, value: null, unit: ucum, text }
  }
  if (term === null) return { code, value: number, unit: ucum }
  const value = converted(number, ucum, term.unit)
  return value === null
    ? { code: own, value: number, unit: ucum }
    : { code, value, unit: term.unit }
}

/** What the instrument says itself goes before what a table says. */
function termFor({ loinc, term }: LaboratoryResult): Term | null {
  if (!isLoinc(loinc)) return term
  return term?.loinc === loinc ? term : termOf(`LOINC_${loinc}`)
}

/** Horiba says which of its sets of units it uses, and not the unit. */
export function isUnitSet(unit: string): boolean {
  return /^\d$/.test(unit)
}

/** `-----` and blanks stand for a result that there is not. */
export function isAbsent(text: string): boolean {
  return /^[-\s]*$/.test(text)
}

/** Only what is written as a number with a point: `1,5` and `<5` are texts. */
function numberOf(text: string): number | null {
  return /^[+-]?\d{1,12}(?:\.\d{1,9})?$/.test(text) ? Number(text) : null
}

const wordLimit = 1_000

/** For a qualifier; what is longer is cut. */
export function joined(words: readonly string[]): string {
  return words.join('; ').slice(0, wordLimit)
}

/** A qualifier that is there only when there is something to say. */
export function textWord(name: string, text: string): Words {
  return text === '' ? {} : { [name]: text.slice(0, wordLimit) }
}

/** Neighbours that are alike by `keyOf`, as many together as one measurement may hold. */
export function neighbours<T>(
  all: readonly T[],
  keyOf: (one: T) => string,
): readonly (readonly [T, ...T[]])[] {
  const groups: [T, ...T[]][] = []
  for (const one of all) {
    const last = groups.at(-1)
    const isAlike = last !== undefined && keyOf(last[0]) === keyOf(one)
    if (isAlike && last.length < valuesMax) last.push(one)
    else groups.push([one])
  }
  return groups
}
