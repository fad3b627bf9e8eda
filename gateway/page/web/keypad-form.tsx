/** One form: fields with fixed units, a pad of large keys, and what became of the entry. */
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Language, TroubleWords } from '../both.ts'
import type { FieldView, FormView, Row } from '../wire.ts'
import { ConfirmSheet } from './confirm-sheet.tsx'
import { FieldBox } from './field-box.tsx'
import { Icon } from './icons.tsx'
import { KeypadForWhom } from './for-whom.tsx'
import {
  afterTap,
  fieldsOf,
  isSecond,
  lookAt,
  pressed,
  type Look,
  type Step,
} from './keypad-steps.ts'
import { NumberPad } from './number-pad.tsx'
import { Button, Notice, TroubleNotice, useSay } from './parts.tsx'
import { PhotoBox } from './photo-box.tsx'
import { StoredView } from './stored-view.tsx'
import { useTyping } from './use-typing.ts'

type Typing = ReturnType<typeof useTyping>
type Focus = ReturnType<typeof useActiveField>

export function KeypadForm({ form, rows }: { form: FormView; rows: readonly Row[] }): JSX.Element {
  const { say, language } = useSay()
  const typing = useTyping(form)
  const [step, setStep] = useState<Step>('first')
  const [isAsking, setAsking] = useState(false)
  const fields = fieldsOf(form, step, typing.texts)
  const focus = useActiveField(fields, typing.phase.kind !== 'stored')
  useEffect(() => {
    if (typing.asked.size > 0) setAsking(true)
  }, [typing.asked])
  const again = () => {
    setStep('first')
    focus.setActiveName(form.fields[0]?.name ?? '')
    typing.again()
  }
  if (typing.phase.kind === 'stored') {
    return <StoredView form={form} keys={typing.phase.keys} rows={rows} again={again} />
  }
  const look = lookAt(form, step, typing, say, language)
  const submit = () => {
    if (!look.isReady || !isPhotoClear(typing)) focus.goOn()
    else if (look.isBetween) setStep('second')
    else if (look.doubts.length > 0) setAsking(true)
    else typing.save([])
  }
  return (
    <section class="form-page">
      <FormHeading form={form} onBack={step === 'second' ? () => setStep('first') : null} />
      <form
        class="form-body"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || focus.isLast) return
          event.preventDefault()
          focus.goOn()
        }}
      >
        <div class="form-fields">
          <KeypadForWhom />
          <StepTitle form={form} step={step} />
          <Fields form={form} fields={fields} typing={typing} focus={focus} language={language} />
          {!look.isBetween && <PhotoBox photo={typing.photo} onPhoto={typing.setPhoto} />}
          <Outcome typing={typing} again={again} />
        </div>
        <Pad typing={typing} focus={focus} look={look} />
      </form>
      {isAsking && look.doubts.length > 0 && typing.phase.kind !== 'saving' && (
        <ConfirmSheet
          doubts={look.doubts}
          onBack={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false)
            typing.save(look.doubts.map(({ field }) => field))
          }}
        />
      )}
    </section>
  )
}

/** A photo says whether the numbers were read off it, before it is stored. */
function isPhotoClear({ photo }: Typing): boolean {
  return photo === null || photo.isSource !== null
}

function Fields(props: {
  form: FormView
  fields: readonly FieldView[]
  typing: Typing
  focus: Focus
  language: Language
}): JSX.Element {
  const { form, fields, typing, focus, language } = props
  return (
    <>
      {fields.map((field) => (
        <FieldBox
          key={field.name}
          all={form.fields}
          field={field}
          texts={typing.texts}
          isActive={field.name === focus.active?.name}
          refused={typing.refused.get(field.name)?.[language] ?? null}
          hear={(input) => focus.hear(field.name, input)}
          onFocus={() => focus.setActiveName(field.name)}
          onInput={(text) => typing.type(field.name, text)}
          onTap={() => focus.setActiveName(afterTap(fields, field)?.name ?? field.name)}
        />
      ))}
    </>
  )
}

/** The keys, while a number is typed, and what becomes of the form. */
function Pad({ typing, focus, look }: { typing: Typing; focus: Focus; look: Look }): JSX.Element {
  const { say } = useSay()
  const { isBetween, isReady, isUnusual } = look
  const isSaving = typing.phase.kind === 'saving'
  const write = ({ name }: FieldView, key: string) =>
    typing.type(name, pressed(typing.texts[name], key))
  const { active: field } = focus
  const active = field?.kind === 'number' || field?.kind === 'date' ? field : null
  return (
    <div class="form-pad">
      <NumberPad
        field={active}
        isLast={focus.isLast}
        onKey={(key) => active !== null && write(active, key)}
        onNext={() => focus.goOn()}
      />
      <button
        type="submit"
        class={isUnusual ? 'button main unusual' : 'button main'}
        disabled={!isReady || !isPhotoClear(typing) || isSaving}
      >
        <Icon name={isBetween ? 'next' : isUnusual ? 'warning' : 'check'} />
        <span>{say(isSaving ? 'saving' : isBetween ? 'to-second' : 'save')}</span>
      </button>
    </div>
  )
}

function Outcome({ typing, again }: { typing: Typing; again: () => void }): JSX.Element {
  const { say, language } = useSay()
  const whole = typing.refused.get('')?.[language]
  const { phase } = typing
  return (
    <>
      {whole !== undefined && <Notice tone="bad" icon="warning" what={whole} />}
      {phase.kind === 'failed' && <Failure trouble={phase.trouble} again={again} />}
      {phase.kind === 'saving' && phase.attempt > 1 && (
        <Notice tone="wait" icon="clock" what={say('saving-again')} />
      )}
    </>
  )
}

/** What this entry can no longer become needs a new one. */
const endedCodes: readonly string[] = ['page-restarted', 'page-typed-already']

function Failure(props: { trouble: TroubleWords | null; again: () => void }): JSX.Element {
  const { say } = useSay()
  const isEnded = props.trouble !== null && endedCodes.includes(props.trouble.code)
  return (
    <>
      <TroubleNotice trouble={props.trouble} />
      {isEnded && (
        <Button kind="plain" icon="keypad" onClick={props.again}>
          {say('type-another')}
        </Button>
      )}
    </>
  )
}

function FormHeading(props: { form: FormView; onBack: (() => void) | null }): JSX.Element {
  const { say, language } = useSay()
  return (
    <div class="heading">
      <a
        class="icon-button"
        href="#keypad"
        title={say('back')}
        onClick={(event) => {
          if (props.onBack === null) return
          event.preventDefault()
          props.onBack()
        }}
      >
        <Icon name="back" />
        <span class="sr-only">{say('back')}</span>
      </a>
      <h1>{props.form.label[language]}</h1>
    </div>
  )
}

function StepTitle({ form, step }: { form: FormView; step: Step }): JSX.Element | null {
  const { say } = useSay()
  if (!form.fields.some(isSecond)) return null
  return (
    <div class="step-title">
      <h2>{say(step === 'first' ? 'field-first' : 'field-second')}</h2>
      {step === 'second' && <p>{say('field-hidden-why')}</p>}
    </div>
  )
}

/** The active field has the focus, so that a real keyboard writes where the pad does. */
function useActiveField(fields: readonly FieldView[], isShown: boolean) {
  const [activeName, setActiveName] = useState(fields[0]?.name ?? '')
  const inputs = useRef(new Map<string, HTMLInputElement>()).current
  const active = fields.find((field) => field.name === activeName) ?? fields[0]
  const following = active === undefined ? undefined : fields[fields.indexOf(active) + 1]
  const name = active?.name ?? ''
  // Before the next key of a fast typist can fall into the field before.
  useLayoutEffect(() => {
    const input = inputs.get(name)
    // A choice that was just tapped has the focus already, on another of its buttons.
    if (document.activeElement?.getAttribute('name') !== name) input?.focus()
  }, [inputs, name, isShown])
  return {
    active,
    setActiveName,
    isLast: following === undefined,
    goOn() {
      if (following !== undefined) setActiveName(following.name)
    },
    /** The input of a field, or null when it is gone. */
    hear(field: string, input: HTMLInputElement | null) {
      if (input === null) inputs.delete(field)
      else inputs.set(field, input)
    },
  }
}
