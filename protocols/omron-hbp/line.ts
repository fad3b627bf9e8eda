/**
 * The lines of blood pressure monitors that stand in waiting rooms: Omron HBP-9020 and HBP-9030,
 * Terumo, and the InBody and ACCUNIQ models that write the same columns. One line a measurement.
 *
 *   hbp-9030   YYYY,MM,DD,hh,mm,iiiiiiiiiiiiiiiiiiii,E,SSS,DDD,PPP,M CR LF      "format 5"
 *   bp         bp,iiiiiiiiiiiiiiiiiiii,YYYY/MM/DD,hh:mm,SSS,MMM,DDD,PPP,X CR LF
 *   terumo     STX R1,iiiiiiiii,YYMMDD,hhmmss,SSS,MMM,DDD,PPP,xxxx,xxxx,xxxxx,xxx ETX check
 *
 *   i  a person's number from a card reader: never read        E  error digit, 0 is good
 *   S M D P  systolic, mean, diastolic mmHg, pulse /min        M  movement of the body
 *
 * None of the lines has a check sum that is understood: the place of each comma and the width of
 * each field is what protects them. The rule of the byte behind Terumo's ETX is not documented; the
 * exclusive or behind STX up to ETX is compared and told, and nothing is refused for it.
 *
 * Source: three independent published drivers of the HBP-9030 that agree in each offset, one for
 * each other line with the line of a real device in it. No paper of the makers was available.
 */
import { latin1Bytes } from '../bytes/bytes.ts'
import { xorOf } from '../bytes/checksum.ts'
import { endsBehind, notAFrame, textScanner } from '../bytes/text-frame.ts'
import type { Decoded } from '../packet/decoded.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { DeviceTime } from '../packet/record.ts'

export interface HbpResult {
  readonly kind: 'result'
  readonly format: 'hbp-9030' | 'bp' | 'terumo'
  /** null when the clock was never set. The HBP models do not say seconds. */
  readonly deviceTime: DeviceTime | null
  /** The digit of a failed measurement; null when it was good, or when the format has none. */
  readonly errorCode: string | null
  readonly systolicMmHg: number | null
  /** Absent in a format that does not say it. */
  readonly meanMmHg?: number | null
  readonly diastolicMmHg: number | null
  readonly pulsePerMinute: number | null
  /** The digit that counts or flags movement; null in a format that does not say it. */
  readonly bodyMovement: string | null
  /** Whether the check byte is the one that we compute; null in a format without one. */
  readonly isCheckKnown: boolean | null
}

/** The monitor is set to one of its other formats, which are not understood. */
export interface HbpUnsupported {
  readonly kind: 'unsupported'
  readonly format: 'MMBP203N' | 'ID'
}

export type HbpPacket = HbpResult | HbpUnsupported

/** Twice the longest line that was seen. */
export const hbpLimitBytes = 128

const stx = '\u0002'
const etx = '\u0003'
const words = ['bp,', `${stx}R1,`, 'MMBP203N', 'ID,'] as const
const ends = endsBehind('\r\n')
const endsBehindCheck = endsBehind(etx, 1)

export const scanHbp = textScanner<HbpPacket>({
  mayBegin: (text) =>
    /^\d{1,4}$|^\d{4},/.test(text) ||
    words.some((word) => text.startsWith(word) || word.startsWith(text)),
  lengthOf: (text) => (text.startsWith(stx) ? endsBehindCheck(text) : ends(text)),
  limitBytes: hbpLimitBytes,
  read: (text) => {
    if (text.startsWith(stx)) return readTerumo(text)
    if (text.startsWith('bp,')) return readBp(text)
    if (/^\d/.test(text)) return read9030(text)
    const format = text.startsWith('ID,') ? 'ID' : 'MMBP203N'
    return { ok: true, value: { kind: 'unsupported', format } }
  },
})

const line9030 =
  /^(\d{4}),(\d\d),(\d\d),(\d\d),(\d\d),[ -~]{20},(\d),([ \d]{3}),([ \d]{3}),([ \d]{3}),(\d)\r\n$/

function read9030(text: string): Decoded<HbpResult> {
  const found = line9030.exec(text)
  if (found === null) return notAFrame('no HBP-9030 line')
  const [year = '', month = '', day = '', hour = '', minute = '', error = ''] = found.slice(1)
  const [systolic, diastolic, pulse, movement = ''] = found.slice(7)
  return resultOf({
    format: 'hbp-9030',
    deviceTime: deviceTimeOf(+year, +month, +day, +hour, +minute),
    errorCode: error === '0' ? null : error,
    systolicMmHg: numberIn(systolic),
    diastolicMmHg: numberIn(diastolic),
    pulsePerMinute: numberIn(pulse),
    bodyMovement: movement,
    isCheckKnown: null,
  })
}

const columns = String.raw`([ \d]{3}),([ \d]{3}),([ \d]{3}),([ \d]{3})`
const lineBp = new RegExp(
  String.raw`^bp,[ -+\--~]{0,20},(\d{4})/(\d\d)/(\d\d),(\d\d):(\d\d),${columns},\d{1,3}\r\n$`,
)

function readBp(text: string): Decoded<HbpResult> {
  const found = lineBp.exec(text)
  if (found === null) return notAFrame('no bp line')
  const [year = '', month = '', day = '', hour = '', minute = ''] = found.slice(1)
  return resultOf({
    format: 'bp',
    deviceTime: deviceTimeOf(+year, +month, +day, +hour, +minute),
    errorCode: null,
    ...pressuresIn(found.slice(6)),
    bodyMovement: null,
    isCheckKnown: null,
  })
}

const two = String.raw`(\d\d)`
const lineTerumo = new RegExp(
  String.raw`^\x02R1,[ -+\--~]{9},${two}${two}${two},${two}${two}${two},${columns}` +
    String.raw`,[ \d]{4},[ \d]{4},[ \d]{5},[ \d]{3}\x03[^]$`,
)

function readTerumo(text: string): Decoded<HbpResult> {
  const found = lineTerumo.exec(text)
  if (found === null) return notAFrame('no Terumo line')
  const [year = '', month = '', day = '', hour = '', minute = '', second = ''] = found.slice(1)
  return resultOf({
    format: 'terumo',
    deviceTime: deviceTimeOf(2000 + +year, +month, +day, +hour, +minute, +second),
    errorCode: null,
    ...pressuresIn(found.slice(7)),
    bodyMovement: null,
    isCheckKnown: text.charCodeAt(text.length - 1) === checkOf(text.slice(0, -1)),
  })
}

function checkOf(frame: string): number {
  return xorOf(latin1Bytes(frame.slice(1)))
}

function pressuresIn(columns: readonly (string | undefined)[]) {
  const [systolic, mean, diastolic, pulse] = columns
  return {
    systolicMmHg: numberIn(systolic),
    meanMmHg: numberIn(mean),
    diastolicMmHg: numberIn(diastolic),
    pulsePerMinute: numberIn(pulse),
  }
}

/** null when the field is blank, and for 000: nobody has a pressure or a pulse of zero. */
function numberIn(field: string | undefined): number | null {
  const number = Number((field ?? '').trim())
  return number > 0 ? number : null
}

/** A result without a pressure is none, unless the device says why. */
function resultOf(result: Omit<HbpResult, 'kind'>): Decoded<HbpResult> {
  const { errorCode, systolicMmHg, diastolicMmHg } = result
  if (errorCode === null && (systolicMmHg === null || diastolicMmHg === null)) {
    return notAFrame('no pressures in a good result')
  }
  return { ok: true, value: { kind: 'result', ...result } }
}

/** Makes a line as the device does, with blanks for the number of the person. */
export function encodeHbp(packet: HbpPacket): Uint8Array {
  if (packet.kind === 'unsupported') return latin1Bytes(`${packet.format},\r\n`)
  const { format, deviceTime, systolicMmHg, meanMmHg, diastolicMmHg, pulsePerMinute } = packet
  const time = deviceTime ?? { year: 2000, month: 0, day: 0, hour: 0, minute: 0, second: 0 }
  const [month, day, hour, minute] = [time.month, time.day, time.hour, time.minute].map(twoOf)
  const pressures = [systolicMmHg, meanMmHg ?? null, diastolicMmHg, pulsePerMinute].map(threeOf)
  if (format === 'hbp-9030') {
    const numbers = [pressures[0], pressures[2], pressures[3], packet.bodyMovement ?? '0']
    const date = [time.year, month, day, hour, minute].join(',')
    const fields = [date, ' '.repeat(20), packet.errorCode ?? '0', ...numbers]
    return latin1Bytes(`${fields.join(',')}\r\n`)
  }
  if (format === 'bp') {
    const date = `${time.year}/${month}/${day},${hour}:${minute}`
    return latin1Bytes(`bp,${' '.repeat(20)},${date},${pressures.join(',')},0\r\n`)
  }
  const date = `${twoOf(time.year % 100)}${month}${day},${hour}${minute}${twoOf(time.second ?? 0)}`
  const fields = `R1,${' '.repeat(9)},${date},${pressures.join(',')},0000,0000,00000,000`
  const frame = `${stx}${fields}${etx}`
  const check = checkOf(frame) ^ (packet.isCheckKnown === true ? 0 : 1)
  return latin1Bytes(frame + String.fromCharCode(check))
}

function twoOf(part: number): string {
  return String(part).padStart(2, '0')
}

function threeOf(value: number | null): string {
  return value === null ? '   ' : String(value).padStart(3, '0')
}
