/**
 * Small data sets that speak of images: keys of a query, references of a commitment.
 * Source: PS3.5 section 7. Elements are given in the order of their tags.
 *
 *   implicit:        | group (2) | element (2) | length (4) | value |
 *   explicit, short: | group (2) | element (2) | VR (2) | length (2) | value |
 *   explicit, SQ:    | group (2) | element (2) | SQ | 0 0 | length (4) | items |
 *   item:            | FFFE E000 | length (4) | elements |
 */
import { longForms } from './part10.ts'
import { bytesOf, concat, evenBytesOf, viewOf } from './text.ts'
import { explicitLittle, implicitLittle } from './uids.ts'

export type IdentifierElement =
  | readonly [tag: number, representation: string, text: string]
  | readonly [tag: number, representation: 'SQ', items: readonly (readonly IdentifierElement[])[]]

/** The syntaxes in which `encodeIdentifier` writes: one of them every peer must accept. */
export const identifierSyntaxes: readonly string[] = [explicitLittle, implicitLittle]

export function encodeIdentifier(
  elements: readonly IdentifierElement[],
  transferSyntaxUid: string,
): Uint8Array {
  const explicit = transferSyntaxUid !== implicitLittle
  return concat(elements.map((element) => encodeElement(element, explicit)))
}

function encodeElement(
  [tag, representation, value]: IdentifierElement,
  explicit: boolean,
): Uint8Array {
  const body =
    typeof value === 'string'
      ? evenBytesOf(value, representation === 'UI' ? '\0' : ' ')
      : concat(value.map((item) => encodeItem(item, explicit)))
  const long = explicit && longForms.has(representation)
  const head = new Uint8Array(long ? 12 : 8)
  const view = viewOf(head)
  view.setUint16(0, tag >>> 16, true)
  view.setUint16(2, tag & 0xffff, true)
  if (explicit) head.set(bytesOf(representation), 4)
  if (!explicit) view.setUint32(4, body.length, true)
  else if (long) view.setUint32(8, body.length, true)
  else view.setUint16(6, body.length, true)
  return concat([head, body])
}

function encodeItem(elements: readonly IdentifierElement[], explicit: boolean): Uint8Array {
  const body = concat(elements.map((element) => encodeElement(element, explicit)))
  const head = new Uint8Array(8)
  const view = viewOf(head)
  view.setUint16(0, 0xfffe, true)
  view.setUint16(2, 0xe000, true)
  view.setUint32(4, body.length, true)
  return concat([head, body])
}
