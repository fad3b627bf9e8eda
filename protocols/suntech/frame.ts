/**
 * The frames of SunTech blood pressure modules (Advantage, A+, Mini), which are inside CT40, CT50
 * and many monitors. The module speaks only when it is asked.
 *
 *   question   3A command data... check     check: the sum of the whole frame is 0 mod 256
 *   answer     3E length  data... check     length: of the whole frame, 4 to 67
 *
 *   length 4   acknowledge: one letter
 *   length 5   pressure in the cuff, mm Hg, low byte first
 *   length 18  result: systolic diastolic (10 bytes, not explained) pulse mean error (2 bytes);
 *              numbers low byte first
 *
 * Only two questions can be made here: for the pressure in the cuff and for the last result.
 *
 * Source: two independent drivers of the module that agree. The codes of errors are from one of
 * them; it also writes them by their decimal digits (0x87 for 87).
 */
import { joinBytes } from '../bytes/bytes.ts'
import { sumOf } from '../bytes/checksum.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'
import { fromHex, toHex } from '../packet/hex.ts'

export interface SuntechResult {
  readonly kind: 'result'
  readonly systolicMmHg: number
  readonly diastolicMmHg: number
  readonly meanMmHg: number
  readonly pulsePerMinute: number
  /** 0 is good. */
  readonly error: number
  /** What is not explained, in hexadecimal. It tells one result from the next. */
  readonly internal: string
  /** What stands behind the error, in hexadecimal. */
  readonly reserved: string
}

export type SuntechPacket =
  | SuntechResult
  | { readonly kind: 'pressure'; readonly cuffMmHg: number }
  | { readonly kind: 'acknowledge'; readonly letter: string }
  /** A whole frame that answers nothing that we ask. */
  | { readonly kind: 'other'; readonly lengthBytes: number }

export const suntechLimitBytes = 67

const start = 0x3e
const shortest = 4
const acknowledgeLength = 4
const pressureLength = 5
/** With at least the error code behind the numbers. */
const resultLengthMin = 0x16
const internalBytes = { from: 4, to: 14 }

export function scanSuntech(bytes: Uint8Array): Scan<SuntechPacket> {
  const [first, length] = bytes
  if (first === undefined) return incomplete
  if (first !== start) {
    const next = bytes.indexOf(start)
    return noise('no frame', next === -1 ? bytes.length : next)
  }
  if (length === undefined) return incomplete
  if (length < shortest || length > suntechLimitBytes) return noise('no length', 1)
  if (bytes.length < length) return incomplete
  if (sumOf(bytes.subarray(0, length)) !== 0) return noise('wrong check byte', 1)
  return packet(contentOf(bytes.subarray(2, length - 1), length), length)
}

function contentOf(data: Uint8Array, length: number): SuntechPacket {
  if (length === acknowledgeLength) {
    return { kind: 'acknowledge', letter: String.fromCharCode(data[0] ?? 0) }
  }
  if (length === pressureLength) return { kind: 'pressure', cuffMmHg: numberAt(data, 0) }
  if (length < resultLengthMin) return { kind: 'other', lengthBytes: length }
  return {
    kind: 'result',
    systolicMmHg: numberAt(data, 0),
    diastolicMmHg: numberAt(data, 2),
    meanMmHg: numberAt(data, 16),
    pulsePerMinute: numberAt(data, 14),
    error: data[18] ?? 0,
    internal: toHex(data.subarray(internalBytes.from, internalBytes.to)),
    reserved: toHex(data.subarray(19)),
  }
}

function numberAt(data: Uint8Array, at: number): number {
  return (data[at] ?? 0) | ((data[at + 1] ?? 0) << 8)
}

export function encodeSuntech(answer: SuntechPacket): Uint8Array {
  switch (answer.kind) {
    case 'acknowledge':
      return frame([answer.letter.charCodeAt(0)])
    case 'pressure':
      return frame(twoBytes(answer.cuffMmHg))
    case 'other':
      return frame(new Uint8Array(answer.lengthBytes - 3))
    case 'result':
      return frame(
        joinBytes(
          twoBytes(answer.systolicMmHg),
          twoBytes(answer.diastolicMmHg),
          fromHex(answer.internal) ?? [],
          twoBytes(answer.pulsePerMinute),
          twoBytes(answer.meanMmHg),
          [answer.error],
          fromHex(answer.reserved) ?? [],
        ),
      )
  }
}

function frame(data: ArrayLike<number>): Uint8Array {
  return closed(joinBytes([start, data.length + 3], data))
}

function closed(bytes: Uint8Array): Uint8Array {
  return joinBytes(bytes, [-sumOf(bytes) & 0xff])
}

function twoBytes(value: number): readonly number[] {
  return [value & 0xff, value >> 8]
}

export function encodeSuntechQuestion(what: 'cuff-pressure' | 'last-result'): Uint8Array {
  return closed(Uint8Array.of(0x3a, 0x79, what === 'cuff-pressure' ? 0x05 : 0x03, 0x00))
}

/** Words for the code of an error; null for one that is not known. */
export function suntechErrorWords(error: number): string | null {
  const digits = error >= 0x85 ? Number(error.toString(16)) : error
  return errorWords.get(digits) ?? null
}

const errorWords: ReadonlyMap<number, string> = new Map([
  [1, 'weak-pulse'],
  [2, 'artefact'],
  [3, 'out-of-range'],
  [4, 'time-limit'],
  [85, 'blockage'],
  [86, 'stopped'],
  [87, 'leak'],
  [88, 'safety-time-out'],
  [89, 'over-pressure'],
  [90, 'hardware'],
  [91, 'autozero'],
  [97, 'transducer'],
  [99, 'calibration'],
])
