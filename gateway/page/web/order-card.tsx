/** One order: its numbers to be typed on a device without a worklist, how far it is, its files. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { describedIn } from '../examinations.ts'
import type { OrderView, VisitView } from '../visits-view.ts'
import { useAct } from './act.ts'
import { api } from './api.ts'
import { orderLook } from './looks.ts'
import { Button, Chip, TroubleNotice, useSay } from './parts.tsx'
import { PatientLine } from './patient-line.tsx'
import { Sheet } from './sheet.tsx'
import { useKnown } from './store.ts'
import { UploadBox } from './upload-box.tsx'

export function OrderCard(props: { visit: VisitView; order: OrderView }): JSX.Element {
  const { say, language } = useSay()
  const { visit, order } = props
  const stations = useKnown((known) => known.visits?.stations ?? [])
  const look = orderLook(order.state)
  const isWanted = order.state === 'scheduled' || order.state === 'in-progress'
  const station = stations.find(({ aeTitle }) => aeTitle === order.stationAeTitle)
  return (
    <article class="card order-card" data-order={order.order}>
      <header>
        <h3>{describedIn(language, order.description)}</h3>
        <Chip tone={look.tone} icon={look.icon}>
          {say(look.word)}
        </Chip>
      </header>
      <dl class="numbers-to-type">
        <div>
          <dt>{say('order-accession')}</dt>
          <dd class="big">{inGroups(order.accessionNumber)}</dd>
        </div>
        <div>
          <dt>{say('patient-number')}</dt>
          <dd>{visit.patient.patientId}</dd>
        </div>
      </dl>
      {isWanted && <p class="hint">{say('order-type-it')}</p>}
      <div class="chips">
        {order.images > 0 && (
          <Chip tone="good" icon="image">
            {say('order-images', { count: order.images })}
          </Chip>
        )}
        <Chip tone="idle" icon="device">
          {station?.device ?? order.stationAeTitle ?? say('order-station-any')}
        </Chip>
      </div>
      {order.state !== 'cancelled' && <UploadBox patient={visit.patient} order={order} />}
      {isWanted && <Ends visit={visit} order={order} />}
    </article>
  )
}

/** So that a long number can be read off and typed without losing the place. */
function inGroups(number: string): readonly JSX.Element[] {
  const groups = number.match(/.{1,4}/g) ?? []
  return groups.map((group, index) => <span key={index}>{group}</span>)
}

function Ends({ visit, order }: { visit: VisitView; order: OrderView }): JSX.Element {
  const { say, language } = useSay()
  const person = useKnown((known) => known.person)
  const [isAsking, setIsAsking] = useState(false)
  const { isBusy, trouble, run } = useAct()
  return (
    <>
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      <div class="order-ends">
        <Button
          kind="quiet"
          icon="check"
          disabled={isBusy || person === ''}
          onClick={() => void run(() => api.completeOrder(person, order.order))}
        >
          {say('order-done')}
        </Button>
        {order.state === 'scheduled' && (
          <Button
            kind="quiet"
            icon="cross"
            disabled={isBusy || person === ''}
            onClick={() => setIsAsking(true)}
          >
            {say('order-cancel')}
          </Button>
        )}
      </div>
      {isAsking && (
        <Sheet
          title={say('order-cancel-ask')}
          yes={say('order-cancel')}
          yesIcon="cross"
          onBack={() => setIsAsking(false)}
          onYes={() => {
            setIsAsking(false)
            void run(() => api.cancelOrder(person, order.order, ''))
          }}
        >
          <PatientLine patient={visit.patient} isLarge />
          <p>{describedIn(language, order.description)}</p>
        </Sheet>
      )}
    </>
  )
}
