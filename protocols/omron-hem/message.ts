/**
 * The messages in the reports of report.ts. Reading changes nothing in the monitor.
 *
 *   question   three letters, arguments, check        check = exclusive or of the arguments
 *   answer     "OK", 00, what was asked for, check    check = exclusive or of what is behind "OK"
 *   busy       "NO": ask again
 *
 *   VER 30 30        "M7080IT 207", 11 characters     SRL 30 30     serial number, 7 bytes
 *   GDC 00 b 00 00   count of bank b: 00, a counter, 00, how many
 *   GME 00 b 00 i    reading i of bank b, the newest is 0:
 *                    yy mm dd hh mm ss xx xx systolic diastolic pulse xx series
 *   END FF FF        the monitor leaves its PC mode
 *
 * The bank is one of the two people that the monitor tells apart. `series`: high four bits, 0 for a
 * single reading, 1 to 3 for one of three. Flags of movement and of an irregular pulse are in bytes
 * that nobody has explained.
 */
import { joinBytes, latin1Bytes, latin1Text, noBytes } from '../bytes/bytes.ts'
import { xorOf } from '../bytes/checksum.ts'
import type { Decoded } from '../packet/decoded.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { DeviceTime } from '../packet/record.ts'

export interface HemReading {
  readonly deviceTime: DeviceTime | null
  readonly systolicMmHg: number
  readonly diastolicMmHg: number
  readonly pulsePerMinute: number
  /** null for a single one. */
  readonly seriesMember: number | null
}

export interface HemCount {
  /** Goes up by one with each reading that is taken. */
  readonly counter: number
  readonly readings: number
}

export type HemBank = 0 | 1

export type HemQuestion =
  | { readonly kind: 'version' }
  | { readonly kind: 'serial' }
  | { readonly kind: 'count'; readonly bank: HemBank }
  | { readonly kind: 'reading'; readonly bank: HemBank; readonly index: number }
  | { readonly kind: 'end' }

/** How many bytes an answer carries between its 00 and its check byte. */
const contentBytes = { version: 11, serial: 7, count: 4, reading: 13 } as const
export type HemContent = keyof typeof contentBytes

const ok = latin1Bytes('OK')
const busy = latin1Bytes('NO')

export function encodeHemQuestion(question: HemQuestion): Uint8Array {
  switch (question.kind) {
    case 'version':
      return latin1Bytes('VER00')
    case 'serial':
      return latin1Bytes('SRL00')
    case 'end':
      return joinBytes(latin1Bytes('END'), [0xff, 0xff])
    case 'count':
      return withCheck('GDC', [0, question.bank, 0, 0])
    case 'reading':
      return withCheck('GME', [0, question.bank, 0, question.index])
  }
}

function withCheck(letters: string, args: readonly number[]): Uint8Array {
  return joinBytes(latin1Bytes(letters), args, [xorOf(Uint8Array.from(args))])
}

/** Whether a whole answer is there: with its content, or one of two letters. */
export function isHemAnswerWhole(answer: Uint8Array, content: HemContent | null): boolean {
  if (answer.length < 2) return false
  const isBusy = latin1Text(answer.subarray(0, 2)) === latin1Text(busy)
  return content === null || isBusy || answer.length >= ok.length + contentBytes[content] + 2
}

/** The content of an answer, without 00 and check byte. */
export function readHemAnswer(answer: Uint8Array, content: HemContent): Decoded<Uint8Array> {
  const letters = latin1Text(answer.subarray(0, 2))
  if (letters === latin1Text(busy)) return { ok: false, reason: 'busy' }
  if (letters !== latin1Text(ok)) return { ok: false, reason: 'neither OK nor NO' }
  const rest = answer.subarray(2)
  if (rest.length !== contentBytes[content] + 2) return { ok: false, reason: 'wrong length' }
  if (rest[0] !== 0) return { ok: false, reason: 'no 00 behind OK' }
  if (xorOf(rest.subarray(0, -1)) !== rest.at(-1)) return { ok: false, reason: 'wrong check byte' }
  return { ok: true, value: rest.slice(1, -1) }
}

export function encodeHemAnswer(content: Uint8Array | 'busy' | 'done'): Uint8Array {
  if (content === 'busy') return busy
  if (content === 'done') return ok
  const covered = joinBytes([0], content)
  return joinBytes(ok, covered, [xorOf(covered)])
}

export function readHemCount(content: Uint8Array): HemCount {
  const [, counter = 0, , readings = 0] = content
  return { counter, readings }
}

export function readHemReading(content: Uint8Array): Decoded<HemReading> {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = content
  const [systolicMmHg = 0, diastolicMmHg = 0, pulsePerMinute = 0] = content.subarray(8)
  if (systolicMmHg === 0 || diastolicMmHg === 0 || pulsePerMinute === 0) {
    return { ok: false, reason: 'no reading in it' }
  }
  return {
    ok: true,
    value: {
      deviceTime: deviceTimeOf(2000 + year, month, day, hour, minute, second),
      systolicMmHg,
      diastolicMmHg,
      pulsePerMinute,
      seriesMember: (content[12] ?? 0) >> 4 || null,
    },
  }
}

export function encodeHemReading(reading: HemReading): Uint8Array {
  const { deviceTime: time, systolicMmHg, diastolicMmHg, pulsePerMinute, seriesMember } = reading
  const date =
    time === null
      ? [0, 0, 0, 0, 0, 0]
      : [time.year - 2000, time.month, time.day, time.hour, time.minute, time.second ?? 0]
  const numbers = [systolicMmHg, diastolicMmHg, pulsePerMinute, 0, (seriesMember ?? 0) << 4]
  return joinBytes(date, [0, 0], numbers, noBytes)
}
