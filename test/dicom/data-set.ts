/** Data sets for tests, built element by element in any of the three encodings. */
import { longForms } from '../../protocols/dicom/part10.ts'
import { bytesOf, concat } from '../../protocols/dicom/text.ts'

export type Value = string | number | Uint8Array | readonly (readonly Element[])[]
export type Element = readonly [tag: number, representation: string, value: Value]

export interface Encoding {
  readonly explicit: boolean
  readonly little: boolean
  /** Sequences and items end by delimiters instead of having a length. */
  readonly delimited?: boolean
}

export function encodeDataSet(elements: readonly Element[], encoding: Encoding): Uint8Array {
  return concat(elements.map((element) => encodeElement(element, encoding)))
}

export interface Instance {
  readonly sopClassUid: string
  readonly sopInstanceUid: string
  readonly studyInstanceUid?: string | null
  readonly pixelBytes?: number
}

export const ultrasoundImage = '1.2.840.10008.5.1.4.1.1.6.1'

/**
 * A small ultrasound image with a sequence and a private element, its pixels a repeating pattern.
 */
export function instance(what: Instance): readonly Element[] {
  const study = what.studyInstanceUid === undefined ? '1.2.3.4' : what.studyInstanceUid
  const pixels = new Uint8Array(what.pixelBytes ?? 64)
  for (let index = 0; index < pixels.length; index++) pixels[index] = index % 251
  return [
    [0x0008_0005, 'CS', 'ISO_IR 100'],
    [0x0008_0016, 'UI', what.sopClassUid],
    [0x0008_0018, 'UI', what.sopInstanceUid],
    [0x0008_0020, 'DA', '20240502'],
    [0x0008_0060, 'CS', 'US'],
    [0x0008_1140, 'SQ', [[[0x0008_1155, 'UI', '1.2.3.99']], []]],
    [0x0009_0010, 'LO', 'ACME 1.0'],
    [0x0009_1001, 'UN', Uint8Array.of(1, 2, 3, 4)],
    ...(study === null ? [] : ([[0x0020_000d, 'UI', study]] as const)),
    [0x0020_000e, 'UI', '1.2.3.4.5'],
    [0x0028_0010, 'US', 8],
    [0x7fe0_0010, 'OW', pixels],
  ]
}

function encodeElement([tag, representation, value]: Element, encoding: Encoding): Uint8Array {
  const { explicit, little, delimited } = encoding
  const sequence = typeof value === 'object' && !(value instanceof Uint8Array)
  const body = sequence ? encodeItems(value, encoding) : encodeValue(value, representation, little)
  const length = sequence && delimited === true ? 0xffff_ffff : body.length
  const head = new Uint8Array(explicit && longForms.has(representation) ? 12 : 8)
  const view = new DataView(head.buffer)
  view.setUint16(0, tag >>> 16, little)
  view.setUint16(2, tag & 0xffff, little)
  if (explicit) head.set(bytesOf(representation), 4)
  if (!explicit) view.setUint32(4, length, little)
  else if (head.length === 12) view.setUint32(8, length, little)
  else view.setUint16(6, length, little)
  return concat([head, body])
}

function encodeItems(items: readonly (readonly Element[])[], encoding: Encoding): Uint8Array {
  const { little, delimited } = encoding
  const mark = (element: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(8)
    const view = new DataView(bytes.buffer)
    view.setUint16(0, 0xfffe, little)
    view.setUint16(2, element, little)
    view.setUint32(4, length, little)
    return bytes
  }
  const pieces = items.flatMap((item) => {
    const body = encodeDataSet(item, encoding)
    if (delimited !== true) return [mark(0xe000, body.length), body]
    return [mark(0xe000, 0xffff_ffff), body, mark(0xe00d, 0)]
  })
  return concat(delimited === true ? [...pieces, mark(0xe0dd, 0)] : pieces)
}

function encodeValue(
  value: string | number | Uint8Array,
  representation: string,
  little: boolean,
): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'number') {
    const bytes = new Uint8Array(2)
    new DataView(bytes.buffer).setUint16(0, value, little)
    return bytes
  }
  const padding = representation === 'UI' ? '\0' : ' '
  return bytesOf(value.length % 2 === 0 ? value : value + padding)
}
