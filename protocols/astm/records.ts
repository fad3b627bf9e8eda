/**
 * Records of ASTM E1394 / CLSI LIS02-A2: what the frames of a transmission say together.
 *
 *   H|\^&|...  CR    header: the four characters behind H separate fields, repeats and components,
 *   P|1|...    CR    and begin an escape. They are read from each message: GeneXpert sends H|@^\|
 *   O|1|...    CR
 *   R|1|...    CR
 *   L|1|N      CR
 *
 *   &F& field   &S& component   &R& repeat   &E& escape   &X0D& byte
 *
 * Source: CLSI LIS02-A2 section 6; transmissions of analysers.
 */
import type { Decoded } from '../packet/decoded.ts'
import { decoded, undecoded } from '../packet/decoded.ts'

export interface Delimiters {
  readonly field: string
  readonly repeat: string
  readonly component: string
  readonly escape: string
}

export const usualDelimiters: Delimiters = { field: '|', repeat: '\\', component: '^', escape: '&' }

/** A record: fields as they came, still escaped. The standard counts them from 1, the letter. */
export interface AstmRecord {
  readonly kind: string
  readonly fields: readonly string[]
}

export interface AstmMessage {
  readonly delimiters: Delimiters
  /** The header first. */
  readonly records: readonly AstmRecord[]
}

/** More than the curves of the largest GeneXpert assay. */
export const recordsMax = 4_096
/** Yumizen sends a field of 20,000 characters, a histogram. */
const fieldsMax = 256

export function parseAstm(text: string): Decoded<AstmMessage> {
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '')
  if (lines.length > recordsMax) return undecoded(`more than ${recordsMax} records`)
  const [header = ''] = lines
  const delimiters = delimitersOf(header)
  if (delimiters === null) return undecoded('no header with delimiters')
  const records = lines.map((line) => ({
    kind: line.slice(0, 1).toUpperCase(),
    fields: line.split(delimiters.field, fieldsMax),
  }))
  return decoded({ delimiters, records })
}

/** `H|\^&|`. Sysmex XN doubles the repeat character, as if it escaped it. */
function delimitersOf(header: string): Delimiters | null {
  if (!/^[Hh]/.test(header)) return null
  const field = header.charAt(1)
  const [, others = ''] = header.split(field, 2)
  const distinct = [...new Set(others)]
  const [repeat, component, escape] = distinct
  if (field === '' || repeat === undefined || component === undefined) return null
  // Without an escape nothing can be escaped, and no character stands for one.
  const found = { field, repeat, component, escape: escape ?? '' }
  return [...distinct, field].some((one) => /[A-Za-z0-9\s]/.test(one)) ? null : found
}

/** The field that the standard gives this number, unescaped and without the blanks around it. */
export function fieldOf(message: AstmMessage, record: AstmRecord, number: number): string {
  return plainText(record.fields[number - 1] ?? '', message.delimiters)
}

/** Components of the first repeat of a field, each unescaped and without the blanks around it. */
export function componentsOf(
  { delimiters }: AstmMessage,
  record: AstmRecord,
  number: number,
): readonly string[] {
  const [first = ''] = (record.fields[number - 1] ?? '').split(delimiters.repeat, 1)
  return first.split(delimiters.component).map((one) => plainText(one, delimiters))
}

function plainText(text: string, delimiters: Delimiters): string {
  return unescape(text, delimiters).trim()
}

export function unescape(text: string, { escape, ...others }: Delimiters): string {
  if (escape === '') return text
  const plain: Readonly<{ [letter: string]: string }> = {
    F: others.field,
    S: others.component,
    R: others.repeat,
    E: escape,
  }
  const [head = '', ...parts] = text.split(escape)
  let whole = head
  // Between two escape characters stands a sequence; what is none stays as it is.
  for (let at = 0; at < parts.length; at++) {
    const sequence = parts[at] ?? ''
    const known = at + 1 < parts.length ? (plain[sequence] ?? hexText(sequence)) : null
    if (known === null) whole += escape + sequence
    else whole += known + (parts[++at] ?? '')
  }
  return whole
}

function hexText(sequence: string): string | null {
  const digits = /^X((?:[0-9A-Fa-f]{2})+)$/.exec(sequence)?.[1]
  if (digits === undefined) return null
  return digits.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)))
}

export function escape(text: string, delimiters: Delimiters): string {
  const letters = new Map([
    [delimiters.escape, 'E'],
    [delimiters.field, 'F'],
    [delimiters.component, 'S'],
    [delimiters.repeat, 'R'],
  ])
  const mark = delimiters.escape
  return Array.from(text)
    .map((one) => {
      const letter = letters.get(one)
      if (letter !== undefined) return mark + letter + mark
      const code = one.charCodeAt(0)
      return code < 0x20
        ? `${mark}X${code.toString(16).toUpperCase().padStart(2, '0')}${mark}`
        : one
    })
    .join('')
}

/** Records, each ended by CR, ready for `framesOf`. Fields are escaped already. */
export function encodeAstmRecords({ delimiters, records }: AstmMessage): readonly string[] {
  return records.map(({ fields }) => `${fields.join(delimiters.field)}\r`)
}

/** The first two fields of a header, which say what separates the rest. */
export function headerBeginning({ repeat, component, escape }: Delimiters): readonly string[] {
  return ['H', `${repeat}${component}${escape}`]
}
