/**
 * Frames of TaiDoc meters, which are sold under many names: FORA, GlucoRx, GlucoMen, and others for
 * glucose, blood pressure, temperature, SpO2 and weight. The host asks, the meter answers.
 *
 *     51  command  p0 p1 p2 p3  direction  check
 *
 *     direction  a3 to the meter, a5 from it
 *     check      the low eight bits of the sum of all bytes before it
 *     answer     repeats the command; 54 says that the meter is ready for commands
 *
 * The record of a scale is longer: 51 71 ..., 32 or 40 bytes, with a5 and the sum at its end.
 *
 * Only questions can be made here. 33 sets the clock and 52 erases the memory: they are not known.
 *
 * Source: glucometer-protocols, TD-42xx (reverse engineered); the drivers of glucometerutils and of
 * the Tidepool uploader; the Android library of advmeds for what is no glucose. The ends of the
 * long record are inferred from its two lengths and from the frames.
 */
import { joinBytes } from '../bytes/bytes.ts'
import { sumOf } from '../bytes/checksum.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'

export interface TaidocAnswer {
  readonly kind: 'answer'
  readonly command: number
  /** Four bytes. */
  readonly data: Uint8Array
}

export interface TaidocLong {
  readonly kind: 'scale'
  /** The whole record, 32 or 40 bytes. */
  readonly bytes: Uint8Array
}

export type TaidocPacket = TaidocAnswer | TaidocLong

/** Each only tells something. */
export const taidocQuestions = {
  connect: 0x22,
  clock: 0x23,
  model: 0x24,
  recordTime: 0x25,
  recordValue: 0x26,
  serialLow: 0x27,
  serialHigh: 0x28,
  count: 0x2b,
  saturation: 0x49,
} as const

export type TaidocQuestion = keyof typeof taidocQuestions

/** The meter was just switched to the cable. */
export const taidocReady = 0x54

const start = 0x51
const toMeter = 0xa3
const fromMeter = 0xa5
const scaleCommand = 0x71
const frameBytes = 8
export const taidocScaleLengths = [32, 40] as const
export const taidocLimitBytes = 40

export function scanTaidoc(bytes: Uint8Array): Scan<TaidocPacket> {
  const [first, command] = bytes
  if (first === undefined) return incomplete
  if (first !== start) return noise('no frame', nextStart(bytes))
  if (command === scaleCommand) return scanScaleRecord(bytes)
  if (bytes.length < frameBytes) return incomplete
  const frame = bytes.slice(0, frameBytes)
  if (!isClosed(frame)) return noise('no answer of a meter', Math.min(nextStart(bytes), frameBytes))
  return packet({ kind: 'answer', command: command ?? 0, data: frame.slice(2, 6) }, frameBytes)
}

function scanScaleRecord(bytes: Uint8Array): Scan<TaidocPacket> {
  for (const length of taidocScaleLengths) {
    if (bytes.length < length) return incomplete
    const record = bytes.slice(0, length)
    if (isClosed(record)) return packet({ kind: 'scale', bytes: record }, length)
  }
  return noise('no record of a scale', nextStart(bytes.subarray(0, taidocLimitBytes)))
}

function isClosed(frame: Uint8Array): boolean {
  return frame.at(-2) === fromMeter && frame.at(-1) === sumOf(frame.subarray(0, -1))
}

function nextStart(bytes: Uint8Array): number {
  const next = bytes.indexOf(start, 1)
  return next === -1 ? bytes.length : next
}

export function encodeTaidoc(answer: TaidocPacket): Uint8Array {
  if (answer.kind === 'scale') return answer.bytes
  return closed([start, answer.command, ...answer.data, fromMeter])
}

/** `record` counts from the newest, which is 0. */
export function taidocQuestion(question: TaidocQuestion, record = 0): Uint8Array {
  const number = [record & 0xff, record >> 8]
  return closed([start, taidocQuestions[question], ...number, 0, 0, toMeter])
}

/** For the last weighing. */
export const taidocScaleQuestion = closed([start, scaleCommand, 2, 0, 0, toMeter])

/** With its check byte behind it. */
export function closed(frame: readonly number[]): Uint8Array {
  const bytes = Uint8Array.from(frame)
  return joinBytes(bytes, [sumOf(bytes)])
}
