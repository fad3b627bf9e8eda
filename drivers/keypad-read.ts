/** Reads what a person typed into a form. Nothing is guessed, rounded, corrected or filled in. */
import type { Names } from '../protocols/vocabulary/term.ts'
import type { Value, Words } from '../protocols/packet/record.ts'
import type { Said } from './driver.ts'
import { forms, type Form, type FormField } from './keypad-forms.ts'
import { wordsOf, type FindingCode } from './keypad-words.ts'
import { measured, valueOf } from './measured.ts'

export interface Finding {
  /** The name of the field; empty for the form as a whole. */
  readonly field: string
  readonly code: FindingCode
  readonly text: Names
}

/** What was typed, by the name of the field. Empty and absent mean the same. */
export type Texts = Readonly<{ [field: string]: string }>

export type FormRead =
  /** `warnings` ask the person to look again. The value is kept, and its qualifiers say so. */
  | { readonly ok: true; readonly said: readonly Said[]; readonly warnings: readonly Finding[] }
  /** Nothing is said: something is missing or is no number. */
  | { readonly ok: false; readonly findings: readonly Finding[] }

/** A field as it was read. A result beyond what the meter measures has no value. */
interface Entry {
  readonly field: FormField
  readonly value: number | null
  readonly beyond: 'above' | 'below' | null
}

type Entries = ReadonlyMap<string, Entry>

const number = /^-?\d{1,5}(?:[.,](\d{1,6}))?$/
const meterWords: Readonly<{ [word: string]: Entry['beyond'] }> = { HI: 'above', LO: 'below' }

export function readForm(formId: string, texts: Texts): FormRead {
  const form = forms.find(({ id }) => id === formId)
  if (form === undefined) return { ok: false, findings: [finding('', 'unknown-form')] }
  const names = new Set(form.fields.map(({ name }) => name))
  if (Object.keys(texts).some((name) => !names.has(name))) {
    return { ok: false, findings: [finding('', 'unknown-field')] }
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
  findings.push(...missing(form, texts), ...exchanged(entries))
  if (findings.length === 0 && entries.size === 0) findings.push(finding('', 'nothing-typed'))
  if (findings.length > 0) return { ok: false, findings }
  return { ok: true, said: sayGroups(entries), warnings: warnings(entries) }
}

function readText(field: FormField, text: string): Entry | Finding {
  const beyond = meterWords[text.toUpperCase()]
  if (field.beyond && beyond !== undefined) return { field, value: null, beyond }
  const found = number.exec(text)
  if (found === null) return finding(field.name, 'not-a-number')
  if ((found[1] ?? '').length > field.decimals) {
    return finding(field.name, 'too-many-decimals', { decimals: field.decimals })
  }
  return { field, value: Number(text.replace(',', '.')), beyond: null }
}

function missing(form: Form, texts: Texts): readonly Finding[] {
  const isTyped = (name: string): boolean => (texts[name] ?? '').trim() !== ''
  const isNeeded = (field: FormField): boolean =>
    field.required || form.fields.some(({ name, needs }) => needs === field.name && isTyped(name))
  return form.fields
    .filter((field) => !isTyped(field.name) && isNeeded(field))
    .map(({ name }) => finding(name, 'missing'))
}

/**
 * A diastolic pressure that is not below the systolic one: no body does that, a person typing does.
 */
function exchanged(entries: Entries): readonly Finding[] {
  return [...entries.values()].flatMap(({ field, value }) => {
    const other = field.below === null ? undefined : entries.get(field.below)
    if (other === undefined || value === null || other.value === null) return []
    if (value < other.value) return []
    return [finding(field.name, 'not-below', { other: other.field.label })]
  })
}

function warnings(entries: Entries): readonly Finding[] {
  return [...entries.values()].flatMap((entry) => {
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

/** Whether a second measurement is too far from the first. */
function differs({ field, value }: Entry, entries: Entries): boolean {
  if (field.repeats === null) return false
  const first = entries.get(field.repeats.field)?.value ?? null
  if (first === null || value === null) return false
  // Compared in whole steps: 72.5 - 72.4 is not 0.1 in binary.
  const steps = 10 ** field.decimals
  return (
    Math.abs(Math.round(value * steps) - Math.round(first * steps)) >
    field.repeats.tolerance * steps
  )
}

function sayGroups(entries: Entries): readonly Said[] {
  const groups = Map.groupBy(entries.values(), ({ field }) => field.group)
  return [...groups.values()].map((group) => sayGroup(group, entries))
}

function sayGroup(group: readonly Entry[], entries: Entries): Said {
  const firsts = group.filter(({ field }) => field.repeats === null)
  const seconds = group.filter(({ field }) => field.repeats !== null)
  const values: readonly Value[] = firsts.map((first) => {
    const again = seconds.find(({ field }) => field.repeats?.field === first.field.name)
    return valueOf(first.field.term, again === undefined ? first.value : meanOf(first, again))
  })
  const qualifiers: { [name: string]: string } = {}
  for (const { field, beyond } of firsts) {
    Object.assign(qualifiers, field.qualifiers)
    if (beyond !== null) qualifiers['beyond'] = beyond
  }
  for (const again of seconds) {
    const first = entries.get(again.field.repeats?.field ?? '')
    qualifiers['first'] = String(first?.value)
    qualifiers['second'] = String(again.value)
    if (differs(again, entries)) qualifiers['differ'] = again.field.term.code
  }
  return measured(values, { qualifiers: qualifiers satisfies Words })
}

/** In whole steps of the field, so that the mean of two typed numbers has no binary tail. */
function meanOf(first: Entry, again: Entry): number | null {
  if (first.value === null || again.value === null) return null
  const steps = 10 ** first.field.decimals
  return (Math.round(first.value * steps) + Math.round(again.value * steps)) / (2 * steps)
}

function finding(
  field: string,
  code: FindingCode,
  fillings: Parameters<typeof wordsOf>[1] = {},
): Finding {
  return { field, code, text: wordsOf(code, fillings) }
}
