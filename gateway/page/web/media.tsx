/** Sticks and discs that are plugged in: what is on them, and taking it in. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { MediumReport, MediumShown, MediumStudy, MediumView } from '../media-view.ts'
import { useAct } from './act.ts'
import { api } from './api.ts'
import { formatBytes, formatDay } from './format.ts'
import { Icon } from './icons.tsx'
import { MediumPictures } from './medium-pictures.tsx'
import { BackHeading, Button, Notice, TroubleNotice, useSay } from './parts.tsx'
import { shownName } from './patient-words.ts'
import { Progress } from './progress.tsx'
import { useKnown } from './store.ts'
import { useAsked } from './use-asked.ts'

export function Media(): JSX.Element {
  const { say } = useSay()
  const change = useKnown((known) => known.mediaChange)
  const media = useAsked(api.media, change)
  return (
    <section>
      <BackHeading title={say('media-title')} href="#visits" />
      {media.kind === 'loading' && <p class="empty">{say('loading')}</p>}
      {media.kind === 'failed' && <TroubleNotice trouble={media.trouble} />}
      {media.kind === 'ok' && media.value.length === 0 && (
        <Notice tone="info" icon="info" what={say('media-none')} todo={say('media-none-todo')} />
      )}
      <div class="stack">
        {media.kind === 'ok' &&
          media.value.map((medium) => <MediumCard medium={medium} key={medium.medium} />)}
      </div>
    </section>
  )
}

function MediumCard({ medium }: { medium: MediumShown }): JSX.Element {
  const { say } = useSay()
  const { state, progress, report, trouble, studies, pictures, otherFiles } = medium
  const isEmpty = state === 'ready' && studies.length + pictures.length === 0
  return (
    <article class="card" data-medium={medium.medium}>
      <header>
        <div class="device-icon">
          <Icon name="stick" size={24} />
        </div>
        <div class="device-name">
          <h2>{medium.label === '' ? say('media-nameless') : medium.label}</h2>
        </div>
      </header>
      {state === 'looking' && <p class="hint">{say('media-looking')}</p>}
      {trouble !== null && <TroubleNotice trouble={trouble} />}
      {isEmpty && <Notice tone="info" icon="info" what={say('media-empty')} />}
      {progress !== null && (
        <Progress
          label={say('media-stay')}
          done={progress.done}
          total={progress.total}
          words={say('media-progress', { done: progress.done, total: progress.total })}
        />
      )}
      {report !== null && <Report report={report} />}
      {(state === 'ready' || state === 'done') && (
        <>
          {studies.length > 0 && <Studies medium={medium} />}
          {pictures.length > 0 && <MediumPictures medium={medium} />}
        </>
      )}
      {medium.unlisted > 0 && (
        <p class="hint">{say('media-unlisted', { count: medium.unlisted })}</p>
      )}
      {otherFiles > 0 && <p class="hint">{say('media-others', { count: otherFiles })}</p>}
    </article>
  )
}

function Report({ report }: { report: MediumReport }): JSX.Element {
  const { say, language } = useSay()
  const { stored, known, waiting, refused } = report
  return (
    <Notice
      tone={refused.length > 0 ? 'wait' : 'good'}
      icon={refused.length > 0 ? 'warning' : 'check'}
      what={say('media-report')}
    >
      <ul class="report">
        <li>{say('media-stored', { count: stored })}</li>
        {known > 0 && <li>{say('media-known', { count: known })}</li>}
        {refused.map(({ files, why }) => (
          <li key={why.en}>{say('media-refused', { count: files, why: why[language] })}</li>
        ))}
        {waiting > 0 && (
          <li>
            <a href="#visits/images">{say('media-waiting', { count: waiting })}</a>
          </li>
        )}
      </ul>
      <p>{say('media-pull')}</p>
    </Notice>
  )
}

function Studies({ medium }: { medium: MediumView }): JSX.Element {
  const { say } = useSay()
  const person = useKnown((known) => known.person)
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const { isBusy, trouble, run } = useAct()
  const chosen = medium.studies.filter(({ study }) => !left.has(study))
  const count = chosen.reduce((sum, { images }) => sum + images, 0)
  return (
    <fieldset class="ticks">
      <legend>{say('media-studies')}</legend>
      {medium.studies.map((study) => (
        <StudyTick
          study={study}
          isChosen={!left.has(study.study)}
          onTap={() => {
            const next = new Set(left)
            if (!next.delete(study.study)) next.add(study.study)
            setLeft(next)
          }}
          key={study.study}
        />
      ))}
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      <Button
        kind={medium.state === 'done' ? 'plain' : 'main'}
        icon="download"
        disabled={isBusy || count === 0 || person === ''}
        onClick={() => {
          const studies = chosen.map(({ study }) => study)
          void run(() => api.takeMedium(person, medium.medium, studies))
        }}
      >
        {say('media-take', { count })}
      </Button>
    </fieldset>
  )
}

function StudyTick(props: {
  study: MediumStudy
  isChosen: boolean
  onTap: () => void
}): JSX.Element {
  const { say, language } = useSay()
  const { modality, patientName, date, images, sizeBytes } = props.study
  return (
    <label class="tick">
      <input type="checkbox" checked={props.isChosen} onChange={props.onTap} />
      <span>
        <strong>{shownName(patientName) ?? say('accept-nameless')}</strong>
        <small>
          {[
            modality ?? 'DICOM',
            ...(date === null ? [] : [formatDay(date, language)]),
            say('images-count', { count: images }),
            formatBytes(sizeBytes, language),
          ].join(' · ')}
        </small>
      </span>
    </label>
  )
}
