/** Corrects what is known of a patient. The record before it is kept by the hospital. */
import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { readPatient, type PatientTexts } from '../patient-check.ts'
import type { FieldSays, PatientView } from '../visits-view.ts'
import { freshAct, useAct } from './act.ts'
import { api } from './api.ts'
import { Button, TroubleNotice, useSay } from './parts.tsx'
import { PatientForm } from './patient-form.tsx'
import { useKnown } from './store.ts'
import { UnclearSheet, type Asks } from './unclear-sheet.tsx'

export function Correcting(props: { patient: PatientView; onDone: () => void }): JSX.Element {
  const { say } = useSay()
  const { patient, onDone } = props
  const person = useKnown((known) => known.person)
  const today = useKnown((known) => known.visits?.today ?? null)
  const [texts, setTexts] = useState(() => textsOf(patient))
  const [nikGone, setNikGone] = useState(false)
  const [refused, setRefused] = useState<readonly FieldSays[]>([])
  const [asks, setAsks] = useState<Asks | null>(null)
  const act = useRef(freshAct())
  const { isBusy, trouble, runSafely } = useAct()
  const save = async (confirmed: readonly string[]) => {
    setAsks(null)
    const post = { ...act.current, by: person, patient: patient.patient, texts, nikGone, confirmed }
    const answer = await runSafely(() => api.correctPatient(post))
    if (answer === null) return
    if (answer.kind === 'corrected') onDone()
    else if (answer.kind === 'refused') setRefused(answer.fields)
    else setAsks(answer)
  }
  const isReady = readPatient(texts, today).said !== null && person !== ''
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (isReady) void save([])
      }}
    >
      <PatientForm
        texts={texts}
        refused={refused}
        nikHint={
          patient.nik === null
            ? say('patient-nik-hint')
            : say('patient-nik-keep', { nik: patient.nik })
        }
        onChange={(changed) => {
          setTexts(changed)
          setRefused([])
        }}
      />
      {patient.nik !== null && texts.nik.trim() === '' && (
        <label class="tick">
          <input
            type="checkbox"
            checked={nikGone}
            onChange={(event) => setNikGone(event.currentTarget.checked)}
          />
          <span>{say('patient-nik-gone')}</span>
        </label>
      )}
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      <div class="actions">
        <Button type="submit" icon="check" disabled={!isReady || isBusy}>
          {say('patient-correct-save')}
        </Button>
        <Button kind="quiet" onClick={onDone}>
          {say('cancel')}
        </Button>
      </div>
      {asks !== null && (
        <UnclearSheet
          asks={asks}
          onBack={() => setAsks(null)}
          onRight={() => void save(asks.fields.map(({ field }) => field))}
          onKnown={null}
        />
      )}
    </form>
  )
}

function textsOf({ name, birthDate, statedAge, sex }: PatientView): PatientTexts {
  const [year, month, day] = birthDate?.split('-') ?? []
  return {
    name,
    nik: '',
    birthDate: birthDate === null ? '' : `${day}-${month}-${year}`,
    age: statedAge === null ? '' : String(statedAge.years),
    sex: sex ?? '',
  }
}
