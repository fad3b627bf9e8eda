/**
 * The head of a DICOM file: preamble and file meta information. Source: PS3.10 section 7.1.
 *
 *   | 128 x 00 | D I C M | group 0002, always explicit VR little-endian | data set
 *
 *   (0002,0000) UL group length      (0002,0001) OB version 00 01
 *   (0002,0002) UI SOP class         (0002,0003) UI SOP instance
 *   (0002,0010) UI transfer syntax   (0002,0012) UI implementation class
 *   (0002,0013) SH implementation version
 *
 * Nothing else is written, least of all who sent it and when: the file is named by the hash of its
 * bytes, so the same instance must become the same file whichever device or cart brings it again.
 */
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { bytesOf, concat, evenBytesOf, textOf, trimPadding, viewOf } from './text.ts'
import { implementationClassUid, implementationVersion } from './uids.ts'

const preambleBytes = 128
const metaOffset = preambleBytes + 4

export interface FileMeta {
  readonly sopClassUid: string
  readonly sopInstanceUid: string
  readonly transferSyntaxUid: string
}

/** Everything in front of the data set; its length is the offset of the data set. */
export function encodeFileHead(meta: FileMeta): Uint8Array {
  const group = concat([
    element(0x0001, 'OB', Uint8Array.of(0, 1)),
    element(0x0002, 'UI', evenBytesOf(meta.sopClassUid, '\0')),
    element(0x0003, 'UI', evenBytesOf(meta.sopInstanceUid, '\0')),
    element(0x0010, 'UI', evenBytesOf(meta.transferSyntaxUid, '\0')),
    element(0x0012, 'UI', evenBytesOf(implementationClassUid, '\0')),
    element(0x0013, 'SH', evenBytesOf(implementationVersion, ' ')),
  ])
  const length = new Uint8Array(4)
  viewOf(length).setUint32(0, group.length, true)
  const magic = bytesOf('DICM')
  return concat([new Uint8Array(preambleBytes), magic, element(0x0000, 'UL', length), group])
}

/** Reads the head of a file. The group length is not believed: group 0002 ends where it ends. */
export function decodeFileHead(
  bytes: Uint8Array,
): Decoded<FileMeta & { readonly dataSetOffset: number }> {
  if (textOf(bytes, preambleBytes, metaOffset) !== 'DICM') return undecoded('no DICM at 128')
  const view = viewOf(bytes)
  const texts = new Map<number, string>()
  let at = metaOffset
  while (at + 8 <= bytes.length && view.getUint16(at, true) === 0x0002) {
    const long = longForms.has(textOf(bytes, at + 4, at + 6))
    if (long && at + 12 > bytes.length) return undecoded('the file meta information is cut')
    const from = at + (long ? 12 : 8)
    const end = from + (long ? view.getUint32(at + 8, true) : view.getUint16(at + 6, true))
    if (end > bytes.length) return undecoded('the file meta information is cut')
    texts.set(view.getUint16(at + 2, true), trimPadding(textOf(bytes, from, end)))
    at = end
  }
  const transferSyntaxUid = texts.get(0x0010)
  if (transferSyntaxUid === undefined) return undecoded('no transfer syntax')
  return decoded({
    sopClassUid: texts.get(0x0002) ?? '',
    sopInstanceUid: texts.get(0x0003) ?? '',
    transferSyntaxUid,
    dataSetOffset: at,
  })
}

/** Value representations whose length takes four bytes (PS3.5 section 7.1.2). */
export const longForms: ReadonlySet<string> = new Set([
  'OB',
  'OD',
  'OF',
  'OL',
  'OV',
  'OW',
  'SQ',
  'SV',
  'UC',
  'UN',
  'UR',
  'UT',
  'UV',
])

function element(number: number, representation: string, value: Uint8Array): Uint8Array {
  const long = longForms.has(representation)
  const bytes = new Uint8Array((long ? 12 : 8) + value.length)
  const view = viewOf(bytes)
  view.setUint16(0, 0x0002, true)
  view.setUint16(2, number, true)
  bytes.set(bytesOf(representation), 4)
  if (long) view.setUint32(8, value.length, true)
  else view.setUint16(6, value.length, true)
  bytes.set(value, bytes.length - value.length)
  return bytes
}
