/** Pictures, videos and letters on a medium: chosen ones become images of an order. */
import type { JSX } from 'preact'
import { useId, useState } from 'preact/hooks'
import { describedIn } from '../examinations.ts'
import type { MediumView } from '../media-view.ts'
import type { OrderView, VisitView } from '../visits-view.ts'
import { useAct } from './act.ts'
import { api } from './api.ts'
import { formatBytes } from './format.ts'
import { Button, TroubleNotice, useSay } from './parts.tsx'
import { PatientLine } from './patient-line.tsx'
import { Sheet } from './sheet.tsx'
import { useKnown } from './store.ts'

export function MediumPictures({ medium }: { medium: MediumView }): JSX.Element {
  const { say, language } = useSay()
  const person = useKnown((known) => known.person)
  const visits = useKnown((known) => known.visits?.visits ?? [])
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [order, setOrder] = useState('')
  const [isAsking, setIsAsking] = useState(false)
  const { isBusy, trouble, run } = useAct()
  const found = findOrder(visits, order)
  const count = chosen.size
  const wrap = async () => {
    setIsAsking(false)
    const pictures = [...chosen]
    const done = await run(() => api.wrapPictures(person, medium.medium, pictures, order))
    if (done !== null) setChosen(new Set())
  }
  return (
    <fieldset class="ticks">
      <legend>{say('media-pictures')}</legend>
      {medium.pictures.map(({ picture, name, type, sizeBytes }) => (
        <label class="tick" key={picture}>
          <input
            type="checkbox"
            checked={chosen.has(picture)}
            onChange={() => {
              const next = new Set(chosen)
              if (!next.delete(picture)) next.add(picture)
              setChosen(next)
            }}
          />
          <span>
            <strong>{name}</strong>
            <small>
              {type.toUpperCase()} · {formatBytes(sizeBytes, language)}
            </small>
          </span>
        </label>
      ))}
      {count > 0 && <OrderSelect visits={visits} order={order} onChoose={setOrder} />}
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      <Button
        icon="download"
        disabled={isBusy || count === 0 || found === null || person === ''}
        onClick={() => setIsAsking(true)}
      >
        {say('media-wrap', { count })}
      </Button>
      {isAsking && found !== null && (
        <Sheet
          title={say('media-wrap-ask')}
          yes={say('assign-yes', { name: found.visit.patient.name })}
          onBack={() => setIsAsking(false)}
          onYes={() => void wrap()}
        >
          <PatientLine patient={found.visit.patient} isLarge />
          <p>
            {describedIn(language, found.order.description)} · {found.order.accessionNumber}
          </p>
          <p class="hint">{namesOf(medium, chosen)}</p>
        </Sheet>
      )}
    </fieldset>
  )
}

function OrderSelect(props: {
  visits: readonly VisitView[]
  order: string
  onChoose: (order: string) => void
}): JSX.Element {
  const { say, language } = useSay()
  const id = useId()
  const open = props.visits.filter(({ state }) => state === 'open')
  const orders = open.flatMap((visit) =>
    visit.orders.filter(({ state }) => state !== 'cancelled').map((order) => ({ visit, order })),
  )
  if (orders.length === 0) return <p class="hint">{say('media-order-none')}</p>
  return (
    <div class="port-choice">
      <label for={id}>{say('media-order')}</label>
      <select
        id={id}
        value={props.order}
        onChange={(event) => props.onChoose(event.currentTarget.value)}
      >
        <option value="">{say('media-order-choose')}</option>
        {orders.map(({ visit, order }) => (
          <option value={order.order} key={order.order}>
            {visit.patient.name}: {describedIn(language, order.description)}
          </option>
        ))}
      </select>
    </div>
  )
}

function findOrder(
  visits: readonly VisitView[],
  token: string,
): { readonly visit: VisitView; readonly order: OrderView } | null {
  for (const visit of visits) {
    const order = visit.orders.find((one) => one.order === token)
    if (order !== undefined) return { visit, order }
  }
  return null
}

function namesOf({ pictures }: MediumView, chosen: ReadonlySet<string>): string {
  return pictures
    .filter(({ picture }) => chosen.has(picture))
    .map(({ name }) => name)
    .join(', ')
}
