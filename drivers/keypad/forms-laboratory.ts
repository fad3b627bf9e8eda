/** Tests at the bedside: strips for blood, each with the number of its lot, and for urine. */
import type { Term } from '../../protocols/vocabulary/term.ts'
import { terms } from '../../protocols/vocabulary/terms.ts'
import { colourSteps, foundOrNot, urobilinogenSteps, type Choices } from './choices.ts'
import {
  choice,
  detail,
  finding,
  number,
  required,
  text,
  type ChoiceField,
  type Form,
  type NumberField,
  type TextField,
} from './fields.ts'

function lotOf(of: NumberField): TextField {
  const label = { en: 'Strip lot', id: 'No. lot strip' }
  return detail(of, text({ name: `${of.name}-lot`, label }, 'stripLot', of.group))
}

const glucose = number('glucose', terms.glucose, { beyond: true })
const cholesterol = number('cholesterol', terms.cholesterol, { beyond: true })
const uricAcid = number('uric-acid', terms.uricAcid, { beyond: true })
const haemoglobin = number('haemoglobin', terms.haemoglobin, { beyond: true })

/**
 * A glucose means something else before a meal and after it, so that it is never left open. The
 * words are those of the meters that say it themselves.
 */
const glucoseTiming = required(
  detail(
    glucose,
    choice(
      { name: 'glucose-timing', label: { en: 'Taken', id: 'Diambil saat' } },
      'meal',
      {
        casual: { en: 'at random', id: 'sewaktu (GDS)' },
        fasting: { en: 'fasting', id: 'puasa (GDP)' },
        'after-2h': { en: '2 h after a meal', id: '2 jam PP (GD2PP)' },
      },
      'glucose',
    ),
  ),
)

const cholesterolFasting = detail(
  cholesterol,
  choice(
    { name: 'cholesterol-fasting', label: { en: 'Fasting', id: 'Puasa' } },
    'fasting',
    { yes: { en: 'yes', id: 'ya' }, no: { en: 'no', id: 'tidak' } },
    'cholesterol',
  ),
)

export const rapidTests: Form = {
  id: 'point-of-care',
  label: { en: 'Rapid blood tests', id: 'Pemeriksaan darah cepat' },
  fields: [
    glucose,
    glucoseTiming,
    lotOf(glucose),
    cholesterol,
    cholesterolFasting,
    lotOf(cholesterol),
    uricAcid,
    lotOf(uricAcid),
    haemoglobin,
    lotOf(haemoglobin),
  ],
}

function pad(name: string, term: Term, choices: Choices): ChoiceField {
  return finding(name, term, choices, 'urine')
}

/** In the order of the pads of the usual strip of ten. */
export const urineStrip: Form = {
  id: 'urine',
  label: { en: 'Urine strip', id: 'Carik celup urin' },
  fields: [
    pad('urine-leukocytes', terms.urineLeukocytes, colourSteps),
    pad('urine-nitrite', terms.urineNitrite, foundOrNot),
    pad('urine-urobilinogen', terms.urineUrobilinogen, urobilinogenSteps),
    pad('urine-protein', terms.urineProtein, colourSteps),
    number('urine-acidity', terms.urineAcidity, { group: 'urine' }),
    pad('urine-blood', terms.urineBlood, colourSteps),
    number('urine-gravity', terms.urineGravity, { group: 'urine' }),
    pad('urine-ketone', terms.urineKetone, colourSteps),
    pad('urine-bilirubin', terms.urineBilirubin, colourSteps),
    pad('urine-glucose', terms.urineGlucose, colourSteps),
    text(
      { name: 'urine-lot', label: { en: 'Strip lot', id: 'No. lot strip' } },
      'stripLot',
      'urine',
    ),
  ],
}
