/**
 * Questions to LifeScan OneTouch meters and what their answers hold. Numbers have their low byte
 * first, glucose is always in mg/dL, times are seconds of the meter's own clock.
 *
 *                 UltraEasy (05)          Verio IQ (03)     Verio, Select Plus (03)
 *     serial      0b 02 0000000084 6ae87300   0b 01 02      e6 02 00, answered in UTF-16
 *     clock       20 02 00000000          20 02             20 02
 *     count       1f f5 01                27 00             27 00
 *     record n    1f n                    21 n              31 02 n 00
 *
 *     answer      family 06 data
 *     record      UltraEasy   time (4, since 1970)  glucose (4)
 *                 Verio IQ    time (4, since 2000)  glucose (2)  control (1)  meal (1)  ... (2)
 *                 Verio       ... (2)  control (bit 0)  number for life (2)  time (4, since 2000)
 *                             glucose (2)  meal (1)  ... (4)
 *
 * 20 01 sets the clock and 1a erases: neither is known here.
 *
 * Source: as in frame.ts; the control bit of Verio is from the Tidepool uploader alone.
 */
import { joinBytes, latin1Text } from '../bytes/bytes.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import { toHex } from '../packet/hex.ts'
import type { DeviceTime } from '../packet/record.ts'
import type { LifescanFrame } from './frame.ts'

export type LifescanModel = 'ultraeasy' | 'verio-iq' | 'verio'

export type LifescanQuestion =
  | { readonly kind: 'serial' | 'clock' | 'count' }
  | { readonly kind: 'record'; readonly number: number }

export interface LifescanRecord {
  readonly time: DeviceTime | null
  readonly mgPerDl: number
  /** null for a model that does not say whether it was control solution. */
  readonly isControl: boolean | null
  readonly meal: 'none' | 'before' | 'after'
  /** The number that no other result of this meter ever has; null for a model without. */
  readonly lifeNumber: number | null
  /** What is not explained, in hexadecimal; empty when there is none. */
  readonly unknown: string
}

const families = { ultraeasy: 0x05, 'verio-iq': 0x03, verio: 0x03 } as const
const success = 0x06
/** No meter has so many records: it answers how many it has. */
const countNumber = 501

const serialQuestions = {
  ultraeasy: [0x0b, 0x02, 0, 0, 0, 0, 0x84, 0x6a, 0xe8, 0x73, 0],
  'verio-iq': [0x0b, 0x01, 0x02],
  verio: [0xe6, 0x02, 0],
} as const

export function lifescanMessage(model: LifescanModel, question: LifescanQuestion): Uint8Array {
  return joinBytes([families[model]], bodyOf(model, question))
}

function bodyOf(model: LifescanModel, question: LifescanQuestion): readonly number[] {
  const isEasy = model === 'ultraeasy'
  switch (question.kind) {
    case 'serial':
      return serialQuestions[model]
    case 'clock':
      return isEasy ? [0x20, 0x02, 0, 0, 0, 0] : [0x20, 0x02]
    case 'count':
      return isEasy ? [0x1f, countNumber & 0xff, countNumber >> 8] : [0x27, 0]
    case 'record': {
      const number = [question.number & 0xff, question.number >> 8]
      if (isEasy) return [0x1f, ...number]
      return model === 'verio' ? [0x31, 0x02, ...number, 0] : [0x21, ...number]
    }
  }
}

/** What stands behind a success; null for an error, a refusal, or the answer of another family. */
export function lifescanData(model: LifescanModel, { message }: LifescanFrame): Uint8Array | null {
  if (message[0] !== families[model] || message[1] !== success) return null
  return message.slice(2)
}

const recordBytes = { ultraeasy: 8, 'verio-iq': 10, verio: 16 } as const

/** Answers do not repeat the question: their length tells which one they can belong to. */
export function isLifescanAnswer(
  model: LifescanModel,
  kind: LifescanQuestion['kind'],
  data: Uint8Array,
): boolean {
  switch (kind) {
    case 'count':
      return data.length === 2
    case 'clock':
      return data.length === 4
    case 'record':
      return data.length === recordBytes[model]
    case 'serial':
      return readLifescanSerial(model, data) !== null
  }
}

/** null when it is no serial number. */
export function readLifescanSerial(model: LifescanModel, data: Uint8Array): string | null {
  const letters = model === 'verio' ? data.filter((_, at) => at % 2 === 0) : data
  const text = latin1Text(letters).replace(/\0+$/, '')
  return /^[A-Z0-9]{5,20}$/.test(text) ? text : null
}

export function readLifescanCount(data: Uint8Array): number {
  return littleEndian(data, 0, 2)
}

/** null for a clock that was never set. */
export function readLifescanTime(
  model: LifescanModel,
  data: Uint8Array,
  at = 0,
): DeviceTime | null {
  const seconds = littleEndian(data, at, 4)
  if (seconds === 0) return null
  const time = new Date((seconds + (model === 'ultraeasy' ? 0 : secondsTo2000)) * 1_000)
  return deviceTimeOf(
    time.getUTCFullYear(),
    time.getUTCMonth() + 1,
    time.getUTCDate(),
    time.getUTCHours(),
    time.getUTCMinutes(),
    time.getUTCSeconds(),
  )
}

/** From the beginning of 1970 to that of 2000. */
const secondsTo2000 = 946_684_800

const meals = ['none', 'before', 'after'] as const

/** null when the answer has another length than this model's records. */
export function readLifescanRecord(model: LifescanModel, data: Uint8Array): LifescanRecord | null {
  if (data.length !== recordBytes[model]) return null
  switch (model) {
    case 'ultraeasy':
      return {
        time: readLifescanTime(model, data),
        mgPerDl: littleEndian(data, 4, 4),
        isControl: null,
        meal: 'none',
        lifeNumber: null,
        unknown: '',
      }
    case 'verio-iq':
      return {
        time: readLifescanTime(model, data),
        mgPerDl: littleEndian(data, 4, 2),
        isControl: data[6] !== 0,
        meal: meals[data[7] ?? 0] ?? 'none',
        lifeNumber: null,
        unknown: toHex(data.subarray(8)),
      }
    case 'verio':
      return {
        time: readLifescanTime(model, data, 5),
        mgPerDl: littleEndian(data, 9, 2),
        isControl: ((data[2] ?? 0) & 1) === 1,
        meal: meals[data[11] ?? 0] ?? 'none',
        lifeNumber: littleEndian(data, 3, 2),
        unknown: toHex(data.subarray(12)),
      }
  }
}

function littleEndian(data: Uint8Array, at: number, bytes: number): number {
  let number = 0
  for (let index = bytes - 1; index >= 0; index--) number = number * 256 + (data[at + index] ?? 0)
  return number
}
