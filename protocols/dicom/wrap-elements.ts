/**
 * Elements of an object that is made in the van: explicit little-endian, texts in ASCII where that
 * is enough and else in UTF-8, which the object then says. Source: PS3.5 sections 6.2 and 7, PS3.3
 * section C.12.1.1.2.
 */
import { joinBytes, viewOf } from '../bytes/bytes.ts'
import { utf8Bytes } from '../bytes/utf8.ts'
import { longForms } from './part10.ts'

export type NumberRepresentation = 'US' | 'UL' | 'IS' | 'AT'

export interface WrapElement {
  readonly tag: number
  readonly representation: string
  readonly value: Uint8Array
  readonly isAscii: boolean
}

/** Characters that a value holds (PS3.5 table 6.2-1); of a name, each of its three groups. */
const charactersMax: Readonly<{ [representation: string]: number }> = {
  CS: 64,
  DS: 16,
  LO: 64,
  LT: 10_240,
  PN: 64,
  SH: 16,
  ST: 1_024,
}

/** In these a backslash is a letter, and lines may break. */
const isLong: ReadonlySet<string> = new Set(['LT', 'ST'])
/** In these it stands between several values. */
const isMultiple: ReadonlySet<string> = new Set(['CS', 'DS', 'UI'])

/**
 * What the representation cannot hold is left away: control characters, and a backslash where it
 * would make two values of one.
 */
export function text(tag: number, representation: string, value: string): WrapElement {
  const mended = isLong.has(representation)
    ? value.replace(/[^\P{Cc}\n\r]/gu, ' ')
    : value.replace(isMultiple.has(representation) ? /\p{Cc}/gu : /[\\\p{Cc}]/gu, ' ').trim()
  const most = charactersMax[representation]
  const bytes = utf8Bytes(most === undefined ? mended : Array.from(mended).slice(0, most).join(''))
  const padding = representation === 'UI' ? 0 : 0x20
  const even = bytes.length % 2 === 0 ? bytes : joinBytes(bytes, [padding])
  return { tag, representation, value: even, isAscii: bytes.every((byte) => byte < 0x80) }
}

export function number(
  tag: number,
  representation: NumberRepresentation,
  value: number,
): WrapElement {
  if (representation === 'IS') return text(tag, 'IS', String(value))
  const bytes = new Uint8Array(representation === 'US' ? 2 : 4)
  const view = viewOf(bytes)
  if (representation === 'US') view.setUint16(0, value, true)
  else if (representation === 'UL') view.setUint32(0, value, true)
  else {
    view.setUint16(0, value >>> 16, true)
    view.setUint16(2, value & 0xffff, true)
  }
  return { tag, representation, value: bytes, isAscii: true }
}

/** Each item holds its elements. Without items it says that there is nothing to say. */
export function sequence(tag: number, ...items: readonly (readonly WrapElement[])[]): WrapElement {
  const encoded = items.map((elements) => {
    const body = encodeSorted(elements)
    const head = new Uint8Array(8)
    viewOf(head).setUint32(0, 0xe000_fffe, true)
    viewOf(head).setUint32(4, body.length, true)
    return joinBytes(head, body)
  })
  const isAscii = items.flat().every((element) => element.isAscii)
  return { tag, representation: 'SQ', value: joinBytes(...encoded), isAscii }
}

/** `isWhole`: the beginning of a data set, which says its character set when it needs one. */
export function dataSetOf(elements: readonly WrapElement[], isWhole: boolean): Uint8Array {
  const isAscii = elements.every((element) => element.isAscii)
  const set = isWhole && !isAscii ? [text(0x0008_0005, 'CS', 'ISO_IR 192')] : []
  return encodeSorted([...set, ...elements])
}

function encodeSorted(elements: readonly WrapElement[]): Uint8Array {
  const sorted = elements.toSorted((one, other) => one.tag - other.tag)
  return joinBytes(...sorted.map((element) => encoded(element)))
}

function encoded({ tag, representation, value }: WrapElement): Uint8Array {
  const long = longForms.has(representation)
  const bytes = new Uint8Array((long ? 12 : 8) + value.length)
  const view = viewOf(bytes)
  view.setUint16(0, tag >>> 16, true)
  view.setUint16(2, tag & 0xffff, true)
  bytes[4] = representation.charCodeAt(0)
  bytes[5] = representation.charCodeAt(1)
  if (long) view.setUint32(8, value.length, true)
  else view.setUint16(6, value.length, true)
  bytes.set(value, long ? 12 : 8)
  return bytes
}
