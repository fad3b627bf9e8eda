/**
 * Looks at what was typed while it is typed. It warns; it never corrects, rounds or refuses for
 * being unusual. What is a number and what is a label is decided by the same code as at the
 * gateway.
 */
import { readDate } from '../../../drivers/keypad/date.ts'
import { labelProblem } from '../../../drivers/keypad/label.ts'
import { isTooFar, meterWords, readNumber } from '../../../drivers/keypad/number.ts'
import { wordsOf, type FindingCode } from '../../../drivers/keypad/words.ts'
import type { Texts } from '../view.ts'
import type { Language } from '../both.ts'
import type { FieldView, NumberFieldView } from '../wire.ts'
import { formatFixed, formatValue } from './format.ts'
import type { Say } from './words.ts'

export type Check =
  | { readonly kind: 'empty' }
  | { readonly kind: 'good'; readonly value: number }
  | { readonly kind: 'implausible'; readonly value: number }
  /** The meter says that the value is beyond what it can measure. */
  | { readonly kind: 'beyond' }
  /** A choice, a day, or a text off a label. */
  | { readonly kind: 'filled' }
  | { readonly kind: 'wrong'; readonly code: FindingCode }

/** What a meter shows when a value is beyond what it can measure. */
export const beyondTexts: readonly string[] = Object.keys(meterWords)

export function checkText(field: FieldView, text: string): Check {
  const trimmed = text.trim()
  if (trimmed === '') return { kind: 'empty' }
  switch (field.kind) {
    case 'number':
      return checkNumber(field, trimmed)
    case 'choice': {
      const isOffered = field.choices.some(({ value }) => value === trimmed)
      return isOffered ? { kind: 'filled' } : { kind: 'wrong', code: 'not-a-choice' }
    }
    case 'date': {
      const read = readDate(trimmed)
      return read.kind === 'wrong' ? read : { kind: 'filled' }
    }
    case 'text': {
      const code = labelProblem(trimmed, field.lengthMax)
      return code === null ? { kind: 'filled' } : { kind: 'wrong', code }
    }
  }
}

function checkNumber(field: NumberFieldView, text: string): Check {
  const read = readNumber(text, field)
  if (read.kind !== 'number') return read.kind === 'wrong' ? read : { kind: read.kind }
  const { value } = read
  const isPlausible = value >= field.plausible.low && value <= field.plausible.high
  return { kind: isPlausible ? 'good' : 'implausible', value }
}

function isFilled(name: string, texts: Texts): boolean {
  return (texts[name] ?? '').trim() !== ''
}

/**
 * A detail is asked for when its field is filled, and does not vanish with what was typed in it.
 */
export function isAskedFor({ name, detailOf }: FieldView, texts: Texts): boolean {
  return detailOf === null || isFilled(detailOf, texts) || isFilled(name, texts)
}

/** True for what may be stored. */
export function isAcceptable(field: FieldView, texts: Texts): boolean {
  const { kind } = checkText(field, texts[field.name] ?? '')
  if (kind !== 'empty') return kind !== 'wrong'
  return !field.required || (field.detailOf !== null && !isFilled(field.detailOf, texts))
}

/** Whether a form may be stored, and which of its fields are to be looked at once more. */
export function checkForm(
  fields: readonly FieldView[],
  texts: Texts,
): { readonly isReady: boolean; readonly unusual: readonly FieldView[] } {
  const isReady =
    fields.every((field) => isAcceptable(field, texts)) &&
    fields.some((field) => isFilled(field.name, texts))
  const unusual = fields.filter((field) => isUnusual(fields, field, texts))
  return { isReady, unusual }
}

export function isUnusual(all: readonly FieldView[], field: FieldView, texts: Texts): boolean {
  const { kind } = checkText(field, texts[field.name] ?? '')
  return kind === 'implausible' || twice(all, field, texts)?.agrees === false
}

/** How far the second measurement lies from the first; null before there are both. */
export function twice(
  fields: readonly FieldView[],
  second: FieldView,
  texts: Texts,
): { readonly difference: number; readonly agrees: boolean } | null {
  if (second.kind !== 'number' || second.repeats === null) return null
  const { repeats, decimals } = second
  const first = fields.find((field) => field.name === repeats.field)
  if (first === undefined) return null
  const before = checkText(first, texts[first.name] ?? '')
  const after = checkText(second, texts[second.name] ?? '')
  if (!('value' in before) || !('value' in after)) return null
  const difference = Number(Math.abs(after.value - before.value).toFixed(decimals))
  const { tolerance } = repeats
  return { difference, agrees: !isTooFar(before.value, after.value, { decimals, tolerance }) }
}

/** The sentence under a field; null when there is nothing to say. */
export function checkWords(field: FieldView, check: Check, language: Language): string | null {
  if (field.kind === 'number' && check.kind === 'implausible') {
    const { low, high } = field.plausible
    return wordsOf('implausible', { low, high, unit: field.unit })[language]
  }
  if (check.kind !== 'wrong') return null
  const decimals = field.kind === 'number' ? field.decimals : 0
  return wordsOf(check.code, { decimals })[language]
}

export function twiceWords(
  field: NumberFieldView,
  both: { readonly difference: number; readonly agrees: boolean },
  say: Say,
  language: Language,
): string {
  const details = {
    difference: formatFixed(both.difference, field.decimals, language),
    unit: field.unit[language],
  }
  return both.agrees
    ? say('twice-agree', details)
    : say('twice-differ', {
        ...details,
        tolerance: formatValue(field.repeats?.tolerance ?? 0, language),
      })
}

/** All that there is to say to a person about a field; null when there is nothing. */
export function fieldWords(
  all: readonly FieldView[],
  field: FieldView,
  texts: Texts,
  say: Say,
  language: Language,
): { readonly words: string; readonly isGood: boolean } | null {
  const words = checkWords(field, checkText(field, texts[field.name] ?? ''), language)
  if (words !== null) return { words, isGood: false }
  const both = twice(all, field, texts)
  if (both === null || field.kind !== 'number') return null
  return { words: twiceWords(field, both, say, language), isGood: both.agrees }
}
