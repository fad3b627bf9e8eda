/** What an image says beside what an order says, field by field, in the same writing. */
import type { Language } from '../both.ts'
import {
  comparedFields,
  type CandidateView,
  type ComparedField,
  type StatedView,
} from '../visits-view.ts'
import { formatDay } from './format.ts'
import { sexName, shownName } from './patient-words.ts'
import type { Key, Say } from './words.ts'

export interface Compared {
  readonly field: ComparedField
  /** null: it does not say. */
  readonly image: string | null
  readonly order: string | null
  readonly verdict: 'same' | 'differs' | 'absent'
}

export const fieldWords = {
  name: 'compare-name',
  patientId: 'compare-number',
  birthDate: 'compare-birth',
  sex: 'compare-sex',
  accessionNumber: 'compare-accession',
} as const satisfies { readonly [F in ComparedField]: Key }

export function compare(
  says: StatedView,
  { patient, order, differs }: CandidateView,
  say: Say,
  language: Language,
): readonly Compared[] {
  const ofImage: { readonly [F in ComparedField]: string | null } = {
    ...says,
    name: shownName(says.name),
    birthDate: dayText(says.birthDate, language),
    sex: says.sex === null ? null : sexName(says.sex, say),
  }
  const ofOrder: { readonly [F in ComparedField]: string | null } = {
    name: patient.name,
    patientId: patient.patientId,
    birthDate: patient.birthDate === null ? null : formatDay(patient.birthDate, language),
    sex: patient.sex === null ? null : sexName(patient.sex, say),
    accessionNumber: order.accessionNumber,
  }
  return comparedFields.map((field) => {
    const [image, its] = [ofImage[field], ofOrder[field]]
    const isAbsent = image === null || its === null
    const verdict = differs.includes(field) ? 'differs' : isAbsent ? 'absent' : 'same'
    return { field, image, order: its, verdict }
  })
}

/** DICOM writes `19900817`. What is no day is shown as it stands. */
function dayText(text: string | null, language: Language): string | null {
  const found = /^(\d{4})[.-]?(\d{2})[.-]?(\d{2})$/.exec(text ?? '')
  return found === null ? text : formatDay(found.slice(1).join('-'), language)
}
