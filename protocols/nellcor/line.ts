/**
 * The data port of Nellcor oximeters: a row every two seconds, CR LF at its end, and three lines of
 * headings behind 25 rows or when a setting has changed.
 *
 *   N-560    VERSION 1.61.00    CRC:1A2B  SpO2 Limit: 95-100%    PR Limit: 59-148BPM
 *                                ADULT           25SAT-S
 *   TIME                 %SpO2   BPM     PA     Status
 *   07-Jan-04 11:24:54   100     102      36    MO             AO
 *
 * A number that is out of its limits has a * behind it, one that is missing is ---. Status is none,
 * one or several words of two letters. There is no check sum.
 *
 * Source: rows captured from an N-560; manuals of NPB-290/295; independent clients of N-595 and
 * N-600x.
 */
import { latin1Bytes } from '../bytes/bytes.ts'
import { beginsLike, endsBehind, notAFrame, textScanner } from '../bytes/text-frame.ts'
import type { Decoded } from '../packet/decoded.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { DeviceTime } from '../packet/record.ts'

export interface NellcorRow {
  readonly kind: 'row'
  /** null when the clock shows no date. */
  readonly deviceTime: DeviceTime | null
  readonly saturationPercent: number | null
  readonly pulsePerMinute: number | null
  /** 0 to 254, without a unit. */
  readonly pulseAmplitude: number | null
  /** As they come, for example `MO`, `SD`. */
  readonly statuses: readonly string[]
}

export type NellcorLine =
  | NellcorRow
  | { readonly kind: 'instrument'; readonly model: string; readonly firmware: string }
  | { readonly kind: 'heading' }

export const nellcorLineLimitBytes = 160

/** A row has a clock in front; headings begin with a model, with spaces or with a word. */
export const scanNellcor = textScanner<NellcorLine>({
  mayBegin: beginsLike('##-@@@-## ##:##:## ', 'N-###', 'NPB-', 'PM1000N', 'TIME  ', '     '),
  lengthOf: endsBehind('\n'),
  limitBytes: nellcorLineLimitBytes,
  read: readLine,
})

const months = 'JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC'
const rowForm =
  /^(\d\d)-([A-Za-z]{3})-(\d\d) (\d\d):(\d\d):(\d\d)\s+(\d{1,3}|---)\*?\s+(\d{1,3}|---)\*?\s+(\d{1,3}|---)\*?((?:\s+[A-Z]{2})*)\s*\r?\n$/
const instrumentForm = /^(\S+) +VERSION +([\w.]+) +CRC:[ -~]*\r?\n$/
const headingForm = /^(TIME +%SpO2|\s+(ADULT|NEO|PED))[ -~]*\r?\n$/i

function readLine(text: string): Decoded<NellcorLine> {
  const row = rowForm.exec(text)
  if (row !== null) return readRow(row)
  const instrument = instrumentForm.exec(text)
  if (instrument !== null) {
    const [, model = '', firmware = ''] = instrument
    return { ok: true, value: { kind: 'instrument', model, firmware } }
  }
  return headingForm.test(text) ? { ok: true, value: { kind: 'heading' } } : notAFrame('no line')
}

function readRow(found: RegExpExecArray): Decoded<NellcorLine> {
  const [, day, monthName = '', year, hour, minute, second, saturation, pulse, amplitude, status] =
    found
  const month = months.indexOf(monthName.toUpperCase()) / 3 + 1
  const row: NellcorRow = {
    kind: 'row',
    deviceTime: deviceTimeOf(
      2_000 + Number(year),
      month,
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
    ),
    saturationPercent: numberOf(saturation),
    pulsePerMinute: numberOf(pulse),
    pulseAmplitude: numberOf(amplitude),
    statuses: (status ?? '').split(/\s+/).filter((word) => word !== ''),
  }
  if ((row.saturationPercent ?? 0) > 100) return notAFrame('no saturation')
  if ((row.pulsePerMinute ?? 0) > 255) return notAFrame('no pulse rate')
  return { ok: true, value: row }
}

function numberOf(text: string | undefined): number | null {
  return text === undefined || text === '---' ? null : Number(text)
}

export function encodeNellcor(line: NellcorLine): Uint8Array {
  return latin1Bytes(`${shown(line)}\r\n`)
}

function shown(line: NellcorLine): string {
  if (line.kind === 'heading') return 'TIME                 %SpO2   BPM     PA     Status'
  if (line.kind === 'instrument') return `${line.model}    VERSION ${line.firmware}    CRC:1A2B`
  const time = line.deviceTime
  const date =
    time === null
      ? '00-Jan-00 00:00:00'
      : `${two(time.day)}-${monthName(time.month)}-${two(time.year % 100)} ` +
        [time.hour, time.minute, time.second ?? 0].map(two).join(':')
  const columns = [line.saturationPercent, line.pulsePerMinute, line.pulseAmplitude]
  const numbers = columns.map((number) => String(number ?? '---').padStart(6)).join('  ')
  return [`${date}${numbers}`, ...line.statuses].join('    ')
}

function monthName(month: number): string {
  const name = months.slice(3 * (month - 1), 3 * month)
  return `${name.slice(0, 1)}${name.slice(1).toLowerCase()}`
}

function two(part: number): string {
  return String(part).padStart(2, '0')
}
