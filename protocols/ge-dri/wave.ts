/**
 * A part of a wave record: one wave for about a second.
 *
 *   0 samples u16   2 status u16   4 reserved   6 i16 each
 *   status: 0 gap before, 4-9 counter of the parts of this wave, modulo 60
 *
 * The number of samples differs by one around the rate. Values below -32,001 are no values.
 *
 * Source: recordings of a CARESCAPE monitor for rate and status of pleth and entropy, independent
 * clients for the others.
 */
import { viewOf } from '../bytes/bytes.ts'
import type { DriPart } from './frame.ts'

export const waveTypes = {
  ecg1: 1,
  pressure1: 4,
  pleth: 8,
  co2: 9,
  respiration: 15,
  entropy: 32,
} as const

export interface DriWave {
  readonly type: number
  readonly isAfterGap: boolean
  /** 0 to 59. */
  readonly counter: number
  /** null for an instant without a value. */
  readonly samples: readonly (number | null)[]
}

/** From here on down a number is one of several reasons why there is none. */
export const noValueBelow = -32_001
const noValue = -32_767
const headBytes = 6

/** null when the part is no wave. */
export function readWave({ type, bytes }: DriPart): DriWave | null {
  if (bytes.length < headBytes) return null
  const view = viewOf(bytes)
  const count = view.getUint16(0, true)
  if (bytes.length < headBytes + 2 * count) return null
  const status = view.getUint16(2, true)
  const samples = Array.from({ length: count }, (_, index) => {
    const value = view.getInt16(headBytes + 2 * index, true)
    return value < noValueBelow ? null : value
  })
  return { type, isAfterGap: (status & 1) !== 0, counter: (status >> 4) & 0x3f, samples }
}

export function wavePart(wave: DriWave): DriPart {
  const bytes = new Uint8Array(headBytes + 2 * wave.samples.length)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, wave.samples.length, true)
  view.setUint16(2, (wave.isAfterGap ? 1 : 0) | (wave.counter << 4), true)
  for (const [index, sample] of wave.samples.entries()) {
    view.setInt16(headBytes + 2 * index, sample ?? noValue, true)
  }
  return { type: wave.type, bytes }
}
