/** One visit: whose it is, which devices record for it, and what was ordered. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { VisitView } from '../visits-view.ts'
import { useAct } from './act.ts'
import { api } from './api.ts'
import { Correcting } from './correcting.tsx'
import { DeviceChoice } from './device-choice.tsx'
import { formatClock } from './format.ts'
import { OrderCard } from './order-card.tsx'
import { OrderForm } from './order-form.tsx'
import { BackHeading, Button, Chip, Notice, TroubleNotice, useSay } from './parts.tsx'
import { PatientLine } from './patient-line.tsx'
import { Sheet } from './sheet.tsx'
import { useKnown } from './store.ts'
import { reasonLengthMax, TextBox } from './text-box.tsx'

export function VisitPage({ visit: token }: { visit: string }): JSX.Element {
  const { say } = useSay()
  const visit = useKnown((known) => known.visits?.visits.find((one) => one.visit === token))
  if (visit === undefined) {
    return (
      <section>
        <BackHeading title={say('visits-title')} href="#visits" />
        <Notice tone="wait" icon="info" what={say('visit-gone')} todo={say('visit-gone-todo')} />
      </section>
    )
  }
  const isOpen = visit.state === 'open'
  return (
    <section>
      <BackHeading title={say('visit-title')} href="#visits" />
      <div class="visit-page">
        <About visit={visit} />
        <Orders visit={visit} />
        {isOpen && <DevicesOf visit={visit} />}
      </div>
      {isOpen && <Ends visit={visit} />}
    </section>
  )
}

function About({ visit }: { visit: VisitView }): JSX.Element {
  const { say } = useSay()
  const zone = useKnown((known) => known.start?.zone ?? { name: 'UTC', offsetMinutes: 0 })
  const [isCorrecting, setIsCorrecting] = useState(false)
  const { patient, state, openedUtcMs, by } = visit
  return (
    <div class="card">
      <PatientLine patient={patient} isLarge />
      <p class="hint">
        {openedUtcMs !== null &&
          `${say('visit-since', { time: formatClock(openedUtcMs, zone) })}, `}
        {say('visit-by', { by })}
      </p>
      {state !== 'open' && (
        <Chip tone="idle" icon={state === 'closed' ? 'check' : 'cross'}>
          {say(`visit-state-${state}`)}
        </Chip>
      )}
      {isCorrecting ? (
        <Correcting patient={patient} onDone={() => setIsCorrecting(false)} />
      ) : (
        <Button kind="quiet" icon="pencil" onClick={() => setIsCorrecting(true)}>
          {say('patient-correct')}
        </Button>
      )}
    </div>
  )
}

function DevicesOf({ visit }: { visit: VisitView }): JSX.Element {
  const { say } = useSay()
  const person = useKnown((known) => known.person)
  const devices = useKnown((known) => known.status?.devices ?? [])
  const [chosen, setChosen] = useState<readonly string[] | null>(null)
  const { isBusy, trouble, run } = useAct()
  const save = async (names: readonly string[]) => {
    const done = await run(() => api.assignDevices(person, visit.visit, names))
    if (done !== null) setChosen(null)
  }
  const labelOf = (device: string) => {
    const found = devices.find(({ id }) => id === device)
    return found?.driver === 'keypad' ? say('nav-keypad') : (found?.label ?? device)
  }
  if (chosen === null) {
    return (
      <div class="card">
        <h2>{say('devices-of-visit')}</h2>
        {visit.devices.length === 0 && <p class="hint">{say('devices-of-none')}</p>}
        <div class="chips">
          {visit.devices.map((device) => (
            <Chip tone="good" icon="device" key={device}>
              {labelOf(device)}
            </Chip>
          ))}
        </div>
        <Button kind="quiet" icon="pencil" onClick={() => setChosen(visit.devices)}>
          {say('devices-change')}
        </Button>
      </div>
    )
  }
  return (
    <div class="card">
      <DeviceChoice visit={visit.visit} chosen={chosen} onChange={setChosen} />
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      <div class="actions">
        <Button disabled={isBusy || person === ''} onClick={() => void save(chosen)}>
          {say('save')}
        </Button>
        <Button kind="quiet" onClick={() => setChosen(null)}>
          {say('cancel')}
        </Button>
      </div>
    </div>
  )
}

function Orders({ visit }: { visit: VisitView }): JSX.Element {
  const { say } = useSay()
  const [isAdding, setIsAdding] = useState(false)
  const isOpen = visit.state === 'open'
  return (
    <div class="orders">
      <h2>{say('orders-title')}</h2>
      {visit.orders.length === 0 && !isAdding && <p class="hint">{say('orders-none')}</p>}
      {visit.orders.map((order) => (
        <OrderCard visit={visit} order={order} key={order.order} />
      ))}
      {isAdding && <OrderForm visit={visit.visit} onDone={() => setIsAdding(false)} />}
      {isOpen && !isAdding && (
        <Button
          kind={visit.orders.length === 0 ? 'main' : 'plain'}
          icon="plus"
          onClick={() => setIsAdding(true)}
        >
          {say('order-add')}
        </Button>
      )}
    </div>
  )
}

/** Finished or cancelled: each asked about with the name of the patient. */
function Ends({ visit }: { visit: VisitView }): JSX.Element {
  const { say } = useSay()
  const person = useKnown((known) => known.person)
  const [asks, setAsks] = useState<'finish' | 'cancel' | null>(null)
  const [reason, setReason] = useState('')
  const { isBusy, trouble, run } = useAct()
  const end = async (ask: typeof asks) => {
    setAsks(null)
    const { visit: token } = visit
    const done = await run(() =>
      ask === 'finish' ? api.closeVisit(person, token) : api.cancelVisit(person, token, reason),
    )
    if (done !== null) location.hash = '#visits'
  }
  const isIdle = isBusy || person === ''
  return (
    <>
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      <div class="visit-ends">
        <Button kind="plain" icon="check" disabled={isIdle} onClick={() => setAsks('finish')}>
          {say('visit-finish')}
        </Button>
        <Button kind="quiet" icon="cross" disabled={isIdle} onClick={() => setAsks('cancel')}>
          {say('visit-cancel')}
        </Button>
      </div>
      {asks !== null && (
        <Sheet
          title={say(`visit-${asks}-ask`)}
          yes={say(`visit-${asks}`)}
          isReady={asks === 'finish' || reason.trim() !== ''}
          onBack={() => setAsks(null)}
          onYes={() => void end(asks)}
        >
          <PatientLine patient={visit.patient} isLarge />
          <p>{say(`visit-${asks}-why`)}</p>
          {asks === 'cancel' && (
            <TextBox
              name="reason"
              label={say('reason')}
              value={reason}
              lengthMax={reasonLengthMax}
              capitals="sentences"
              onInput={setReason}
            />
          )}
        </Sheet>
      )}
    </>
  )
}
