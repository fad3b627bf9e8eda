/** One form: fields with fixed units, a pad of large keys, and what became of the entry. */
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Texts, TroubleWords } from '../view.ts'
import type { FieldView, FormView, Row } from '../wire.ts'
import { beyondTexts, checkForm, checkText, isAcceptable } from './field-check.ts'
import { FieldBox } from './field-box.tsx'
import { Icon } from './icons.tsx'
import { NumberPad } from './number-pad.tsx'
import { Button, Notice, TroubleNotice, useSay } from './parts.tsx'
import { StoredView } from './stored-view.tsx'
import { useTyping } from './use-typing.ts'

const textLengthMax = 10

/** Weight and lengths are measured twice, and the second time without sight of the first. */
type Step = 'first' | 'second'

export function KeypadForm({ form, rows }: { form: FormView; rows: readonly Row[] }): JSX.Element {
  const { say, language } = useSay()
  const typing = useTyping(form)
  const [step, setStep] = useState<Step>('first')
  const fields = fieldsOf(form, step, typing.texts)
  const hasSecond = fieldsOf(form, 'second', typing.texts).length > 0
  const { activeName, setActiveName, inputs } = useActiveField(fields)
  const active = fields.find((field) => field.name === activeName) ?? fields[0]
  const again = () => {
    setStep('first')
    typing.again()
  }
  if (typing.phase.kind === 'stored') {
    return <StoredView form={form} keys={typing.phase.keys} rows={rows} again={again} />
  }
  const following = fields[fields.findIndex((field) => field.name === active?.name) + 1]
  const goOn = () => {
    if (following !== undefined) setActiveName(following.name)
  }
  const isBetween = step === 'first' && hasSecond
  const { isReady, isUnusual } = checkForm(
    isBetween ? fields : [...fieldsOf(form, 'first', typing.texts), ...fields],
    typing.texts,
  )
  const whole = typing.refused.get('')?.[language]
  const isSaving = typing.phase.kind === 'saving'
  const submit = () => {
    if (!isReady) goOn()
    else if (isBetween) setStep('second')
    else typing.save()
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
              texts={typing.texts}
              isActive={field.name === active?.name}
              refused={typing.refused.get(field.name)?.[language] ?? null}
              hear={(input) => {
                if (input === null) inputs.delete(field.name)
                else inputs.set(field.name, input)
              }}
              onFocus={() => setActiveName(field.name)}
              onInput={(text) => typing.type(field.name, text)}
            />
          ))}
          {whole !== undefined && <Notice tone="bad" icon="warning" what={whole} />}
          {typing.phase.kind === 'failed' && (
            <Failure trouble={typing.phase.trouble} again={again} />
          )}
          {typing.phase.kind === 'saving' && typing.phase.attempt > 1 && (
            <Notice tone="wait" icon="clock" what={say('saving-again')} />
          )}
        </div>
        <div class="form-pad">
          {active !== undefined && (
            <NumberPad
              field={active}
              isLast={following === undefined}
              onKey={(key) => typing.type(active.name, pressed(typing.texts[active.name], key))}
              onNext={goOn}
            />
          )}
          <button
            type="submit"
            class={isUnusual ? 'button main unusual' : 'button main'}
            disabled={!isReady || isSaving}
          >
            <Icon name={isUnusual ? 'warning' : isBetween ? 'next' : 'check'} />
            <span>
              {isSaving
                ? say('saving')
                : isBetween
                  ? say('to-second')
                  : say(isUnusual ? 'save-anyway' : 'save')}
            </span>
          </button>
        </div>
      </form>
    </section>
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
  if (!form.fields.some((field) => field.repeats !== null)) return null
  return (
    <div class="step-title">
      <h2>{say(step === 'first' ? 'field-first' : 'field-second')}</h2>
      {step === 'second' && <p>{say('field-hidden-why')}</p>}
    </div>
  )
}

/** The second step holds what was measured in the first. */
function fieldsOf(form: FormView, step: Step, texts: Texts): readonly FieldView[] {
  if (step === 'first') return form.fields.filter((field) => field.repeats === null)
  return form.fields.filter((field) => {
    const first = form.fields.find((one) => one.name === field.repeats?.field)
    return first !== undefined && isMeasured(first, texts)
  })
}

function isMeasured(field: FieldView, texts: Texts): boolean {
  return isAcceptable(field, texts) && checkText(field, texts[field.name] ?? '').kind !== 'empty'
}

/** The active field has the focus, so that a real keyboard writes where the pad does. */
function useActiveField(fields: readonly FieldView[]) {
  const [activeName, setActiveName] = useState(fields[0]?.name ?? '')
  const inputs = useRef(new Map<string, HTMLInputElement>()).current
  const isHere = fields.some((field) => field.name === activeName)
  const name = isHere ? activeName : (fields[0]?.name ?? '')
  useEffect(() => inputs.get(name)?.focus(), [inputs, name])
  return { activeName: name, setActiveName, inputs }
}

function pressed(text: string | undefined, key: string): string {
  const before = text ?? ''
  if (key === 'delete') return beyondTexts.includes(before) ? '' : before.slice(0, -1)
  // A word of the meter stands alone.
  if (beyondTexts.includes(key)) return key
  return `${beyondTexts.includes(before) ? '' : before}${key}`.slice(0, textLengthMax)
}
