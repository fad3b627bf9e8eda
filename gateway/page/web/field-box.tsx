import type { JSX } from 'preact'
import type { Texts } from '../view.ts'
import type { FieldView } from '../wire.ts'
import { checkText, checkWords, isAcceptable, twice, twiceWords } from './field-check.ts'
import { Icon } from './icons.tsx'
import { useSay } from './parts.tsx'

const textLengthMax = 10

/** One quantity: its name, what was typed, its unit, and what there is to say about it. */
export function FieldBox(props: {
  all: readonly FieldView[]
  field: FieldView
  texts: Texts
  isActive: boolean
  /** Why the gateway refused it; null when it did not. */
  refused: string | null
  hear: (input: HTMLInputElement | null) => void
  onFocus: () => void
  onInput: (text: string) => void
}): JSX.Element {
  const { say, language } = useSay()
  const { field, texts, isActive, refused } = props
  const text = texts[field.name] ?? ''
  const check = checkText(field, text)
  const isWrong = refused !== null || (check.kind !== 'empty' && !isAcceptable(field, texts))
  const isUnusual = check.kind === 'implausible' || twice(props.all, field, texts)?.agrees === false
  const look = isWrong ? 'wrong' : isUnusual ? 'unusual' : ''
  // That it is the second time is said once, above the fields.
  const { label } = props.all.find((one) => one.name === field.repeats?.field) ?? field
  // Where all are optional the word says nothing.
  const isOptional = !field.required && props.all.some((one) => one.required)
  const id = `field-${field.name}`
  return (
    <div class={`keypad-field ${isActive ? 'active' : ''} ${look}`}>
      <div class="keypad-input">
        <label for={id}>
          {label[language]}
          {isOptional && <small>{say('field-optional')}</small>}
        </label>
        <input
          id={id}
          name={field.name}
          ref={props.hear}
          value={text}
          inputMode="none"
          autocomplete="off"
          enterkeyhint="next"
          maxLength={textLengthMax}
          placeholder="–"
          aria-invalid={isWrong}
          onFocus={props.onFocus}
          onInput={(event) => props.onInput(event.currentTarget.value)}
        />
        <span class="unit">{field.unit[language]}</span>
      </div>
      <FieldWords field={field} all={props.all} texts={texts} refused={refused} />
    </div>
  )
}

function FieldWords(props: {
  field: FieldView
  all: readonly FieldView[]
  texts: Texts
  refused: string | null
}): JSX.Element | null {
  const { say, language } = useSay()
  const { field, all, texts, refused } = props
  const check = checkText(field, texts[field.name] ?? '')
  const warning = refused ?? checkWords(field, check, say, language)
  const both = twice(all, field, texts)
  if (warning === null && both === null) return null
  const isGood = warning === null && both?.agrees === true
  const words = warning ?? (both === null ? '' : twiceWords(field, both, say, language))
  return (
    <p class={isGood ? 'field-words good' : 'field-words'} role="status">
      <Icon name={isGood ? 'check' : 'warning'} size={18} />
      <span>{words}</span>
    </p>
  )
}
