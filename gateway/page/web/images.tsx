/** Images of which it is not clear whose they are, and what was decided about others. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { DecidedStudy } from '../visits-view.ts'
import { useAct } from './act.ts'
import { api } from './api.ts'
import { BackHeading, Button, Chip, Notice, TroubleNotice, useSay } from './parts.tsx'
import { PatientLine } from './patient-line.tsx'
import { useKnown } from './store.ts'
import { useAsked } from './use-asked.ts'
import { StudyHead } from './study-head.tsx'
import { WaitingCard } from './waiting-card.tsx'

export function Images(): JSX.Element {
  const { say } = useSay()
  const change = useKnown((known) => known.visitsChange)
  const images = useAsked(api.images, change)
  const [opened, setOpened] = useState<string | null>(null)
  return (
    <section>
      <BackHeading title={say('images-title')} href="#visits" />
      {images.kind === 'loading' && <p class="empty">{say('loading')}</p>}
      {images.kind === 'failed' && <TroubleNotice trouble={images.trouble} />}
      {images.kind === 'ok' && (
        <>
          {images.value.waiting.length === 0 ? (
            <Notice tone="good" icon="check" what={say('images-none')} />
          ) : (
            <p class="lead">{say('images-why')}</p>
          )}
          <div class="stack">
            {images.value.waiting.map((study) => (
              <WaitingCard
                study={study}
                isOpen={opened === study.study || images.value.waiting.length === 1}
                onOpen={() => setOpened(study.study)}
                key={study.study}
              />
            ))}
          </div>
          {images.value.decided.length > 0 && <h2 class="sub">{say('decided-title')}</h2>}
          <div class="stack">
            {images.value.decided.map((study) => (
              <DecidedCard study={study} key={study.study} />
            ))}
          </div>
        </>
      )}
    </section>
  )
}

function DecidedCard({ study }: { study: DecidedStudy }): JSX.Element {
  const { say } = useSay()
  const person = useKnown((known) => known.person)
  const { isBusy, trouble, run } = useAct()
  const { state, patient, by, reason } = study
  return (
    <article class="card decided" data-study={study.study}>
      <StudyHead study={study} />
      <div class="chips">
        <Chip
          tone={state === 'refused' ? 'idle' : 'good'}
          icon={state === 'refused' ? 'cross' : 'check'}
        >
          {state === 'coerced'
            ? say('decided-coerced', { name: patient?.name ?? study.accessionNumber ?? '–' })
            : say(`decided-${state}`)}
        </Chip>
      </div>
      {patient !== null && <PatientLine patient={patient} />}
      <p class="hint">
        {say('decided-by', { by })}
        {reason !== '' && `: ${reason}`}
      </p>
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      <Button
        kind="quiet"
        icon="undo"
        disabled={isBusy || person === ''}
        onClick={() => void run(() => api.decide(person, { kind: 'undo', study: study.study }))}
      >
        {say('decided-undo')}
      </Button>
    </article>
  )
}
