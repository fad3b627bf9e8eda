/** Which fields of a form are asked in which step, what follows which, and what is doubted. */
import type { Texts } from '../view.ts'
import type { Both, Language } from '../both.ts'
import type { FieldView, FormView } from '../wire.ts'
import {
  beyondTexts,
  checkForm,
  checkText,
  fieldWords,
  isAcceptable,
  isAskedFor,
} from './field-check.ts'
import type { Say } from './words.ts'

/** Weight and lengths are measured twice, and the second time without sight of the first. */
export type Step = 'first' | 'second'

/** True for the field of a second measurement. */
export function isSecond(field: FieldView): boolean {
  return field.kind === 'number' && field.repeats !== null
}

/** The second step holds what was measured in the first. */
export function fieldsOf(form: FormView, step: Step, texts: Texts): readonly FieldView[] {
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

/** null behind the last, and before a text: it would bring up a keyboard that nobody asked for. */
export function afterTap(fields: readonly FieldView[], field: FieldView): FieldView | null {
  const next = fields[fields.indexOf(field) + 1]
  return next === undefined || next.kind === 'text' ? null : next
}

const textLengthMax = 10

/** What stands in a field after a key of the pad. */
export function pressed(text: string | undefined, key: string): string {
  const before = text ?? ''
  if (key === 'delete') return beyondTexts.includes(before) ? '' : before.slice(0, -1)
  // A word of the meter stands alone.
  if (beyondTexts.includes(key)) return key
  return `${beyondTexts.includes(before) ? '' : before}${key}`.slice(0, textLengthMax)
}

/** What a person is to look at once more before it is stored. */
export interface Doubt {
  readonly field: string
  readonly label: string
  /** As it was typed, with its unit. */
  readonly typed: string
  readonly words: string
}

export interface Look {
  /** True when there is a second step still to come. */
  readonly isBetween: boolean
  readonly isReady: boolean
  readonly isUnusual: boolean
  readonly doubts: readonly Doubt[]
}

/** `asked`: what the gateway asks about, beside what the page finds unusual itself. */
export function lookAt(
  form: FormView,
  step: Step,
  entry: { readonly texts: Texts; readonly asked: ReadonlyMap<string, Both> },
  say: Say,
  language: Language,
): Look {
  const { texts, asked } = entry
  const first = fieldsOf(form, 'first', texts)
  const second = fieldsOf(form, 'second', texts)
  const all = step === 'first' ? first : [...first, ...second]
  const { isReady, unusual } = checkForm(all, texts)
  const doubtful = form.fields.filter((field) => unusual.includes(field) || asked.has(field.name))
  const doubts = doubtful.map((field) => {
    const own = fieldWords(all, field, texts, say, language)?.words
    const text = (texts[field.name] ?? '').trim()
    const unit = field.kind === 'number' ? field.unit[language] : ''
    return {
      field: field.name,
      label: field.label[language],
      typed: `${text} ${unit}`.trim(),
      words: own ?? asked.get(field.name)?.[language] ?? '',
    }
  })
  return {
    isBetween: step === 'first' && second.length > 0,
    isReady,
    isUnusual: isReady && unusual.length > 0,
    doubts,
  }
}
