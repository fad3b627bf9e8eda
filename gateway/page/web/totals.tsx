/** The figures above the records: what waits, how long, how much room there is, how the line is. */
import type { ComponentChildren, JSX } from 'preact'
import type { UplinkView } from '../view.ts'
import type { Language } from '../both.ts'
import type { StatusWire } from '../wire.ts'
import { boxAgeMs } from './box-clock.ts'
import {
  formatAge,
  formatBytes,
  formatClock,
  formatCount,
  formatDate,
  formatDuration,
} from './format.ts'
import { Icon, type IconName } from './icons.tsx'
import { landingLook, uplinkLook } from './looks.ts'
import { usePace, useSay, type Tone } from './parts.tsx'
import { useKnown } from './store.ts'

export function Totals(): JSX.Element | null {
  const status = useKnown((known) => known.status)
  usePace(5_000)
  if (status === null) return null
  return (
    <div class="totals">
      <UplinkTotal status={status} />
      <WaitingTotal status={status} />
      <OldestTotal status={status} />
      <RoomTotal status={status} />
    </div>
  )
}

function Total(props: {
  name: string
  tone: Tone
  icon: IconName
  value: string
  children: ComponentChildren
}): JSX.Element {
  return (
    <div class={`total ${props.tone}`}>
      <div class="total-name">
        <Icon name={props.icon} size={18} />
        {props.name}
      </div>
      <div class="total-value">{props.value}</div>
      <div class="total-detail">{props.children}</div>
    </div>
  )
}

function UplinkTotal({ status }: { status: StatusWire }): JSX.Element {
  const { say, language } = useSay()
  const { uplink } = status
  const look = uplinkLook(uplink.state)
  const landing = landingLook(uplink.landing)
  return (
    <Total name={say('uplink-row')} tone={look.tone} icon={look.icon} value={say(look.word)}>
      {uplink.state === 'online' && (
        <p class={`with-icon ${landing.tone}`}>
          <Icon name={landing.icon} size={16} />
          {say(landing.word)}
        </p>
      )}
      {(uplink.state !== 'online' || uplink.trouble !== null) && (
        <p>{troubleOrWords(uplink, language)}</p>
      )}
      {uplink.lastReceiptMs === null
        ? say('uplink-since', { duration: formatDuration(boxAgeMs(uplink.sinceMs), language) })
        : say('last-receipt', { age: formatAge(boxAgeMs(uplink.lastReceiptMs), language) })}
    </Total>
  )
}

function troubleOrWords({ trouble, words }: UplinkView, language: Language): string {
  if (trouble === null) return words[language]
  return `${trouble[language].what} ${trouble[language].todo}`
}

function WaitingTotal({ status }: { status: StatusWire }): JSX.Element {
  const { say, language } = useSay()
  const { totals, journal } = status
  const isNone = totals.recordsWaiting === 0
  return (
    <Total
      name={say('total-waiting')}
      tone={isNone ? 'good' : 'wait'}
      icon={isNone ? 'check' : 'clock'}
      value={formatCount(totals.recordsWaiting, language)}
    >
      {isNone
        ? say('total-waiting-none')
        : say('total-waiting-detail', { bytes: formatBytes(journal.unreceiptedBytes, language) })}
      <br />
      {say('total-received-detail', { count: formatCount(totals.recordsReceipted, language) })}
    </Total>
  )
}

function OldestTotal({ status }: { status: StatusWire }): JSX.Element {
  const { say, language } = useSay()
  const zone = useKnown((known) => known.start?.zone ?? { name: 'UTC', offsetMinutes: 0 })
  const { totals, clock, nowMs } = status
  const name = say('total-oldest')
  if (totals.recordsWaiting === 0) {
    return (
      <Total name={name} tone="good" icon="check" value="–">
        {say('total-oldest-none')}
      </Total>
    )
  }
  const oldest = totals.oldestWaitingUtcMs
  if (oldest === null || clock.utcMs === null) {
    return (
      <Total name={name} tone="wait" icon="clock" value="?">
        {say('clock-unset-why')}
      </Total>
    )
  }
  const ageMs = clock.utcMs - oldest + boxAgeMs(nowMs)
  const since = `${formatDate(oldest, zone, language)} ${formatClock(oldest, zone)}`
  return (
    <Total name={name} tone="wait" icon="clock" value={formatDuration(ageMs, language)}>
      {say('total-oldest-since', { time: since })}
    </Total>
  )
}

function RoomTotal({ status }: { status: StatusWire }): JSX.Element {
  const { say, language } = useSay()
  const { journal, totals } = status
  const hours = totals.bufferHoursLeft
  const used = say('total-room-used', {
    used: formatBytes(journal.usedBytes, language),
    limit: formatBytes(journal.limitBytes, language),
  })
  if (journal.full) {
    return (
      <Total name={say('total-room')} tone="bad" icon="warning" value={say('total-room-full')}>
        {say('total-room-full-todo')}
      </Total>
    )
  }
  const share = journal.usedBytes / Math.max(1, journal.limitBytes)
  const isShort = hours !== null && hours < shortHours
  const value =
    hours === null
      ? formatBytes(Math.max(0, journal.limitBytes - journal.unreceiptedBytes), language)
      : say('total-room-hours', { duration: formatDuration(hours * 3_600_000, language) })
  return (
    <Total name={say('total-room')} tone={isShort ? 'wait' : 'good'} icon="room" value={value}>
      {hours !== null && (
        <>
          {say('total-room-detail')}
          <br />
        </>
      )}
      <meter min={0} max={1} value={share} aria-label={used} /> {used}
    </Total>
  )
}

/** Less than a working day of room needs a person. */
const shortHours = 12
