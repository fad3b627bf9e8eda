/**
 * Leads that were whole numbers once and were scaled to another unit: every value is
 *
 *   k * numerator / denominator, rounded
 *
 * as in a file of microvolts made of steps of 4.88. The step is 2 at least, so that k is found
 * again.
 *
 *   scale  rounding (one byte: 0 down, 1 towards zero, 2 to the nearest, halves up),
 *          numerator, denominator (LEB128; 1 to 2^20, and 1 to 1000)
 */
import type { ByteReader, ByteWriter } from './bytes-io.ts'

export interface Scale {
  readonly rounding: number
  readonly numerator: number
  readonly denominator: number
}

const roundings = 3
const numeratorMax = 2 ** 20
const denominatorMax = 1_000
/** Fewer values show nothing; more are no lattice of a recorder. */
const distinctMin = 12
const distinctMax = 20_000
/** A scaled lead is found within these; any other would be asked half a million times. */
const candidatesMax = 10_000

/** All products are whole and below 2^52, so that the quotient, cut off, is exact. */
export function scaled(k: number, { rounding, numerator, denominator }: Scale): number {
  const product = k * numerator
  if (rounding === 0) return Math.floor(product / denominator)
  if (rounding === 1) return Math.trunc(product / denominator)
  return Math.floor((2 * product + denominator) / (2 * denominator))
}

/** The k of a value; null when there is none. */
export function unscaled(value: number, scale: Scale): number | null {
  const near = Math.round((value * scale.denominator) / scale.numerator)
  for (let k = near - 1; k <= near + 1; k++) if (scaled(k, scale) === value) return k
  return null
}

/** null when the values are not those of a scaled lead. */
export function findScale(lead: Int32Array): Scale | null {
  const distinct = new Set(lead)
  if (distinct.size < distinctMin || distinct.size > distinctMax) return null
  for (const value of distinct) if (distinct.has(value + 1)) return null
  const values = [...distinct].sort((a, b) => a - b)
  const step = stepOf(values)
  if (step === null) return null
  let candidates = 0
  for (let denominator = 1; denominator <= denominatorMax; denominator++) {
    const first = Math.max(Math.ceil(step.low * denominator), 2 * denominator)
    const last = Math.min(Math.floor(step.high * denominator), numeratorMax)
    for (let numerator = first; numerator <= last; numerator++) {
      candidates += 1
      if (candidates > candidatesMax) return null
      for (let rounding = 0; rounding < roundings; rounding++) {
        const scale = { rounding, numerator, denominator }
        if (values.every((value) => unscaled(value, scale) !== null)) return scale
      }
    }
  }
  return null
}

/**
 * Within what the step must lie: between two rounded multiples lies a whole number of steps, give
 * or take less than one. Small distances say how many steps larger ones are.
 */
function stepOf(values: readonly number[]): { readonly low: number; readonly high: number } | null {
  const first = values[0] ?? 0
  const gaps = values.slice(1).map((value, at) => value - (values[at] ?? 0))
  const distances = [...gaps, ...values.slice(1).map((value) => value - first)]
  distances.sort((a, b) => a - b)
  const least = distances[0] ?? 0
  let low = least - 1
  let high = least + 1
  for (const distance of distances) {
    const fewest = Math.ceil((distance - 1) / high)
    const most = Math.floor((distance + 1) / low)
    if (fewest > most) return null
    if (fewest < most) continue
    low = Math.max(low, (distance - 1) / most)
    high = Math.min(high, (distance + 1) / most)
    if (low > high) return null
  }
  return { low, high }
}

export function writeScale(writer: ByteWriter, scale: Scale): void {
  writer.byte(scale.rounding)
  writer.unsigned(scale.numerator)
  writer.unsigned(scale.denominator)
}

/** null when malformed. */
export function readScale(reader: ByteReader): Scale | null {
  const rounding = reader.byte()
  const numerator = reader.unsigned()
  const denominator = reader.unsigned()
  const fits = denominator >= 1 && denominator <= denominatorMax && numerator <= numeratorMax
  if (rounding >= roundings || !fits || numerator < 2 * denominator) return null
  return { rounding, numerator, denominator }
}
