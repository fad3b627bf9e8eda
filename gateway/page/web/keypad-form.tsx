/** One form: fields with fixed units, a pad of large keys, and what became of the entry. */
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Language, Texts, TroubleWords } from '../view.ts'
import type { FieldView, FormView, Row } from '../wire.ts'
import { ConfirmSheet, type Doubt } from './confirm-sheet.tsx'
import {
  beyondTexts,
  checkForm,
  checkText,
  fieldWords,
  isAcceptable,
  isAskedFor,
} from './field-check.ts'
import { FieldBox } from './field-box.tsx'
import { Icon } from './icons.tsx'
import { NumberPad } from './number-pad.tsx'
import { Button, Notice, TroubleNotice, useSay } from './parts.tsx'
import { PhotoBox } from './photo-box.tsx'
import { StoredView } from './stored-view.tsx'
import { useTyping } from './use-typing.ts'
import type { Say } from './words.ts'

const textLengthMax = 10

/** Weight and lengths are measured twice, and the second time without sight of the first. */
type Step = 'first' | 'second'

type Typing = ReturnType<typeof useTyping>

export function KeypadForm({ form, rows }: { form: FormView; rows: readonly Row[] }): JSX.Element {
  const { say, language } = useSay()
  const typing = useTyping(form)
  const { texts } = typing
  const [step, setStep] = useState<Step>('first')
  const [isAsking, setAsking] = useState(false)
  const fields = fieldsOf(form, step, texts)
  const hasSecond = fieldsOf(form, 'second', texts).length > 0
  const { active, setActiveName, inputs } = useActiveField(fields)
  const again = () => {
    setStep('first')
    typing.again()
  }
  useEffect(() => {
    if (typing.asked.size > 0) setAsking(true)
  }, [typing.asked])
  if (typing.phase.kind === 'stored') {
    return <StoredView form={form} keys={typing.phase.keys} rows={rows} again={again} />
  }
  const following = fields[fields.findIndex((field) => field.name === active?.name) + 1]
  const goOn = () => {
    if (following !== undefined) setActiveName(following.name)
  }
  const isBetween = step === 'first' && hasSecond
  const all =
    isBetween || step === 'first' ? fields : [...fieldsOf(form, 'first', texts), ...fields]
  const { isReady, unusual } = checkForm(all, texts)
  const isPhotoClear = typing.photo === null || typing.photo.isSource !== null
  const isSaving = typing.phase.kind === 'saving'
  const doubts = doubtsOf({ form, all, unusual, typing, say, language })
  const submit = () => {
    if (!isReady || !isPhotoClear) goOn()
    else if (isBetween) setStep('second')
    else if (doubts.length > 0) setAsking(true)
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
          if (event.key !== 'Enter' || following === undefined) return
          event.preventDefault()
          goOn()
        }}
      >
        <div class="form-fields">
          <StepTitle form={form} step={step} />
          {fields.map((field) => (
            <FieldBox
              key={field.name}
              all={form.fields}
              field={field}
              texts={texts}
              isActive={field.name === active?.name}
              refused={typing.refused.get(field.name)?.[language] ?? null}
              hear={(input) => {
                if (input === null) inputs.delete(field.name)
                else inputs.set(field.name, input)
              }}
              onFocus={() => setActiveName(field.name)}
              onInput={(text) => typing.type(field.name, text)}
              onTap={() => setActiveName(afterTap(fields, field)?.name ?? field.name)}
            />
          ))}
          {!isBetween && <PhotoBox photo={typing.photo} onPhoto={typing.setPhoto} />}
          <Outcome typing={typing} again={again} />
        </div>
        <div class="form-pad">
          {active?.kind === 'number' && (
            <NumberPad
              field={active}
              isLast={following === undefined}
              onKey={(key) => typing.type(active.name, pressed(texts[active.name], key))}
              onNext={goOn}
            />
          )}
          <button
            type="submit"
            class={isReady && unusual.length > 0 ? 'button main unusual' : 'button main'}
            disabled={!isReady || !isPhotoClear || isSaving}
          >
            <Icon name={isBetween ? 'next' : unusual.length > 0 ? 'warning' : 'check'} />
            <span>{say(isSaving ? 'saving' : isBetween ? 'to-second' : 'save')}</span>
          </button>
        </div>
      </form>
      {isAsking && doubts.length > 0 && !isSaving && (
        <ConfirmSheet
          doubts={doubts}
          onBack={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false)
            typing.save(doubts.map(({ field }) => field))
          }}
        />
      )}
    </section>
  )
}

/** What the page finds unusual, and what the gateway asks about beside it. */
function doubtsOf(from: {
  readonly form: FormView
  readonly all: readonly FieldView[]
  readonly unusual: readonly FieldView[]
  readonly typing: Typing
  readonly say: Say
  readonly language: Language
}): readonly Doubt[] {
  const { form, all, unusual, typing, say, language } = from
  const fields = form.fields.filter(
    (field) => unusual.includes(field) || typing.asked.has(field.name),
  )
  return fields.map((field) => {
    const own = fieldWords(all, field, typing.texts, say, language)?.words
    const text = (typing.texts[field.name] ?? '').trim()
    const unit = field.kind === 'number' ? field.unit[language] : ''
    return {
      field: field.name,
      label: field.label[language],
      typed: `${text} ${unit}`.trim(),
      words: own ?? typing.asked.get(field.name)?.[language] ?? '',
    }
  })
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

function isSecond(field: FieldView): boolean {
  return field.kind === 'number' && field.repeats !== null
}

/** The second step holds what was measured in the first. */
function fieldsOf(form: FormView, step: Step, texts: Texts): readonly FieldView[] {
  if (step === 'first') {
    return form.fields.filter((field) => !isSecond(field) && isAskedFor(field, texts))
  }
  return form.fields.filter((field) => {
    if (field.kind !== 'number') return false
    const first = form.fields.find((one) => one.name === field.repeats?.field)
    return first !== undefined && isMeasured(first, texts)
  })
}

function isMeasured(field: FieldView, texts: Texts): boolean {
  return isAcceptable(field, texts) && checkText(field, texts[field.name] ?? '').kind !== 'empty'
}

/** A text would bring up the keyboard of the phone, which nobody asked for. */
function afterTap(fields: readonly FieldView[], field: FieldView): FieldView | null {
  const next = fields[fields.indexOf(field) + 1]
  return next === undefined || next.kind === 'text' ? null : next
}

/** The active field has the focus, so that a real keyboard writes where the pad does. */
function useActiveField(fields: readonly FieldView[]) {
  const [activeName, setActiveName] = useState(fields[0]?.name ?? '')
  const inputs = useRef(new Map<string, HTMLInputElement>()).current
  const active = fields.find((field) => field.name === activeName) ?? fields[0]
  const name = active?.name ?? ''
  useEffect(() => {
    const input = inputs.get(name)
    // A choice that was just tapped has the focus already, on another of its buttons.
    if (document.activeElement?.getAttribute('name') !== name) input?.focus()
  }, [inputs, name])
  return { active, setActiveName, inputs }
}

function pressed(text: string | undefined, key: string): string {
  const before = text ?? ''
  if (key === 'delete') return beyondTexts.includes(before) ? '' : before.slice(0, -1)
  // A word of the meter stands alone.
  if (beyondTexts.includes(key)) return key
  return `${beyondTexts.includes(before) ? '' : before}${key}`.slice(0, textLengthMax)
}
