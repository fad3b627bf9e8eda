/**
 * Fields: how one value is checked when it comes from the wire, and written when it goes there. A
 * record is a table of them, so that its type, its check and its encoding cannot drift apart.
 */
import { utf8Length } from './cbor.ts'
import { decoded, undecoded } from './decoded.ts'
import type { Decoded } from './decoded.ts'

export interface Field<T> {
  /** Throws `Refused`, which only `readField` catches. `at` says where we are, for the reason. */
  read(raw: unknown, at: string): T
  /** Does not check: `read` does, also on what is about to be written. */
  write(value: T): unknown
}

class Refused extends Error {}

/** The bridge from the fields, which throw, to callers, who get an answer. */
export function readField<T>(field: Field<T>, raw: unknown, at: string): Decoded<T> {
  try {
    return decoded(field.read(raw, at))
  } catch (error) {
    if (error instanceof Refused) return undecoded(error.message)
    throw error
  }
}

function refuse(at: string, expected: string, raw: unknown): never {
  throw new Refused(`${at}: expected ${expected}, found ${describe(raw)}`)
}

/** Without quoting texts, which may name a person: reasons end up in logs. */
function describe(raw: unknown): string {
  if (raw === undefined) return 'nothing'
  if (raw === null || typeof raw === 'boolean' || typeof raw === 'number') return String(raw)
  if (typeof raw === 'string') return `a text of ${utf8Length(raw)} bytes`
  if (raw instanceof Uint8Array) return `${raw.length} bytes`
  if (Array.isArray(raw)) return `a list of ${raw.length}`
  return raw instanceof Map ? `a map of ${raw.size}` : typeof raw
}

const same = (value: unknown): unknown => value

/** Whole numbers, both ends included. */
export function uint(from = 0, to: number = Number.MAX_SAFE_INTEGER): Field<number> {
  return {
    read(raw, at) {
      if (typeof raw === 'number' && Number.isSafeInteger(raw) && raw >= from && raw <= to) {
        return raw
      }
      return refuse(at, `a whole number from ${from} to ${to}`, raw)
    },
    write: same,
  }
}

/** Finite numbers, whole or not. */
export function number(from: number = -Number.MAX_VALUE): Field<number> {
  const expected = from === -Number.MAX_VALUE ? 'a finite number' : `a number, at least ${from}`
  return {
    read(raw, at) {
      return typeof raw === 'number' && Number.isFinite(raw) && raw >= from
        ? raw
        : refuse(at, expected, raw)
    },
    write: same,
  }
}

/** `limitBytes` counts UTF-8. An empty text is refused only by a minimum. */
export function text(limitBytes: number, minimumBytes = 0): Field<string> {
  return {
    read(raw, at) {
      if (typeof raw === 'string') {
        const length = utf8Length(raw)
        if (length >= minimumBytes && length <= limitBytes) return raw
      }
      return refuse(at, `a text of ${minimumBytes} to ${limitBytes} bytes`, raw)
    },
    // A lone surrogate has no UTF-8: it becomes the replacement character.
    write: (value) => value.toWellFormed(),
  }
}

/** Text of a form that `expected` describes. */
export function textThat(test: (text: string) => boolean, expected: string): Field<string> {
  return {
    read: (raw, at) => (typeof raw === 'string' && test(raw) ? raw : refuse(at, expected, raw)),
    write: same,
  }
}

export function oneOf<const T extends string | number | boolean>(values: readonly T[]): Field<T> {
  const expected = values.length === 1 ? String(values[0]) : `one of ${values.join(', ')}`
  return {
    read: (raw, at) => values.find((value) => value === raw) ?? refuse(at, expected, raw),
    write: same,
  }
}

export const bool: Field<boolean> = {
  read: (raw, at) => (typeof raw === 'boolean' ? raw : refuse(at, 'true or false', raw)),
  write: same,
}

export function bytes(from: number, to: number = from): Field<Uint8Array> {
  const expected = from === to ? `${from} bytes` : `${from} to ${to} bytes`
  return {
    read(raw, at) {
      const fits = raw instanceof Uint8Array && raw.length >= from && raw.length <= to
      return fits ? raw : refuse(at, expected, raw)
    },
    write: same,
  }
}

export function nullable<T>(field: Field<T>): Field<T | null> {
  return {
    read: (raw, at) => (raw === null ? null : field.read(raw, at)),
    write: (value) => (value === null ? null : field.write(value)),
  }
}

/**
 * What may be missing, in a table: then the record does not have it either. For fields that most
 * records of a kind have no use for.
 */
export function optional<T>(field: Field<T>): Field<T | undefined> {
  return {
    read: (raw, at) => (raw === undefined ? undefined : field.read(raw, at)),
    write: (value) => (value === undefined ? undefined : field.write(value)),
  }
}

export function list<T>(field: Field<T>, from: number, to: number): Field<readonly T[]> {
  return {
    read(raw, at) {
      if (!Array.isArray(raw) || raw.length < from || raw.length > to) {
        return refuse(at, `a list of ${from} to ${to}`, raw)
      }
      return raw.map((item: unknown, index) => field.read(item, `${at}[${index}]`))
    },
    write: (value) => value.map((item) => field.write(item)),
  }
}

/** A list with one place for each field: `names` says what stands where. */
export function row<T>(
  names: readonly (keyof T & string)[],
  fields: { readonly [K in keyof T]: Field<T[K]> },
): Field<T> {
  return {
    read(raw, at) {
      if (!Array.isArray(raw) || raw.length !== names.length) {
        return refuse(at, `a list of ${names.join(', ')}`, raw)
      }
      const entries = names.map((name, index) => [
        name,
        fields[name].read(raw[index], `${at}.${name}`),
      ])
      return Object.fromEntries(entries) as T
    },
    write: (value) => names.map((name) => fields[name].write(value[name])),
  }
}

/** Keys that differ from the names of the fields. */
export type Keys<T> = { readonly [K in keyof T]: string | number }

/** One field for each name; for what may be missing, one that is `optional`. */
export type Fields<T> = {
  readonly [K in keyof T]-?: Field<
    T[K] | (Pick<T, K> extends Required<Pick<T, K>> ? never : undefined)
  >
}

/**
 * A map whose keys are the names of the fields, or `keys`. Further keys are skipped: a later writer
 * may know more.
 */
export function table<T>(fields: Fields<T>, keys?: Keys<T>): Field<T> {
  const names = Object.keys(fields) as (keyof T & string)[]
  const keyOf = (name: keyof T & string): string | number => keys?.[name] ?? name
  return {
    read(raw, at) {
      if (!(raw instanceof Map)) return refuse(at, 'a map', raw)
      const entries = names.map((name) => [
        name,
        fields[name].read(raw.get(keyOf(name)), `${at}.${name}`),
      ])
      return Object.fromEntries(entries.filter(isPresent)) as T
    },
    write(value) {
      const entries = names.map((name) => [keyOf(name), fields[name].write(value[name])] as const)
      return new Map(entries.filter(isPresent))
    },
  }
}

function isPresent(entry: readonly unknown[]): boolean {
  return entry[1] !== undefined
}

/** Free names with short texts. */
export function words(
  countMax: number,
  nameLimitBytes: number,
  textLimitBytes: number,
): Field<{ readonly [name: string]: string }> {
  const name = text(nameLimitBytes, 1)
  const word = text(textLimitBytes)
  return {
    read(raw, at) {
      if (!(raw instanceof Map) || raw.size > countMax) {
        return refuse(at, `a map of at most ${countMax}`, raw)
      }
      const entries = [...raw].map(([key, value]: [unknown, unknown], index) => [
        name.read(key, `${at}, name ${index}`),
        word.read(value, `${at}, text ${index}`),
      ])
      // Defines own properties, so that a hostile name like `__proto__` is only a name.
      return Object.fromEntries(entries) as { readonly [name: string]: string }
    },
    write: (value) =>
      new Map(
        Object.entries(value).map(([key, word]) => [key.toWellFormed(), word.toWellFormed()]),
      ),
  }
}

/** Another type than the one on the wire. `read` answers null for what is not `expected`. */
export function converted<Wire, T>(
  field: Field<Wire>,
  expected: string,
  read: (wire: Wire) => T | null,
  write: (value: T) => Wire,
): Field<T> {
  return {
    read(raw, at) {
      const value = read(field.read(raw, at))
      return value === null ? refuse(at, expected, raw) : value
    },
    write: (value) => field.write(write(value)),
  }
}

/** What holds between several fields. `check` answers null, or `expected X, found Y`. */
export function checked<T>(field: Field<T>, check: (value: T) => string | null): Field<T> {
  return {
    read(raw, at) {
      const value = field.read(raw, at)
      const wrong = check(value)
      if (wrong !== null) throw new Refused(`${at}: ${wrong}`)
      return value
    },
    write: (value) => field.write(value),
  }
}

/** One of several tables, chosen by the text under `kind`. */
export function byKind<T extends { readonly kind: string }>(fields: {
  readonly [K in T['kind']]: Field<Extract<T, { readonly kind: K }>>
}): Field<T> {
  const known = new Map(Object.entries<Field<T>>(fields as never))
  const expected = `one of ${[...known.keys()].join(', ')}`
  return {
    read(raw, at) {
      if (!(raw instanceof Map)) return refuse(at, 'a map', raw)
      const kind: unknown = raw.get('kind')
      const field = typeof kind === 'string' ? known.get(kind) : undefined
      return field === undefined ? refuse(`${at}.kind`, expected, kind) : field.read(raw, at)
    },
    write(value) {
      const field = known.get(value.kind)
      // Of an unknown kind only the kind is written, which `read` then refuses.
      return field === undefined ? new Map([['kind', value.kind]]) : field.write(value)
    },
  }
}
