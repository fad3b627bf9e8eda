/**
 * The USB reports of Abbott FreeStyle meters, and the text that travels in them.
 *
 *     type (1)  length (1, 0 to 62)  bytes (length)  filling                64 bytes, both ways
 *
 *     type  04 05 15 01 begin, in this order, each answered by a report; 60 text; 22 means nothing
 *
 *     text  lines  CKSM:sum (8 hexadecimal digits)  CMD OK          each line ended by CR LF; the
 *           sum is that of all characters before CKSM
 *
 *     $result?  records, then `count,sum` of the records alone; or Log Empty
 *
 *     7,id,month,day,year,hour,minute,?,value,?,person,...           glucose, mg/dL
 *     9,id,month,day,year,hour,minute,?,value,person,...             ketone, mmol/L times 18
 *         value   digits, HI or LO;   person   0: control solution
 *
 * Other kinds of record are insulin that a person typed, and changes of the clock.
 *
 * Source: glucometer-protocols, Abbott shared HID protocol and FreeStyle Precision Neo; the fields
 * of control solution are from the Tidepool uploader alone.
 */
import { joinBytes, latin1Bytes } from '../bytes/bytes.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'
import type { Decoded } from '../packet/decoded.ts'
import { decoded, undecoded } from '../packet/decoded.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { FreestyleResult } from './dump.ts'

export interface FreestyleReport {
  readonly type: number
  readonly data: Uint8Array
}

export const freestyleReportBytes = 64
export const freestyleReportDataMax = 62
export const freestyleText = 0x60
export const freestyleBeginnings = [0x04, 0x05, 0x15, 0x01] as const

export function scanFreestyleReport(bytes: Uint8Array): Scan<FreestyleReport> {
  if (bytes.length < freestyleReportBytes) return incomplete
  const [type = 0, length = 0] = bytes
  if (length > freestyleReportDataMax) return noise('no report', freestyleReportBytes)
  return packet({ type, data: bytes.slice(2, 2 + length) }, freestyleReportBytes)
}

/** `data` is at most `freestyleReportDataMax` bytes. */
export function encodeFreestyleReport({ type, data }: FreestyleReport): Uint8Array {
  const filling = new Uint8Array(freestyleReportDataMax - data.length)
  return joinBytes([type, data.length], data, filling)
}

/** Of what a person typed, and of what a meter keeps, only that is asked for which is a result. */
export type FreestyleQuestion = '$serlnum?' | '$swver?' | '$date?' | '$time?' | '$result?'

export function freestyleQuestion(question: FreestyleQuestion): Uint8Array {
  return encodeFreestyleReport({ type: freestyleText, data: latin1Bytes(`${question}\r\n`) })
}

const ending = /CKSM:([0-9A-F]{8})\r\nCMD (OK|Fail!)\r\n$/

/** Whether nothing more of it is to come. */
export function isFreestyleAnswerWhole(text: string): boolean {
  return ending.test(text)
}

/** What stands before the check sum. */
export function readFreestyleAnswer(text: string): Decoded<string> {
  const [all = '', check = '', status] = ending.exec(text) ?? []
  if (status !== 'OK') return undecoded('refused')
  const message = text.slice(0, -all.length)
  return sumOfText(message) === Number.parseInt(check, 16)
    ? decoded(message)
    : undecoded('check sum')
}

export function encodeFreestyleAnswer(message: string): string {
  const check = sumOfText(message).toString(16).toUpperCase().padStart(8, '0')
  return `${message}CKSM:${check}\r\nCMD OK\r\n`
}

/** In the order in which they came. What is no result of a strip is left out. */
export function readFreestyleResults(message: string): Decoded<readonly FreestyleResult[]> {
  if (/^Log Empty\r\n$/.test(message)) return decoded([])
  const [last, count, check = ''] = /(\d{1,5}),([0-9A-F]{8})\r\n$/.exec(message) ?? []
  if (last === undefined) return undecoded('no number of records')
  const records = message.slice(0, -last.length)
  const lines = records.split('\r\n').filter((line) => line !== '')
  if (sumOfText(records) !== Number.parseInt(check, 16)) return undecoded('check sum of records')
  if (lines.length !== Number(count)) return undecoded('another number of records')
  return decoded(lines.map(readRecord).filter((one) => one !== null))
}

const kinds: Readonly<{ [type: string]: { readonly kind: string; readonly personAt: number } }> = {
  7: { kind: 'G', personAt: 10 },
  9: { kind: 'K', personAt: 9 },
}

function readRecord(line: string): FreestyleResult | null {
  const fields = line.split(',')
  const type = Object.hasOwn(kinds, fields[0] ?? '') ? kinds[fields[0] ?? ''] : undefined
  const shown = fields[8] ?? ''
  if (type === undefined || !/^(\d{1,3}|HI|LO)$/.test(shown)) return null
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0] = fields.slice(2, 7).map(Number)
  return {
    shown,
    time: year > 99 ? null : deviceTimeOf(2000 + year, month, day, hour, minute),
    kind: type.kind,
    isControl: Number(fields[type.personAt] ?? '') === 0,
    isClockLost: false,
  }
}

function sumOfText(text: string): number {
  let sum = 0
  for (const byte of latin1Bytes(text)) sum += byte
  return sum
}
