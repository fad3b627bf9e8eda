/** docs/vocabulary.md: every code under which a value travels, from the one table. */
import type { Term } from '../../protocols/vocabulary/term.ts'
import { qualitative } from '../../protocols/vocabulary/qualitative.ts'
import { subjects } from '../../protocols/vocabulary/terms.ts'
import { foreignUnits, units } from '../../protocols/vocabulary/units.ts'
import { ecgLeads, otherWaves } from '../../protocols/vocabulary/waves.ts'
import { code, pageHead, table } from './markdown.ts'

/** In the order of the table; a subject without a title does not compile. */
const titles: Readonly<{ [subject in keyof typeof subjects]: string }> = {
  bloodPressure: 'Blood pressure',
  heart: 'Heart',
  ecgSt: 'ST segments',
  oximetry: 'Oximetry',
  respiratory: 'Respiration and spirometry',
  temperatures: 'Temperature',
  consciousnesses: 'Consciousness',
  body: 'Body',
  glucoses: 'Glucose',
  laboratory: 'Laboratory',
  urine: 'Urine',
  pregnancy: 'Pregnancy',
  ventilation: 'Ventilation',
  infusion: 'Infusion',
  coldChain: 'Cold chain and room',
  vehicle: 'The van',
}

const intro = `What is measured, and what the world calls it. A value travels with its \`code\` and always in the unit that stands
here; a device that speaks in another unit is converted. The code is the reference id of ISO/IEEE 11073-10101;
where that standard has none, \`LOINC_\` and the LOINC number; where neither has one, \`SIMPUL_\` and a word of our
own. A dash means that there is no number or that it is not certain.

The range is what is plausible, not what is normal. A value outside of it is kept as it is, its code named in the
qualifier \`implausible\`; at the keypad the person is asked to look again. Nothing is corrected.`

export function vocabularyPage(): string {
  const parts = Object.entries(subjects).map(([subject, terms]) => {
    const title = titles[subject as keyof typeof titles]
    return `## ${title}\n\n${termTable(Object.values<Term>(terms))}`
  })
  const head = pageHead('Vocabulary', '`protocols/vocabulary/`', intro)
  return `${head}\n${[...parts, answersPart(), wavesPart(), unitsPart()].join('\n\n')}\n`
}

function answersPart(): string {
  return `## Answered in words\n\n${termTable(Object.values<Term>(qualitative))}`
}

function termTable(terms: readonly Term[]): string {
  return table(
    ['English', 'Bahasa Indonesia', 'code', '11073', 'LOINC', 'unit', 'plausible', 'decimals'],
    terms.map(({ name, code: name11073, mdc, loinc, unit, plausible, decimals }) => [
      name.en,
      name.id,
      code(name11073),
      mdc === null ? '–' : String(mdc),
      loinc ?? '–',
      code(unit),
      plausible === null ? '–' : `${plausible.from} to ${plausible.to}`,
      String(decimals),
    ]),
  )
}

function wavesPart(): string {
  const waves = [...Object.values(ecgLeads), ...Object.values(otherWaves)]
  const rows = waves.map(({ name, code: name11073, mdc, unit }) => [
    name.en,
    name.id,
    code(name11073),
    mdc === null ? '–' : String(mdc),
    code(unit),
  ])
  const head = ['English', 'Bahasa Indonesia', 'code', '11073', 'unit when calibrated']
  return `## Waves\n\n${table(head, rows)}`
}

function unitsPart(): string {
  const all = Object.entries({ ...units, ...foreignUnits })
  const rows = all.map(([ucum, { mdc, shown }]) => [
    code(ucum),
    shown.en,
    shown.id,
    mdc === null ? '–' : String(mdc),
    ucum in foreignUnits ? 'no, converted' : 'yes',
  ])
  const head = ['UCUM', 'shown in English', 'in Bahasa Indonesia', '11073', 'values travel in it']
  return `## Units\n\n${table(head, rows)}`
}
