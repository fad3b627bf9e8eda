/**
 * A DICOM data set that is short enough to be read whole. Source: PS3.5 section 7.
 *
 *   explicit | group u16 | element u16 | VR, 2 letters | length u16 | value |
 *            | group u16 | element u16 | VR, 2 letters | 00 00 | length u32 | value |  (long forms)
 *   implicit | group u16 | element u16 | length u32 | value |
 *
 * A sequence holds items (fffe,e000); length ffffffff ends it, or an item, with a delimiter. What
 * lacks its delimiter ends where that which holds it ends. One that is not needed is passed over,
 * since some writers give a length and a delimiter.
 */
import { latin1Text, viewOf } from '../bytes/bytes.ts'
import { utf8Text } from '../bytes/utf8.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { longForms } from './part10.ts'
import { trimPadding } from './text.ts'
import { explicitBig, implicitLittle } from './uids.ts'

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

/** Of the syntaxes that are native; deflated and compressed ones are never read whole. */
export function encodingOf(transferSyntaxUid: string): Encoding {
  return {
    explicit: transferSyntaxUid !== implicitLittle,
    little: transferSyntaxUid !== explicitBig,
  }
}

export interface Element {
  /** Two letters; null where the bytes do not say it. */
  readonly representation: string | null
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

/** The data set of a message in the transfer syntax of its context. */
export function readDataSet(
  bytes: Uint8Array,
  transferSyntaxUid: string,
  sequences: Sequences,
): Decoded<DataSet> {
  return decodeDataSet(bytes, encodingOf(transferSyntaxUid), sequences)
}

export function decodeDataSet(
  bytes: Uint8Array,
  encoding: Encoding,
  sequences: Sequences,
): Decoded<DataSet> {
  try {
    return decoded(new Reader(bytes, sequences).dataSet(bytes.length, true, encoding, 0))
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

  /** Up to `limit`; when that is not its own end, up to an item delimiter. */
  dataSet(limit: number, isOwnEnd: boolean, encoding: Encoding, depth: number): DataSet {
    const elements = new Map<number, Element>()
    while (this.#at < limit) {
      const head = this.#head(encoding, limit)
      if (head.tag === itemEndTag && !isOwnEnd) break
      if (isEnd(head.tag)) continue
      if (isOfSequences(head.tag)) throw new Refused('an item outside of a sequence')
      if (++this.#elements > elementsMax) throw new Refused(`more than ${elementsMax} elements`)
      elements.set(head.tag, this.#element(head, limit, encoding, depth))
    }
    return { elements, little: encoding.little }
  }

  #head({ explicit, little }: Encoding, limit: number): Head {
    this.#need(8, limit)
    const tag = this.#tag(little)
    if (!explicit || isOfSequences(tag)) {
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
      return { representation, bytes: this.#bytes.subarray(from, this.#at), items: null }
    }
    // An unknown sequence is implicit inside, whatever is around it (PS3.5 section 6.2.2).
    const within = representation === 'UN' ? { explicit: false, little: true } : encoding
    const end = isUndefined ? limit : this.#at + length
    const items = this.#items(end, !isUndefined, within, depth + 1)
    return { representation, bytes: this.#bytes.subarray(0, 0), items }
  }

  #items(limit: number, isOwnEnd: boolean, encoding: Encoding, depth: number): readonly DataSet[] {
    if (depth > depthMax) throw new Refused('sequences too deep')
    const items: DataSet[] = []
    while (this.#at < limit) {
      const { tag, length } = this.#head(encoding, limit)
      if (tag === sequenceEndTag && !isOwnEnd) break
      if (isEnd(tag)) continue
      if (tag !== itemTag) throw new Refused('a sequence that holds no items')
      if (++this.#elements > elementsMax) throw new Refused(`more than ${elementsMax} elements`)
      const isUndefined = length === undefinedLength
      if (!isUndefined) this.#need(length, limit)
      const end = isUndefined ? limit : this.#at + length
      items.push(this.dataSet(end, !isUndefined, encoding, depth))
    }
    return items
  }
}

/** Items and delimiters have no representation in any encoding. */
function isOfSequences(tag: number): boolean {
  return Math.floor(tag / 0x1_0000) === 0xfffe
}

function isEnd(tag: number): boolean {
  return tag === itemEndTag || tag === sequenceEndTag
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
