/** Words for what is known of a patient. */
import type { Language } from '../both.ts'
import type { PatientView } from '../visits-view.ts'
import { formatAgeOf, formatDay } from './format.ts'
import type { Key, Say } from './words.ts'

const sexWords = { M: 'sex-male', F: 'sex-female', O: 'sex-other' } as const satisfies {
  readonly [sex: string]: Key
}

export function sexName(sex: string | null, say: Say): string {
  if (sex === 'M' || sex === 'F' || sex === 'O') return say(sexWords[sex])
  return sex ?? ''
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
