/**
 * Checks of files that the gateway has written itself. What understands the schema of the
 * configuration takes 20 MB, which a daemon that runs for months does not keep for one moment.
 */

export type Check = (value: unknown) => boolean

export function text(charactersMax: number, pattern = /^/): Check {
  return (value) =>
    typeof value === 'string' && value.length <= charactersMax && pattern.test(value)
}

export function oneOf(...values: readonly unknown[]): Check {
  return (value) => values.includes(value)
}

export function whole(from: number, to: number): Check {
  return (value) => Number.isInteger(value) && Number(value) >= from && Number(value) <= to
}

export function orNull(check: Check): Check {
  return (value) => value === null || check(value)
}

export function listOf(check: Check, countMax: number): Check {
  return (value) => Array.isArray(value) && value.length <= countMax && value.every(check)
}

/** Nothing but these fields; those of `optional` may be missing. */
export function object(
  fields: Readonly<{ [name: string]: Check }>,
  optional: Readonly<{ [name: string]: Check }> = {},
): Check {
  const all: Readonly<{ [name: string]: Check }> = { ...fields, ...optional }
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    const found = value as Readonly<{ [name: string]: unknown }>
    return (
      Object.keys(fields).every((name) => Object.hasOwn(found, name)) &&
      Object.entries(found).every(([name, one]) => Object.hasOwn(all, name) && all[name]?.(one))
    )
  }
}

/** What the text says; null when it is not what we wrote. */
export function readOwn(json: string, check: Check): unknown {
  try {
    const parsed: unknown = JSON.parse(json)
    return check(parsed) ? parsed : null
  } catch {
    return null
  }
}
