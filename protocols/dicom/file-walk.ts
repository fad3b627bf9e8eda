/**
 * Walks over the elements of a DICOM file without holding it, and says exactly where each begins
 * and ends. Source: PS3.5 section 7, PS3.10 section 7.1.
 *
 *   | preamble, DICM, group 0002 | element | element | ...                     | end of the file
 *   explicit: | tag (4) | VR (2) | length (2), or 00 00 and length (4) | value |
 *   implicit: | tag (4) | length (4)                                   | value |
 *
 * It is for whoever changes a file: it guesses nothing. Elements follow each other in the order of
 * their tags, every length ends where something else begins, and the last where the file does;
 * anything else is a reason to leave the file alone.
 */
import type { ReadBytes } from '../packed-image/packed-image.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { encodingOf, type Encoding } from './data-set.ts'
import { decodeFileHead, longForms } from './part10.ts'
import { textOf, viewOf } from './text.ts'
import { transferSyntaxes } from './uids.ts'

/** Positions in the file. */
export interface WalkedElement {
  readonly tag: number
  /** null: implicit. */
  readonly representation: string | null
  readonly at: number
  readonly valueAt: number
  /** Behind its value, and behind its delimiter. */
  readonly end: number
  /** Its end is a delimiter. */
  readonly isDelimited: boolean
}

export interface WalkedFile {
  readonly encoding: Encoding
  readonly dataSetOffset: number
}

const fileHeadLimitBytes = 65_536
const windowBytes = 65_536
/** Those inside of sequences without length count, and so do fragments of pixels. */
const elementsMax = 2_000_000
const depthMax = 32
const undefinedLength = 0xffff_ffff
const itemTag = 0xfffe_e000
const itemEndTag = 0xfffe_e00d
const sequenceEndTag = 0xfffe_e0dd
const pixelDataTag = 0x7fe0_0010

const shortForms = 'AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US'.split(' ')
const representations: ReadonlySet<string> = new Set([...shortForms, ...longForms])
const ofUnknown: Encoding = { explicit: false, little: true }

/** Why a file is left alone. Thrown and caught in this file only. */
class Refused extends Error {}

/**
 * Calls `visit` with each element of the data set itself, in order; those inside of sequences are
 * only walked over.
 */
export function walkFile(
  read: ReadBytes,
  sizeBytes: number,
  visit: (element: WalkedElement) => void,
): Decoded<WalkedFile> {
  const head = decodeFileHead(read(0, Math.min(sizeBytes, fileHeadLimitBytes)))
  if (!head.ok) return head
  const { transferSyntaxUid, dataSetOffset } = head.value
  const syntax = transferSyntaxes.get(transferSyntaxUid)
  if (syntax === undefined) return undecoded('the transfer syntax is not known')
  if (/Deflate(?!dImageFrame)/.test(syntax.name)) return undecoded('the data set is deflated')
  const encoding = encodingOf(transferSyntaxUid)
  try {
    new Walk(read, sizeBytes).dataSet(dataSetOffset, encoding, visit)
    return decoded({ encoding, dataSetOffset })
  } catch (error) {
    if (error instanceof Refused) return undecoded(error.message)
    throw error
  }
}

interface Head {
  readonly tag: number
  readonly representation: string | null
  readonly length: number
  readonly valueAt: number
}

class Walk {
  readonly #read: ReadBytes
  readonly #sizeBytes: number
  #window: Uint8Array = new Uint8Array()
  #windowAt = 0
  #elements = 0

  constructor(read: ReadBytes, sizeBytes: number) {
    this.#read = read
    this.#sizeBytes = sizeBytes
  }

  dataSet(from: number, encoding: Encoding, visit: (element: WalkedElement) => void): void {
    let before = 0x0002_ffff
    for (let at = from; at < this.#sizeBytes;) {
      const head = this.#head(at, encoding)
      const { tag, representation, valueAt } = head
      if (tag <= before) throw new Refused(orderReason(tag))
      if (tag >>> 16 === 0xfffe) throw new Refused('a delimiter outside of a sequence')
      const end = this.#end(head, encoding, this.#sizeBytes, 0)
      visit({ tag, representation, at, valueAt, end, isDelimited: head.length === undefinedLength })
      before = tag
      at = end
    }
  }

  #head(at: number, { explicit, little }: Encoding): Head {
    if (++this.#elements > elementsMax) throw new Refused('too many elements')
    const bytes = this.#bytes(at, 8)
    const view = viewOf(bytes)
    const tag = view.getUint16(0, little) * 0x1_0000 + view.getUint16(2, little)
    const length = view.getUint32(4, little)
    if (!explicit || tag >>> 16 === 0xfffe) {
      return { tag, representation: null, length, valueAt: at + 8 }
    }
    const representation = textOf(bytes, 4, 6)
    if (!representations.has(representation)) throw new Refused('no value representation')
    if (!longForms.has(representation)) {
      return { tag, representation, length: view.getUint16(6, little), valueAt: at + 8 }
    }
    const long = viewOf(this.#bytes(at + 8, 4)).getUint32(0, little)
    return { tag, representation, length: long, valueAt: at + 12 }
  }

  /** Behind the element, which must not reach beyond `limit`. */
  #end(head: Head, encoding: Encoding, limit: number, depth: number): number {
    const { tag, representation, length, valueAt } = head
    if (length !== undefinedLength) {
      if (valueAt + length > limit) throw new Refused('an element is longer than what holds it')
      return valueAt + length
    }
    if (depth >= depthMax) throw new Refused('sequences too deep')
    if (representation === 'UN') return this.#items(valueAt, ofUnknown, limit, depth)
    if (representation === 'SQ' || representation === null) {
      return this.#items(valueAt, encoding, limit, depth)
    }
    const isPixels = tag === pixelDataTag && (representation === 'OB' || representation === 'OW')
    if (!isPixels) throw new Refused('an element without length that is no sequence')
    return this.#items(valueAt, encoding, limit, null)
  }

  /** `depth` null: of fragments, which are items of bytes. */
  #items(from: number, encoding: Encoding, limit: number, depth: number | null): number {
    for (let at = from; ;) {
      const { tag, length, valueAt } = this.#head(at, encoding)
      if (tag === sequenceEndTag) {
        if (length !== 0 || valueAt > limit) throw new Refused('a delimiter that is none')
        return valueAt
      }
      if (tag !== itemTag) throw new Refused('no item in a sequence')
      if (length !== undefinedLength) {
        at = valueAt + length
      } else {
        if (depth === null) throw new Refused('a fragment without length')
        at = this.#itemEnd(valueAt, encoding, limit, depth + 1)
      }
      if (at > limit) throw new Refused('an item is longer than what holds it')
    }
  }

  #itemEnd(from: number, encoding: Encoding, limit: number, depth: number): number {
    for (let at = from; ;) {
      const head = this.#head(at, encoding)
      if (head.tag === itemEndTag) {
        if (head.length !== 0) throw new Refused('a delimiter that is none')
        return head.valueAt
      }
      if (head.tag >>> 16 === 0xfffe) throw new Refused('a delimiter outside of a sequence')
      at = this.#end(head, encoding, limit, depth)
    }
  }

  #bytes(at: number, length: number): Uint8Array {
    const from = at - this.#windowAt
    if (from >= 0 && from + length <= this.#window.length) {
      return this.#window.subarray(from, from + length)
    }
    if (at + length > this.#sizeBytes) throw new Refused('the file ends inside an element')
    this.#window = this.#read(at, Math.min(windowBytes, this.#sizeBytes - at))
    this.#windowAt = at
    if (this.#window.length < length) throw new Refused('the file is shorter than it was')
    return this.#window.subarray(0, length)
  }
}

function orderReason(tag: number): string {
  return tag >>> 16 <= 0x0002
    ? 'file meta information in the data set'
    : 'the elements are not in the order of their tags'
}
