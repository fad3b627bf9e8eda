/** A patient as a person recognises one: name, sex, birth date with age, numbers. */
import type { JSX } from 'preact'
import type { PatientView } from '../visits-view.ts'
import { useSay } from './parts.tsx'
import { birthText, sexName } from './patient-words.ts'
import { useKnown } from './store.ts'

export function PatientLine(props: {
  patient: PatientView
  /** In a confirmation, where it must be seen from an arm's length. */
  isLarge?: boolean
}): JSX.Element {
  const { say, language } = useSay()
  const today = useKnown((known) => known.visits?.today ?? null)
  const { patient, isLarge = false } = props
  return (
    <div class={isLarge ? 'patient large' : 'patient'}>
      <strong>{patient.name}</strong>
      <span>
        {patient.sex === null ? say('sex-unknown') : sexName(patient.sex, say)} ·{' '}
        {birthText(patient, today, say, language)}
      </span>
      <span class="patient-numbers">
        {patient.patientId}
        {patient.nik !== null && ` · NIK ${patient.nik}`}
      </span>
    </div>
  )
}
