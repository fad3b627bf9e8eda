/** Whose the numbers will be that are typed: the wrong patient is a worse mistake than none. */
import type { JSX } from 'preact'
import { Icon } from './icons.tsx'
import { useSay } from './parts.tsx'
import { useKnown } from './store.ts'

export function ForWhom(): JSX.Element | null {
  const { say } = useSay()
  const visits = useKnown((known) => known.visits?.visits ?? null)
  const keypads = useKnown((known) => known.status?.devices ?? [])
    .filter(({ driver }) => driver === 'keypad')
    .map(({ id }) => id)
  if (visits === null) return null
  const visit = visits.find(
    ({ state, devices }) => state === 'open' && devices.some((one) => keypads.includes(one)),
  )
  const { name = '', patientId = '' } = visit?.patient ?? {}
  return (
    <a
      class={visit === undefined ? 'for-whom nobody' : 'for-whom'}
      href={visit === undefined ? '#visits' : `#visits/${visit.visit}`}
    >
      <Icon name={visit === undefined ? 'question' : 'person'} size={20} />
      <span>
        {visit === undefined ? (
          say('keypad-for-nobody')
        ) : (
          <>
            {say('keypad-for')} <b>{name}</b> <small>{patientId}</small>
          </>
        )}
      </span>
    </a>
  )
}
