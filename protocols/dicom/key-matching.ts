/**
 * Does a value match a key of a query? Source: PS3.4 section C.2.2.2.
 *
 *   empty, `*`      everything, also what nobody said
 *   `AB?D*`         wildcards, in texts only
 *   `A\B`           any of them: of UIDs as the standard has it, of texts as devices send it
 *   `X-Y` `X-` `-Y` dates and times between, both ends included
 *
 * Texts are compared by case; names of persons, titles and codes are not, since people type them.
 */
import { withoutMarks } from './character-set.ts'
import { trimPadding } from './text.ts'

/** `value` null: nobody said. */
export type Matcher = (value: string | null) => boolean

/** No value is longer, so that a longer key can be put aside without looking at each value. */
const textKeyCharactersMax = 256

/** True of a key that asks for the value and does not choose by it. */
export function isUniversal(key: string): boolean {
  return /^\**$/.test(key)
}

export function textMatcher(key: string, isByCase: boolean): Matcher {
  const fold = (text: string): string => (isByCase ? text : text.toUpperCase())
  return anyOf(key, (pattern) => {
    const folded = fold(pattern)
    return (value) => matchesPattern(fold(trimPadding(value)), folded)
  })
}

/**
 * Each component that the key has must match; one that it has not says nothing. So `SURYA` finds
 * `Surya^Dewi`, and a caret more or less does not matter. A wildcard may also span the carets.
 */
export function nameMatcher(key: string): Matcher {
  return anyOf(key, (pattern) => {
    const wanted = componentsOf(pattern)
    const whole = wanted.join('^')
    return (value) => {
      const components = componentsOf(value)
      const fits = wanted.every(
        (one, at) => one === '' || matchesPattern(components[at] ?? '', one),
      )
      return fits || matchesPattern(components.join('^'), whole)
    }
  })
}

export function uidMatcher(key: string): Matcher {
  const uids = new Set(key.split('\\').map(trimPadding))
  return (value) => value !== null && uids.has(value)
}

/** Both ends included, as digits that can be compared as texts; null: no end. */
export interface Range {
  readonly from: string | null
  readonly to: string | null
  /** The key gave both ends, or one and a hyphen: not a single value. */
  readonly isRange: boolean
}

export function rangeMatcher({ from, to }: Range): Matcher {
  return (value) =>
    value !== null && (from === null || value >= from) && (to === null || value <= to)
}

/** null when it is no date and no range of dates. */
export function dateRange(key: string): Range | null {
  return rangeOf(key, (text) => {
    const digits = /^(\d{4})(?:\.?)(\d{2})(?:\.?)(\d{2})$/.exec(text)
    const date = digits?.slice(1).join('') ?? null
    return date === null ? null : { first: date, last: date }
  })
}

/** In HHMMSS. A time that says no minutes or seconds means all of them. */
export function timeRange(key: string): Range | null {
  return rangeOf(key, (text) => {
    const digits = /^(\d{2})(?::?(\d{2})(?::?(\d{2})(?:\.\d{1,6})?)?)?$/.exec(text)
    if (digits === null) return null
    const said = digits.slice(1).join('')
    return { first: said.padEnd(6, '0'), last: said + '235959'.slice(said.length) }
  })
}

/**
 * Compares as PS3.4 section C.2.2.2.4 wants it, without going back further than to the last `*`:
 * a hostile pattern costs as many steps as its length times that of the value.
 */
export function matchesPattern(value: string, pattern: string): boolean {
  let at = 0
  let wanted = 0
  let star = -1
  let starAt = 0
  while (at < value.length) {
    const one = pattern[wanted]
    if (one === '*') {
      star = wanted++
      starAt = at
    } else if (one === '?' || (one !== undefined && one === value[at])) {
      at++
      wanted++
    } else if (star >= 0) {
      wanted = star + 1
      at = ++starAt
    } else {
      return false
    }
  }
  return isUniversal(pattern.slice(wanted))
}

function anyOf(key: string, matcherOf: (pattern: string) => (value: string) => boolean): Matcher {
  if (key.length > textKeyCharactersMax) return () => false
  const patterns = key.split('\\').map(trimPadding)
  if (patterns.some(isUniversal)) return () => true
  const matchers = patterns.map(matcherOf)
  return (value) => value !== null && matchers.some((matches) => matches(value))
}

/** Of the alphabetic group, in capitals without marks, and without empty ones at the end. */
function componentsOf(name: string): readonly string[] {
  const [alphabetic = ''] = name.split('=')
  const components = withoutMarks(alphabetic)
    .toUpperCase()
    .split('^')
    .map((component) => component.trim().replace(/ +/g, ' '))
  while (components.at(-1) === '') components.pop()
  return components
}

function rangeOf(
  key: string,
  parse: (text: string) => { readonly first: string; readonly last: string } | null,
): Range | null {
  const [fromText = '', toText, ...more] = key.split('-').map(trimPadding)
  if (more.length > 0) return null
  if (toText === undefined) {
    const single = parse(fromText)
    return single && { from: single.first, to: single.last, isRange: false }
  }
  const from = fromText === '' ? null : parse(fromText)
  const to = toText === '' ? null : parse(toText)
  if ((from === null && fromText !== '') || (to === null && toText !== '')) return null
  return { from: from?.first ?? null, to: to?.last ?? null, isRange: true }
}
