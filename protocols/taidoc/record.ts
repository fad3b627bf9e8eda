/**
 * What the answers of TaiDoc meters hold.
 *
 *     time          p0 p1 low byte first: year - 2000 (7 bits) month (4) day (5); p2 minute;
 *                   p3 hour
 *     drop          p0 p1 number; p2 not known; p3: meal (2 bits) kind (4) not known (2)
 *     pressure      p0 systolic; p1 not known; p2 diastolic; p3 pulse
 *     temperature   p0 p1 in tenths of a degree, from 1,000 in hundredths
 *     SpO2          p0 percent; p3 pulse
 *     scale         11 height, cm; 16-17 tenths of a kilogram, high byte first; and in a record of
 *                   40 bytes: 20-21 BMI in tenths; 24-25 fat in tenths of a percent
 *
 * Numbers are always in the units below, whatever the display shows. Ketone and lactate are kept as
 * glucose is, and shown with one decimal, cut and not rounded.
 *
 * Source: as in frame.ts.
 */
import { fromBcd } from '../bytes/bcd.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import { toHex } from '../packet/hex.ts'
import type { DeviceTime } from '../packet/record.ts'

export type DropKind =
  | 'glucose'
  | 'haematocrit'
  | 'ketone'
  | 'urate'
  | 'cholesterol'
  | 'haemoglobin'
  | 'lactate'
  | 'triglycerides'

export interface TaidocDrop {
  /** null for a kind that no source names. */
  readonly kind: DropKind | null
  /** Of the device's kind, 0 to 15. */
  readonly kindCode: number
  /** As the meter keeps it. */
  readonly stored: number
  readonly mark: 'none' | 'before' | 'after' | 'control'
}

const dropKinds: ReadonlyMap<number, DropKind> = new Map([
  [0, 'glucose'],
  [6, 'haematocrit'],
  [7, 'ketone'],
  [8, 'urate'],
  [9, 'cholesterol'],
  [11, 'haemoglobin'],
  [12, 'lactate'],
  [13, 'triglycerides'],
])

const marks = ['none', 'before', 'after', 'control'] as const

export function readTaidocDrop(data: Uint8Array): TaidocDrop {
  const flags = data[3] ?? 0
  const kindCode = (flags >> 2) & 0x0f
  return {
    kind: dropKinds.get(kindCode) ?? null,
    kindCode,
    stored: littleEndian(data),
    mark: marks[flags >> 6] ?? 'none',
  }
}

export function encodeTaidocDrop(drop: TaidocDrop): Uint8Array {
  const flags = (marks.indexOf(drop.mark) << 6) | (drop.kindCode << 2)
  return Uint8Array.of(drop.stored & 0xff, drop.stored >> 8, 0, flags)
}

/** mg/dL for glucose, urate, cholesterol, triglycerides; g/dL; %; mmol/L for ketone and lactate. */
export function dropValueOf(kind: DropKind, stored: number): number {
  switch (kind) {
    case 'ketone':
      return Math.floor(stored / 3) / 10
    case 'lactate':
      return Math.floor((stored * 10_000) / 9_008) / 10
    case 'urate':
    case 'haemoglobin':
      return stored / 10
    default:
      return stored
  }
}

/** The meter shows HI or LO; null: it shows a number. */
export function dropBeyond(kind: DropKind, stored: number): 'above' | 'below' | null {
  if (kind === 'ketone') return stored > 240 ? 'above' : null
  if (kind !== 'glucose') return null
  return stored > 600 ? 'above' : stored < 20 ? 'below' : null
}

/** null for a clock that was never set. */
export function readTaidocTime(data: Uint8Array): DeviceTime | null {
  const date = littleEndian(data)
  const [, , minute = 0, hour = 0] = data
  const [year, month, day] = [2000 + (date >> 9), (date >> 5) & 0x0f, date & 0x1f]
  return deviceTimeOf(year, month, day, hour & 0x1f, minute & 0x3f)
}

export function encodeTaidocTime({ year, month, day, hour, minute }: DeviceTime): Uint8Array {
  const date = ((year - 2000) << 9) | (month << 5) | day
  return Uint8Array.of(date & 0xff, date >> 8, minute, hour)
}

/** Four digits, such as 4277; null for what is none. */
export function readTaidocModel(data: Uint8Array): string | null {
  const [low = 0, high = 0] = data
  const digits = [fromBcd(high), fromBcd(low)]
  if (digits.some(Number.isNaN)) return null
  return digits.map((two) => String(two).padStart(2, '0')).join('')
}

export function taidocSerial(low: Uint8Array, high: Uint8Array): string {
  return (toHex(high.toReversed()) + toHex(low.toReversed())).toUpperCase()
}

/** An empty memory says ffff in the two bytes behind, or as its count. */
export function readTaidocCount(data: Uint8Array): number {
  const count = littleEndian(data)
  return count === 0xffff ? 0 : count
}

export interface TaidocPressure {
  readonly systolicMmHg: number
  readonly diastolicMmHg: number
  readonly pulsePerMinute: number
  /** Not known: a user, in some models perhaps the high byte of the systolic pressure. */
  readonly unknown: number
}

/** null when the meter measured nothing. */
export function readTaidocPressure(data: Uint8Array): TaidocPressure | null {
  const [systolicMmHg = 0, unknown = 0, diastolicMmHg = 0, pulsePerMinute = 0] = data
  // A pulse of 3 or less is no pulse but the number of an error.
  if (systolicMmHg === 0 || pulsePerMinute <= 3) return null
  return { systolicMmHg, diastolicMmHg, pulsePerMinute, unknown }
}

/** In degrees Celsius; null when it measured nothing. */
export function readTaidocTemperature(data: Uint8Array): number | null {
  const number = littleEndian(data)
  if (number === 0) return null
  return number < 1_000 ? number / 10 : number / 100
}

export interface TaidocSaturation {
  readonly saturationPercent: number | null
  readonly pulsePerMinute: number | null
}

/** 0, and what can be no percentage, is no value. */
export function readTaidocSaturation(data: Uint8Array): TaidocSaturation {
  const [saturation = 0, , , pulse = 0] = data
  const isThere = saturation > 0 && saturation <= 100
  return {
    saturationPercent: isThere ? saturation : null,
    pulsePerMinute: isThere && pulse > 0 && pulse < 0xff ? pulse : null,
  }
}

export interface TaidocWeighing {
  readonly weightKg: number | null
  readonly heightCm: number | null
  readonly bodyMassIndex: number | null
  readonly fatPercent: number | null
  /** What stands before the weight and is not explained, in hexadecimal; its time is among it. */
  readonly head: string
}

export function readTaidocWeighing(record: Uint8Array): TaidocWeighing {
  const isLong = record.length === 40
  return {
    weightKg: tenths(record, 16),
    heightCm: record[11] === 0 ? null : (record[11] ?? null),
    bodyMassIndex: isLong ? tenths(record, 20) : null,
    fatPercent: isLong ? tenths(record, 24) : null,
    head: toHex(record.subarray(2, 16)),
  }
}

function tenths(record: Uint8Array, at: number): number | null {
  const number = (record[at] ?? 0) * 256 + (record[at + 1] ?? 0)
  return number === 0 ? null : number / 10
}

function littleEndian(data: Uint8Array): number {
  const [low = 0, high = 0] = data
  return low + 256 * high
}
