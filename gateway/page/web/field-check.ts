/** Looks at what was typed. It warns; it never corrects, rounds or refuses for being unusual. */
import type { Language, Texts } from '../view.ts'
import type { FieldView } from '../wire.ts'
import { formatFixed, formatValue } from './format.ts'
import type { Say } from './words.ts'

export type Check =
  | { readonly kind: 'empty' }
  | { readonly kind: 'good'; readonly value: number }
  | { readonly kind: 'implausible'; readonly value: number }
  /** The meter says that the value is beyond what it can measure. */
  | { readonly kind: 'beyond' }
  | { readonly kind: 'not-a-number' }
  | { readonly kind: 'too-fine' }

const numberPattern = /^-?\d{1,5}(?:[.,](\d{1,6}))?$/

/** What a meter shows when a value is beyond what it can measure. */
export const beyondTexts: readonly string[] = ['HI', 'LO']

/** Comma and point both mean the decimal sign; there is no sign for thousands. */
export function checkText(field: FieldView, text: string): Check {
  const trimmed = text.trim()
  if (trimmed === '') return { kind: 'empty' }
  if (field.beyond && beyondTexts.includes(trimmed.toUpperCase())) return { kind: 'beyond' }
  const parts = numberPattern.exec(trimmed)
  if (parts === null) return { kind: 'not-a-number' }
  if ((parts[1]?.length ?? 0) > field.decimals) return { kind: 'too-fine' }
  const value = Number(trimmed.replace(',', '.'))
  const isPlausible = value >= field.plausible.low && value <= field.plausible.high
  return { kind: isPlausible ? 'good' : 'implausible', value }
}

/** True for what may be stored: empty, a number, or a word of the meter. */
export function isAcceptable(field: FieldView, texts: Texts): boolean {
  const { kind } = checkText(field, texts[field.name] ?? '')
  if (kind === 'empty') return !field.required
  return kind !== 'not-a-number' && kind !== 'too-fine'
}

/** Whether a form may be stored, and whether something in it is unusual. */
export function checkForm(
  fields: readonly FieldView[],
  texts: Texts,
): { readonly isReady: boolean; readonly isUnusual: boolean } {
  const isReady =
    fields.every((field) => isAcceptable(field, texts)) &&
    fields.some((field) => checkText(field, texts[field.name] ?? '').kind !== 'empty')
  const isUnusual = fields.some(
    (field) =>
      checkText(field, texts[field.name] ?? '').kind === 'implausible' ||
      twice(fields, field, texts)?.agrees === false,
  )
  return { isReady, isUnusual: isReady && isUnusual }
}

/** How far the second measurement lies from the first; null before there are both. */
export function twice(
  fields: readonly FieldView[],
  second: FieldView,
  texts: Texts,
): { readonly difference: number; readonly agrees: boolean } | null {
  const first = fields.find((field) => field.name === second.repeats?.field)
  if (first === undefined || second.repeats === null) return null
  const before = checkText(first, texts[first.name] ?? '')
  const after = checkText(second, texts[second.name] ?? '')
  if (!('value' in before) || !('value' in after)) return null
  // Decimal figures that differ by exactly the tolerance agree, whatever binary makes of them.
  const difference = Number(Math.abs(after.value - before.value).toFixed(second.decimals))
  return { difference, agrees: difference <= second.repeats.tolerance }
}

/** The sentence under a field; null when there is nothing to say. */
export function checkWords(
  field: FieldView,
  check: Check,
  say: Say,
  language: Language,
): string | null {
  switch (check.kind) {
    case 'not-a-number':
      return say('check-not-number')
    case 'too-fine':
      return field.decimals === 0
        ? say('check-no-decimals')
        : say('check-decimals', { decimals: field.decimals })
    case 'implausible':
      return say('check-implausible', {
        low: formatValue(field.plausible.low, language),
        high: formatValue(field.plausible.high, language),
        unit: field.unit[language],
      })
    default:
      return null
  }
}

export function twiceWords(
  field: FieldView,
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
