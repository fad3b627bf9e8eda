/**
 * The memory of Abbott FreeStyle Optium, Precision Xtra, Lite and Freedom Lite, which they tell
 * whole and as text. Each line ends by CR LF, and so begins the first.
 *
 *     ABCD123-E4567                             serial number
 *     0.22                                      software
 *     Apr  22 2014 02:14:37                     clock; months have four letters, June and July all
 *     002                                       how many, or Log Empty
 *     105  Apr  22 2014 02:14 G 0x00            value, when, what, state
 *     HI   Apr  21 2014 20:05 K 0x01
 *     0x1234  END                               sum of all characters before it, sixteen bits
 *
 *     what     G glucose, K ketone; Lite has two digits there, which nobody explains
 *     state    bit 0: control solution; bit 1: the clock was lost
 *
 * Glucose is in mg/dL, whatever the display shows; ketone in mmol/L times 18.
 *
 * Source: glucometer-protocols, FreeStyle Optium and Lite (reverse engineered); for the state and
 * for ketone the drivers of the Tidepool uploader.
 */
import { latin1Bytes } from '../bytes/bytes.ts'
import type { Scanner } from '../bytes/scan.ts'
import { notAFrame, textScanner } from '../bytes/text-frame.ts'
import type { Decoded } from '../packet/decoded.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { DeviceTime } from '../packet/record.ts'

export interface FreestyleDump {
  readonly serialNumber: string
  readonly software: string
  readonly clock: DeviceTime | null
  /** As they stand there, the newest first. */
  readonly results: readonly FreestyleResult[]
  /** Lines among the results that are none that is known. */
  readonly unread: number
}

export interface FreestyleResult {
  /** Digits, HI or LO. */
  readonly shown: string
  readonly time: DeviceTime | null
  /** `G`, `K`, or what Lite says there. */
  readonly kind: string
  readonly isControl: boolean
  readonly isClockLost: boolean
}

/** 450 results, which is more than any of them keeps, and some air. */
export const freestyleLimitBytes = 24_576

const end = 'END'
const serialLetters = 13

export const scanFreestyle: Scanner<FreestyleDump> = textScanner({
  mayBegin: (text) => beginning.test(text.slice(0, serialLetters + 3)),
  lengthOf(text) {
    const at = text.indexOf(end)
    return at === -1 ? null : at + end.length
  },
  limitBytes: freestyleLimitBytes,
  read: readDump,
})

/** CR LF, the serial number, CR; or as much of it as is there. */
const beginning = /^\r(?:$|\n(?:[A-Z0-9-]{0,13}$|[A-Z0-9][A-Z0-9-]{6,12}\r))/
const closing = /0x([0-9A-F]{4}) *END$/

function readDump(text: string): Decoded<FreestyleDump> {
  const [, check] = closing.exec(text) ?? []
  const isEmpty = /Log Empty *\r?\n?END$/.test(text)
  if (check === undefined && !isEmpty) return notAFrame('no check sum')
  const summed = check === undefined ? '' : text.slice(0, text.lastIndexOf('0x'))
  if (check !== undefined && sum16(summed) !== Number.parseInt(check, 16)) {
    return notAFrame('check sum')
  }
  const lines = text.split(/[\r\n]+/).filter((line) => line !== '')
  const [serialNumber = '', software = '', clock = '', count = '', ...rest] = lines
  const told = rest.slice(0, -1)
  if (!isEmpty && Number(count) !== told.length) return notAFrame('another number of results')
  const read = isEmpty ? [] : told.map(readResult)
  const results = read.filter((one) => one !== null)
  return {
    ok: true,
    value: {
      serialNumber,
      software: software.trim(),
      clock: timeOf(clock),
      results,
      unread: read.length - results.length,
    },
  }
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const timeForm = /^([A-Z][a-z]{2})[a-z ] (\d\d) (\d{4}) (\d\d):(\d\d)(?::(\d\d))?$/
const resultForm = /^ *(\d{3}|HI|LO) +([A-Z][a-z]{2}.{14,15}?) (G|K|[0-9A-F]{2}) 0x([0-9A-F]{2})$/

function timeOf(text: string): DeviceTime | null {
  const [, month = '', ...parts] = timeForm.exec(text) ?? []
  const [day = 0, year = 0, hour = 0, minute = 0] = parts.slice(0, 4).map(Number)
  const second = parts[4] === undefined ? null : Number(parts[4])
  return deviceTimeOf(year, months.indexOf(month) + 1, day, hour, minute, second)
}

function readResult(line: string): FreestyleResult | null {
  const [, shown, when = '', kind = '', state = ''] = resultForm.exec(line) ?? []
  if (shown === undefined) return null
  const bits = Number.parseInt(state, 16)
  return {
    shown,
    time: timeOf(when),
    kind,
    isControl: (bits & 1) !== 0,
    isClockLost: (bits & 2) !== 0,
  }
}

function sum16(text: string): number {
  let sum = 0
  for (const byte of latin1Bytes(text)) sum = (sum + byte) & 0xffff
  return sum
}

/** In the form of Optium; a dump of which a line was not read is not written as it came. */
export function encodeFreestyle({ serialNumber, software, clock, results }: FreestyleDump) {
  const count = String(results.length).padStart(3, '0')
  const lines = [serialNumber, software, timeText(clock), count, ...results.map(resultText)]
  const text = `\r\n${lines.map((line) => `${line}\r\n`).join('')}`
  const check = sum16(text).toString(16).toUpperCase().padStart(4, '0')
  return latin1Bytes(`${text}0x${check}  ${end}`)
}

function resultText({ shown, time, kind, isControl, isClockLost }: FreestyleResult): string {
  const state = (isControl ? 1 : 0) + (isClockLost ? 2 : 0)
  return `${shown.padEnd(3)}  ${timeText(time)} ${kind} 0x0${state}`
}

function timeText(time: DeviceTime | null): string {
  if (time === null) return '---  00 0000 00:00'
  const two = (part: number): string => String(part).padStart(2, '0')
  const name = months[time.month - 1] ?? ''
  const month = ({ Jun: 'June', Jul: 'July' }[name] ?? name).padEnd(4)
  const clock = [time.hour, time.minute, ...(time.second === null ? [] : [time.second])].map(two)
  return `${month} ${two(time.day)} ${String(time.year).padStart(4, '0')} ${clock.join(':')}`
}
