/** One study that waits: what it says, beside what each order says to which it may belong. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { describedIn } from '../examinations.ts'
import type { CandidateView, Decision, WaitingStudy } from '../visits-view.ts'
import { useAct } from './act.ts'
import { api } from './api.ts'
import { compare, fieldWords } from './compare.ts'
import { Icon } from './icons.tsx'
import { Button, Chip, Notice, TroubleNotice, useSay } from './parts.tsx'
import { PatientLine } from './patient-line.tsx'
import { shownName } from './patient-words.ts'
import { Preview } from './preview.tsx'
import { Sheet } from './sheet.tsx'
import { useKnown } from './store.ts'
import { StudyHead } from './study-head.tsx'
import { reasonLengthMax, TextBox } from './text-box.tsx'
import { findingName } from './findings.ts'

type Asks = { readonly kind: 'assign'; readonly to: CandidateView } | { kind: 'accept' | 'refuse' }

export function WaitingCard(props: {
  study: WaitingStudy
  isOpen: boolean
  onOpen: () => void
}): JSX.Element {
  const { say } = useSay()
  const { study, isOpen, onOpen } = props
  return (
    <article class="card waiting-card" data-study={study.study}>
      <StudyHead study={study} />
      <p class="says-name">{shownName(study.says.name) ?? say('accept-nameless')}</p>
      <div class="previews">
        {study.previews.length === 0 && (
          <span class="preview missing">{say('images-no-preview')}</span>
        )}
        {study.previews.map((name, index) => (
          <Preview name={name} index={index + 1} key={name} />
        ))}
      </div>
      <Findings study={study} />
      {isOpen ? (
        <Decide study={study} />
      ) : (
        <Button kind="main" icon="search" onClick={onOpen}>
          {say('images-open')}
        </Button>
      )}
    </article>
  )
}

function Findings({ study }: { study: WaitingStudy }): JSX.Element | null {
  const { say } = useSay()
  if (study.findings.length === 0) return null
  return (
    <div>
      <p class="hint">{say('images-found')}</p>
      <div class="chips">
        {study.findings.map((finding) => (
          <Chip tone="wait" icon="warning" key={finding}>
            {findingName(finding, say)}
          </Chip>
        ))}
      </div>
    </div>
  )
}

function Decide({ study }: { study: WaitingStudy }): JSX.Element {
  const { say } = useSay()
  const person = useKnown((known) => known.person)
  const [asks, setAsks] = useState<Asks | null>(null)
  const { isBusy, trouble, run } = useAct()
  const isIdle = isBusy || person === ''
  const decide = (decision: Decision) => {
    setAsks(null)
    void run(() => api.decide(person, decision))
  }
  return (
    <>
      {study.candidates.length === 0 ? (
        <Notice
          tone="info"
          icon="info"
          what={say('images-no-candidates')}
          todo={say('images-no-candidates-todo')}
        />
      ) : (
        <h3>{say('images-candidates')}</h3>
      )}
      {study.candidates.map((candidate) => (
        <Candidate
          study={study}
          candidate={candidate}
          isIdle={isIdle}
          onAssign={() => setAsks({ kind: 'assign', to: candidate })}
          key={candidate.order.order}
        />
      ))}
      <div class="decide-others">
        {study.candidates.length > 0 && <p class="hint">{say('images-other')}</p>}
        <div class="actions">
          <Button
            kind="plain"
            icon="check"
            disabled={isIdle}
            onClick={() => setAsks({ kind: 'accept' })}
          >
            {say('accept-as-is')}
          </Button>
          <Button
            kind="plain"
            icon="cross"
            disabled={isIdle}
            onClick={() => setAsks({ kind: 'refuse' })}
          >
            {say('refuse-it')}
          </Button>
        </div>
      </div>
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      {asks?.kind === 'assign' && (
        <AssignSheet study={study} to={asks.to} onBack={() => setAsks(null)} onYes={decide} />
      )}
      {(asks?.kind === 'accept' || asks?.kind === 'refuse') && (
        <ReasonSheet study={study} kind={asks.kind} onBack={() => setAsks(null)} onYes={decide} />
      )}
    </>
  )
}

function Candidate(props: {
  study: WaitingStudy
  candidate: CandidateView
  isIdle: boolean
  onAssign: () => void
}): JSX.Element {
  const { say, language } = useSay()
  const { study, candidate, isIdle, onAssign } = props
  const { order, patient } = candidate
  return (
    <div class="candidate" data-order={order.order}>
      <PatientLine patient={patient} />
      <p>{describedIn(language, order.description)}</p>
      <table class="compare">
        <thead>
          <tr>
            <td />
            <th scope="col">{say('compare-says-image')}</th>
            <th scope="col">{say('compare-says-order')}</th>
            <th scope="col">{say('compare-is')}</th>
          </tr>
        </thead>
        <tbody>
          {compare(study.says, candidate, say, language).map((row) => (
            <tr key={row.field} class={row.verdict}>
              <th scope="row">{say(fieldWords[row.field])}</th>
              <td data-of={say('compare-says-image')}>{row.image ?? '–'}</td>
              <td data-of={say('compare-says-order')}>{row.order ?? '–'}</td>
              <td class="verdict">
                {row.verdict !== 'absent' && (
                  <Icon name={row.verdict === 'same' ? 'check' : 'warning'} size={16} />
                )}
                {say(`compare-${row.verdict}`)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Button icon="person" disabled={isIdle} onClick={onAssign}>
        {say('assign-to', { name: patient.name })}
      </Button>
    </div>
  )
}

function AssignSheet(props: {
  study: WaitingStudy
  to: CandidateView
  onBack: () => void
  onYes: (decision: Decision) => void
}): JSX.Element {
  const { say, language } = useSay()
  const { study, to, onBack, onYes } = props
  const { order, patient, differs } = to
  const fields = differs.map((field) => say(fieldWords[field])).join(', ')
  return (
    <Sheet
      title={say('assign-ask')}
      yes={say('assign-yes', { name: patient.name })}
      onBack={onBack}
      onYes={() =>
        onYes({
          kind: 'assign',
          study: study.study,
          order: order.order,
          patient: patient.patient,
        })
      }
    >
      <PatientLine patient={patient} isLarge />
      <p>
        {describedIn(language, order.description)} · {say('images-count', { count: study.images })}
      </p>
      <Notice
        tone={differs.length > 0 ? 'wait' : 'good'}
        icon={differs.length > 0 ? 'warning' : 'check'}
        what={differs.length > 0 ? say('assign-differs', { fields }) : say('assign-all-same')}
      />
      <p class="hint">{say('assign-why')}</p>
    </Sheet>
  )
}

function ReasonSheet(props: {
  study: WaitingStudy
  kind: 'accept' | 'refuse'
  onBack: () => void
  onYes: (decision: Decision) => void
}): JSX.Element {
  const { say } = useSay()
  const [reason, setReason] = useState('')
  const { study, kind, onBack, onYes } = props
  const name = shownName(study.says.name) ?? say('accept-nameless')
  return (
    <Sheet
      title={say(`${kind}-ask`)}
      yes={say(`${kind}-yes`)}
      yesIcon={kind === 'accept' ? 'check' : 'cross'}
      isReady={reason.trim() !== ''}
      onBack={onBack}
      onYes={() => onYes({ kind, study: study.study, reason: reason.trim() })}
    >
      <p>{kind === 'accept' ? say('accept-why', { name }) : say('refuse-why')}</p>
      <TextBox
        name="reason"
        label={say('reason')}
        value={reason}
        lengthMax={reasonLengthMax}
        capitals="sentences"
        onInput={setReason}
      />
    </Sheet>
  )
}
