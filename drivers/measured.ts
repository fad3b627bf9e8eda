/**
 * Puts together what a driver says from the vocabulary, so that codes and units come from one
 * place.
 */
import { isPlausible, termOf } from '../protocols/vocabulary/lookup.ts'
import type { Term } from '../protocols/vocabulary/term.ts'
import type { DeviceTime, Value, Words } from '../protocols/packet/record.ts'
import type { Said } from './driver.ts'

type Measured = Extract<Said, { kind: 'measurement' }>
type Repeated = Extract<Said, { kind: 'numerics' }>

export function valueOf(term: Term, value: number | null): Value {
  return { code: term.code, value, unit: term.unit }
}

/**
 * One act of measuring. A value outside of what is plausible is kept as it is and named in the
 * qualifier `implausible`, together with the codes that the device's own rules call implausible.
 */
export function measured(
  values: readonly Value[],
  more: {
    readonly deviceTime?: DeviceTime | null
    readonly qualifiers?: Words
    readonly identifiers?: Words
    readonly implausible?: readonly string[]
  } = {},
): Measured {
  const deviceTime = more.deviceTime ?? null
  const identifiers = more.identifiers ?? {}
  return {
    kind: 'measurement',
    values,
    ...(deviceTime === null ? {} : { deviceTime }),
    ...qualified(values, more.qualifiers ?? {}, more.implausible ?? []),
    ...(Object.keys(identifiers).length === 0 ? {} : { identifiers }),
  }
}

/** What a device repeats while it monitors; what is implausible is kept and named likewise. */
export function repeated(values: readonly Value[], qualifiers: Words = {}): Repeated {
  return { kind: 'numerics', values, ...qualified(values, qualifiers, []) }
}

function qualified(
  values: readonly Value[],
  qualifiers: Words,
  byDevice: readonly string[],
): { readonly qualifiers?: Words } {
  const outside = values.filter(({ code, value }) => {
    const term = termOf(code)
    return term !== null && !isPlausible(term, value)
  })
  const implausible = new Set([...outside.map(({ code }) => code), ...byDevice])
  const all: Words = {
    ...qualifiers,
    ...(implausible.size === 0 ? {} : { implausible: [...implausible].join(' ') }),
  }
  return Object.keys(all).length === 0 ? {} : { qualifiers: all }
}

/** A result in the words of the device; absent when there are none. */
export function textOf(term: Term, text: string | null): Value {
  const plain = valueOf(term, null)
  return text === null || text === '' ? plain : { ...plain, text }
}

/** True when at least one value is there, as a number or in words. */
export function hasValue(values: readonly Value[]): boolean {
  return values.some(({ value, text }) => value !== null || text !== undefined)
}

/** The device tried and has no result. `error` is its own code. */
export function measurementFailed(error: string): Said {
  return {
    kind: 'event',
    code: 'measurement-failed',
    level: 'warning',
    active: null,
    detail: { error },
  }
}
