/**
 * The dialogue of SD Biosensor CodeFree glucose meters. The meter begins it when it is switched on
 * at its cable, and the newest result comes first.
 *
 *     53  direction  length  message ...  check  aa
 *
 *     direction  20 from the meter, 10 to it
 *     length     of the message and 2
 *     check      exclusive or of the message
 *
 *     meter  10 30              hello
 *     host   10 40              go on
 *     meter  30 count (2) ...   how many results, high byte first
 *     host   10 60              the next one
 *     meter  ?? ?? year month day hour minute mg/dL (2) meal ...    17 bytes
 *     meter  10 70              there are no more, and it is off the line
 *
 * aa stands inside of messages too, so that only the length tells where one ends. A message of the
 * host that begins by ADATE sets the clock: it is not known here.
 *
 * Source: glucometer-protocols, SD CodeFree (reverse engineered); the driver of glucometerutils,
 * which takes the length of a result from its frame, as here.
 */
import { joinBytes } from '../bytes/bytes.ts'
import { xorOf } from '../bytes/checksum.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { DeviceTime } from '../packet/record.ts'

export type CodefreeMessage =
  | { readonly kind: 'hello' }
  | { readonly kind: 'count'; readonly count: number }
  | CodefreeResult
  | { readonly kind: 'finished' }

export interface CodefreeResult {
  readonly kind: 'result'
  readonly time: DeviceTime | null
  readonly mgPerDl: number
  readonly meal: 'none' | 'before' | 'after'
}

const start = 0x53
const fromMeter = 0x20
const toMeter = 0x10
const end = 0xaa
const headBytes = 3
const resultBytes = 17
const countBytes = 22
export const codefreeLimitBytes = headBytes + 0xff

export function scanCodefree(bytes: Uint8Array): Scan<CodefreeMessage> {
  const [first, direction, length] = bytes
  if (first === undefined) return incomplete
  if (first !== start) return noise('no frame', nextStart(bytes))
  if (direction === undefined) return incomplete
  if (direction !== fromMeter) return noise('not from the meter', nextStart(bytes))
  if (length === undefined) return incomplete
  if (length < 4) return noise('no length', 1)
  if (bytes.length < headBytes + length) return incomplete
  const body = bytes.subarray(headBytes, headBytes + length)
  const message = body.subarray(0, -2)
  if (body.at(-1) !== end || body.at(-2) !== xorOf(message)) return noise('wrong check', 1)
  const read = readMessage(message)
  return read === null ? noise('unknown message', 1) : packet(read, headBytes + length)
}

function readMessage(message: Uint8Array): CodefreeMessage | null {
  const [first, second = 0, third = 0] = message
  if (message.length === 2 && first === 0x10 && second === 0x30) return { kind: 'hello' }
  if (message.length === 2 && first === 0x10 && second === 0x70) return { kind: 'finished' }
  if (message.length === countBytes && first === 0x30) {
    return { kind: 'count', count: second * 256 + third }
  }
  if (message.length < resultBytes || message.length === countBytes) return null
  const [, , year = 0, month = 0, day = 0, hour = 0, minute = 0, high = 0, low = 0, meal] = message
  return {
    kind: 'result',
    time: deviceTimeOf(2000 + year, month, day, hour, minute),
    mgPerDl: high * 256 + low,
    meal: meal === 0x10 ? 'before' : meal === 0x20 ? 'after' : 'none',
  }
}

function nextStart(bytes: Uint8Array): number {
  const next = bytes.indexOf(start, 1)
  return next === -1 ? bytes.length : next
}

export function encodeCodefree(message: CodefreeMessage): Uint8Array {
  return framed(fromMeter, bodyOf(message))
}

function bodyOf(message: CodefreeMessage): readonly number[] {
  switch (message.kind) {
    case 'hello':
      return [0x10, 0x30]
    case 'finished':
      return [0x10, 0x70]
    case 'count': {
      const filling = Array.from({ length: countBytes - 3 }, () => end)
      return [0x30, message.count >> 8, message.count & 0xff, ...filling]
    }
    case 'result': {
      const { time, mgPerDl } = message
      const date =
        time === null
          ? [0, 0, 0, 0, 0]
          : [time.year - 2000, time.month, time.day, time.hour, time.minute]
      const meal = { none: 0, before: 0x10, after: 0x20 }[message.meal]
      const rest = [0, 0, 0, 0, 0, 0, 0]
      return [0, 0, ...date, mgPerDl >> 8, mgPerDl & 0xff, meal, ...rest]
    }
  }
}

function framed(direction: number, message: readonly number[]): Uint8Array {
  const check = xorOf(Uint8Array.from(message))
  return joinBytes([start, direction, message.length + 2], message, [check, end])
}

export const codefreeGoOn = framed(toMeter, [0x10, 0x40])
export const codefreeNext = framed(toMeter, [0x10, 0x60])
