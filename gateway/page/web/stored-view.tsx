import type { JSX } from 'preact'
import type { Delivery } from '../view.ts'
import type { FormView, Row } from '../wire.ts'
import { DeliveryState } from './delivery.tsx'
import { Icon } from './icons.tsx'
import { Button, useSay } from './parts.tsx'
import { leastFar } from './record-groups.ts'
import { linesOf } from './says.ts'

/** What was stored, and how far it has come since. */
export function StoredView(props: {
  form: FormView
  keys: readonly string[]
  rows: readonly Row[]
  again: () => void
}): JSX.Element {
  const { say, language } = useSay()
  const { form, keys, rows, again } = props
  const stored = keys.flatMap((key) => rows.find((row) => row.key === key) ?? [])
  const deliveries: readonly Delivery[] = stored.map((row) => row.delivery)
  return (
    <section class="form-page">
      <div class="heading">
        <h1>{form.label[language]}</h1>
      </div>
      <div class="stored-card" data-keys={keys.join(' ')}>
        <div class="stored-head">
          <Icon name="check" size={32} />
          <h2>{say('typed-done')}</h2>
        </div>
        <div class="stored-values">
          {stored.flatMap((row) =>
            linesOf(row.says, say, language).map((line) => (
              <p key={`${row.key} ${line.term}`}>
                <span class="term">{line.term}</span>
                <b>{line.text}</b>
              </p>
            )),
          )}
        </div>
        <DeliveryState
          delivery={stored.length < keys.length ? 'stored' : leastFar(deliveries)}
          explain
        />
        <div class="stored-buttons">
          <Button icon="keypad" onClick={again}>
            {say('type-another')}
          </Button>
          <a class="button plain" href="#keypad">
            <span>{say('type-other-form')}</span>
          </a>
        </div>
      </div>
    </section>
  )
}
