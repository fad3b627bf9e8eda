import type { JSX } from 'preact'
import type { Texts } from '../view.ts'
import type { ChoiceFieldView, FieldView } from '../wire.ts'
import { checkText, fieldWords, isAcceptable, isUnusual } from './field-check.ts'
import { Icon } from './icons.tsx'
import { useSay } from './parts.tsx'

const numberLengthMax = 10

export interface FieldBoxProps {
  readonly all: readonly FieldView[]
  readonly field: FieldView
  readonly texts: Texts
  readonly isActive: boolean
  /** Why the gateway refused it; null when it did not. */
  readonly refused: string | null
  /** Where the focus goes when this field is the next. */
  readonly hear: (input: HTMLInputElement | null) => void
  readonly onFocus: () => void
  readonly onInput: (text: string) => void
  /** A choice was tapped, so that the next field may come. */
  readonly onTap: () => void
}

/** One quantity: its name, what was typed, its unit, and what there is to say about it. */
export function FieldBox(props: FieldBoxProps): JSX.Element {
  const { say, language } = useSay()
  const { all, field, texts, isActive, refused } = props
  const isEmpty = checkText(field, texts[field.name] ?? '').kind === 'empty'
  const isWrong = refused !== null || (!isEmpty && !isAcceptable(field, texts))
  const look = isWrong ? 'wrong' : isUnusual(all, field, texts) ? 'unusual' : ''
  const found = fieldWords(all, field, texts, say, language)
  const words = refused ?? found?.words ?? null
  const isGood = refused === null && found?.isGood === true
  const classes = [
    'keypad-field',
    `of-${field.kind}`,
    field.detailOf === null ? '' : 'detail',
    isActive ? 'active' : '',
    look,
  ]
  return (
    <div class={classes.filter((one) => one !== '').join(' ')}>
      {field.kind === 'choice' ? (
        <Choices {...props} field={field} />
      ) : (
        <Input {...props} isWrong={isWrong} />
      )}
      {words !== null && (
        <p class={isGood ? 'field-words good' : 'field-words'} role="status">
          <Icon name={isGood ? 'check' : 'warning'} size={18} />
          <span>{words}</span>
        </p>
      )}
    </div>
  )
}

/** That it is the second time is said once, above the fields. */
function Label({ all, field }: FieldBoxProps): JSX.Element {
  const { say, language } = useSay()
  const repeats = field.kind === 'number' ? field.repeats : null
  const { label } = all.find((one) => one.name === repeats?.field) ?? field
  // Where all are optional the word says nothing.
  const isOptional = !field.required && all.some((one) => one.required && one.detailOf === null)
  return (
    <>
      {label[language]}
      {isOptional && <small>{say('field-optional')}</small>}
    </>
  )
}

function Input(props: FieldBoxProps & { readonly isWrong: boolean }): JSX.Element {
  const { language } = useSay()
  const { field, texts, isWrong } = props
  const id = `field-${field.name}`
  const hasPad = field.kind !== 'text'
  return (
    <div class="keypad-input">
      <label for={id}>
        <Label {...props} />
      </label>
      <input
        id={id}
        name={field.name}
        ref={props.hear}
        value={texts[field.name] ?? ''}
        // The pad of the page writes numbers; letters need the keyboard of the phone.
        inputMode={hasPad ? 'none' : 'text'}
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        enterkeyhint="next"
        maxLength={field.kind === 'text' ? field.lengthMax : numberLengthMax}
        placeholder={field.kind === 'date' ? field.unit[language] : '–'}
        aria-invalid={isWrong}
        onFocus={props.onFocus}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
      {field.kind === 'number' && <span class="unit">{field.unit[language]}</span>}
    </div>
  )
}

/** Large buttons side by side. Tapped again, a choice is taken back: nothing is chosen for good. */
function Choices(props: FieldBoxProps & { readonly field: ChoiceFieldView }): JSX.Element {
  const { language } = useSay()
  const { field, texts } = props
  const chosen = texts[field.name] ?? ''
  const first = chosen === '' ? field.choices[0]?.value : chosen
  return (
    <fieldset class="keypad-choices" onFocusIn={props.onFocus}>
      <legend>
        <Label {...props} />
      </legend>
      <div>
        {field.choices.map(({ value, label }) => (
          <label key={value} class={value === chosen ? 'chosen' : ''}>
            <input
              type="radio"
              name={field.name}
              value={value}
              checked={value === chosen}
              ref={value === first ? props.hear : null}
              onClick={(event) => {
                const isTakenBack = value === chosen
                props.onInput(isTakenBack ? '' : value)
                // The arrows of a keyboard choose too, on their way to another choice.
                if (!isTakenBack && event.detail > 0) props.onTap()
              }}
            />
            <span>{label[language]}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
