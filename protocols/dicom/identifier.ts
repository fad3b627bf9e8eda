/**
 * Small data sets that speak of images: keys of a query, references of a commitment.
 * Source: PS3.5 section 7. Elements are given in the order of their tags.
 *
 *   implicit:        | group (2) | element (2) | length (4) | value |
 *   explicit, short: | group (2) | element (2) | VR (2) | length (2) | value |
 *   explicit, SQ:    | group (2) | element (2) | SQ | 0 0 | length (4) | items |
 *   item:            | FFFE E000 | length (4) | elements |
 */
import { encodingOf, type Encoding } from './data-set.ts'
import { longForms } from './part10.ts'
import { bytesOf, concat, evenBytesOf, viewOf } from './text.ts'
import { explicitLittle, implicitLittle } from './uids.ts'

export type IdentifierElement =
  /** A text of the default repertoire, or its bytes in another one. */
  | readonly [tag: number, representation: string, text: string | Uint8Array]
  | readonly [tag: number, representation: 'US', number: number]
  | readonly [tag: number, representation: 'SQ', items: readonly (readonly IdentifierElement[])[]]

/** The syntaxes to propose for what `encodeIdentifier` writes: one of them every peer accepts. */
export const identifierSyntaxes: readonly string[] = [explicitLittle, implicitLittle]

export function encodeIdentifier(
  elements: readonly IdentifierElement[],
  transferSyntaxUid: string,
): Uint8Array {
  return encodeElements(elements, encodingOf(transferSyntaxUid))
}

function encodeElements(elements: readonly IdentifierElement[], encoding: Encoding): Uint8Array {
  return concat(elements.map((element) => encodeElement(element, encoding)))
}

function encodeElement(element: IdentifierElement, encoding: Encoding): Uint8Array {
  const [tag, representation] = element
  const { explicit, little } = encoding
  const body = encodeValue(element, encoding)
  const long = explicit && longForms.has(representation)
  const head = new Uint8Array(long ? 12 : 8)
  const view = viewOf(head)
  view.setUint16(0, tag >>> 16, little)
  view.setUint16(2, tag & 0xffff, little)
  if (explicit) head.set(bytesOf(representation), 4)
  if (!explicit) view.setUint32(4, body.length, little)
  else if (long) view.setUint32(8, body.length, little)
  else view.setUint16(6, body.length, little)
  return concat([head, body])
}

function encodeValue([, representation, value]: IdentifierElement, encoding: Encoding): Uint8Array {
  if (typeof value === 'string') return evenBytesOf(value, representation === 'UI' ? '\0' : ' ')
  if (value instanceof Uint8Array) {
    return value.length % 2 === 0 ? value : concat([value, bytesOf(' ')])
  }
  if (typeof value !== 'number') return concat(value.map((item) => encodeItem(item, encoding)))
  const bytes = new Uint8Array(2)
  viewOf(bytes).setUint16(0, value, encoding.little)
  return bytes
}

function encodeItem(elements: readonly IdentifierElement[], encoding: Encoding): Uint8Array {
  const body = encodeElements(elements, encoding)
  const head = new Uint8Array(8)
  const view = viewOf(head)
  view.setUint16(0, 0xfffe, encoding.little)
  view.setUint16(2, 0xe000, encoding.little)
  view.setUint32(4, body.length, encoding.little)
  return concat([head, body])
}
