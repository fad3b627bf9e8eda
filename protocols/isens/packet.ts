/**
 * Packets of i-SENS glucose meters: CareSens N, Dual, and the same under other names. The host
 * asks, the meter answers with the same command or with the name of an error.
 *
 *     02  69 53 50 63  length  command (4 letters)  data ...  check (2, high byte first)  03
 *
 *     length  of all behind it: the data and 7
 *     check   CRC-16 of all bytes but itself, the 03 at the end included
 *
 *     RSNB           serial number, letters
 *     RTIM           clock: year month day hour minute second
 *     NCOT           how many results (2, high byte first)
 *     GLUE from n    results from number `from` (2, high byte first; the first is 1), n of them;
 *                    each: year month day hour minute second flags value (2, high byte first)
 *     TOUT HEAD SIZE ECRC CMND    errors
 *
 *     flags  01 control solution  02 after meal  04 LO  08 HI  10 fasting  20 normal  40 ketone
 *            80 whether 04 and 08 mean anything
 *
 * Meters send their results without a right check, so that these are not checked; WTIM sets the
 * clock and is not known here. Glucose is in mg/dL, ketone in tenths of mmol/L.
 *
 * Source: the i-SENS driver of the Tidepool uploader.
 */
import { joinBytes, latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { crc16Ccitt } from '../bytes/checksum.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { DeviceTime } from '../packet/record.ts'

export interface IsensPacket {
  readonly command: string
  readonly data: Uint8Array
}

const start = latin1Bytes('\u0002iSPc')
const end = 0x03
/** Up to the length, which counts what follows it. */
const headBytes = start.length + 1
const shortest = 7
const resultsCommand = 'GLUE'
export const isensLimitBytes = headBytes + 0xff
export const isensResultsMax = 27

export function scanIsens(bytes: Uint8Array): Scan<IsensPacket> {
  if (bytes.length === 0) return incomplete
  const begun = bytes.subarray(0, start.length)
  if (!begun.every((byte, at) => byte === start[at])) return noise('no packet', nextStart(bytes))
  const length = bytes[start.length]
  if (length === undefined) return incomplete
  if (length < shortest) return noise('no length', 1)
  const whole = headBytes + length
  if (bytes.length < whole) return incomplete
  const command = latin1Text(bytes.subarray(headBytes, headBytes + 4))
  const checked = joinBytes(bytes.subarray(0, whole - 3), [end])
  const check = (bytes[whole - 3] ?? 0) * 256 + (bytes[whole - 2] ?? 0)
  if (bytes[whole - 1] !== end) return noise('no end', 1)
  if (command !== resultsCommand && crc16Ccitt(checked) !== check) return noise('wrong check', 1)
  return packet({ command, data: bytes.slice(headBytes + 4, whole - 3) }, whole)
}

function nextStart(bytes: Uint8Array): number {
  const next = bytes.indexOf(start[0] ?? 0, 1)
  return next === -1 ? bytes.length : next
}

export function encodeIsens({ command, data }: IsensPacket): Uint8Array {
  const head = joinBytes(start, [data.length + shortest], latin1Bytes(command), data)
  const check = crc16Ccitt(joinBytes(head, [end]))
  return joinBytes(head, [check >> 8, check & 0xff, end])
}

export type IsensQuestion = 'RSNB' | 'RTIM' | 'NCOT'

export function isensQuestion(command: IsensQuestion): Uint8Array {
  return encodeIsens({ command, data: new Uint8Array(0) })
}

/** `from` is at least 1, `count` at most `isensResultsMax`. */
export function isensResultsQuestion(from: number, count: number): Uint8Array {
  return encodeIsens({
    command: resultsCommand,
    data: Uint8Array.of(from >> 8, from & 0xff, count),
  })
}

export interface IsensResult {
  readonly time: DeviceTime | null
  /** mg/dL, or tenths of mmol/L for ketone. */
  readonly stored: number
  readonly isKetone: boolean
  readonly isControl: boolean
  readonly meal: 'after' | 'fasting' | null
  readonly beyond: 'above' | 'below' | null
}

const resultBytes = 9
const flag = {
  control: 0x01,
  afterMeal: 0x02,
  low: 0x04,
  high: 0x08,
  fasting: 0x10,
  ketone: 0x40,
} as const

/**
 * null when it is not `count` results. Without a check, a date that cannot be makes all of them
 * doubtful.
 */
export function readIsensResults(data: Uint8Array, count: number): readonly IsensResult[] | null {
  if (data.length !== count * resultBytes) return null
  const results: IsensResult[] = []
  for (let at = 0; at < data.length; at += resultBytes) {
    const result = readIsensResult(data.subarray(at, at + resultBytes))
    if (result === null) return null
    results.push(result)
  }
  return results
}

function readIsensResult(bytes: Uint8Array): IsensResult | null {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, flags = 0] = bytes
  const time = deviceTimeOf(2000 + year, month, day, hour, minute, second)
  const isUnset = bytes.subarray(0, 6).every((byte) => byte === 0)
  if ((time === null && !isUnset) || year > 99) return null
  const has = (bit: number): boolean => (flags & bit) !== 0
  return {
    time,
    stored: (bytes[7] ?? 0) * 256 + (bytes[8] ?? 0),
    isKetone: has(flag.ketone),
    isControl: has(flag.control),
    meal: has(flag.afterMeal) ? 'after' : has(flag.fasting) ? 'fasting' : null,
    beyond: has(flag.high) ? 'above' : has(flag.low) ? 'below' : null,
  }
}

export function readIsensTime(data: Uint8Array): DeviceTime | null {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = data
  return data.length < 6 ? null : deviceTimeOf(2000 + year, month, day, hour, minute, second)
}

/** null when it is none. */
export function readIsensSerial(data: Uint8Array): string | null {
  const text = latin1Text(data)
    .replace(/[\0 ]+$/, '')
    .trim()
  return /^[A-Za-z0-9-]{4,24}$/.test(text) ? text : null
}

export function readIsensCount(data: Uint8Array): number | null {
  return data.length < 2 ? null : (data[0] ?? 0) * 256 + (data[1] ?? 0)
}
