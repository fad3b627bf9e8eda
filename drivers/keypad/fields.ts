/**
 * What a form is made of. A form is data like any other device: every number has a term, and no
 * field has a default value.
 */
import type { Words } from '../../protocols/packet/record.ts'
import type { Names } from '../../protocols/vocabulary/names.ts'
import type { Term } from '../../protocols/vocabulary/term.ts'
import type { terms } from '../../protocols/vocabulary/terms.ts'
import { units } from '../../protocols/vocabulary/units.ts'
import type { Choices } from './choices.ts'

interface FieldCommon {
  readonly name: string
  readonly label: Names
  /** Must be filled: in every form, or, when it is a detail, as soon as its field is filled. */
  readonly required: boolean
  /** The field without which this one makes no sense; null when it stands alone. */
  readonly needs: string | null
  /**
   * The field of which this one is a detail, such as the lot of a strip: asked for when that one is
   * filled. null when it is no detail.
   */
  readonly detailOf: string | null
  /** Fields of one group are one act of measuring, hence one measurement. */
  readonly group: string
}

export interface NumberField extends FieldCommon {
  readonly kind: 'number'
  readonly term: Term
  /** As people write it. */
  readonly unit: Names
  /** More digits after the point than this are a mistake, never rounded. */
  readonly decimals: number
  /** Outside of it a person is asked to look again. It never changes or refuses the value. */
  readonly plausible: { readonly low: number; readonly high: number }
  /** The same quantity measured again: the field of the first measurement; null otherwise. */
  readonly repeats: { readonly field: string; readonly tolerance: number } | null
  /** The field whose value must be greater; null when there is none. */
  readonly below: string | null
  /** What the measurement says beside its values. */
  readonly qualifiers: Words
  /** `HI` and `LO` are results too: the meter says that the value is beyond what it can measure. */
  readonly beyond: boolean
}

export interface Choice {
  /** What travels; the same in every language. */
  readonly value: string
  readonly label: Names
}

/** One of a few words: a result of its own, or a qualifier of the results of its group. */
export interface ChoiceField extends FieldCommon {
  readonly kind: 'choice'
  readonly choices: readonly Choice[]
  readonly says: { readonly term: Term } | { readonly qualifier: string }
}

/** A short text off a label, such as the number of a lot. Never the name of a person. */
export interface TextField extends FieldCommon {
  readonly kind: 'text'
  readonly qualifier: string
  readonly lengthMax: number
}

/** A day, typed as day, month and year. The result is the day in words: 2026-04-12. */
export interface DateField extends FieldCommon {
  readonly kind: 'date'
  readonly term: Term
  /** The order in which it is typed. */
  readonly unit: Names
  /** A day that lies further back, or ahead, is asked about. */
  readonly daysBackMax: number
}

export type FormField = NumberField | ChoiceField | TextField | DateField

export interface Form {
  readonly id: string
  readonly label: Names
  readonly fields: readonly FormField[]
}

type AnyTerm = (typeof terms)[keyof typeof terms]
type Measured = Extract<AnyTerm, { plausible: { from: number } }>

type NumberOptions = Partial<
  Pick<
    NumberField,
    'label' | 'group' | 'needs' | 'below' | 'qualifiers' | 'beyond' | 'decimals' | 'required'
  >
>

export function number(name: string, term: Measured, options: NumberOptions = {}): NumberField {
  const { from: low, to: high } = term.plausible
  return {
    kind: 'number',
    name,
    label: term.name,
    term,
    unit: units[term.unit].shown,
    decimals: term.decimals,
    plausible: { low, high },
    required: false,
    repeats: null,
    needs: null,
    detailOf: null,
    below: null,
    group: name,
    qualifiers: {},
    beyond: false,
    ...options,
  }
}

/** A field and the field of its second measurement. */
export function twice(one: NumberField, tolerance: number): readonly [NumberField, NumberField] {
  const again = {
    en: `${one.label.en}, measured again`,
    id: `${one.label.id}, diukur ulang`,
  }
  const name = `${one.name}-again`
  const repeats = { field: one.name, tolerance }
  return [
    { ...one, needs: name },
    { ...one, name, label: again, repeats, needs: one.name },
  ]
}

interface Named {
  readonly name: string
  readonly label: Names
}

/** A choice that is a result, under the name of its term. */
export function finding(name: string, term: Term, choices: Choices, group = name): ChoiceField {
  return choiceField({ name, label: term.name }, choices, { term }, group)
}

/** A choice that says more about the results of its group. */
export function choice(named: Named, qualifier: string, choices: Choices, group: string) {
  return choiceField(named, choices, { qualifier }, group)
}

function choiceField(
  named: Named,
  choices: Choices,
  says: ChoiceField['says'],
  group: string,
): ChoiceField {
  return {
    kind: 'choice',
    ...named,
    choices: Object.entries(choices).map(([value, label]) => ({ value, label })),
    says,
    required: false,
    needs: null,
    detailOf: null,
    group,
  }
}

const dayOrder = { en: 'DD-MM-YYYY', id: 'HH-BB-TTTT' } as const

export function day(name: string, term: Term, daysBackMax: number): DateField {
  return {
    kind: 'date',
    name,
    label: term.name,
    term,
    unit: dayOrder,
    daysBackMax,
    required: false,
    needs: null,
    detailOf: null,
    group: name,
  }
}

export function text(named: Named, qualifier: string, group: string): TextField {
  return {
    kind: 'text',
    ...named,
    qualifier,
    lengthMax: textLengthMax,
    required: false,
    needs: null,
    detailOf: null,
    group,
  }
}

/** No label of a strip, a lot or a refrigerator is longer. */
const textLengthMax = 24

/** The same field as a detail of another, in the measurement of that one. */
export function detail<F extends FormField>(of: NumberField, one: F): F {
  return { ...one, needs: of.name, detailOf: of.name, group: of.group }
}

export function required<F extends FormField>(one: F): F {
  return { ...one, required: true }
}
