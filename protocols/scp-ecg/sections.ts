/**
 * The frame of an SCP-ECG record: sections behind a table of pointers. Source: EN 1064:2005 and
 * ISO 11073-91064, sections 5.1 to 5.3; all integers little-endian.
 *
 *   record    | CRC u16 | length u32 | section 0 | section 1 | … |
 *   section   | CRC u16 | id u16 | length u32 | version u8 | protocol u8 | 6 reserved | content |
 *   section 0 | header, reserved = "SCPECG" | (id u16 | length u32 | index u32) … |
 *
 * An index counts from 1 at the beginning of the record. A CRC covers what follows it, and ffff
 * where none was computed.
 */
import { joinBytes, latin1Bytes, latin1Text, viewOf } from '../bytes/bytes.ts'
import { crc16Ccitt } from '../bytes/checksum.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'

const recordHeaderBytes = 6
export const sectionHeaderBytes = 16
const pointerBytes = 10
/** Sections of the standard, which are always listed, and those of makers. */
const standardSections = 12
const sectionsMax = 128
const signature = 'SCPECG'
const noCrc = 0xffff

/** Version 2.0, as EN 1064:2005 wants it. */
const version = 20

export interface ScpSection {
  readonly version: number
  /** Behind the header. */
  readonly content: Uint8Array
  /** False when its check sum is there and does not fit. */
  readonly isSound: boolean
}

export interface ScpRecord {
  readonly sections: ReadonlyMap<number, ScpSection>
  /** Of the whole record; false when it is there and does not fit. */
  readonly isSound: boolean
}

/** Whether this is SCP-ECG at all, sound or not. */
export function looksLikeScp(bytes: Uint8Array): boolean {
  return latin1Text(bytes.subarray(16, 22)) === signature
}

export function decodeSections(bytes: Uint8Array): Decoded<ScpRecord> {
  if (bytes.length < recordHeaderBytes + sectionHeaderBytes) return undecoded('too short')
  const view = viewOf(bytes)
  const recordBytes = view.getUint32(2, true)
  if (recordBytes > bytes.length) {
    return undecoded(`a record of ${recordBytes} bytes, and the file has ${bytes.length}`)
  }
  const record = bytes.subarray(0, recordBytes)
  const table = sectionAt(record, recordHeaderBytes, null)
  if (!table.ok) return table
  const pointers = table.value.content
  if (pointers.length % pointerBytes !== 0) return undecoded('section 0 is no table of pointers')
  const count = pointers.length / pointerBytes
  if (count > sectionsMax) return undecoded(`more than ${sectionsMax} sections`)
  const sections = new Map<number, ScpSection>()
  const entries = viewOf(pointers)
  for (let entry = 0; entry < count; entry++) {
    const id = entries.getUint16(entry * pointerBytes, true)
    const length = entries.getUint32(entry * pointerBytes + 2, true)
    const index = entries.getUint32(entry * pointerBytes + 6, true)
    if (id === 0 || length === 0 || index === 0) continue
    const section = sectionAt(record, index - 1, { id, length })
    if (!section.ok) return section
    if (sections.has(id)) return undecoded(`section ${id} twice`)
    sections.set(id, section.value)
  }
  return decoded({ sections, isSound: fits(record, view.getUint16(0, true)) })
}

function sectionAt(
  record: Uint8Array,
  at: number,
  expected: { readonly id: number; readonly length: number } | null,
): Decoded<ScpSection> {
  const id = expected?.id ?? 0
  if (at < 0 || at + sectionHeaderBytes > record.length) {
    return undecoded(`section ${id} outside of the record`)
  }
  const view = viewOf(record.subarray(at))
  const length = view.getUint32(4, true)
  if (view.getUint16(2, true) !== id) return undecoded(`no section ${id} where it is said to be`)
  if (expected !== null && expected.length !== length) {
    return undecoded(`section ${id} has another length than its pointer says`)
  }
  if (length < sectionHeaderBytes || at + length > record.length) {
    return undecoded(`section ${id} does not end inside of the record`)
  }
  const whole = record.subarray(at, at + length)
  return decoded({
    version: whole[8] ?? 0,
    content: whole.subarray(sectionHeaderBytes),
    isSound: fits(whole, view.getUint16(0, true)),
  })
}

function fits(bytes: Uint8Array, crc: number): boolean {
  return crc === noCrc || crc16Ccitt(bytes.subarray(2)) === crc
}

/** A whole record, all check sums computed. Sections come in the order in which they are given. */
export function encodeSections(sections: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const others = [...sections.keys()].filter((id) => id >= standardSections)
  const listed = [...Array.from({ length: standardSections }, (_, id) => id), ...others]
  const tableBytes = sectionHeaderBytes + listed.length * pointerBytes
  const places = new Map([[0, { length: tableBytes, index: recordHeaderBytes + 1 }]])
  const encoded: Uint8Array[] = []
  let at = recordHeaderBytes + tableBytes
  for (const [id, content] of sections) {
    const section = encodeSection(id, content)
    encoded.push(section)
    places.set(id, { length: section.length, index: at + 1 })
    at += section.length
  }
  const pointers = new Uint8Array(listed.length * pointerBytes)
  const view = viewOf(pointers)
  for (const [entry, id] of listed.entries()) {
    const place = places.get(id) ?? { length: 0, index: 0 }
    view.setUint16(entry * pointerBytes, id, true)
    view.setUint32(entry * pointerBytes + 2, place.length, true)
    view.setUint32(entry * pointerBytes + 6, place.index, true)
  }
  const header = new Uint8Array(recordHeaderBytes)
  viewOf(header).setUint32(2, at, true)
  const record = joinBytes(header, encodeSection(0, pointers), ...encoded)
  viewOf(record).setUint16(0, crc16Ccitt(record.subarray(2)), true)
  return record
}

/** Of even length, as the standard wants it. */
function encodeSection(id: number, content: Uint8Array): Uint8Array {
  const section = new Uint8Array(sectionHeaderBytes + content.length + (content.length % 2))
  const view = viewOf(section)
  view.setUint16(2, id, true)
  view.setUint32(4, section.length, true)
  section[8] = version
  section[9] = version
  if (id === 0) section.set(latin1Bytes(signature), 10)
  section.set(content, sectionHeaderBytes)
  view.setUint16(0, crc16Ccitt(section.subarray(2)), true)
  return section
}
