/** Who is in the van: open visits, and the way to everything that belongs to one. */
import type { JSX } from 'preact'
import type { VisitView } from '../visits-view.ts'
import { formatClock } from './format.ts'
import { Icon } from './icons.tsx'
import { Images } from './images.tsx'
import { orderLook } from './looks.ts'
import { Media } from './media.tsx'
import { Chip, Notice, TroubleNotice, useSay } from './parts.tsx'
import { PatientLine } from './patient-line.tsx'
import { PersonBar } from './person.tsx'
import { useKnown } from './store.ts'
import { VisitNew } from './visit-new.tsx'
import { VisitPage } from './visit-page.tsx'

/** `part`: what follows the name of the section in the address: `new`, `images`, or a token. */
export function Visits({ part }: { part: string }): JSX.Element {
  const { say } = useSay()
  const isThere = useKnown((known) => known.visits !== null)
  const trouble = useKnown((known) => known.visitsTrouble)
  if (!isThere && trouble !== undefined) return <TroubleNotice trouble={trouble} />
  if (!isThere) return <p class="empty">{say('loading')}</p>
  return (
    <>
      <PersonBar />
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      <Part part={part} />
    </>
  )
}

function Part({ part }: { part: string }): JSX.Element {
  switch (part) {
    case '':
      return <VisitList />
    case 'new':
      return <VisitNew />
    case 'images':
      return <Images />
    case 'media':
      return <Media />
    default:
      return <VisitPage visit={part} key={part} />
  }
}

function VisitList(): JSX.Element {
  const { say } = useSay()
  const all = useKnown((known) => known.visits?.visits ?? [])
  const open = all.filter(({ state }) => state === 'open')
  const over = all.filter(({ state }) => state !== 'open')
  return (
    <section>
      <div class="heading">
        <h1>{say('visits-title')}</h1>
      </div>
      <div class="visit-ways">
        <a class="button main" href="#visits/new">
          <Icon name="plus" />
          <span>{say('visit-start')}</span>
        </a>
        <WaitingLink />
        <a class="button plain" href="#visits/media">
          <Icon name="stick" />
          <span>{say('media-title')}</span>
        </a>
      </div>
      {open.length === 0 && (
        <Notice tone="info" icon="info" what={say('visits-none')} todo={say('visits-none-todo')} />
      )}
      <div class="visit-cards">
        {open.map((visit) => (
          <VisitCard visit={visit} key={visit.visit} />
        ))}
      </div>
      {over.length > 0 && (
        <>
          <h2 class="sub">{say('visits-over')}</h2>
          <div class="visit-cards over">
            {over.map((visit) => (
              <VisitCard visit={visit} key={visit.visit} />
            ))}
          </div>
        </>
      )}
    </section>
  )
}

function WaitingLink(): JSX.Element {
  const { say } = useSay()
  const waiting = useKnown((known) => known.visits?.waiting ?? 0)
  return (
    <a class={waiting > 0 ? 'button plain waits' : 'button plain'} href="#visits/images">
      <Icon name={waiting > 0 ? 'warning' : 'image'} />
      <span>{waiting > 0 ? say('images-waiting', { count: waiting }) : say('images-title')}</span>
    </a>
  )
}

function VisitCard({ visit }: { visit: VisitView }): JSX.Element {
  const { say } = useSay()
  const zone = useKnown((known) => known.start?.zone ?? { name: 'UTC', offsetMinutes: 0 })
  const { state, openedUtcMs, orders } = visit
  return (
    <a class="card visit-card" href={`#visits/${visit.visit}`} data-visit={visit.visit}>
      <div class="visit-card-head">
        <PatientLine patient={visit.patient} />
        <Icon name="next" />
      </div>
      <p class="hint">
        {openedUtcMs !== null &&
          `${say('visit-since', { time: formatClock(openedUtcMs, zone) })}, `}
        {say('visit-by', { by: visit.by })}
      </p>
      <div class="chips">
        {state !== 'open' && (
          <Chip tone="idle" icon={state === 'closed' ? 'check' : 'cross'}>
            {say(`visit-state-${state}`)}
          </Chip>
        )}
        {orders.map((order) => {
          const look = orderLook(order.state)
          return (
            <Chip tone={look.tone} icon={look.icon} key={order.order}>
              {order.modality}: {say(look.word)}
            </Chip>
          )
        })}
      </div>
    </a>
  )
}
