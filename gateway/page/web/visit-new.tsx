/** Opens a visit: find the patient or write a new one, look at the devices, start. */
import type { JSX } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { noPatientTexts, readPatient, type PatientTexts } from '../patient-check.ts'
import type { FieldSays, FoundPatient } from '../visits-view.ts'
import { freshAct, useAct } from './act.ts'
import { api } from './api.ts'
import { DeviceChoice, freeDevices } from './device-choice.tsx'
import { formatDate } from './format.ts'
import { BackHeading, Button, TroubleNotice, useSay } from './parts.tsx'
import { Icon } from './icons.tsx'
import { PatientForm } from './patient-form.tsx'
import { PatientLine } from './patient-line.tsx'
import { look, useKnown } from './store.ts'
import { UnclearSheet, type Asks } from './unclear-sheet.tsx'

/** null: nobody chosen yet. `new`: not known yet. */
type Chosen = FoundPatient | 'new' | null

export function VisitNew(): JSX.Element {
  const { say } = useSay()
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState<Chosen>(null)
  return (
    <section class="narrow">
      <BackHeading title={say('visit-start')} href="#visits" />
      {chosen === null ? (
        <Search text={text} onText={setText} onChoose={setChosen} />
      ) : (
        <Opening chosen={chosen} typed={text} onChoose={setChosen} />
      )}
    </section>
  )
}

const pauseMs = 250

function Search(props: {
  text: string
  onText: (text: string) => void
  onChoose: (chosen: Chosen) => void
}): JSX.Element {
  const { say } = useSay()
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const { text, onText, onChoose } = props
  const { trouble, run } = useAct()
  const [found, setFound] = useState<readonly FoundPatient[] | null>(null)
  const newest = useRef('')
  useEffect(() => input.current?.focus(), [])
  useEffect(() => {
    newest.current = text
    const ask = async () => {
      const answer = await api.findPatients(text.trim())
      // The answer to an older text must not stand under a newer one.
      if (newest.current !== text) return
      const kept = await run(async () => answer)
      if (kept !== null) setFound(kept)
    }
    const timer = setTimeout(() => void ask(), pauseMs)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <>
      <div class="search">
        <label for={id}>{say('find-title')}</label>
        <div>
          <Icon name="search" size={22} />
          <input
            id={id}
            ref={input}
            name="find"
            type="search"
            value={text}
            placeholder={say('find-hint')}
            autocomplete="off"
            spellcheck={false}
            maxLength={80}
            onInput={(event) => onText(event.currentTarget.value)}
          />
        </div>
      </div>
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      {found !== null && (
        <FoundList found={found} isSearch={text.trim() !== ''} onChoose={onChoose} />
      )}
      <Button kind="main" icon="plus" onClick={() => onChoose('new')}>
        {say('patient-new')}
      </Button>
    </>
  )
}

function FoundList(props: {
  found: readonly FoundPatient[]
  isSearch: boolean
  onChoose: (chosen: FoundPatient) => void
}): JSX.Element {
  const { say, language } = useSay()
  const zone = useKnown((known) => known.start?.zone ?? { name: 'UTC', offsetMinutes: 0 })
  const { found, isSearch, onChoose } = props
  if (found.length === 0) return <p class="empty">{isSearch ? say('find-none') : ''}</p>
  return (
    <>
      {!isSearch && <h2 class="sub">{say('find-recent')}</h2>}
      <ul class="found">
        {found.map((patient) => (
          <li key={patient.patient}>
            <button
              type="button"
              onClick={() => {
                if (patient.openVisit === null) onChoose(patient)
                else location.hash = `#visits/${patient.openVisit}`
              }}
            >
              <PatientLine patient={patient} />
              <small>
                {patient.openVisit !== null
                  ? say('find-open')
                  : patient.seenUtcMs === null
                    ? ''
                    : say('find-seen', { date: formatDate(patient.seenUtcMs, zone, language) })}
              </small>
              <Icon name="next" />
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}

/** What was searched for is what will be typed. */
function textsFrom(typed: string): PatientTexts {
  const text = typed.trim()
  if (/^[\d\s.-]+$/.test(text)) return { ...noPatientTexts, nik: text }
  return { ...noPatientTexts, name: text }
}

function Opening(props: {
  chosen: FoundPatient | 'new'
  typed: string
  onChoose: (chosen: Chosen) => void
}): JSX.Element {
  const { say } = useSay()
  const { chosen, typed, onChoose } = props
  const person = useKnown((known) => known.person)
  const today = useKnown((known) => known.visits?.today ?? null)
  const [texts, setTexts] = useState(() => textsFrom(typed))
  const [devices, setDevices] = useState<readonly string[]>(() =>
    freeDevices(look().status?.devices ?? [], look().visits?.visits ?? []),
  )
  const [refused, setRefused] = useState<readonly FieldSays[]>([])
  const [asks, setAsks] = useState<Asks | null>(null)
  const act = useRef(freshAct())
  const { isBusy, trouble, runSafely } = useAct()
  const patient = chosen === 'new' ? null : chosen.patient
  const open = async (confirmed: readonly string[]) => {
    setAsks(null)
    const post = { ...act.current, by: person, patient, texts, confirmed, devices }
    const answer = await runSafely(() => api.openVisit(post))
    if (answer === null) return
    if (answer.kind === 'opened') location.hash = `#visits/${answer.visit}`
    else if (answer.kind === 'refused') setRefused(answer.fields)
    else setAsks(answer)
  }
  const isReady = chosen !== 'new' || readPatient(texts, today).said !== null
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (isReady && person !== '') void open([])
      }}
    >
      {chosen === 'new' ? (
        <PatientForm
          texts={texts}
          refused={refused}
          nikHint={say('patient-nik-hint')}
          onChange={(changed) => {
            setTexts(changed)
            setRefused([])
          }}
        />
      ) : (
        <div class="card">
          <PatientLine patient={chosen} isLarge />
        </div>
      )}
      <DeviceChoice visit={null} chosen={devices} onChange={setDevices} />
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      <div class="actions">
        <Button type="submit" icon="check" disabled={!isReady || isBusy || person === ''}>
          {say('visit-start')}
        </Button>
        <Button kind="quiet" icon="back" onClick={() => onChoose(null)}>
          {say('patient-choose-other')}
        </Button>
      </div>
      {asks !== null && (
        <UnclearSheet
          asks={asks}
          onBack={() => setAsks(null)}
          onRight={() => void open(asks.fields.map(({ field }) => field))}
          onKnown={(known) => {
            setAsks(null)
            onChoose(known)
          }}
        />
      )}
    </form>
  )
}
