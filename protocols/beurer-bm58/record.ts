/**
 * The memory of Beurer BM58, BM55, BM65 and their Sanitas twins. Reading erases nothing.
 *
 *   question   one byte; over USB in a report of eight, filled up with F4
 *     AA  are you there     HID: any report       serial: 55
 *     A4  name              HID: A4 A5 A6 A7 in four reports, 8 letters each
 *     A2  how many          HID: first byte       serial: one byte
 *     A3 n  record n        HID: 8 bytes          serial: AC and 8 bytes, or A9: there is none
 *     F7, F6  good bye
 *
 *   record     s d p m* d* hh mm y*
 *     s d  pressures less 25     p  pulse       m*  month, bit 7: movement
 *     d*  day, bit 7: user 2     y*  year since 2000, bit 7: irregular beat
 *
 * Older devices leave the flags 0. There is no check sum: a record whose date or pressures cannot
 * be is refused. Over the serial line A2 is not asked, since any byte would be an answer to it: the
 * records are read until A9.
 *
 * Source: three published programs that agree (HID), two (serial). No capture was found.
 */
import { joinBytes } from '../bytes/bytes.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'
import type { Decoded } from '../packet/decoded.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { DeviceTime } from '../packet/record.ts'

export interface BeurerRecord {
  readonly user: 1 | 2
  readonly deviceTime: DeviceTime
  readonly systolicMmHg: number
  readonly diastolicMmHg: number
  readonly pulsePerMinute: number
  readonly hasMoved: boolean
  readonly isIrregular: boolean
}

export const beurerRecordBytes = 8
const pressureOffset = 25
const filling = 0xf4

/** What the device can measure. */
const systolics = { from: 50, to: 280 }
const diastolics = { from: 30, to: 200 }

export function readBeurerRecord(bytes: Uint8Array): Decoded<BeurerRecord> {
  if (bytes.length !== beurerRecordBytes) return { ok: false, reason: 'wrong length' }
  const [one = 0, other = 0, pulse = 0, month = 0, day = 0, hour = 0, minute = 0, year = 0] = bytes
  const deviceTime = deviceTimeOf(2000 + (year & 0x7f), month & 0x0f, day & 0x1f, hour, minute)
  if (deviceTime === null || (month & 0x70) !== 0 || (day & 0x60) !== 0) {
    return { ok: false, reason: 'no date in a record' }
  }
  const [systolic, diastolic] = [one + pressureOffset, other + pressureOffset]
  const isMeasured = isWithin(systolic, systolics) && isWithin(diastolic, diastolics)
  if (!isMeasured || systolic <= diastolic || pulse === 0) {
    return { ok: false, reason: 'no pressures in a record' }
  }
  return {
    ok: true,
    value: {
      user: day < 0x80 ? 1 : 2,
      deviceTime,
      systolicMmHg: systolic,
      diastolicMmHg: diastolic,
      pulsePerMinute: pulse,
      hasMoved: month >= 0x80,
      isIrregular: year >= 0x80,
    },
  }
}

function isWithin(value: number, range: { readonly from: number; readonly to: number }): boolean {
  return value >= range.from && value <= range.to
}

export function encodeBeurerRecord(record: BeurerRecord): Uint8Array {
  const { deviceTime: time, user, hasMoved, isIrregular } = record
  return Uint8Array.of(
    record.systolicMmHg - pressureOffset,
    record.diastolicMmHg - pressureOffset,
    record.pulsePerMinute,
    time.month | (hasMoved ? 0x80 : 0),
    time.day | (user === 2 ? 0x80 : 0),
    time.hour,
    time.minute,
    (time.year - 2000) | (isIrregular ? 0x80 : 0),
  )
}

/** A report of the HID variant, the eight bytes that it is. */
export function scanBeurerReport(bytes: Uint8Array): Scan<Uint8Array> {
  if (bytes.length < beurerRecordBytes) return incomplete
  return packet(bytes.slice(0, beurerRecordBytes), beurerRecordBytes)
}

export function beurerReport(...command: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: beurerRecordBytes }, (_, at) => command[at] ?? filling)
}

/** What the serial variant answers. */
export type BeurerAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'none' }
  | { readonly kind: 'record'; readonly record: BeurerRecord }

const ready = 0x55
const none = 0xa9
const recordMark = 0xac
export const beurerAnswerBytes = 1 + beurerRecordBytes

export function scanBeurerAnswer(bytes: Uint8Array): Scan<BeurerAnswer> {
  const mark = bytes[0]
  if (mark === undefined) return incomplete
  if (mark === ready || mark === none) {
    // It answers by one byte and is silent: with more behind it, it is a letter of another device.
    if (bytes.length > 1) return noise('no answer', 1)
    return packet({ kind: mark === ready ? 'ready' : 'none' }, 1)
  }
  if (mark !== recordMark) return noise('no answer', 1)
  if (bytes.length < beurerAnswerBytes) return incomplete
  const read = readBeurerRecord(bytes.slice(1, beurerAnswerBytes))
  if (!read.ok) return noise(read.reason, 1)
  return packet({ kind: 'record', record: read.value }, beurerAnswerBytes)
}

export function encodeBeurerAnswer(answer: BeurerAnswer): Uint8Array {
  if (answer.kind === 'ready') return Uint8Array.of(ready)
  if (answer.kind === 'none') return Uint8Array.of(none)
  return joinBytes([recordMark], encodeBeurerRecord(answer.record))
}
