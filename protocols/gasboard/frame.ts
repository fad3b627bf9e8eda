/**
 * Cubic Gasboard 7500E, the ultrasonic sensor for oxygen and flow inside of oxygen concentrators:
 *
 *   question   11 LEN OP check              LEN counts from OP to the last byte before the check
 *   answer     16 LEN OP data... check      check: the sum of the whole frame is 0 mod 256
 *
 *   OP 01   data: oxygen (% x 10), flow (L/min x 10), temperature (Celsius x 10), each two bytes,
 *           the high one first, and two bytes that are reserved
 *   OP 1E   the version of its program as text
 *
 * What the sensor also understands, such as switching between asking and telling, is stored in it;
 * here it cannot be made.
 *
 * Source: open firmware that runs with this sensor.
 */
import { joinBytes, latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { sumOf } from '../bytes/checksum.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'

export interface GasboardReading {
  readonly kind: 'reading'
  readonly oxygenPercent: number
  readonly flowLPerMin: number
  readonly temperatureCel: number
}

export type GasboardAnswer =
  | GasboardReading
  | { readonly kind: 'version'; readonly version: string }

export const gasboardLimitBytes = 12

const questionStart = 0x11
const answerStart = 0x16
const ops = { reading: 0x01, version: 0x1e } as const
const readingLength = 9
const lengthMax = 9

export function scanGasboard(bytes: Uint8Array): Scan<GasboardAnswer> {
  const [first, length, op] = bytes
  if (first === undefined) return incomplete
  if (first !== answerStart) {
    const next = bytes.indexOf(answerStart)
    return noise('no beginning', next === -1 ? bytes.length : next)
  }
  if (length === undefined) return incomplete
  if (length < 2 || length > lengthMax) return noise('impossible length', 1)
  if (op === undefined) return incomplete
  const isReading = op === ops.reading && length === readingLength
  if (!isReading && op !== ops.version) return noise('no answer that we ask for', 1)
  const whole = length + 3
  if (bytes.length < whole) return incomplete
  if (sumOf(bytes.subarray(0, whole)) !== 0) return noise('wrong check sum', 1)
  const data = bytes.subarray(3, whole - 1)
  if (!isReading) return packet({ kind: 'version', version: latin1Text(data).trim() }, whole)
  const answer = {
    kind: 'reading',
    oxygenPercent: tenthsAt(data, 0),
    flowLPerMin: tenthsAt(data, 2),
    temperatureCel: tenthsAt(data, 4),
  } as const
  return packet(answer, whole)
}

function tenthsAt(data: Uint8Array, at: number): number {
  return (((data[at] ?? 0) << 8) | (data[at + 1] ?? 0)) / 10
}

export function encodeGasboard(answer: GasboardAnswer): Uint8Array {
  if (answer.kind === 'version') return frame(answerStart, ops.version, latin1Bytes(answer.version))
  const { oxygenPercent, flowLPerMin, temperatureCel } = answer
  const numbers = [oxygenPercent, flowLPerMin, temperatureCel].flatMap((number) => {
    const tenths = Math.round(number * 10)
    return [tenths >> 8, tenths & 0xff]
  })
  return frame(answerStart, ops.reading, [...numbers, 0, 0])
}

export function encodeGasboardQuestion(what: keyof typeof ops): Uint8Array {
  return frame(questionStart, ops[what], [])
}

function frame(start: number, op: number, data: ArrayLike<number>): Uint8Array {
  const counted = joinBytes([start, data.length + 1, op], data)
  return joinBytes(counted, [-sumOf(counted) & 0xff])
}
