/**
 * Elements of a data set, written in explicit little-endian with texts in UTF-8.
 * Source: PS3.5 section 7; data-set.ts in the folder dicom shows the bytes.
 */
import { joinBytes, viewOf } from '../bytes/bytes.ts'
import { utf8Bytes } from '../bytes/utf8.ts'
import { longForms } from '../dicom/part10.ts'

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
