/** Claiming the gateway, once; and signing in. */
import type { JSX } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import type { TroubleWords } from '../both.ts'
import type { Start } from '../wire.ts'
import { api, type Answer } from './api.ts'
import { Mark } from './icons.tsx'
import { askStart, hearStart, reopen } from './line.ts'
import { Button, Choice, TroubleNotice, useSay } from './parts.tsx'
import { chooseLanguage } from './store.ts'

export type EntryKind = 'claim' | 'sign-in'

const passphraseLengthMin = 10

interface EntryProps {
  readonly kind: EntryKind
  /** Read from the label's QR code; null when it must be typed. */
  readonly code: string | null
  readonly onDone: () => void
  readonly onLookOnly: () => void
}

export function Entry(props: EntryProps): JSX.Element {
  return (
    <section class="entry">
      <div class="entry-card">
        <Mark size={48} />
        {props.kind === 'claim' ? <ClaimForm {...props} /> : <SignInForm {...props} />}
      </div>
    </section>
  )
}

function ClaimForm({ code: given, onDone, onLookOnly }: EntryProps): JSX.Element {
  const { say, language } = useSay()
  const [code, setCode] = useState(given ?? '')
  const [passphrase, setPassphrase] = useState('')
  const [again, setAgain] = useState('')
  const { trouble, isWorking, submit } = useSubmit(onDone)
  const missing = passphraseLengthMin - passphrase.length
  const isSame = passphrase === again
  const isReady = code.trim() !== '' && missing <= 0 && isSame
  return (
    <form onSubmit={submit(() => api.claim({ code, passphrase, language }))}>
      <h1>{say('welcome-title')}</h1>
      <p>{say('welcome-text')}</p>
      <div class="field">
        <span class="field-name">{say('language-label')}</span>
        <Choice
          label={say('language-label')}
          value={language}
          options={[
            { value: 'id', text: 'Bahasa Indonesia', lang: 'id' },
            { value: 'en', text: 'English', lang: 'en' },
          ]}
          onChoose={chooseLanguage}
        />
      </div>
      <TextField
        name="code"
        label={say('claim-code')}
        hint={say('claim-code-hint')}
        value={code}
        isCode
        onInput={setCode}
      />
      <SecretField
        name="passphrase"
        label={say('new-passphrase')}
        hint={
          passphrase !== '' && missing > 0
            ? say('passphrase-short', { count: missing })
            : say('passphrase-hint')
        }
        value={passphrase}
        autocomplete="new-password"
        onInput={setPassphrase}
      />
      <SecretField
        name="again"
        label={say('passphrase-again')}
        hint={again !== '' && !isSame ? say('passphrase-differs') : ''}
        value={again}
        autocomplete="new-password"
        onInput={setAgain}
      />
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      <Button type="submit" disabled={!isReady || isWorking}>
        {isWorking ? say('claim-working') : say('claim-button')}
      </Button>
      <Button kind="quiet" onClick={onLookOnly}>
        {say('look-only')}
      </Button>
    </form>
  )
}

function SignInForm({ onDone }: EntryProps): JSX.Element {
  const { say } = useSay()
  const [passphrase, setPassphrase] = useState('')
  const { trouble, isWorking, submit } = useSubmit(onDone)
  return (
    <form onSubmit={submit(() => api.signIn({ passphrase }))}>
      <h1>{say('sign-in-title')}</h1>
      <p>{say('sign-in-text')}</p>
      <SecretField
        name="passphrase"
        label={say('passphrase')}
        hint=""
        value={passphrase}
        autocomplete="current-password"
        onInput={setPassphrase}
      />
      {trouble !== undefined && <TroubleNotice trouble={trouble} />}
      <Button type="submit" disabled={passphrase === '' || isWorking}>
        {isWorking ? say('sign-in-working') : say('sign-in')}
      </Button>
    </form>
  )
}

/** `trouble` is undefined without one, and null when the gateway gave no answer. */
function useSubmit(onDone: () => void) {
  const [trouble, setTrouble] = useState<TroubleWords | null | undefined>(undefined)
  const [isWorking, setIsWorking] = useState(false)
  const work = async (ask: () => Promise<Answer<Start>>) => {
    setIsWorking(true)
    setTrouble(undefined)
    const answer = await ask()
    setIsWorking(false)
    if (answer.kind !== 'ok') {
      setTrouble(answer.kind === 'refused' ? answer.trouble : null)
      // Somebody else may have claimed it meanwhile.
      if (answer.kind === 'refused' && answer.status === 409) await askStart()
      return
    }
    hearStart(answer.value)
    reopen()
    onDone()
  }
  const submit = (ask: () => Promise<Answer<Start>>) => (event: Event) => {
    event.preventDefault()
    if (!isWorking) void work(ask)
  }
  return { trouble, isWorking, submit }
}

interface FieldProps {
  readonly name: string
  readonly label: string
  readonly hint: string
  readonly value: string
  readonly onInput: (value: string) => void
}

function TextField(props: FieldProps & { readonly isCode: boolean }): JSX.Element {
  const id = useId()
  return (
    <div class="field">
      <label class="field-name" for={id}>
        {props.label}
      </label>
      <input
        id={id}
        name={props.name}
        class={props.isCode ? 'code' : ''}
        value={props.value}
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        maxLength={32}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
      <small>{props.hint}</small>
    </div>
  )
}

const plainInput = { type: 'text' } as const
const secretInput = { type: 'password' } as const

function SecretField(props: FieldProps & { readonly autocomplete: string }): JSX.Element {
  const { say } = useSay()
  const id = useId()
  const [isShown, setIsShown] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (props.autocomplete === 'current-password') input.current?.focus()
  }, [props.autocomplete])
  return (
    <div class="field">
      <label class="field-name" for={id}>
        {props.label}
      </label>
      <div class="secret">
        <input
          id={id}
          ref={input}
          name={props.name}
          {...(isShown ? plainInput : secretInput)}
          value={props.value}
          autocomplete={props.autocomplete}
          maxLength={200}
          onInput={(event) => props.onInput(event.currentTarget.value)}
        />
        <button type="button" onClick={() => setIsShown(!isShown)} aria-pressed={isShown}>
          {say(isShown ? 'passphrase-hide' : 'passphrase-show')}
        </button>
      </div>
      {props.hint !== '' && <small>{props.hint}</small>}
    </div>
  )
}
