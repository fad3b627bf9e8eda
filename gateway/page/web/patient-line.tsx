/** A patient as a person recognises one: name, sex, birth date with age, numbers. */
import type { JSX } from 'preact'
import type { Language } from '../view.ts'
import type { PatientView } from '../visits-view.ts'
import { formatAgeOf, formatDay } from './format.ts'
import { useSay } from './parts.tsx'
import { useKnown } from './store.ts'
import type { Key, Say } from './words.ts'

const sexWords = { M: 'sex-male', F: 'sex-female', O: 'sex-other' } as const satisfies {
  readonly [sex: string]: Key
}

export function sexName(sex: string | null, say: Say): string {
  if (sex === 'M' || sex === 'F' || sex === 'O') return say(sexWords[sex])
  return sex ?? ''
}

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

export function birthText(
  { birthDate, statedAge }: PatientView,
  today: string | null,
  say: Say,
  language: Language,
): string {
  if (birthDate !== null) {
    const day = formatDay(birthDate, language)
    return today === null ? day : `${day} (${formatAgeOf(birthDate, today, language)})`
  }
  if (statedAge === null) return say('patient-no-birth')
  return say('patient-age-stated', { age: `${statedAge.years} ${say('unit-years')}` })
}

/** As a device writes it, without the signs between the parts. */
export function shownName(name: string | null): string | null {
  const shown = name?.replaceAll(/[\^=]+/g, ' ').trim() ?? ''
  return shown === '' ? null : shown
}
