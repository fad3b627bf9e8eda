/** Reads what a person typed into a form. Nothing is guessed, rounded, corrected or filled in. */
import type { Names } from '../../protocols/vocabulary/names.ts'
import type { Term } from '../../protocols/vocabulary/term.ts'
import type { Value } from '../../protocols/packet/record.ts'
import type { Said } from '../driver.ts'
import { daysFrom, readDate } from './date.ts'
import type { ChoiceField, DateField, Form, FormField, NumberField, TextField } from './fields.ts'
import { forms } from './forms.ts'
import { labelProblem } from './label.ts'
import { isTooFar, meanOf, readNumber } from './number.ts'
import { wordsOf, type FindingCode } from './words.ts'
import { measured, valueOf } from '../measured.ts'

export interface Finding {
  /** The name of the field; empty for the form as a whole. */
  readonly field: string
  readonly code: FindingCode
  readonly text: Names
}

/** What was typed, by the name of the field. Empty and absent mean the same. */
export type Texts = Readonly<{ [field: string]: string }>

export interface Typed {
  readonly form: string
  readonly texts: Texts
  /** Fields of which the person saw the warning and said that they are right. */
  readonly confirmed: readonly string[]
  /** Lower-case hex of the SHA-256 of a photo of what was read; null without one. */
  readonly photo: string | null
  /** `2026-04-12`, in UTC; null while the box does not know the date. */
  readonly today: string | null
}

export type FormRead =
  | { readonly kind: 'said'; readonly said: readonly Said[] }
  /** Nothing is said: the person must look again, and either correct or confirm. */
  | { readonly kind: 'asks'; readonly findings: readonly Finding[] }
  /** Nothing is said: something is missing or is no number. */
  | { readonly kind: 'refused'; readonly findings: readonly Finding[] }

/** A field as it was read. A result beyond what the meter measures has no value. */
type Entry =
  | {
      readonly field: NumberField
      readonly value: number | null
      readonly beyond: 'above' | 'below' | null
    }
  | { readonly field: ChoiceField | TextField | DateField; readonly text: string }

type NumberEntry = Extract<Entry, { field: NumberField }>
type Entries = ReadonlyMap<string, Entry>

export function readForm({ form: id, texts, confirmed, photo, today }: Typed): FormRead {
  const form = forms.find((one) => one.id === id)
  if (form === undefined) return refused([finding('', 'unknown-form')])
  const names = new Set(form.fields.map(({ name }) => name))
  if (Object.keys(texts).some((name) => !names.has(name))) {
    return refused([finding('', 'unknown-field')])
  }
  const entries = new Map<string, Entry>()
  const findings: Finding[] = []
  for (const field of form.fields) {
    const text = (texts[field.name] ?? '').trim()
    if (text === '') continue
    const read = readText(field, text)
    if ('code' in read) findings.push(read)
    else entries.set(field.name, read)
  }
  findings.push(...missing(form, texts), ...exchanged(entries), ...alone(form, texts))
  if (findings.length === 0 && entries.size === 0) findings.push(finding('', 'nothing-typed'))
  if (findings.length > 0) return refused(findings)
  const warnings = [...warningsOf(entries), ...daysAsked(entries, today)]
  const unseen = warnings.filter(({ field }) => !confirmed.includes(field))
  if (unseen.length > 0) return { kind: 'asks', findings: unseen }
  return { kind: 'said', said: sayGroups(entries, warnings, photo) }
}

function refused(findings: readonly Finding[]): FormRead {
  return { kind: 'refused', findings }
}

function readText(field: FormField, text: string): Entry | Finding {
  switch (field.kind) {
    case 'number': {
      const read = readNumber(text, field)
      if (read.kind === 'number') return { field, value: read.value, beyond: null }
      if (read.kind === 'beyond') return { field, value: null, beyond: read.beyond }
      const code = read.kind === 'wrong' ? read.code : 'not-a-number'
      return finding(field.name, code, { decimals: field.decimals })
    }
    case 'choice': {
      const isOffered = field.choices.some(({ value }) => value === text)
      return isOffered ? { field, text } : finding(field.name, 'not-a-choice')
    }
    case 'date': {
      const read = readDate(text)
      return read.kind === 'date' ? { field, text: read.iso } : finding(field.name, 'not-a-date')
    }
    case 'text': {
      const problem = labelProblem(text, field.lengthMax)
      return problem === null ? { field, text } : finding(field.name, problem)
    }
  }
}

function missing(form: Form, texts: Texts): readonly Finding[] {
  const isTyped = (name: string): boolean => (texts[name] ?? '').trim() !== ''
  const isNeeded = ({ name, required, detailOf }: FormField): boolean =>
    (required && (detailOf === null || isTyped(detailOf))) ||
    form.fields.some((other) => other.needs === name && isTyped(other.name))
  return form.fields
    .filter((field) => !isTyped(field.name) && isNeeded(field))
    .map((field) => finding(field.name, field.kind === 'choice' ? 'not-chosen' : 'missing'))
}

/**
 * A diastolic pressure that is not below the systolic one: no body does that, a person typing does.
 */
function exchanged(entries: Entries): readonly Finding[] {
  return numbersOf(entries.values()).flatMap(({ field, value }) => {
    const other = field.below === null ? undefined : entries.get(field.below)
    if (other === undefined || !('value' in other)) return []
    if (value === null || other.value === null || value < other.value) return []
    return [finding(field.name, 'not-below', { other: other.field.label })]
  })
}

/** What says more about results, without one. A detail is asked for its field already. */
function alone(form: Form, texts: Texts): readonly Finding[] {
  const isTyped = ({ name }: FormField): boolean => (texts[name] ?? '').trim() !== ''
  const groups = Map.groupBy(form.fields, ({ group }) => group)
  return [...groups.values()].flatMap((group) => {
    if (group.some((field) => isResult(field) && (field.required || isTyped(field)))) return []
    return group
      .filter((field) => !isResult(field) && field.needs === null && isTyped(field))
      .map(({ name }) => finding(name, 'alone'))
  })
}

function isResult(field: FormField): boolean {
  if (field.kind === 'choice') return 'term' in field.says
  return field.kind !== 'text'
}

function warningsOf(entries: Entries): readonly Finding[] {
  return numbersOf(entries.values()).flatMap((entry) => {
    const { field, value } = entry
    const found: Finding[] = []
    const { low, high } = field.plausible
    if (value !== null && (value < low || value > high)) {
      found.push(finding(field.name, 'implausible', { low, high, unit: field.unit }))
    }
    if (field.repeats !== null && differs(entry, entries)) {
      const { tolerance } = field.repeats
      found.push(finding(field.name, 'differ', { tolerance, unit: field.unit }))
    }
    return found
  })
}

/** A day has begun somewhere before it has in UTC. */
const daysAheadMax = 1

function daysAsked(entries: Entries, today: string | null): readonly Finding[] {
  if (today === null) return []
  return [...entries.values()].flatMap((entry) => {
    if (entry.field.kind !== 'date' || !('text' in entry)) return []
    const { name, daysBackMax } = entry.field
    const days = daysFrom(entry.text, today)
    if (days < -daysAheadMax) return [finding(name, 'date-ahead')]
    return days > daysBackMax ? [finding(name, 'date-long-ago', { days: daysBackMax })] : []
  })
}

/** Whether a second measurement is too far from the first. */
function differs({ field, value }: NumberEntry, entries: Entries): boolean {
  if (field.repeats === null) return false
  const first = entries.get(field.repeats.field)
  if (first === undefined || !('value' in first)) return false
  if (first.value === null || value === null) return false
  const { decimals } = field
  return isTooFar(first.value, value, { decimals, tolerance: field.repeats.tolerance })
}

function sayGroups(
  entries: Entries,
  warnings: readonly Finding[],
  photo: string | null,
): readonly Said[] {
  const groups = Map.groupBy(entries.values(), ({ field }) => field.group)
  return [...groups.values()].map((group) => sayGroup(group, warnings, photo))
}

function sayGroup(
  group: readonly Entry[],
  warnings: readonly Finding[],
  photo: string | null,
): Said {
  const seconds = numbersOf(group).filter(({ field }) => field.repeats !== null)
  const values = group.flatMap((entry) => valueIn(entry, seconds))
  const qualifiers: { [name: string]: string } = {}
  for (const entry of group) Object.assign(qualifiers, qualifiersIn(entry, seconds))
  const codesOf = (...found: readonly FindingCode[]): readonly string[] =>
    group.flatMap(({ field }) => {
      const isFound = warnings.some((one) => one.field === field.name && found.includes(one.code))
      return isFound && 'term' in field ? [field.term.code] : []
    })
  const differ = codesOf('differ')
  const implausible = codesOf('implausible', 'date-ahead', 'date-long-ago')
  const confirmed = new Set([...implausible, ...differ])
  if (differ.length > 0) qualifiers['differ'] = differ.join(' ')
  if (confirmed.size > 0) qualifiers['confirmed'] = [...confirmed].join(' ')
  if (photo !== null) qualifiers['photo'] = photo
  return measured(values, { qualifiers, implausible })
}

/** A result in words is in no unit, whatever a number of the same quantity is in. */
const unitOfWords = '1'

function valueIn(entry: Entry, seconds: readonly NumberEntry[]): readonly Value[] {
  if ('value' in entry) {
    const { field, value } = entry
    if (field.repeats !== null) return []
    const again = seconds.find((one) => one.field.repeats?.field === field.name)?.value ?? null
    const both = value === null || again === null ? value : meanOf(value, again, field.decimals)
    return [valueOf(field.term, both)]
  }
  const { field, text } = entry
  const term = termOfWords(field)
  if (term === null) return []
  return [{ code: term.code, value: null, unit: unitOfWords, text }]
}

/** null for what only says more about results. */
function termOfWords(field: ChoiceField | TextField | DateField): Term | null {
  if (field.kind === 'date') return field.term
  return field.kind === 'choice' && 'term' in field.says ? field.says.term : null
}

function qualifiersIn(
  entry: Entry,
  seconds: readonly NumberEntry[],
): { readonly [name: string]: string } {
  if (!('value' in entry)) {
    const { field, text } = entry
    if (field.kind === 'text') return { [field.qualifier]: text }
    if (field.kind === 'date') return {}
    return 'qualifier' in field.says ? { [field.says.qualifier]: text } : {}
  }
  const { field, value, beyond } = entry
  if (field.repeats !== null) return {}
  const again = seconds.find((one) => one.field.repeats?.field === field.name)
  return {
    ...field.qualifiers,
    ...(beyond === null ? {} : { beyond }),
    ...(again === undefined ? {} : { first: String(value), second: String(again.value) }),
  }
}

function numbersOf(entries: Iterable<Entry>): readonly NumberEntry[] {
  return [...entries].filter((entry) => 'value' in entry)
}

function finding(
  field: string,
  code: FindingCode,
  fillings: Parameters<typeof wordsOf>[1] = {},
): Finding {
  return { field, code, text: wordsOf(code, fillings) }
}
