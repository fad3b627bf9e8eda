/**
 * HL7 version 2 in its usual encoding (ER7): segments, fields, repetitions, components.
 *
 *   MSH|^~\&|sender|...  CR      character 4 separates fields; MSH-2 holds the others: component,
 *   PID|||3643^^^Lab     CR      repetition, escape, sub-component
 *   OBX|1|NM|...         CR
 *
 *   \F\ field  \S\ component  \T\ sub-component  \R\ repetition  \E\ escape
 *   \X0D\ bytes  \.br\ new line  \H\ \N\ emphasis, which is left out
 *
 * Fields are counted as the standard does: MSH-1 is the separator itself. Texts are not unescaped
 * before `plain`, since a separator in a text is escaped for a reason.
 *
 * Source: HL7 version 2.5.1, chapter 2.
 */
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'

export interface Encoding {
  readonly field: string
  readonly component: string
  readonly repetition: string
  readonly escape: string
  readonly subcomponent: string
}

export const usualEncoding: Encoding = {
  field: '|',
  component: '^',
  repetition: '~',
  escape: '\\',
  subcomponent: '&',
}

export interface Segment {
  readonly name: string
  /** The field with the number n is at n; the name is at 0. */
  readonly fields: readonly string[]
}

export interface Hl7Message {
  readonly encoding: Encoding
  /** MSH first. */
  readonly segments: readonly [Segment, ...Segment[]]
}

const segmentsMax = 8_192
const fieldsMax = 512

export function parseEr7(text: string): Decoded<Hl7Message> {
  const lines = text.split(/[\r\n]+/).filter((line) => line !== '')
  if (lines.length > segmentsMax) return undecoded(`more than ${segmentsMax} segments`)
  const [first = '', ...others] = lines
  const encoding = encodingOf(first)
  if (encoding === null) return undecoded('no MSH segment with its separators')
  const [name = '', ...fields] = first.split(encoding.field, fieldsMax)
  const header = { name, fields: [name, encoding.field, ...fields] }
  return decoded({
    encoding,
    segments: [header, ...others.map((line) => segmentOf(line, encoding))],
  })
}

function segmentOf(line: string, encoding: Encoding): Segment {
  const fields = line.split(encoding.field, fieldsMax)
  return { name: fields[0] ?? '', fields }
}

/** `MSH|^~\&|`; a fifth character, `#`, came with 2.7 and is not needed. */
function encodingOf(header: string): Encoding | null {
  const [, field = '', others = ''] = /^MSH(.)(.{2,5}?)(?:\1|$)/.exec(header) ?? []
  const [component, repetition, escape = '', subcomponent = ''] = others
  if (field === '' || component === undefined || repetition === undefined) return null
  const all = [field, component, repetition, escape, subcomponent].filter((one) => one !== '')
  if (new Set(all).size !== all.length || all.some((one) => /[A-Za-z0-9\s]/.test(one))) return null
  return { field, component, repetition, escape, subcomponent }
}

export function encodeEr7({ encoding, segments }: Hl7Message): string {
  return segments
    .map(({ name, fields }) => {
      // The separator between MSH and MSH-2 is MSH-1 itself.
      const written = name === 'MSH' ? [name, ...fields.slice(2)] : fields
      return `${written.join(encoding.field)}\r`
    })
    .join('')
}

/** The MSH-2 that says these separators. */
export function encodingCharacters(encoding: Encoding): string {
  const { component, repetition, escape, subcomponent } = encoding
  return component + repetition + escape + subcomponent
}

/** A field as it stands; empty when it is not there, and for `""`, which HL7 calls null. */
export function rawField(segment: Segment, number: number): string {
  const raw = segment.fields[number] ?? ''
  return raw === '""' ? '' : raw
}

export function repetitionsOf({ encoding }: Hl7Message, raw: string): readonly string[] {
  return raw === '' ? [] : raw.split(encoding.repetition)
}

/** Components of a field's first repetition, unescaped. */
export function componentsOf(
  message: Hl7Message,
  segment: Segment,
  number: number,
): readonly string[] {
  const [first = ''] = repetitionsOf(message, rawField(segment, number))
  return partsOf(message, first)
}

/** Components of one repetition, unescaped. */
export function partsOf({ encoding }: Hl7Message, repetition: string): readonly string[] {
  return repetition.split(encoding.component).map((part) => plain(part, encoding))
}

/** The first component's first sub-component: the identifier in most types of data. */
export function firstPart(message: Hl7Message, segment: Segment, number: number): string {
  const { encoding } = message
  const [first = ''] = repetitionsOf(message, rawField(segment, number))
  const [component = ''] = first.split(encoding.component, 1)
  const { subcomponent } = encoding
  const [part = ''] = subcomponent === '' ? [component] : component.split(subcomponent, 1)
  const text = plain(part, encoding).trim()
  return text === '""' ? '' : text
}

export function plain(text: string, encoding: Encoding): string {
  const { escape } = encoding
  if (escape === '' || !text.includes(escape)) return text
  const [head = '', ...parts] = text.split(escape)
  let whole = head
  for (let at = 0; at < parts.length; at++) {
    const sequence = parts[at] ?? ''
    const known = at + 1 < parts.length ? meaningOf(sequence, encoding) : null
    if (known === null) whole += escape + sequence
    else whole += known + (parts[++at] ?? '')
  }
  return whole
}

/** null for what is no escape sequence: then the characters stand for themselves. */
function meaningOf(sequence: string, encoding: Encoding): string | null {
  switch (sequence) {
    case 'F':
      return encoding.field
    case 'S':
      return encoding.component
    case 'T':
      return encoding.subcomponent
    case 'R':
      return encoding.repetition
    case 'E':
      return encoding.escape
    case 'H':
    case 'N':
      return ''
    case '.br':
      return '\n'
  }
  const digits = /^X((?:[0-9A-Fa-f]{2})+)$/.exec(sequence)?.[1]
  if (digits === undefined) return null
  return digits.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)))
}

/** A text as it stands in a component. */
export function escaped(text: string, encoding: Encoding): string {
  const mark = encoding.escape
  const letters = new Map([
    [encoding.escape, 'E'],
    [encoding.field, 'F'],
    [encoding.component, 'S'],
    [encoding.subcomponent, 'T'],
    [encoding.repetition, 'R'],
  ])
  return Array.from(text)
    .map((one) => {
      const letter = letters.get(one)
      if (letter !== undefined) return mark + letter + mark
      if (one === '\n') return `${mark}.br${mark}`
      const code = one.charCodeAt(0)
      return code < 0x20
        ? `${mark}X${code.toString(16).toUpperCase().padStart(2, '0')}${mark}`
        : one
    })
    .join('')
}
