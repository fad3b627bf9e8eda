import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import { Icon } from './icons.tsx'

export const reasonLengthMax = 120

/** One line to be typed: its name, a hint, and what is wrong with it or to be looked at again. */
export function TextBox(props: {
  readonly name: string
  readonly label: string
  readonly value: string
  readonly lengthMax: number
  readonly hint?: string
  /** Empty: nothing. */
  readonly wrong?: string
  readonly doubt?: string
  readonly capitals?: 'words' | 'sentences' | 'none'
  readonly digits?: boolean
  readonly onInput: (value: string) => void
  readonly onBlur?: () => void
}): JSX.Element {
  const id = useId()
  const { wrong = '', doubt = '', hint = '' } = props
  const words = wrong === '' ? doubt : wrong
  const look = wrong !== '' ? 'wrong' : doubt !== '' ? 'unusual' : ''
  return (
    <div class={`field text-box ${look}`}>
      <label class="field-name" for={id}>
        {props.label}
      </label>
      <input
        id={id}
        name={props.name}
        value={props.value}
        maxLength={props.lengthMax}
        autocomplete="off"
        autocapitalize={props.capitals ?? 'none'}
        spellcheck={false}
        inputMode={props.digits === true ? 'numeric' : 'text'}
        aria-invalid={wrong !== ''}
        onInput={(event) => props.onInput(event.currentTarget.value)}
        onBlur={props.onBlur}
      />
      {hint !== '' && words === '' && <small>{hint}</small>}
      {words !== '' && (
        <p class="field-words" role="status">
          <Icon name="warning" size={18} />
          <span>{words}</span>
        </p>
      )}
    </div>
  )
}
