import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { examinations } from '../examinations.ts'
import { freshAct, useAct } from './act.ts'
import { api } from './api.ts'
import { Button, TroubleNotice, useSay } from './parts.tsx'
import { useKnown } from './store.ts'
import { TextBox } from './text-box.tsx'

const detailLengthMax = 40

/** Which examination, in more words if need be, and on which device. */
export function OrderForm(props: { visit: string; onDone: () => void }): JSX.Element {
  const { say, language } = useSay()
  const person = useKnown((known) => known.person)
  const stations = useKnown((known) => known.visits?.stations ?? [])
  const [examination, setExamination] = useState('')
  const [detail, setDetail] = useState('')
  const [stationAeTitle, setStation] = useState<string | null>(null)
  const act = useRef(freshAct())
  const { isBusy, trouble, runSafely } = useAct()
  const make = async () => {
    const { visit } = props
    const post = { ...act.current, by: person, visit, examination, detail, stationAeTitle }
    const made = await runSafely(() => api.makeOrder(post))
    if (made !== null) props.onDone()
  }
  const isReady = examination !== '' && person !== ''
  return (
    <form
      class="card stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (isReady) void make()
      }}
    >
      <Options
        name="examination"
        legend={say('order-which')}
        options={examinations.map(({ id, label }) => ({ value: id, text: label[language] }))}
        chosen={examination}
        onChoose={setExamination}
      />
      <TextBox
        name="detail"
        label={say('order-detail')}
        hint={say('order-detail-hint')}
        value={detail}
        lengthMax={detailLengthMax}
        capitals="sentences"
        onInput={setDetail}
      />
      {stations.length > 0 && (
        <Options
          name="station"
          legend={say('order-station')}
          options={[
            { value: '', text: say('order-station-any') },
            ...stations.map(({ aeTitle, device }) => ({ value: aeTitle, text: device })),
          ]}
          chosen={stationAeTitle ?? ''}
          onChoose={(value) => setStation(value === '' ? null : value)}
        />
      )}
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      <div class="actions">
        <Button type="submit" icon="check" disabled={!isReady || isBusy}>
          {say('order-make')}
        </Button>
        <Button kind="quiet" onClick={props.onDone}>
          {say('cancel')}
        </Button>
      </div>
    </form>
  )
}

function Options(props: {
  name: string
  legend: string
  options: readonly { readonly value: string; readonly text: string }[]
  chosen: string
  onChoose: (value: string) => void
}): JSX.Element {
  return (
    <fieldset class="keypad-choices">
      <legend>{props.legend}</legend>
      <div>
        {props.options.map(({ value, text }) => (
          <label key={value} class={value === props.chosen ? 'chosen' : ''}>
            <input
              type="radio"
              name={props.name}
              value={value}
              checked={value === props.chosen}
              onChange={() => props.onChoose(value)}
            />
            <span>{text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
