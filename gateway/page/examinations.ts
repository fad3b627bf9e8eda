/** Examinations that can be ordered in the van. What is not among them is said in words. */
import type { CodedTerm } from '../../protocols/packet/visit-records.ts'
import type { Both } from './both.ts'

export interface Examination {
  readonly id: string
  readonly label: Both
  /** Defined terms of DICOM: US, DX, ECG, XC for photos of the patient, DOC for papers. */
  readonly modality: string
  /** As LOINC, `LN` to DICOM, calls it; null where no code says just this. */
  readonly code: CodedTerm | null
}

const loinc = (value: string, meaning: string): CodedTerm => ({ value, scheme: 'LN', meaning })

export const examinations: readonly Examination[] = [
  {
    id: 'us-pregnancy',
    label: { id: 'USG kehamilan', en: 'Ultrasound of a pregnancy' },
    modality: 'US',
    code: null,
  },
  {
    id: 'us-abdomen',
    label: { id: 'USG perut (abdomen)', en: 'Ultrasound of the abdomen' },
    modality: 'US',
    code: null,
  },
  { id: 'us', label: { id: 'USG lain', en: 'Other ultrasound' }, modality: 'US', code: null },
  {
    id: 'chest-pa',
    label: { id: 'Foto toraks PA', en: 'Chest X-ray PA' },
    modality: 'DX',
    code: loinc('24648-8', 'XR Chest PA upr'),
  },
  {
    id: 'chest-ap-lateral',
    label: { id: 'Foto toraks AP dan lateral', en: 'Chest X-ray AP and lateral' },
    modality: 'DX',
    code: loinc('36687-2', 'XR Chest AP and Lateral'),
  },
  { id: 'xray', label: { id: 'Rontgen lain', en: 'Other X-ray' }, modality: 'DX', code: null },
  { id: 'ecg', label: { id: 'EKG 12 sadapan', en: 'ECG, 12 leads' }, modality: 'ECG', code: null },
  {
    id: 'photo',
    label: { id: 'Foto klinis (luka, kulit)', en: 'Clinical photo (wound, skin)' },
    modality: 'XC',
    code: null,
  },
  {
    id: 'document',
    label: { id: 'Dokumen (surat, hasil)', en: 'Document (letter, result)' },
    modality: 'DOC',
    code: null,
  },
]

/** Limit of the value representation LO. */
const descriptionLengthMax = 64

/**
 * What modality and hospital read as the description of an order: the van's language is theirs.
 * `detail` is what a person added; empty without.
 */
export function descriptionOf(examination: Examination, detail: string): string {
  const whole = detail === '' ? examination.label.id : `${examination.label.id}, ${detail}`
  return whole.slice(0, descriptionLengthMax)
}

/** The same in the language of the page, as far as it is one of ours. */
export function describedIn(language: keyof Both, description: string): string {
  const known = examinations.find(
    ({ label }) => description === label.id || description.startsWith(`${label.id}, `),
  )
  if (known === undefined) return description
  return known.label[language] + description.slice(known.label.id.length)
}
