/**
 * Small pieces that every section uses. A state is always a colour, a word and an icon together.
 */
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Language, TroubleWords } from '../both.ts'
import { Icon, type IconName } from './icons.tsx'
import { useKnown } from './store.ts'
import { sayIn, type Say } from './words.ts'

export type Tone = 'good' | 'wait' | 'bad' | 'info' | 'idle' | 'sim'

export function useSay(): { readonly say: Say; readonly language: Language } {
  const language = useKnown((known) => known.language)
  return { say: sayIn(language), language }
}

/** Draws the component again at this pace, for ages that grow. */
export function usePace(ms: number): void {
  const [, draw] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => draw((count) => count + 1), ms)
    return () => clearInterval(timer)
  }, [ms])
}

export function Chip(props: {
  tone: Tone
  icon: IconName
  children: ComponentChildren
  title?: string
}): JSX.Element {
  return (
    <span class={`chip ${props.tone}`} title={props.title}>
      <Icon name={props.icon} size={16} />
      <span>{props.children}</span>
    </span>
  )
}

export function SimulationChip(): JSX.Element {
  const { say } = useSay()
  return (
    <Chip tone="sim" icon="flask">
      {say('simulation')}
    </Chip>
  )
}

export function Notice(props: {
  tone: Tone
  icon: IconName
  what: string
  todo?: string | undefined
  children?: ComponentChildren
}): JSX.Element {
  return (
    <div class={`notice ${props.tone}`} role={props.tone === 'bad' ? 'alert' : 'status'}>
      <Icon name={props.icon} size={22} />
      <div>
        <strong>{props.what}</strong>
        {props.todo !== undefined && <p>{props.todo}</p>}
        {props.children}
      </div>
    </div>
  )
}

/** null: the gateway gave no answer. */
export function TroubleNotice({ trouble }: { trouble: TroubleWords | null }): JSX.Element {
  const { say, language } = useSay()
  const words =
    trouble === null ? { what: say('no-answer'), todo: say('no-answer-todo') } : trouble[language]
  return <Notice tone="bad" icon="warning" what={words.what} todo={words.todo} />
}

export function Button(props: {
  children: ComponentChildren
  kind?: 'main' | 'plain' | 'quiet'
  icon?: IconName
  type?: 'button' | 'submit'
  disabled?: boolean
  onClick?: () => void
}): JSX.Element {
  return (
    <button
      type={props.type ?? 'button'}
      class={`button ${props.kind ?? 'main'}`}
      disabled={props.disabled ?? false}
      onClick={props.onClick}
    >
      {props.icon !== undefined && <Icon name={props.icon} />}
      <span>{props.children}</span>
    </button>
  )
}

export function BackHeading(props: { title: string; href: string }): JSX.Element {
  const { say } = useSay()
  return (
    <div class="heading back-heading">
      <a class="icon-button" href={props.href} title={say('back')}>
        <Icon name="back" />
        <span class="sr-only">{say('back')}</span>
      </a>
      <h1>{props.title}</h1>
    </div>
  )
}

/** One of a few choices, all in sight. */
export function Choice<T extends string>(props: {
  label: string
  value: T
  options: readonly { readonly value: T; readonly text: string; readonly lang?: string }[]
  onChoose: (value: T) => void
}): JSX.Element {
  return (
    <div class="choice" role="group" aria-label={props.label}>
      {props.options.map((option) => (
        <button
          type="button"
          key={option.value}
          lang={option.lang}
          aria-pressed={option.value === props.value}
          onClick={() => props.onChoose(option.value)}
        >
          {option.text}
        </button>
      ))}
    </div>
  )
}
