/**
 * Measurements that differ from each other and can be counted: from what arrived it can be told
 * which one it was, hence which is missing and which came twice.
 */

/** Coprime to both counts below, so that neighbours look unlike each other and none comes twice. */
const stride = 7_919

const systolics = { from: 100, count: 80 } as const
const diastolics = { from: 50, count: 40 } as const
const pulses = { from: 50, count: 60 } as const
export const pressuresCount = systolics.count * diastolics.count * pulses.count

/** 40.00 kg to 119.95 kg in steps of 0.05 kg. */
const weights = { fromSteps: 800, count: 1_600, stepsPerKg: 20 } as const
export const weightsCount = weights.count

export interface Pressure {
  readonly systolicMmHg: number
  readonly diastolicMmHg: number
  readonly meanMmHg: number
  readonly pulsePerMinute: number
}

/** `number` counts from 0. After `pressuresCount` they repeat, without the pulse after 3,200. */
export function pressureOf(number: number): Pressure {
  const mixed = (number * stride) % pressuresCount
  const systolicMmHg = systolics.from + (mixed % systolics.count)
  const diastolicMmHg = diastolics.from + (Math.floor(mixed / systolics.count) % diastolics.count)
  const pulse = Math.floor(mixed / (systolics.count * diastolics.count))
  return {
    systolicMmHg,
    diastolicMmHg,
    meanMmHg: Math.round(diastolicMmHg + (systolicMmHg - diastolicMmHg) / 3),
    pulsePerMinute: pulses.from + pulse,
  }
}

/** Which one it is; null when `pressureOf` never makes it. */
export function numberOfPressure(pressure: Omit<Pressure, 'meanMmHg'>): number | null {
  const systolic = pressure.systolicMmHg - systolics.from
  const diastolic = pressure.diastolicMmHg - diastolics.from
  const pulse = pressure.pulsePerMinute - pulses.from
  if (!isBelow(systolic, systolics.count) || !isBelow(diastolic, diastolics.count)) return null
  if (!isBelow(pulse, pulses.count)) return null
  const mixed = systolic + systolics.count * (diastolic + diastolics.count * pulse)
  return unmix(mixed, pressuresCount)
}

/** In kilograms. After `weightsCount` they repeat. */
export function weightOf(number: number): number {
  return (weights.fromSteps + ((number * stride) % weights.count)) / weights.stepsPerKg
}

/** Which one it is; null when `weightOf` never makes it. */
export function numberOfWeight(weightKg: number): number | null {
  const mixed = weightKg * weights.stepsPerKg - weights.fromSteps
  const whole = Math.round(mixed)
  if (Math.abs(mixed - whole) > 1e-6 || !isBelow(whole, weights.count)) return null
  return unmix(whole, weights.count)
}

function isBelow(value: number, count: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < count
}

/** The number whose multiple of the stride is `mixed`: all products stay far below 2^53. */
function unmix(mixed: number, count: number): number {
  return (mixed * inverseOf(stride % count, count)) % count
}

/** By Euclid: the factor that makes `value` 1 modulo `count`. */
function inverseOf(value: number, count: number): number {
  let [rest, next] = [count, value]
  let [factor, nextFactor] = [0, 1]
  while (next !== 0) {
    const times = Math.floor(rest / next)
    ;[rest, next] = [next, rest - times * next]
    ;[factor, nextFactor] = [nextFactor, factor - times * nextFactor]
  }
  return ((factor % count) + count) % count
}
