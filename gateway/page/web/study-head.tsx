/** From which device images came, when, and how many. */
import type { JSX } from 'preact'
import type { DecidedStudy, WaitingStudy } from '../visits-view.ts'
import { formatClock, formatDate } from './format.ts'
import { Icon } from './icons.tsx'
import { useSay } from './parts.tsx'
import { useKnown } from './store.ts'

export function StudyHead({ study }: { study: WaitingStudy | DecidedStudy }): JSX.Element {
  const { say } = useSay()
  const when = useWhen()
  return (
    <header>
      <div class="device-icon">
        <Icon name="image" size={24} />
      </div>
      <div class="device-name">
        <h2>
          {study.device}
          {study.modality !== null && ` · ${study.modality}`}
        </h2>
        <p>
          {when(study.utcMs)} · {say('images-count', { count: study.images })}
        </p>
      </div>
    </header>
  )
}

function useWhen(): (utcMs: number | null) => string {
  const { say, language } = useSay()
  const zone = useKnown((known) => known.start?.zone ?? { name: 'UTC', offsetMinutes: 0 })
  return (utcMs) =>
    utcMs === null
      ? say('clock-unset')
      : `${formatDate(utcMs, zone, language)}, ${formatClock(utcMs, zone)}`
}
