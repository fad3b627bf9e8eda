/**
 * Asks once more before an unusual number is stored: the person corrects it, or says it is right.
 */
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Icon } from './icons.tsx'
import type { Doubt } from './keypad-steps.ts'
import { Button, useSay } from './parts.tsx'

export function ConfirmSheet(props: {
  doubts: readonly Doubt[]
  onBack: () => void
  onConfirm: () => void
}): JSX.Element {
  const { say } = useSay()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog
      ref={dialog}
      class="confirm-sheet"
      aria-labelledby="confirm-title"
      onCancel={(event) => {
        event.preventDefault()
        props.onBack()
      }}
    >
      <h2 id="confirm-title">
        <Icon name="warning" size={26} />
        <span>{say('confirm-title')}</span>
      </h2>
      <ul>
        {props.doubts.map(({ field, label, typed, words }) => (
          <li key={field}>
            <span>{label}</span>
            <b>{typed}</b>
            <p>{words}</p>
          </li>
        ))}
      </ul>
      <div class="confirm-buttons">
        <Button kind="main" icon="back" onClick={props.onBack}>
          {say('confirm-back')}
        </Button>
        <Button kind="plain" icon="check" onClick={props.onConfirm}>
          {say('save-anyway')}
        </Button>
      </div>
    </dialog>
  )
}
