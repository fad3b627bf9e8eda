/**
 * Steps from element to element where a data set lies in memory, perhaps damaged. It holds nothing
 * and keeps positions: a directory of a medium links its records by them. Source: PS3.5 section 7.
 *
 *   | tag (4) | VR (2) | length (2) or 00 00 and length (4) | value |      explicit
 *   | tag (4) | length (4) | value |                                       implicit
 *   | FFFE E000 item, FFFE E00D its end, FFFE E0DD end of the sequence | length (4) |
 */
import type { Encoding } from './data-set.ts'
import { longForms } from './part10.ts'
import { textOf, viewOf } from './text.ts'

export const undefinedLength = 0xffff_ffff
export const itemTag = 0xfffe_e000
export const itemEndTag = 0xfffe_e00d
export const sequenceEndTag = 0xfffe_e0dd

const depthMax = 16

export interface ElementHead {
  readonly tag: number
  /** Two letters; null where the bytes do not say it. */
  readonly representation: string | null
  /** May be `undefinedLength`, and more than there is. */
  readonly length: number
  readonly valueAt: number
}

/** null when there is no whole head of an element, or none that makes sense. */
export function headAt(bytes: Uint8Array, at: number, encoding: Encoding): ElementHead | null {
  const { explicit, little } = encoding
  if (at < 0 || at + 8 > bytes.length) return null
  const view = viewOf(bytes)
  const tag = view.getUint16(at, little) * 0x1_0000 + view.getUint16(at + 2, little)
  const length = view.getUint32(at + 4, little)
  const isDelimiter = tag >= itemTag
  if (!explicit || isDelimiter) return { tag, representation: null, length, valueAt: at + 8 }
  const representation = textOf(bytes, at + 4, at + 6)
  if (!/^[A-Z]{2}$/.test(representation)) return null
  if (!longForms.has(representation)) {
    return { tag, representation, length: view.getUint16(at + 6, little), valueAt: at + 8 }
  }
  if (at + 12 > bytes.length) return null
  return { tag, representation, length: view.getUint32(at + 8, little), valueAt: at + 12 }
}

/** Where the element is over; null when its end is not in the bytes. */
export function endOf(
  bytes: Uint8Array,
  head: ElementHead,
  encoding: Encoding,
  depth = 0,
): number | null {
  if (head.length !== undefinedLength) {
    const end = head.valueAt + head.length
    return end <= bytes.length ? end : null
  }
  if (depth >= depthMax) return null
  // An unknown sequence is implicit inside, whatever is around it (PS3.5 section 6.2.2).
  const within = head.representation === 'UN' ? { explicit: false, little: true } : encoding
  let at = head.valueAt
  for (;;) {
    const item = headAt(bytes, at, within)
    if (item === null) return null
    if (item.tag === sequenceEndTag) return item.valueAt
    if (item.tag !== itemTag) return null
    const end = itemEnd(bytes, item, within, depth + 1)
    if (end === null) return null
    at = end
  }
}

function itemEnd(
  bytes: Uint8Array,
  item: ElementHead,
  encoding: Encoding,
  depth: number,
): number | null {
  if (item.length !== undefinedLength) return endOf(bytes, item, encoding, depth)
  let at = item.valueAt
  for (;;) {
    const head = headAt(bytes, at, encoding)
    if (head === null) return null
    if (head.tag === itemEndTag) return head.valueAt
    const end = endOf(bytes, head, encoding, depth)
    if (end === null) return null
    at = end
  }
}

/**
 * How the data set is encoded, told from its first element: a group number is small, and two
 * capital letters are a VR.
 */
export function encodingAt(bytes: Uint8Array, at: number): Encoding {
  const little = !(bytes[at] === 0 && bytes[at + 1] !== 0)
  return { explicit: /^[A-Z]{2}$/.test(textOf(bytes, at + 4, at + 6)), little }
}
