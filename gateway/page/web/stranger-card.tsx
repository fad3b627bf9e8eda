/** A device that sends images and that nobody has named: the question, and its answer. */
import type { JSX } from 'preact'
import { useId, useState } from 'preact/hooks'
import type { StrangerView } from '../view.ts'
import type { TroubleWords } from '../both.ts'
import { api } from './api.ts'
import { Icon } from './icons.tsx'
import { Button, Notice, TroubleNotice, useSay } from './parts.tsx'
import { useKnown } from './store.ts'

export function StrangerCard({ stranger }: { stranger: StrangerView }): JSX.Element {
  const { say } = useSay()
  const signedIn = useKnown((known) => known.start?.signedIn === true)
  const { aeTitle, peer, device, images } = stranger
  return (
    <article class="card port-card" data-stranger={aeTitle}>
      <header>
        <div class="device-icon">
          <Icon name="question" size={24} />
        </div>
        <div class="device-name">
          <h2>{aeTitle}</h2>
          <p>{peer}</p>
        </div>
      </header>
      <Notice
        tone="info"
        icon="info"
        what={say('stranger-asks', { title: aeTitle, peer })}
        todo={say('stranger-kept', { count: images, device })}
      />
      {signedIn ? <Answers stranger={stranger} /> : <p class="hint">{say('port-sign-in')}</p>}
    </article>
  )
}

function Answers({ stranger }: { stranger: StrangerView }): JSX.Element {
  const { say } = useSay()
  const field = useId()
  const [name, setName] = useState(stranger.device)
  const [isBusy, setIsBusy] = useState(false)
  /** Undefined without trouble; null when the gateway gave no answer. */
  const [trouble, setTrouble] = useState<TroubleWords | null | undefined>(undefined)
  const answer = async (device: string) => {
    setIsBusy(true)
    const heard = await api.answerSender(stranger.aeTitle, device)
    setIsBusy(false)
    setTrouble(heard.kind === 'refused' ? heard.trouble : heard.kind === 'ok' ? undefined : null)
  }
  return (
    <>
      <div class="port-proposals">
        {stranger.candidates.map((device) => (
          <Button key={device} kind="plain" disabled={isBusy} onClick={() => void answer(device)}>
            {say('port-use-as', { device })}
          </Button>
        ))}
      </div>
      <div class="port-choice">
        <label for={field}>{say('stranger-new')}</label>
        <input
          id={field}
          value={name}
          maxLength={32}
          autocapitalize="none"
          onInput={(event) => setName(event.currentTarget.value.trim().toLowerCase())}
        />
        <Button disabled={isBusy || name === ''} onClick={() => void answer(name)}>
          {say('stranger-save')}
        </Button>
      </div>
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
    </>
  )
}
