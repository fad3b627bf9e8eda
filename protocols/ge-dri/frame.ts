/**
 * GE and Datex-Ohmeda monitors, Datex-Ohmeda Record Interface (S/5 Computer Interface), both ways:
 *
 *   7E | record and check sum, escaped | 7E      7E is sent as 7D 5E, 7D as 7D 5D
 *                                                sum of all bytes of the record before escaping
 *
 *   record, little-endian, header of 40 bytes
 *   0 length i16   2 number u8   3 level u8   4 plug id u16   6 seconds since 1970 u32
 *   14 main type i16: 0 physiological, 1 wave, 4 alarm, 5 network
 *   16 eight parts of 3 bytes: offset i16 from the end of the header, type u8; FF ends the list
 *
 * The level is the edition of the interface; a monitor answers only requests of its own. Between
 * two frames there are two flags, or one that belongs to both.
 *
 * Source: three recordings of a CARESCAPE monitor (pycollect), independent clients.
 */
import { joinBytes, viewOf } from '../bytes/bytes.ts'
import { sumOf } from '../bytes/checksum.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'
import { stuff, unstuff } from '../bytes/stuffing.ts'

export interface DriPart {
  readonly type: number
  /** From its offset to the offset of the next part. */
  readonly bytes: Uint8Array
}

export interface DriRecord {
  readonly number: number
  readonly level: number
  readonly plugId: number
  /** The monitor's clock; whether it counts in UTC or local time is not known. */
  readonly unixSeconds: number
  readonly mainType: number
  readonly parts: readonly DriPart[]
}

export const physiological = 0
export const waveform = 1

const flag = 0x7e
const headerBytes = 40
const partsMax = 8
const lastPart = 0xff
const recordBytesMax = 1_600
export const driPacketLimitBytes = 2 * (recordBytesMax + 1) + 2

export function scanDri(bytes: Uint8Array): Scan<DriRecord> {
  if (bytes.length === 0) return incomplete
  const start = bytes[0] === flag ? 1 : 0
  const end = bytes.indexOf(flag, 1)
  // A frame without a flag of its own in front shares the one of the frame before it.
  if (start === 0 && !mayBeLength(bytes)) {
    return noise('no flag', end === -1 ? bytes.length : end)
  }
  if (end === -1) {
    return bytes.length < driPacketLimitBytes ? incomplete : noise('no end', bytes.length)
  }
  const record = readRecord(bytes.subarray(start, end))
  if (typeof record === 'string') return noise(record, end)
  return packet(record, end + 1)
}

function mayBeLength(bytes: Uint8Array): boolean {
  const [low = 0, high] = bytes
  return high === undefined || ((high << 8) | low) - headerBytes <= recordBytesMax - headerBytes
}

/** What is wrong with it, when it is none. */
function readRecord(escaped: Uint8Array): DriRecord | string {
  if (escaped.length === 0) return 'empty frame'
  const bytes = unstuff(escaped)
  if (bytes === null) return 'escape at the end'
  const record = bytes.subarray(0, -1)
  if (record.length < headerBytes || record.length > recordBytesMax) return 'impossible length'
  if (sumOf(record) !== bytes[record.length]) return 'wrong check sum'
  const view = viewOf(record)
  if (view.getInt16(0, true) !== record.length) return 'wrong length'
  const parts = readParts(record, view)
  if (parts === null) return 'impossible offset'
  return {
    number: view.getUint8(2),
    level: view.getUint8(3),
    plugId: view.getUint16(4, true),
    unixSeconds: view.getUint32(6, true),
    mainType: view.getInt16(14, true),
    parts,
  }
}

function readParts(record: Uint8Array, view: DataView): readonly DriPart[] | null {
  const begins: { readonly type: number; readonly at: number }[] = []
  for (let index = 0; index < partsMax; index++) {
    const at = headerBytes + view.getInt16(16 + 3 * index, true)
    const type = view.getUint8(18 + 3 * index)
    if (type === lastPart) break
    if (at < (begins.at(-1)?.at ?? headerBytes) || at > record.length) return null
    begins.push({ type, at })
  }
  return begins.map(({ type, at }, index) => ({
    type,
    bytes: record.slice(at, begins[index + 1]?.at ?? record.length),
  }))
}

export function encodeDri(record: DriRecord): Uint8Array {
  const header = new Uint8Array(headerBytes)
  const body = joinBytes(...record.parts.map((part) => part.bytes))
  const view = new DataView(header.buffer)
  view.setInt16(0, headerBytes + body.length, true)
  view.setUint8(2, record.number)
  view.setUint8(3, record.level)
  view.setUint16(4, record.plugId, true)
  view.setUint32(6, record.unixSeconds, true)
  view.setInt16(14, record.mainType, true)
  let offset = 0
  for (const [index, part] of record.parts.entries()) {
    view.setInt16(16 + 3 * index, offset, true)
    view.setUint8(18 + 3 * index, part.type)
    offset += part.bytes.length
  }
  if (record.parts.length < partsMax) view.setUint8(18 + 3 * record.parts.length, lastPart)
  const whole = joinBytes(header, body)
  return Uint8Array.of(flag, ...stuff([...whole, sumOf(whole)], [flag]), flag)
}
