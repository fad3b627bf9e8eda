/** Name, NIK, birth date or age, and sex, checked while they are typed. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { nameLengthMax, readPatient, type PatientTexts } from '../patient-check.ts'
import type { FieldSays } from '../visits-view.ts'
import { formatAgeOf } from './format.ts'
import { Choice, useSay } from './parts.tsx'
import { sexName } from './patient-words.ts'
import { useKnown } from './store.ts'
import { TextBox } from './text-box.tsx'
import { readDate } from '../../../drivers/keypad/date.ts'

/** With room for spaces between the digits. */
const nikLengthMax = 24
const dateLengthMax = 10
const ageLengthMax = 3

export function PatientForm(props: {
  texts: PatientTexts
  /** What the gateway refused. */
  refused: readonly FieldSays[]
  nikHint: string
  onChange: (texts: PatientTexts) => void
}): JSX.Element {
  const { say, language } = useSay()
  const today = useKnown((known) => known.visits?.today ?? null)
  const { texts, onChange } = props
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const [isAge, setIsAge] = useState(texts.age !== '')
  const read = readPatient(texts, today)
  const type = (field: keyof PatientTexts) => (value: string) => {
    onChange({ ...texts, [field]: value })
  }
  // A field is not called wrong while somebody is still typing in it.
  const leave = (field: string) => () => setLeft(new Set([...left, field]))
  const wordsOf = (all: readonly FieldSays[], field: string) =>
    all
      .filter((one) => one.field === field)
      .map(({ why }) => why[language])
      .join(' ')
  const common = (field: keyof PatientTexts) => ({
    name: field,
    value: texts[field],
    wrong: wordsOf(props.refused, field) || (left.has(field) ? wordsOf(read.wrong, field) : ''),
    doubt: wordsOf(read.doubts, field),
    onInput: type(field),
    onBlur: leave(field),
  })
  const birth = readDate(texts.birthDate)
  return (
    <div class="patient-form">
      <TextBox
        {...common('name')}
        label={say('patient-name')}
        hint={say('patient-name-hint')}
        lengthMax={nameLengthMax}
        capitals="words"
      />
      <TextBox
        {...common('nik')}
        label={say('patient-nik')}
        hint={props.nikHint}
        lengthMax={nikLengthMax}
        digits
      />
      <div class="birth-or-age">
        <Choice
          label={say('patient-birth')}
          value={isAge ? 'age' : 'date'}
          options={[
            { value: 'date', text: say('patient-birth') },
            { value: 'age', text: say('patient-age') },
          ]}
          onChoose={(chosen) => {
            setIsAge(chosen === 'age')
            onChange({ ...texts, birthDate: '', age: '' })
          }}
        />
        {isAge ? (
          <TextBox
            {...common('age')}
            label={say('patient-age-years')}
            lengthMax={ageLengthMax}
            digits
          />
        ) : (
          <TextBox
            {...common('birthDate')}
            label={say('patient-birth')}
            hint={
              birth.kind === 'date' && today !== null && birth.iso <= today
                ? formatAgeOf(birth.iso, today, language)
                : say('patient-birth-hint')
            }
            lengthMax={dateLengthMax}
            digits
          />
        )}
      </div>
      <fieldset class="keypad-choices">
        <legend>{say('patient-sex')}</legend>
        <div>
          {(['F', 'M'] as const).map((sex) => (
            <label key={sex} class={texts.sex === sex ? 'chosen' : ''}>
              <input
                type="radio"
                name="sex"
                value={sex}
                checked={texts.sex === sex}
                // Tapped again, a choice is taken back.
                onClick={() => type('sex')(texts.sex === sex ? '' : sex)}
              />
              <span>{sexName(sex, say)}</span>
            </label>
          ))}
        </div>
      </fieldset>
    </div>
  )
}
