/**
 * As much of CDDL (RFC 8610) as docs/wire-format.cddl uses, so that it can be held against real
 * bytes: rules, groups, choices, ranges, occurrences, `.size`, `.regexp` and `.cbor`.
 */
import { decodeCbor, utf8Length } from '../../protocols/packet/cbor.ts'

type Match = (value: unknown) => boolean

interface Entry {
  /** null in a list, where a key is only a name. */
  readonly key: { readonly match: Match } | null
  /** The key ends with a colon. */
  readonly isCut: boolean
  readonly least: number
  readonly most: number
  readonly match: Match
  /** The text of the key, also in a list; null when it has none. */
  readonly label: string | null
  /** A name alone: either a group that stands here, or a type in a list. */
  readonly group: string | null
}

type Node =
  | { readonly kind: 'type'; readonly match: Match; readonly entries: readonly Entry[] | null }
  | { readonly kind: 'group'; readonly entries: readonly Entry[] }

const tokenPattern =
  /\s*(?:;[^\n]*|("(?:[^"\\]|\\.)*")|(\.\.|=>|\.[a-z]+)|(-?\d+)|([A-Za-z_][A-Za-z0-9_-]*)|(.))/gy

function tokensOf(text: string): string[] {
  const tokens: string[] = []
  for (const match of text.matchAll(tokenPattern)) {
    const [, ...groups] = match
    const token = groups.find((group) => group !== undefined)
    if (token !== undefined && token.trim() !== '') tokens.push(token)
  }
  return tokens
}

/** Types of the prelude that are used (RFC 8610 appendix D). */
const prelude: { readonly [name: string]: Match } = {
  any: () => true,
  bool: (value) => typeof value === 'boolean',
  bstr: (value) => value instanceof Uint8Array,
  null: (value) => value === null,
  number: (value) => typeof value === 'number',
  tstr: (value) => typeof value === 'string',
}

export class Cddl {
  readonly #tokens: readonly string[]
  readonly #rules = new Map<string, Node>()
  #at = 0

  constructor(text: string) {
    this.#tokens = tokensOf(text)
    while (this.#at < this.#tokens.length) {
      const name = this.#take()
      this.#expect('=')
      if (this.#rules.has(name)) throw new Error(`${name} is there twice`)
      this.#rules.set(name, this.#isGroup() ? this.#group() : this.#type())
    }
  }

  get rules(): readonly string[] {
    return [...this.#rules.keys()]
  }

  matches(rule: string, value: unknown): boolean {
    const node = this.#rules.get(rule)
    if (node?.kind !== 'type') throw new Error(`${rule} is no rule of a type`)
    return node.match(value)
  }

  /** Names of the fields that may be missing. */
  optionalIn(rule: string): readonly string[] {
    const entries = this.#flat(this.#rules.get(rule)?.entries ?? [])
    return entries.flatMap(({ label, least }) => (least === 0 && label !== null ? [label] : []))
  }

  /** Names of the fields of a map or group, those of groups in it included. */
  namesIn(rule: string): readonly string[] {
    const node = this.#rules.get(rule)
    const names = this.#flat(node?.entries ?? []).map((entry) => entry.label)
    return names.filter((name) => name !== null)
  }

  #take(): string {
    const token = this.#tokens[this.#at++]
    if (token === undefined) throw new Error('the text ends too early')
    return token
  }

  #next(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false
    this.#at++
    return true
  }

  #expect(token: string): void {
    const found = this.#take()
    if (found !== token) throw new Error(`expected ${token}, found ${found} at ${this.#at}`)
  }

  /** A rule like `stamps = ( atMs: ... )`. */
  #isGroup(): boolean {
    return this.#tokens[this.#at] === '(' && this.#tokens[this.#at + 2] === ':'
  }

  #group(): Node {
    this.#expect('(')
    return { kind: 'group', entries: this.#entries(')') }
  }

  #type(): Extract<Node, { kind: 'type' }> {
    const choices = [this.#controlled()]
    while (this.#next('/')) choices.push(this.#controlled())
    const only = choices.length === 1 ? choices[0] : undefined
    return {
      kind: 'type',
      match: (value) => choices.some((choice) => choice.match(value)),
      entries: only?.entries ?? null,
    }
  }

  #controlled(): { match: Match; entries: readonly Entry[] | null } {
    const first = this.#plain()
    if (this.#next('..')) {
      const [low, high] = [first.literal, this.#plain().literal]
      return { entries: null, match: (value) => isWithin(value, Number(low), Number(high)) }
    }
    if (this.#next('.size')) {
      const size = this.#plain()
      return { entries: null, match: (value) => first.match(value) && size.match(sizeOf(value)) }
    }
    if (this.#next('.regexp')) {
      const pattern = new RegExp(`^(?:${String(this.#plain().literal)})$`)
      return { entries: null, match: (value) => first.match(value) && pattern.test(String(value)) }
    }
    if (this.#next('.cbor')) {
      const inner = this.#plain()
      const match = (value: unknown): boolean => {
        const decoded = value instanceof Uint8Array ? decodeCbor(value) : null
        return decoded?.ok === true && inner.match(decoded.value)
      }
      return { entries: null, match }
    }
    return first
  }

  #plain(): { match: Match; entries: readonly Entry[] | null; literal: string | number | null } {
    const token = this.#take()
    if (token === '{') {
      const entries = this.#entries('}')
      return { entries, literal: null, match: (value) => this.#matchesMap(entries, value) }
    }
    if (token === '[') {
      const entries = this.#entries(']')
      return { entries, literal: null, match: (value) => this.#matchesList(entries, value) }
    }
    if (token === '(') {
      const { match } = this.#type()
      this.#expect(')')
      return { entries: null, literal: null, match }
    }
    const literal = literalOf(token)
    if (literal !== null) return { entries: null, literal, match: (value) => value === literal }
    const known = prelude[token]
    const match: Match = known ?? ((value) => this.matches(token, value))
    return { entries: null, literal: null, match }
  }

  #entries(end: string): readonly Entry[] {
    const entries: Entry[] = []
    while (!this.#next(end)) {
      entries.push(this.#entry())
      if (!this.#next(',')) {
        this.#expect(end)
        break
      }
    }
    return entries
  }

  #entry(): Entry {
    const { least, most } = this.#occurrence()
    const name = this.#tokens[this.#at] ?? ''
    if (this.#tokens[this.#at + 1] === ':') {
      this.#at += 2
      const { match } = this.#type()
      const key = { match: (found: unknown) => found === name }
      return { least, most, match, label: name, key, isCut: true, group: null }
    }
    const isLiteral = this.#tokens[this.#at + 1] === '=>' && literalOf(name) !== null
    const { match, entries } = this.#type()
    if (this.#next('=>')) {
      const key = { match }
      const label = isLiteral ? name : null
      return { least, most, key, isCut: false, label, match: this.#type().match, group: null }
    }
    const group = entries === null && /^[a-z]/i.test(name) ? name : null
    return { least, most, match, label: null, key: null, isCut: false, group }
  }

  /** `?`, `*`, `1*64`, `*256`; once without it. */
  #occurrence(): { least: number; most: number } {
    if (this.#next('?')) return { least: 0, most: 1 }
    const isCounted = this.#tokens[this.#at + 1] === '*'
    if (!isCounted && this.#tokens[this.#at] !== '*') return { least: 1, most: 1 }
    const least = isCounted ? Number(this.#take()) : 0
    this.#expect('*')
    const [bound = '', after = ''] = this.#tokens.slice(this.#at, this.#at + 2)
    const isBounded = /^\d+$/.test(bound) && !['..', '=>', ':'].includes(after)
    return { least, most: isBounded ? Number(this.#take()) : Infinity }
  }

  #flat(entries: readonly Entry[]): readonly Entry[] {
    return entries.flatMap((entry) => {
      const group = entry.group === null ? undefined : this.#rules.get(entry.group)
      return group?.kind === 'group' ? this.#flat(group.entries) : [entry]
    })
  }

  #matchesMap(entries: readonly Entry[], value: unknown): boolean {
    if (!(value instanceof Map)) return false
    const left = new Map(value)
    for (const { key, isCut, match, least, most } of this.#flat(entries)) {
      let count = 0
      for (const [name, item] of left) {
        if (count >= most || !key?.match(name)) continue
        if (!match(item)) {
          // A key with a colon is cut (section 3.5.4): no later rule may take it instead.
          if (isCut) return false
          continue
        }
        left.delete(name)
        count++
      }
      if (count < least) return false
    }
    return left.size === 0
  }

  #matchesList(entries: readonly Entry[], value: unknown): boolean {
    if (!Array.isArray(value)) return false
    let at = 0
    for (const { match, least, most } of entries) {
      let count = 0
      while (count < most && at < value.length && match(value[at])) {
        at++
        count++
      }
      if (count < least) return false
    }
    return at === value.length
  }
}

function literalOf(token: string): string | number | null {
  if (/^-?\d+$/.test(token)) return Number(token)
  return token.startsWith('"') ? token.slice(1, -1) : null
}

function isWithin(value: unknown, low: number, high: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high
}

function sizeOf(value: unknown): number {
  return typeof value === 'string' ? utf8Length(value) : (value as Uint8Array).length
}
