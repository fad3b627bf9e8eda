/** Whose the numbers of a device are: the wrong patient is a worse mistake than none. */
import type { JSX } from 'preact'
import { Icon } from './icons.tsx'
import { useSay } from './parts.tsx'
import { useKnown } from './store.ts'

/** Nothing while the device stands with no visit, or while nobody is signed in. */
export function ForWhom({ device }: { device: string }): JSX.Element | null {
  const { say } = useSay()
  const visit = useVisitOf(device)
  if (visit === undefined) return null
  const { name, patientId } = visit.patient
  return (
    <a class="for-whom" href={`#visits/${visit.visit}`}>
      <Icon name="person" size={20} />
      <span>
        {say('keypad-for')} <b>{name}</b> <small>{patientId}</small>
      </span>
    </a>
  )
}

/** Before the first digit it is said for whom it is, also when it is for nobody. */
export function KeypadForWhom(): JSX.Element | null {
  const { say } = useSay()
  const isThere = useKnown((known) => known.visits !== null)
  const keypad = useKnown((known) =>
    known.status?.devices.find(({ driver }) => driver === 'keypad'),
  )
  const visit = useVisitOf(keypad?.id ?? '')
  if (!isThere || keypad === undefined) return null
  if (visit !== undefined) return <ForWhom device={keypad.id} />
  return (
    <a class="for-whom nobody" href="#visits">
      <Icon name="question" size={20} />
      <span>{say('keypad-for-nobody')}</span>
    </a>
  )
}

function useVisitOf(device: string) {
  const visits = useKnown((known) => known.visits?.visits)
  return visits?.find(({ state, devices }) => state === 'open' && devices.includes(device))
}
