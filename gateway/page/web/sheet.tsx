/** Asks once more before something is done that cannot simply be done again. */
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Icon, type IconName } from './icons.tsx'
import { Button, useSay } from './parts.tsx'

export function Sheet(props: {
  title: string
  icon?: IconName
  /** Where going back is the likelier answer, what it means; else it is the plain one. */
  back?: string
  /** What is done, with the name of whom it concerns. */
  yes: string
  yesIcon?: IconName
  /** Plain where something in the sheet itself is likelier. */
  yesKind?: 'main' | 'plain'
  isReady?: boolean
  children: ComponentChildren
  onBack: () => void
  onYes: () => void
}): JSX.Element {
  const { say } = useSay()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog
      ref={dialog}
      class="confirm-sheet"
      aria-labelledby="sheet-title"
      onCancel={(event) => {
        event.preventDefault()
        props.onBack()
      }}
    >
      <h2 id="sheet-title">
        <Icon name={props.icon ?? 'question'} size={26} />
        <span>{props.title}</span>
      </h2>
      <div class="sheet-body">{props.children}</div>
      <div class="confirm-buttons">
        <Button
          kind={props.back === undefined ? 'plain' : 'main'}
          icon="back"
          onClick={props.onBack}
        >
          {props.back ?? say('back')}
        </Button>
        <Button
          kind={props.yesKind ?? 'main'}
          icon={props.yesIcon ?? 'check'}
          disabled={props.isReady === false}
          onClick={props.onYes}
        >
          {props.yes}
        </Button>
      </div>
    </dialog>
  )
}
