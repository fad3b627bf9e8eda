/**
 * Asks once more before an unusual number is stored: the person corrects it, or says it is right.
 */
import type { JSX } from 'preact'
import type { Doubt } from './keypad-steps.ts'
import { useSay } from './parts.tsx'
import { Sheet } from './sheet.tsx'

export function ConfirmSheet(props: {
  doubts: readonly Doubt[]
  onBack: () => void
  onConfirm: () => void
}): JSX.Element {
  const { say } = useSay()
  return (
    <Sheet
      title={say('confirm-title')}
      icon="warning"
      back={say('confirm-back')}
      yes={say('save-anyway')}
      yesKind="plain"
      onBack={props.onBack}
      onYes={props.onConfirm}
    >
      <ul>
        {props.doubts.map(({ field, label, typed, words }) => (
          <li key={field}>
            <span>{label}</span>
            <b>{typed}</b>
            <p>{words}</p>
          </li>
        ))}
      </ul>
    </Sheet>
  )
}
