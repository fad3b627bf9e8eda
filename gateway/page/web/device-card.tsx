/** One device: how it is, what it says now, and what to do when something is wrong. */
import type { JSX } from 'preact'
import { useId, useState } from 'preact/hooks'
import type { DeviceView } from '../view.ts'
import type { TroubleWords } from '../both.ts'
import { api } from './api.ts'
import { boxAgeMs } from './box-clock.ts'
import { ForWhom } from './for-whom.tsx'
import { formatAge, formatBytes, formatCount, formatShare } from './format.ts'
import { Icon, type IconName } from './icons.tsx'
import { deviceLook, linkLook } from './looks.ts'
import {
  Button,
  Chip,
  Notice,
  SimulationChip,
  TroubleNotice,
  usePace,
  useSay,
  type Tone,
} from './parts.tsx'
import { receivedOf } from './received.ts'
import { saveText } from './save-text.ts'
import { useKnown } from './store.ts'
import { Trace } from './trace.tsx'
import { Numbers } from './numbers.tsx'
import { eventName } from './says.ts'

/** Above this share of noise a cable or a port setting is wrong. */
const noiseShareUsual = 0.01

export function DeviceCard({ device }: { device: DeviceView }): JSX.Element {
  const { language } = useSay()
  const signedIn = useKnown((known) => known.start?.signedIn === true)
  const waves = useKnown((known) => known.waves.get(device.id))
  const isSilent = device.state === 'silent' || device.state === 'garbled'
  const hasWaves = waves !== undefined && waves.size > 0
  return (
    <article class={hasWaves ? 'card wide' : 'card'} data-device={device.id}>
      <div class="card-side">
        <header>
          <div class="device-icon">
            <Icon name={hasWaves ? 'wave' : 'device'} size={24} />
          </div>
          <div class="device-name">
            <h2>{device.label}</h2>
            <p>{[device.id, device.where].filter((part) => part !== '').join(' · ')}</p>
          </div>
        </header>
        {device.simulated && <SimulationChip />}
        <ForWhom device={device.id} />
        <States device={device} />
        {device.trouble !== null && (
          <Notice tone="bad" icon="warning" {...device.trouble[language]} />
        )}
        {device.trouble === null && isSilent && device.words !== null && (
          <Notice tone="wait" icon="info" what={device.words[language]} />
        )}
        <ActiveEvents device={device.id} />
        {signedIn && <Numbers device={device} />}
      </div>
      {signedIn && waves !== undefined && (
        <div class="card-traces">
          {[...waves].map(([wave, buffer]) => (
            <Trace key={wave} wave={wave} buffer={buffer} simulated={device.simulated} />
          ))}
        </div>
      )}
      <Foot device={device} signedIn={signedIn} />
    </article>
  )
}

/** The device, the way to it, and the hospital: three different things that may fail alone. */
function States({ device }: { device: DeviceView }): JSX.Element {
  const { say, language } = useSay()
  const journal = useKnown((known) => known.status?.journal ?? null)
  const link = linkLook(device.link)
  const own = deviceLook(device.state)
  const received = receivedOf(device.id, journal?.streams ?? [])
  const waiting = received.stored - received.receipted
  const count = formatCount(received.stored, language)
  return (
    <dl class="states">
      <State name={say('device-row')} tone={own.tone} icon={own.icon} word={say(own.word)} />
      <State name={say('link-row')} tone={link.tone} icon={link.icon} word={say(link.word)} />
      {received.stored === 0 ? (
        <State name={say('received-row')} tone="idle" icon="hospital" word={say('received-none')} />
      ) : waiting === 0 ? (
        <State
          name={say('received-row')}
          tone="good"
          icon="hospital"
          word={say('received-all', { count })}
        />
      ) : (
        <State
          name={say('received-row')}
          tone="wait"
          icon="clock"
          word={say('received-some', { waiting: formatCount(waiting, language) })}
        />
      )}
    </dl>
  )
}

function State(props: { name: string; tone: Tone; icon: IconName; word: string }): JSX.Element {
  return (
    <div class={`state ${props.tone}`}>
      <dt>{props.name}</dt>
      <dd>
        <Icon name={props.icon} size={18} />
        <span>{props.word}</span>
      </dd>
    </div>
  )
}

function ActiveEvents({ device }: { device: string }): JSX.Element | null {
  const { say } = useSay()
  const events = useKnown((known) => known.events.get(device))
  if (events === undefined || events.size === 0) return null
  return (
    <div class="active-events">
      {[...events.values()].map((event) => (
        <Chip
          key={event.code}
          tone={event.level === 'alarm' ? 'bad' : event.level === 'warning' ? 'wait' : 'info'}
          icon={event.level === 'info' ? 'info' : 'warning'}
        >
          {eventName(event.code, say)}
        </Chip>
      ))}
    </div>
  )
}

function Foot({ device, signedIn }: { device: DeviceView; signedIn: boolean }): JSX.Element {
  const { say, language } = useSay()
  const [isOpen, setIsOpen] = useState(false)
  const panel = useId()
  const heard = useLastHeard(device)
  usePace(1_000)
  return (
    <footer>
      <div class="foot-line">
        <p>
          {say('last-heard')}:{' '}
          <b>{heard === null ? say('never-heard') : formatAge(boxAgeMs(heard), language)}</b>
        </p>
        <button
          type="button"
          class="details"
          aria-expanded={isOpen}
          aria-controls={panel}
          onClick={() => setIsOpen(!isOpen)}
        >
          <Icon name={isOpen ? 'up' : 'down'} size={18} />
          {say('details')}
        </button>
      </div>
      <div id={panel} hidden={!isOpen}>
        {isOpen && <Details device={device} signedIn={signedIn} />}
      </div>
    </footer>
  )
}

function Details({ device, signedIn }: { device: DeviceView; signedIn: boolean }): JSX.Element {
  const { say, language } = useSay()
  return (
    <>
      {device.words !== null && <p class="device-words">{device.words[language]}</p>}
      <dl class="facts">
        <div>
          <dt>{say('noise')}</dt>
          <dd>
            <NoiseChip device={device} />
          </dd>
        </div>
        <div>
          <dt>{say('heard-bytes')}</dt>
          <dd>{formatBytes(device.bytes, language)}</dd>
        </div>
        <div>
          <dt>{say('driver')}</dt>
          <dd>{device.driver}</dd>
        </div>
      </dl>
      <p class="hint">
        {say('noise-what')}{' '}
        {device.noiseReason !== null && say('noise-newest', { reason: device.noiseReason })}
      </p>
      {signedIn && <CaptureButton device={device.id} />}
      {signedIn && device.forgettable && <ForgetButton device={device.id} />}
    </>
  )
}

function CaptureButton({ device }: { device: string }): JSX.Element {
  const { say } = useSay()
  /** Undefined without trouble; null when the gateway gave no answer. */
  const [trouble, setTrouble] = useState<TroubleWords | null | undefined>(undefined)
  const download = async () => {
    const answer = await api.capture(device)
    setTrouble(answer.kind === 'refused' ? answer.trouble : answer.kind === 'ok' ? undefined : null)
    if (answer.kind === 'ok') saveText(`${device}.cap`, answer.value)
  }
  return (
    <>
      <Button kind="plain" icon="download" onClick={() => void download()}>
        {say('download-capture')}
      </Button>
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
    </>
  )
}

function ForgetButton({ device }: { device: string }): JSX.Element {
  const { say } = useSay()
  const [isAsked, setIsAsked] = useState(false)
  const [trouble, setTrouble] = useState<TroubleWords | null | undefined>(undefined)
  const forget = async () => {
    const answer = await api.identify({ kind: 'forget', device })
    setTrouble(answer.kind === 'refused' ? answer.trouble : answer.kind === 'ok' ? undefined : null)
  }
  return (
    <>
      {isAsked && <p class="hint">{say('forget-sure')}</p>}
      <Button
        kind={isAsked ? 'plain' : 'quiet'}
        onClick={() => (isAsked ? void forget() : setIsAsked(true))}
      >
        {say('forget')}
      </Button>
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
    </>
  )
}

/** The live line is quicker than the status. */
function useLastHeard(device: DeviceView): number | null {
  const values = useKnown((known) => known.values.get(device.id))
  const waves = useKnown((known) => known.waves.get(device.id))
  const times = [
    device.lastHeardMs,
    ...[...(values?.values() ?? [])].map((value) => value.atMs),
    ...[...(waves?.values() ?? [])].map((buffer) => buffer.endAtMs),
  ].filter((atMs) => atMs !== null)
  return times.length === 0 ? null : Math.max(...times)
}

function NoiseChip({ device }: { device: DeviceView }): JSX.Element {
  const { say, language } = useSay()
  const { bytes, noiseBytes } = device
  if (noiseBytes === 0) {
    return (
      <Chip tone="good" icon="check">
        {say('noise-none')}
      </Chip>
    )
  }
  const share = noiseBytes / Math.max(1, bytes)
  const details = { bytes: formatBytes(noiseBytes, language), share: formatShare(share, language) }
  return share > noiseShareUsual ? (
    <Chip tone="wait" icon="warning">
      {say('noise-much', details)}
    </Chip>
  ) : (
    <Chip tone="good" icon="check">
      {say('noise-little', details)}
    </Chip>
  )
}
