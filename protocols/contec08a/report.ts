/**
 * The USB reports of the Contec 08A and 08C, 64 bytes, filled up with zeros.
 *
 *   hello     40 8F FF FE FD FC, twice       query   42 8F FF FE FD FC
 *   download  43 41 01 uu 02 00              uu = 04, 05, 06 for user 1, 2, 3
 *
 *   state     4A 43 s                        s = 01: switched on
 *   header    46 41 80 80 n ... u            n: how many records, u at 13: user
 *   record    82 80 s d p m yy mm 00 dd hh mi 80 u
 *
 * Bit 7 of each byte is a mark, but for the systolic pressure. All records that were published have
 * 128 mm Hg and more there, as a plain byte; whether bit 7 is a mark below 128 is not known. It is
 * decided by the mean, which lies a fifth to three fifths of the way from diastolic to systolic.
 * When that does not decide, there is no systolic. In the same way a pulse above 127 would have
 * lost its bit 7, so that a very low one is none, and a diastolic below 30.
 *
 * 41 as the first byte may erase: it cannot be made here.
 *
 * Source: a published program and eight records with what the vendor's program shows for them.
 */
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { DeviceTime } from '../packet/record.ts'

export interface ContecBpRecord {
  readonly kind: 'record'
  readonly deviceTime: DeviceTime
  /** null when it could be one of two; then `systolics` holds both. */
  readonly systolicMmHg: number | null
  /** What the byte can mean: one number when it is certain. */
  readonly systolics: readonly number[]
  /** null when it is so low that it has more likely lost its bit 7. */
  readonly diastolicMmHg: number | null
  readonly meanMmHg: number
  /** null when it is so low that it has more likely lost its bit 7. */
  readonly pulsePerMinute: number | null
}

export type ContecBpReport =
  | ContecBpRecord
  | { readonly kind: 'state'; readonly isOn: boolean }
  | { readonly kind: 'header'; readonly records: number; readonly user: number }
  | { readonly kind: 'other' }

export type ContecBpCommand = 'hello' | 'query' | { readonly downloadUser: 1 | 2 | 3 }

export const contecBpReportBytes = 64

const lowestPulse = 40
const lowestDiastolic = 30
/** Where the mean lies between diastolic and systolic. */
const meanShare = { from: 0.2, to: 0.6 }

export function scanContecBp(bytes: Uint8Array): Scan<ContecBpReport> {
  if (bytes.length < contecBpReportBytes) return incomplete
  const report = readReport(bytes.subarray(0, contecBpReportBytes))
  if (report === null) return noise('no date or no pressures in a record', contecBpReportBytes)
  return packet(report, contecBpReportBytes)
}

/** null for a record whose date or pressures cannot be. */
function readReport(bytes: Uint8Array): ContecBpReport | null {
  const [one, two] = bytes
  if (one === 0x4a && two === 0x43) return { kind: 'state', isOn: bytes[2] === 0x01 }
  if (one === 0x46 && two === 0x41) {
    return { kind: 'header', records: (bytes[4] ?? 0) & 0x7f, user: (bytes[13] ?? 0) & 0x03 }
  }
  if (one === 0x82 && two === 0x80) return readRecord(bytes)
  return { kind: 'other' }
}

function readRecord(bytes: Uint8Array): ContecBpRecord | null {
  const [systolicByte = 0] = bytes.subarray(2)
  const [diastolic = 0, pulse = 0, mean = 0, year = 0, month = 0, , day = 0, hour = 0, minute = 0] =
    bytes.subarray(3).map((byte) => byte & 0x7f)
  const deviceTime = deviceTimeOf(2000 + year, month, day, hour, minute)
  const diastolicMmHg = diastolic < lowestDiastolic ? null : diastolic
  const systolics = systolicsOf(systolicByte, mean, diastolicMmHg)
  if (deviceTime === null || mean <= diastolic || systolics.length === 0) return null
  const [only = null, other] = systolics
  return {
    kind: 'record',
    deviceTime,
    systolicMmHg: other === undefined ? only : null,
    systolics,
    diastolicMmHg,
    meanMmHg: mean,
    pulsePerMinute: pulse < lowestPulse ? null : pulse,
  }
}

function systolicsOf(byte: number, mean: number, diastolic: number | null): readonly number[] {
  const both = byte < 0x80 ? [byte] : [byte & 0x7f, byte]
  const above = both.filter((one) => one > mean)
  if (above.length < 2 || diastolic === null) return above
  const fitting = above.filter((systolic) => {
    const share = (mean - diastolic) / (systolic - diastolic)
    return share >= meanShare.from && share <= meanShare.to
  })
  return fitting.length === 0 ? above : fitting
}

/** A record says its systolic pressure as a plain byte. */
export function encodeContecBp(report: ContecBpReport): Uint8Array {
  const whole = new Uint8Array(contecBpReportBytes)
  if (report.kind === 'state') whole.set([0x4a, 0x43, report.isOn ? 1 : 0])
  if (report.kind === 'header') {
    whole.set([0x46, 0x41, 0x80, 0x80, 0x80 | report.records])
    whole[13] = 0x90 | report.user
  }
  if (report.kind === 'record') {
    const { deviceTime: time, systolics, diastolicMmHg, meanMmHg, pulsePerMinute } = report
    const marked = [
      diastolicMmHg ?? 0,
      pulsePerMinute ?? 0,
      meanMmHg,
      time.year - 2000,
      time.month,
      0,
      time.day,
      time.hour,
      time.minute,
    ].map((byte) => byte | 0x80)
    whole.set([0x82, 0x80, systolics.at(-1) ?? 0, ...marked, 0x80, 0x91])
  }
  return whole
}

export function encodeContecBpCommand(command: ContecBpCommand): Uint8Array {
  const whole = new Uint8Array(contecBpReportBytes)
  if (command === 'hello') whole.set([0x40, 0x8f, 0xff, 0xfe, 0xfd, 0xfc])
  else if (command === 'query') whole.set([0x42, 0x8f, 0xff, 0xfe, 0xfd, 0xfc])
  else whole.set([0x43, 0x41, 0x01, 0x03 + command.downloadUser, 0x02, 0x00])
  return whole
}
