/** A port on which no device is known to be: what was found there, and what a person says to it. */
import type { JSX } from 'preact'
import { useEffect, useId, useState } from 'preact/hooks'
import type { DriverChoice, IdentifyRequest, PortView } from '../identify-view.ts'
import type { TroubleWords } from '../both.ts'
import { api } from './api.ts'
import { Icon } from './icons.tsx'
import { Button, Chip, Notice, TroubleNotice, useSay } from './parts.tsx'
import { saveText } from './save-text.ts'
import { useKnown } from './store.ts'

export function PortCard({ port }: { port: PortView }): JSX.Element {
  const { say, language } = useSay()
  const signedIn = useKnown((known) => known.start?.signedIn === true)
  const isFound = port.state === 'found'
  return (
    <article class="card port-card" data-port={port.path} data-state={port.state}>
      <header>
        <div class="device-icon">
          <Icon name="cable" size={24} />
        </div>
        <div class="device-name">
          <h2>{port.product ?? say('port-title')}</h2>
          <p>{port.path}</p>
        </div>
        <StateChip port={port} />
      </header>
      {isFound ? (
        <Notice tone="info" icon="info" what={port.words[language]} todo={say('port-kept')}>
          <Doubts port={port} />
        </Notice>
      ) : (
        <p class="device-words" aria-live="off">
          {port.words[language]}
        </p>
      )}
      {port.trouble !== null && <Notice tone="wait" icon="question" {...port.trouble[language]} />}
      {signedIn ? <Actions port={port} /> : <p class="hint">{say('port-sign-in')}</p>}
    </article>
  )
}

function StateChip({ port }: { port: PortView }): JSX.Element {
  const { say } = useSay()
  switch (port.state) {
    case 'found':
      return (
        <Chip tone="good" icon="check">
          {say('port-found')}
        </Chip>
      )
    case 'closed':
      return (
        <Chip tone="wait" icon="warning">
          {say('port-closed')}
        </Chip>
      )
    case 'listening':
    case 'asking':
      return (
        <Chip tone="idle" icon="noise">
          {say('port-searching')}
        </Chip>
      )
  }
}

function Doubts({ port }: { port: PortView }): JSX.Element {
  const { say } = useSay()
  const [, ...others] = port.proposals
  const [known, ...moreKnown] = port.knownDevices
  return (
    <>
      {others.length > 0 && (
        <p>{say('port-also', { labels: others.map(({ label }) => label).join(', ') })}</p>
      )}
      {known !== undefined && (
        <p>
          {moreKnown.length > 0 ? say('port-known-which') : say('port-known', { device: known })}
        </p>
      )}
    </>
  )
}

function Actions({ port }: { port: PortView }): JSX.Element {
  const { say } = useSay()
  const [isChoosing, setIsChoosing] = useState(false)
  const [isBusy, setIsBusy] = useState(false)
  /** Undefined without trouble; null when the gateway gave no answer. */
  const [trouble, setTrouble] = useState<TroubleWords | null | undefined>(undefined)
  const send = async (request: IdentifyRequest) => {
    setIsBusy(true)
    const answer = await api.identify(request)
    setIsBusy(false)
    setTrouble(answer.kind === 'refused' ? answer.trouble : answer.kind === 'ok' ? undefined : null)
  }
  const record = async () => {
    const answer = await api.portCapture(port.path)
    setTrouble(answer.kind === 'refused' ? answer.trouble : answer.kind === 'ok' ? undefined : null)
    if (answer.kind === 'ok') saveText('unknown-device.cap', answer.value)
  }
  const use = (driver: string, as: string | null) =>
    void send({ kind: 'use', path: port.path, driver, as })
  return (
    <>
      {port.proposals.length > 0 && !isChoosing && (
        <Proposals port={port} isBusy={isBusy} onUse={use} />
      )}
      {isChoosing && <DriverList isBusy={isBusy} onUse={(driver) => use(driver, null)} />}
      <div class="port-actions">
        <Button kind="quiet" disabled={isBusy} onClick={() => setIsChoosing(!isChoosing)}>
          {isChoosing ? say('back') : say(port.state === 'found' ? 'port-other' : 'port-choose')}
        </Button>
        {port.state === 'found' && (
          <Button
            kind="quiet"
            disabled={isBusy}
            onClick={() => void send({ kind: 'again', path: port.path })}
          >
            {say('port-again')}
          </Button>
        )}
        {port.hasRecording && (
          <Button kind="quiet" icon="download" onClick={() => void record()}>
            {say('port-record')}
          </Button>
        )}
      </div>
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
    </>
  )
}

/** One button for each thing that it may be: a known device first, then the likeliest driver. */
function Proposals(props: {
  port: PortView
  isBusy: boolean
  onUse: (driver: string, as: string | null) => void
}): JSX.Element {
  const { say } = useSay()
  const { port, isBusy, onUse } = props
  const [best, ...others] = port.proposals
  const hasKnown = port.knownDevices.length > 0
  return (
    <div class="port-proposals">
      {best !== undefined &&
        port.knownDevices.map((device) => (
          <Button key={device} disabled={isBusy} onClick={() => onUse(best.driver, device)}>
            {say('port-use-as', { device })}
          </Button>
        ))}
      {best !== undefined && (
        <Button
          kind={hasKnown ? 'plain' : 'main'}
          icon="check"
          disabled={isBusy}
          onClick={() => onUse(best.driver, null)}
        >
          {others.length > 0 && !hasKnown
            ? `${say('port-use')}: ${best.label}`
            : say(hasKnown ? 'port-use-new' : 'port-use')}
        </Button>
      )}
      {others.map(({ driver, label }) => (
        <Button
          key={driver}
          kind="plain"
          disabled={isBusy}
          onClick={() => onUse(driver, null)}
        >{`${say('port-use')}: ${label}`}</Button>
      ))}
    </div>
  )
}

function DriverList(props: { isBusy: boolean; onUse: (driver: string) => void }): JSX.Element {
  const { say } = useSay()
  const [drivers, setDrivers] = useState<readonly DriverChoice[]>([])
  const [chosen, setChosen] = useState('')
  const field = useId()
  useEffect(() => {
    void api.serialDrivers().then((answer) => {
      if (answer.kind === 'ok') setDrivers(answer.value)
      return undefined
    })
  }, [])
  return (
    <div class="port-choice">
      <label for={field}>{say('port-choose')}</label>
      <select id={field} value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>
        <option value="" />
        {drivers.map(({ driver, label }) => (
          <option key={driver} value={driver}>
            {label}
          </option>
        ))}
      </select>
      <Button disabled={props.isBusy || chosen === ''} onClick={() => props.onUse(chosen)}>
        {say('port-use')}
      </Button>
    </div>
  )
}
