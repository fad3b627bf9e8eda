import type { JSX } from 'preact'
import type { ClockView, DeviceView } from '../view.ts'
import { DeviceCard } from './device-card.tsx'
import { formatUncertainty } from './format.ts'
import { Icon } from './icons.tsx'
import { Chip, Notice, TroubleNotice, useSay } from './parts.tsx'
import { PortCard } from './port-card.tsx'
import { StrangerCard } from './stranger-card.tsx'
import { authorityName } from './says.ts'
import { useKnown } from './store.ts'

export function Devices(): JSX.Element {
  const { say } = useSay()
  const status = useKnown((known) => known.status)
  const signedIn = useKnown((known) => known.start?.signedIn === true)
  if (status === null) return <p class="empty">{say('loading')}</p>
  const { clock } = status
  // The keypad is no device that anybody plugs in; it has a section of its own.
  const devices = status.devices.filter((device) => device.driver !== 'keypad' || needsLook(device))
  const troubled = devices.filter(needsLook).length
  return (
    <section>
      <div class="heading">
        <h1>{say('devices-title')}</h1>
        {devices.length > 0 && (
          <Chip tone={troubled === 0 ? 'good' : 'wait'} icon={troubled === 0 ? 'check' : 'warning'}>
            {troubled === 0
              ? say('devices-all-good', { count: devices.length })
              : say('devices-need-look', { count: troubled, total: devices.length })}
          </Chip>
        )}
        <ClockChip clock={clock} />
      </div>
      {devices.length === 0 && status.ports.length === 0 && (
        <Notice
          tone="info"
          icon="info"
          what={say('devices-none')}
          todo={say('devices-none-todo')}
        />
      )}
      {status.troubles.map((trouble) => (
        <TroubleNotice trouble={trouble} key={trouble.code} />
      ))}
      {!signedIn && <SignInHint />}
      {status.ports.length + status.strangers.length > 0 && (
        <div class="ports">
          {status.strangers.map((stranger) => (
            <StrangerCard stranger={stranger} key={stranger.aeTitle} />
          ))}
          {status.ports.map((port) => (
            <PortCard port={port} key={port.path} />
          ))}
        </div>
      )}
      <div class="cards">
        {[...devices].sort(byNeed).map((device) => (
          <DeviceCard device={device} key={device.id} />
        ))}
      </div>
    </section>
  )
}

function SignInHint(): JSX.Element {
  const { say } = useSay()
  return (
    <a class="sign-in-hint" href="#sign-in">
      <Icon name="key" size={18} />
      <span>{say('sign-in-needed')}</span>
    </a>
  )
}

function ClockChip({ clock }: { clock: ClockView }): JSX.Element {
  const { say, language } = useSay()
  const { utcMs, uncertaintyMs, authority } = clock
  if (utcMs === null || uncertaintyMs === null || authority === null) {
    return (
      <Chip tone="wait" icon="clock" title={say('clock-unset-why')}>
        {say('clock-unset')}
      </Chip>
    )
  }
  return (
    <Chip tone="good" icon="clock">
      {say('clock-set', {
        uncertainty: formatUncertainty(uncertaintyMs, language),
        authority: authorityName(authority, say),
      })}
    </Chip>
  )
}

export function needsLook(device: DeviceView): boolean {
  const isFine = device.state === 'talking' || device.state === 'waiting'
  return device.trouble !== null || device.link !== 'open' || !isFine
}

/** What needs a person comes first; otherwise the order of the configuration stays. */
function byNeed(a: DeviceView, b: DeviceView): number {
  return Number(needsLook(b)) - Number(needsLook(a))
}
