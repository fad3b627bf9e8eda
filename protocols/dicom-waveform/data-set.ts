/**
 * A DICOM data set, read whole and written. Source: PS3.5 section 7.
 *
 *   explicit | group u16 | element u16 | VR, 2 letters | length u16 | value |
 *            | group u16 | element u16 | VR, 2 letters | 00 00 | length u32 | value |  (long forms)
 *   implicit | group u16 | element u16 | length u32 | value |
 *
 * A sequence holds items (fffe,e000); length ffffffff ends it, or an item, with a delimiter.
 */
import { joinBytes, latin1Text, viewOf } from '../bytes/bytes.ts'
import { utf8Bytes, utf8Text } from '../bytes/utf8.ts'
import { longForms } from '../dicom/part10.ts'
import { trimPadding } from '../dicom/text.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'

const undefinedLength = 0xffff_ffff
const itemTag = 0xfffe_e000
const itemEndTag = 0xfffe_e00d
const sequenceEndTag = 0xfffe_e0dd
const depthMax = 16
const elementsMax = 100_000

export interface Encoding {
  readonly explicit: boolean
  readonly little: boolean
}

export interface Element {
  readonly bytes: Uint8Array
  /** Of a sequence; null for anything else. */
  readonly items: readonly DataSet[] | null
}

export interface DataSet {
  readonly elements: ReadonlyMap<number, Element>
  readonly little: boolean
}

/** Sequences that are read also where the bytes do not say that they are sequences. */
export type Sequences = ReadonlySet<number>

export function decodeDataSet(
  bytes: Uint8Array,
  encoding: Encoding,
  sequences: Sequences,
): Decoded<DataSet> {
  try {
    return decoded(new Reader(bytes, sequences).dataSet(bytes.length, encoding, 0))
  } catch (error) {
    if (error instanceof Refused) return undecoded(error.message)
    throw error
  }
}

/** Never leaves this file. */
class Refused extends Error {}

interface Head {
  readonly tag: number
  readonly representation: string | null
  readonly length: number
}

class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #sequences: Sequences
  #at = 0
  #elements = 0

  constructor(bytes: Uint8Array, sequences: Sequences) {
    this.#bytes = bytes
    this.#view = viewOf(bytes)
    this.#sequences = sequences
  }

  /** `end` null: until an item delimiter. */
  dataSet(end: number | null, encoding: Encoding, depth: number): DataSet {
    const elements = new Map<number, Element>()
    const limit = end ?? this.#bytes.length
    while (this.#at < limit) {
      const head = this.#head(encoding, limit)
      if (head.tag === itemEndTag) break
      if (++this.#elements > elementsMax) throw new Refused(`more than ${elementsMax} elements`)
      elements.set(head.tag, this.#element(head, limit, encoding, depth))
    }
    return { elements, little: encoding.little }
  }

  #head({ explicit, little }: Encoding, limit: number): Head {
    this.#need(8, limit)
    const tag = this.#tag(little)
    const isDelimiter = tag >= itemTag
    if (!explicit || isDelimiter) {
      const length = this.#view.getUint32(this.#at + 4, little)
      this.#at += 8
      return { tag, representation: null, length }
    }
    const representation = latin1Text(this.#bytes.subarray(this.#at + 4, this.#at + 6))
    if (!/^[A-Z]{2}$/.test(representation)) throw new Refused('an element without representation')
    const isLong = longForms.has(representation)
    if (isLong) this.#need(12, limit)
    const length = isLong
      ? this.#view.getUint32(this.#at + 8, little)
      : this.#view.getUint16(this.#at + 6, little)
    this.#at += isLong ? 12 : 8
    return { tag, representation, length }
  }

  #tag(little: boolean): number {
    const group = this.#view.getUint16(this.#at, little)
    return group * 0x1_0000 + this.#view.getUint16(this.#at + 2, little)
  }

  #need(bytes: number, limit: number): void {
    if (this.#at + bytes > limit) throw new Refused('an element is cut short')
  }

  #element(head: Head, limit: number, encoding: Encoding, depth: number): Element {
    const { tag, representation, length } = head
    const isUndefined = length === undefinedLength
    if (!isUndefined) this.#need(length, limit)
    const isSequence = isUndefined || representation === 'SQ' || this.#sequences.has(tag)
    if (!isSequence) {
      const from = this.#at
      this.#at += length
      return { bytes: this.#bytes.subarray(from, this.#at), items: null }
    }
    // An unknown sequence is implicit inside, whatever is around it (PS3.5 section 6.2.2).
    const within = representation === 'UN' ? { explicit: false, little: true } : encoding
    const end = isUndefined ? null : this.#at + length
    return { bytes: this.#bytes.subarray(0, 0), items: this.#items(end, limit, within, depth + 1) }
  }

  #items(
    end: number | null,
    around: number,
    encoding: Encoding,
    depth: number,
  ): readonly DataSet[] {
    if (depth > depthMax) throw new Refused('sequences too deep')
    const items: DataSet[] = []
    const limit = end ?? around
    while (this.#at < limit) {
      const { tag, length } = this.#head(encoding, limit)
      if (tag === sequenceEndTag) break
      if (tag !== itemTag) throw new Refused('a sequence that holds no items')
      if (++this.#elements > elementsMax) throw new Refused(`more than ${elementsMax} elements`)
      const isUndefined = length === undefinedLength
      if (!isUndefined) this.#need(length, limit)
      items.push(this.dataSet(isUndefined ? null : this.#at + length, encoding, depth))
    }
    return items
  }
}

/** null when it is not there or empty. Padding is no part of it. */
export function textIn(dataSet: DataSet, tag: number): string | null {
  const bytes = dataSet.elements.get(tag)?.bytes
  if (bytes === undefined) return null
  const asUtf8 = utf8Text(bytes)
  const text = trimPadding(asUtf8.isSound ? asUtf8.text : latin1Text(bytes))
  return text === '' ? null : text
}

/** A decimal string (DS, IS); the first when there are several. null when it is none. */
export function decimalIn(dataSet: DataSet, tag: number): number | null {
  const text = textIn(dataSet, tag)?.split('\\')[0]?.trim() ?? ''
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : null
}

/** US or UL, by its length; null when it is neither. */
export function numberIn({ elements, little }: DataSet, tag: number): number | null {
  const bytes = elements.get(tag)?.bytes
  if (bytes === undefined) return null
  if (bytes.length === 2) return viewOf(bytes).getUint16(0, little)
  return bytes.length === 4 ? viewOf(bytes).getUint32(0, little) : null
}

/** Empty when it is not there. */
export function itemsIn(dataSet: DataSet, tag: number): readonly DataSet[] {
  return dataSet.elements.get(tag)?.items ?? []
}

/** One element in explicit little-endian, of even length. */
export function element(tag: number, representation: string, value: Uint8Array): Uint8Array {
  const isLong = longForms.has(representation)
  const even = value.length + (value.length % 2)
  const bytes = new Uint8Array((isLong ? 12 : 8) + even)
  const view = viewOf(bytes)
  view.setUint16(0, Math.floor(tag / 0x1_0000), true)
  view.setUint16(2, tag % 0x1_0000, true)
  bytes[4] = representation.charCodeAt(0)
  bytes[5] = representation.charCodeAt(1)
  if (isLong) view.setUint32(8, even, true)
  else view.setUint16(6, even, true)
  bytes.set(value, isLong ? 12 : 8)
  return bytes
}

/** Text is padded with a space, a UID with NUL. */
export function textElement(tag: number, representation: string, text: string): Uint8Array {
  const bytes = utf8Bytes(text)
  if (bytes.length % 2 === 0) return element(tag, representation, bytes)
  const padding = representation === 'UI' ? 0 : 0x20
  return element(tag, representation, Uint8Array.of(...bytes, padding))
}

export function shortElement(tag: number, ...numbers: readonly number[]): Uint8Array {
  const value = new Uint8Array(2 * numbers.length)
  for (const [at, number] of numbers.entries()) viewOf(value).setUint16(2 * at, number, true)
  return element(tag, 'US', value)
}

export function longElement(tag: number, number: number): Uint8Array {
  const value = new Uint8Array(4)
  viewOf(value).setUint32(0, number, true)
  return element(tag, 'UL', value)
}

/** Each item is the elements of it, in the order of their tags. */
export function sequenceElement(tag: number, ...items: readonly Uint8Array[]): Uint8Array {
  return element(tag, 'SQ', joinBytes(...items.map((item) => itemOf(item))))
}

function itemOf(elements: Uint8Array): Uint8Array {
  const head = new Uint8Array(8)
  const view = viewOf(head)
  view.setUint16(0, 0xfffe, true)
  view.setUint16(2, 0xe000, true)
  view.setUint32(4, elements.length, true)
  return joinBytes(head, elements)
}
