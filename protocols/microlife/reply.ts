/**
 * The memory of Microlife BP A6 PC, WatchBP, BPA and their Aponorm twins. They sit behind a bridge
 * that Linux makes a serial line of.
 *
 *   question  12 16 18 22                      read all; the only one that is ever sent
 *   reply     06  nnnn xxxx i24  {record}  kk
 *     nnnn  how many records, hexadecimal      i24  a person's number, never read
 *     kk    low byte of the sum from nnnn to the last record, hexadecimal
 *   record    YYMMDDhhmm rr uuuu wwwwwwww wwwwwwww
 *     w     pulse * 2^20 + diastolic * 2^10 + systolic, hexadecimal, twice the same
 *     r u   not documented
 *
 *   USB report   n d1 ... d7      to the monitor: n bytes of a message
 *                Fn d1 ... d7     from it; fewer than seven do not mean that it is over
 *
 * 28 clears the memory and 27 sets the clock: neither can be made here. A month 00 is a clock that
 * was never set.
 *
 * Source: a published study with captures of a BP A6 PC, and a second, independent driver.
 */
import { latin1Bytes, noBytes } from '../bytes/bytes.ts'
import { sumOf } from '../bytes/checksum.ts'
import { notAFrame, textScanner } from '../bytes/text-frame.ts'
import type { Decoded } from '../packet/decoded.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { DeviceTime } from '../packet/record.ts'

export interface MicrolifeRecord {
  /** null when the clock was never set. */
  readonly deviceTime: DeviceTime | null
  readonly systolicMmHg: number
  readonly diastolicMmHg: number
  readonly pulsePerMinute: number
}

const ack = '\u0006'
const headLength = 33
const recordLength = 32
const checkLength = 2
/** Twice what the largest of them keeps. */
const recordsMax = 400
export const microlifeLimitBytes = headLength + recordLength * recordsMax + checkLength

export const microlifeQuestion = Uint8Array.of(0x12, 0x16, 0x18, 0x22)

export const scanMicrolife = textScanner<readonly MicrolifeRecord[]>({
  mayBegin: (text) => text.startsWith(ack) && /^(?:[\dA-F]{0,3}$|[\dA-F]{4})/.test(text.slice(1)),
  lengthOf: (text) => {
    if (text.length < 5) return null
    const records = Number.parseInt(text.slice(1, 5), 16)
    if (records > recordsMax) return 1
    const length = headLength + recordLength * records + checkLength
    return text.length < length ? null : length
  },
  limitBytes: microlifeLimitBytes,
  read: readReply,
})

function readReply(text: string): Decoded<readonly MicrolifeRecord[]> {
  if (text.length < headLength) return notAFrame('more records than there can be')
  const data = text.slice(1, -checkLength)
  if (checkOf(data) !== text.slice(-checkLength)) return notAFrame('wrong check sum')
  const records: MicrolifeRecord[] = []
  for (let at = headLength - 1; at < data.length; at += recordLength) {
    const record = readRecord(data.slice(at, at + recordLength))
    if (record === null) return notAFrame('no record in its place')
    records.push(record)
  }
  return { ok: true, value: records }
}

function checkOf(data: string): string {
  return sumOf(latin1Bytes(data)).toString(16).toUpperCase().padStart(2, '0')
}

function readRecord(text: string): MicrolifeRecord | null {
  const found = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)[\dA-F]{6}([\dA-F]{8})\6$/.exec(text)
  if (found === null) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = found.slice(1, 6).map(Number)
  const word = Number.parseInt(found[6] ?? '', 16)
  return {
    deviceTime: deviceTimeOf(2000 + year, month, day, hour, minute),
    systolicMmHg: word & 0x3ff,
    diastolicMmHg: (word >>> 10) & 0x3ff,
    pulsePerMinute: (word >>> 20) & 0x3ff,
  }
}

/** A reply of a monitor that knows no person. */
export function encodeMicrolife(records: readonly MicrolifeRecord[]): Uint8Array {
  const count = records.length.toString(16).toUpperCase().padStart(4, '0')
  const data = `${count}0001${'9'.repeat(22)}00${records.map(recordText).join('')}`
  return latin1Bytes(`${ack}${data}${checkOf(data)}`)
}

function recordText(record: MicrolifeRecord): string {
  const { deviceTime: time, systolicMmHg, diastolicMmHg, pulsePerMinute } = record
  const parts =
    time === null
      ? [15, 0, 0, 0, 0]
      : [time.year - 2000, time.month, time.day, time.hour, time.minute]
  const date = parts.map((part) => String(part).padStart(2, '0')).join('')
  const word = pulsePerMinute * 2 ** 20 + diastolicMmHg * 2 ** 10 + systolicMmHg
  const hex = word.toString(16).toUpperCase().padStart(8, '0')
  return `${date}000000${hex}${hex}`
}

const payloadBytes = 7

/** What a report from the monitor carries; nothing of one that is none. */
export function microlifePayload(report: Uint8Array): Uint8Array {
  const head = report[0] ?? 0
  const count = head & 0x0f
  if (head >> 4 !== 0x0f || count > payloadBytes) return noBytes
  return report.slice(1, 1 + count)
}

/** The report that a question of at most seven bytes goes in. */
export function microlifeReport(question: Uint8Array): Uint8Array {
  const report = new Uint8Array(1 + payloadBytes)
  report[0] = Math.min(question.length, payloadBytes)
  report.set(question.subarray(0, payloadBytes), 1)
  return report
}
