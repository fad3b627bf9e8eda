/**
 * Draeger MEDIBUS, the slow half: both sides may ask, and every question is answered.
 *
 *   question   1B CODE data... check 0D
 *   answer     01 CODE data... check 0D        01 15 check 0D: the question was not understood
 *
 * CODE is that of the question; the check is the low byte of the sum of all bytes before it, as two
 * upper-case hexadecimal characters. All bytes are below 80: what is above is real-time data, which
 * may stand anywhere in between. A new beginning within a frame begins anew.
 *
 * Only questions that change nothing can be made here: initialise, identity, no operation, stop,
 * measured data, alarms, settings, texts, curves.
 *
 * Source: Draeger MEDIBUS protocol definition 4.03; its examples.
 */
import { joinBytes, latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { sumOf } from '../bytes/checksum.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'

export interface MedibusFrame {
  readonly kind: 'question' | 'answer'
  readonly code: number
  readonly data: string
}

export const medibusCodes = {
  initialise: 0x51,
  identity: 0x52,
  noOperation: 0x30,
  stop: 0x55,
  measured: 0x24,
  measuredMore: 0x2b,
  alarms: 0x27,
  alarmsMore: 0x2e,
  settings: 0x29,
  texts: 0x2a,
  curves: 0x53,
} as const

export type MedibusQuestion = keyof typeof medibusCodes

/** What a ventilator asks when its curves are others now. */
export const medibusCurvesChanged = 0x56

/** What a ventilator answers to a question that came broken. */
export const medibusNotUnderstood = 0x15

/** 3,845 bytes of answer, and what stands around them. */
export const medibusLimitBytes = 4_096

const questionStart = 0x1b
const answerStart = 0x01
const end = 0x0d
const shortest = 5

export function scanMedibus(bytes: Uint8Array): Scan<MedibusFrame> {
  const [first] = bytes
  if (first === undefined) return incomplete
  const stopAt = bytes.findIndex((byte, at) => at > 0 && (isStart(byte) || byte === end))
  const stop = stopAt === -1 ? undefined : bytes[stopAt]
  if (first !== questionStart && first !== answerStart) {
    const next = bytes.findIndex(isStart)
    return noise('no frame', next === -1 ? bytes.length : next)
  }
  if (stop === undefined) {
    return bytes.length < medibusLimitBytes ? incomplete : noise('frame without end', bytes.length)
  }
  if (stop !== end) return noise('cut short', stopAt)
  const length = stopAt + 1
  if (length < shortest) return noise('too short', length)
  const counted = bytes.subarray(0, stopAt - 2)
  if (latin1Text(bytes.subarray(stopAt - 2, stopAt)) !== checkOf(counted)) {
    return noise('wrong check sum', length)
  }
  const kind = first === questionStart ? 'question' : 'answer'
  return packet({ kind, code: bytes[1] ?? 0, data: latin1Text(counted.subarray(2)) }, length)
}

function isStart(byte: number): boolean {
  return byte === questionStart || byte === answerStart
}

function checkOf(counted: Uint8Array): string {
  return sumOf(counted).toString(16).toUpperCase().padStart(2, '0')
}

export function encodeMedibus({ kind, code, data }: MedibusFrame): Uint8Array {
  const start = kind === 'question' ? questionStart : answerStart
  const counted = joinBytes([start, code], latin1Bytes(data))
  return joinBytes(counted, latin1Bytes(checkOf(counted)), [end])
}

export function encodeMedibusQuestion(question: MedibusQuestion): Uint8Array {
  return encodeMedibus({ kind: 'question', code: medibusCodes[question], data: '' })
}

/** To a question of the ventilator: that it was heard, and nothing else. */
export function encodeMedibusEcho(code: number): Uint8Array {
  return encodeMedibus({ kind: 'answer', code, data: '' })
}
