/** What a person reads off a display and types. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Language, TroubleWords } from '../both.ts'
import type { FieldView, FormView, Row } from '../wire.ts'
import { api } from './api.ts'
import { DeliveryState } from './delivery.tsx'
import { KeypadForWhom } from './for-whom.tsx'
import { formatClock } from './format.ts'
import { Icon } from './icons.tsx'
import { KeypadForm } from './keypad-form.tsx'
import { Notice, SimulationChip, TroubleNotice, useSay } from './parts.tsx'
import { linesOf } from './says.ts'
import { useKnown } from './store.ts'
import { useRecords } from './use-records.ts'

const typedShownMax = 8
const rowsLimit = 100

export function Keypad({ form: chosen }: { form: string }): JSX.Element {
  const { say } = useSay()
  const forms = useForms()
  // Followed here, so that a form and the list below it never say different things.
  const records = useRecords({ device: null, kinds: measurementsOnly, limit: rowsLimit })
  const rows = records.kind === 'ok' ? records.rows : []
  if (forms.kind === 'loading') return <p class="empty">{say('loading')}</p>
  if (forms.kind === 'failed') return <TroubleNotice trouble={forms.trouble} />
  const form = forms.forms.find((one) => one.id === chosen)
  if (form !== undefined) return <KeypadForm form={form} rows={rows} key={form.id} />
  return (
    <section>
      <div class="heading">
        <h1>{say('keypad-title')}</h1>
      </div>
      <p class="lead">{say('keypad-text')}</p>
      <KeypadForWhom />
      <FormTiles forms={forms.forms} />
      <TypedList rows={rows.filter((row) => row.source !== 'device').slice(0, typedShownMax)} />
    </section>
  )
}

const measurementsOnly = ['measurement'] as const

function FormTiles({ forms }: { forms: readonly FormView[] }): JSX.Element {
  const { say, language } = useSay()
  if (forms.length === 0) {
    return (
      <Notice tone="wait" icon="info" what={say('keypad-none')} todo={say('keypad-none-todo')} />
    )
  }
  return (
    <div class="tiles">
      {forms.map((form) => (
        <a class="tile" href={`#keypad/${encodeURIComponent(form.id)}`} key={form.id}>
          <span>
            <strong>{form.label[language]}</strong>
            <small>{namesIn(form, language)}</small>
          </span>
          <Icon name="next" />
        </a>
      ))}
    </div>
  )
}

/** What can be typed there, as far as a tile has room for it. */
function namesIn(form: FormView, language: Language): string {
  const isFirst = (field: FieldView) => field.kind !== 'number' || field.repeats === null
  const own = form.fields.filter((field) => field.detailOf === null && isFirst(field))
  return own.map(({ label }) => label[language]).join(' · ')
}

function TypedList({ rows }: { rows: readonly Row[] }) {
  const { say, language } = useSay()
  const zone = useKnown((known) => known.start?.zone ?? { name: 'UTC', offsetMinutes: 0 })
  if (rows.length === 0) return null
  return (
    <>
      <h2 class="sub">{say('keypad-recent')}</h2>
      <ol class="rows">
        {rows.map((row) => (
          <li class="row" key={row.key} data-key={row.key}>
            <div class="row-icon">
              <Icon name="keypad" size={22} />
            </div>
            <time>{row.utcMs === null ? '––:––' : formatClock(row.utcMs, zone)}</time>
            <div class="row-says">
              {linesOf(row.says, say, language).map((line) => (
                <p key={line.term}>
                  <span class="term">{line.term}</span>
                  <b>{line.text}</b>
                </p>
              ))}
              {row.simulated && <SimulationChip />}
            </div>
            <div class="row-delivery">
              <DeliveryState delivery={row.delivery} />
            </div>
          </li>
        ))}
      </ol>
    </>
  )
}

type FormsState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ok'; readonly forms: readonly FormView[] }
  | { readonly kind: 'failed'; readonly trouble: TroubleWords | null }

/** Asked once for each start of the gateway: they cannot change while it runs. */
function useForms(): FormsState {
  const instance = useKnown((known) => known.start?.instance)
  const isLive = useKnown((known) => known.line === 'live')
  const [state, setState] = useState<FormsState>({ kind: 'loading' })
  useEffect(() => {
    let isWanted = true
    const ask = async () => {
      const answer = await api.forms()
      if (!isWanted) return
      setState((before) => {
        if (answer.kind === 'ok') return { kind: 'ok', forms: answer.value }
        // Forms that are here already serve on: the line may come back before they are needed.
        if (before.kind === 'ok') return before
        return { kind: 'failed', trouble: answer.kind === 'refused' ? answer.trouble : null }
      })
    }
    void ask()
    return () => {
      isWanted = false
    }
  }, [instance, isLive])
  return state
}
