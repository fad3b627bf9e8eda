import type { JSX } from 'preact'
import type { DateFieldView, NumberFieldView } from '../wire.ts'
import { beyondTexts } from './field-check.ts'
import { Icon } from './icons.tsx'
import { useSay } from './parts.tsx'

/**
 * Keys large enough for a gloved thumb. The field keeps the focus, so a real keyboard works too.
 */
export function NumberPad(props: {
  /** null while no number is typed: there is room for the keys, but nothing to write. */
  field: NumberFieldView | DateFieldView | null
  isLast: boolean
  /** A digit, the decimal sign, `-`, `HI`, `LO` or `delete`. */
  onKey: (key: string) => void
  onNext: () => void
}): JSX.Element {
  const { say, language } = useSay()
  const { field, isLast, onKey, onNext } = props
  const number = field?.kind === 'number' ? field : null
  // A day is written with dashes, where a number has its decimal sign.
  const sign = field?.kind === 'date' ? '-' : language === 'id' ? ',' : '.'
  const digit = (key: string) => (
    <button type="button" key={key} disabled={field === null} onClick={() => onKey(key)}>
      {key}
    </button>
  )
  return (
    <div
      class={field === null ? 'pad idle' : number?.beyond === true ? 'pad beyond' : 'pad'}
      role="group"
      aria-label={say('keypad-label')}
      onPointerDown={(event) => event.preventDefault()}
    >
      {['1', '2', '3', '4', '5', '6', '7', '8', '9'].map(digit)}
      {number !== null && number.plausible.low < 0 ? (
        <button type="button" aria-label={say('key-minus')} onClick={() => onKey('-')}>
          −
        </button>
      ) : (
        <span />
      )}
      {digit('0')}
      <button
        type="button"
        aria-label={say(field?.kind === 'date' ? 'key-dash' : 'key-decimal')}
        disabled={field === null || number?.decimals === 0}
        onClick={() => onKey(sign)}
      >
        {sign}
      </button>
      <div class="pad-side">
        <button
          type="button"
          aria-label={say('key-delete')}
          disabled={field === null}
          onClick={() => onKey('delete')}
        >
          <Icon name="erase" size={28} />
        </button>
        {number?.beyond === true &&
          beyondTexts.map((text) => (
            <button
              type="button"
              key={text}
              aria-label={say('key-beyond', { text })}
              onClick={() => onKey(text)}
            >
              {text}
            </button>
          ))}
        <button type="button" class="next" disabled={isLast} onClick={onNext}>
          <Icon name="next" size={26} />
          <span>{say('key-next')}</span>
        </button>
      </div>
    </div>
  )
}
