/**
 * Lines of the LifeScan OneTouch Ultra 2 and its class. The host asks, the meter answers.
 *
 *     11 0d  command  0d         DM@ serial number, DMF clock, DMP all results
 *     text  20  check (4 hexadecimal digits)  0d 0a
 *
 *     check     sum of all characters of the text, sixteen bits
 *     @ "GMF600DCY"
 *     F "SAT","08/03/13","22:12:00   "
 *     P 003,"GMF600DCY","MG/DL "                                    how many results follow
 *     P "SAT","03/21/15","16:42:11   ","  105 ","B","02", 00        the newest first
 *
 * A result is always in mg/dL, whatever the unit in the first line, which is that of the display.
 * The first of its characters is C for control solution, the last ? when the meter doubts it.
 *
 * DMT sets the clock and DMZ erases: neither is known here.
 *
 * Source: LifeScan, OneTouch Ultra 2 RS-232 communication, as two published drivers have it; four
 * lines of a meter, printed in the Tidepool uploader.
 */
import { joinBytes, latin1Bytes } from '../bytes/bytes.ts'
import type { Scanner } from '../bytes/scan.ts'
import { beginsWith, endsBehind, notAFrame, textScanner } from '../bytes/text-frame.ts'
import type { Decoded } from '../packet/decoded.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { DeviceTime } from '../packet/record.ts'

export type Ultra2Line =
  | { readonly kind: 'serial'; readonly serialNumber: string }
  /** null for a clock that shows no date. */
  | { readonly kind: 'clock'; readonly time: DeviceTime | null }
  | { readonly kind: 'header'; readonly count: number; readonly serialNumber: string }
  | Ultra2Result

export interface Ultra2Result {
  readonly kind: 'result'
  readonly time: DeviceTime | null
  readonly isControl: boolean
  /** Digits in mg/dL, or HI, or LO. */
  readonly shown: string
  readonly isDoubtful: boolean
  readonly meal: 'N' | 'B' | 'A'
  /** 0 to 11. */
  readonly comment: number
}

export const ultra2LimitBytes = 120

export function ultra2Question(command: 'DM@' | 'DMF' | 'DMP'): Uint8Array {
  return joinBytes([0x11, 0x0d], latin1Bytes(command), [0x0d])
}

export const scanUltra2: Scanner<Ultra2Line> = textScanner({
  mayBegin: beginsWith('P ', '@ "', 'F "'),
  lengthOf: endsBehind('\r\n'),
  limitBytes: ultra2LimitBytes,
  read(line) {
    const [, text = '', check = ''] = /^(.*) ([0-9A-Fa-f]{4})\r\n$/.exec(line) ?? []
    if (check === '') return notAFrame('no check sum')
    if (Number.parseInt(check, 16) !== sum16(text)) return notAFrame('check sum')
    return readText(text)
  },
})

const date = String.raw`"[A-Z]{3}","(\d\d)/(\d\d)/(\d\d)","(\d\d):(\d\d):(\d\d) *"`
const serialForm = /^@ "(\w{1,16})"$/
const clockForm = new RegExp(`^F ${date}$`)
const headerForm = /^P (\d{3}),"(\w{1,16})","[A-Z/ ]{1,8}"$/
const resultForm = new RegExp(
  `^P ${date},"([ C]) *(\\d{1,3}|HI|LO) *([ ?])","([NBA])","(\\d\\d)", \\w\\w$`,
)

function readText(text: string): Decoded<Ultra2Line> {
  const [, serialNumber] = serialForm.exec(text) ?? []
  if (serialNumber !== undefined) return { ok: true, value: { kind: 'serial', serialNumber } }
  const clock = clockForm.exec(text)
  if (clock !== null) return { ok: true, value: { kind: 'clock', time: timeOf(clock) } }
  const [, count, serial = ''] = headerForm.exec(text) ?? []
  if (count !== undefined) {
    return { ok: true, value: { kind: 'header', count: Number(count), serialNumber: serial } }
  }
  const result = resultForm.exec(text)
  if (result === null) return notAFrame('no line that is known')
  const [, , , , , , , mark, shown = '', doubt, meal, comment = ''] = result
  return {
    ok: true,
    value: {
      kind: 'result',
      time: timeOf(result),
      isControl: mark === 'C',
      shown,
      isDoubtful: doubt === '?',
      meal: meal === 'B' || meal === 'A' ? meal : 'N',
      comment: Number(comment),
    },
  }
}

/** Month, day and year as in the United States. */
function timeOf(found: RegExpExecArray): DeviceTime | null {
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map(Number)
  return deviceTimeOf(2000 + year, month, day, hour, minute, second)
}

function sum16(text: string): number {
  let sum = 0
  for (const byte of latin1Bytes(text)) sum += byte
  return sum & 0xffff
}

export function encodeUltra2(line: Ultra2Line): Uint8Array {
  const text = textOf(line)
  const check = sum16(text).toString(16).toUpperCase().padStart(4, '0')
  return latin1Bytes(`${text} ${check}\r\n`)
}

function textOf(line: Ultra2Line): string {
  switch (line.kind) {
    case 'serial':
      return `@ "${line.serialNumber}"`
    case 'clock':
      return `F ${dateText(line.time)}`
    case 'header':
      return `P ${String(line.count).padStart(3, '0')},"${line.serialNumber}","MG/DL "`
    case 'result': {
      const { time, isControl, shown, isDoubtful, meal, comment } = line
      const value = `${isControl ? 'C' : ' '} ${shown.padStart(3)}${isDoubtful ? '?' : ' '}`
      const code = String(comment).padStart(2, '0')
      return `P ${dateText(time)},"${value}","${meal}","${code}", 00`
    }
  }
}

function dateText(time: DeviceTime | null): string {
  if (time === null) return '"SUN","00/00/00","00:00:00   "'
  const two = (part: number): string => String(part % 100).padStart(2, '0')
  const date = [time.month, time.day, time.year].map(two).join('/')
  const clock = [time.hour, time.minute, time.second ?? 0].map(two).join(':')
  return `"SUN","${date}","${clock}   "`
}
