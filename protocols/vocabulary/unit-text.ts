/**
 * Units as laboratory instruments write them, and what they are in UCUM. Only what means one thing:
 * `G/L` is billions to one maker and a typing error of grams to another, so it is not here.
 */
import { units, type Ucum } from './units.ts'

const counts = (power: number) => {
  const digits = `${power}`
  const tens = [`10*${digits}`, `10^${digits}`, `10E${digits}`, `10e${digits}`, `x10^${digits}`]
  return [...tens, `1E${digits.padStart(2, '0')}`]
}
const perMicrolitre = (power: number) =>
  counts(power).flatMap((count) => [`${count}/uL`, `${count}/\u00b5L`, `${count}/mm3`])
const perLitre = (power: number) => counts(power).map((count) => `${count}/L`)

const spellings: Readonly<{ [U in Ucum]?: readonly string[] }> = {
  '10*3/uL': [...perMicrolitre(3), ...perLitre(9)],
  '10*6/uL': [...perMicrolitre(6), ...perLitre(12)],
  'g/dL': ['g/dl', 'G/DL'],
  'g/L': ['g/l'],
  'mg/dL': ['mg/dl', 'MG/DL'],
  'mg/L': ['mg/l'],
  'ug/L': ['ug/l', '\u00b5g/L', '\u03bcg/L'],
  'ng/mL': ['ng/ml'],
  'mmol/L': ['mmol/l', 'MMOL/L'],
  'umol/L': ['umol/l', '\u00b5mol/L', '\u00b5mol/l', '\u03bcmol/L', '\u03bcmol/l'],
  'U/L': ['U/l'],
  '[IU]/mL': ['IU/mL', 'IU/ml'],
  'mL/dL': ['ml/dl'],
  fL: ['fl', 'um3', 'um^3', '\u00b5m3'],
  Cel: ['\u00b0C', 'degC'],
  '/min': ['bpm', '1/min'],
  'mm[Hg]': ['mmHg'],
}

/** Horiba numbers its sets of units, so that `1` stands there for many. */
const ambiguous = ['1', 'a', 'd', 'h', 'm', 'V']

const byText: ReadonlyMap<string, Ucum> = new Map([
  ...Object.entries(spellings).flatMap(([ucum, texts]) =>
    texts.map((text) => [text, ucum as Ucum] as const),
  ),
  ...Object.keys(units)
    .filter((ucum) => !ambiguous.includes(ucum))
    .map((ucum) => [ucum, ucum as Ucum] as const),
])

/**
 * null for a text that is no unit we know. A text that was UTF-8 and read as Latin-1 is known too.
 */
export function ucumOfText(text: string): Ucum | null {
  return byText.get(text.trim().replaceAll('\u00c2\u00b5', '\u00b5')) ?? null
}
