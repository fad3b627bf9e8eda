/** One ECG as a file states it, whatever the format of the file. */
import type { DeviceTime, Lead, Value, Words } from '../packet/record.ts'

/** Of the file. A resting ECG of twelve leads has some 150 kB, as XML some 500 kB. */
export const ecgFileLimitBytes = 16_777_216
/** Of all leads of a recording together: eleven minutes of twelve leads at 500 Hz. */
export const ecgSamplesMax = 4_000_000
export const ecgLeadsMax = 64
export const ecgStatementsMax = 64

export type Rate = { readonly samples: number; readonly perMs: number }

/** Leads that were recorded together. */
export interface EcgPart {
  /** `beat`: computed from many beats, and never to be shown as what the heart did. */
  readonly kind: 'rhythm' | 'beat'
  readonly rate: Rate
  readonly leads: readonly Lead[]
  /** One array a lead, all of the same length. */
  readonly samples: readonly Int32Array[]
}

export interface EcgDevice {
  readonly maker: string | null
  readonly model: string | null
  readonly serialNumber: string | null
  readonly software: string | null
}

export interface EcgStatements {
  readonly texts: readonly string[]
  /** Whether the file says that a physician confirmed them. */
  readonly isConfirmed: boolean
}

export interface EcgRecording {
  readonly parts: readonly EcgPart[]
  readonly recordedAt: DeviceTime | null
  /** As it stands in the file; data of a patient. */
  readonly patientId: string | null
  readonly device: EcgDevice
  /** What the program of the device measured, by the terms of the vocabulary. */
  readonly values: readonly Value[]
  /** What else is said of the values, such as the formula of a corrected QT. */
  readonly qualifiers: Words
  /** What the program or a physician says of the ECG; data of a patient. */
  readonly statements: EcgStatements
  /** An identifier that only this recording has; null when the format knows none. */
  readonly recordId: string | null
  /** What is not as it should be: `lossy`, `shortened`, `checksum`. */
  readonly remarks: readonly string[]
}

export const unknownDevice: EcgDevice = {
  maker: null,
  model: null,
  serialNumber: null,
  software: null,
}

export const noStatements: EcgStatements = { texts: [], isConfirmed: false }

/** Fields of text: without ends that say nothing; null when nothing is left, or `unknown`. */
export function wordsOf(text: string | null | undefined): string | null {
  const words = (text ?? '').replaceAll('\0', ' ').trim()
  return words === '' || /^unknown$/i.test(words) ? null : words
}

/** In millivolts, from what the formats count in. */
export function ecgLead(code: string, nanovoltsPerStep: number, zero = 0): Lead {
  return { code, unit: 'mV', lsb: nanovoltsPerStep / 1_000_000, zero }
}

/** null when the lead is not calibrated. */
export function nanovoltsOf({ unit, lsb }: Lead): number | null {
  const nanovolts = lsb === null || unit === null ? undefined : nanovoltsBy.get(unit)
  return nanovolts === undefined || lsb === null ? null : round9(lsb * nanovolts)
}

/** Nanovolts in what files call their unit. */
export const nanovoltsBy: ReadonlyMap<string, number> = new Map([
  ['nV', 1],
  ['uV', 1_000],
  ['µV', 1_000],
  ['μV', 1_000],
  ['mV', 1_000_000],
  ['V', 1_000_000_000],
])

/** Without what binary fractions add in the last places. */
export function round9(value: number): number {
  return Number(value.toPrecision(9))
}

/** The longest interval that a rate is written with. */
const perMsMax = 1_000_000

/** Exact for what is written with up to six digits behind the point; null for what is no rate. */
export function rateOfHz(hz: number): Rate | null {
  if (!(hz > 0) || !Number.isFinite(hz) || hz > 1_000_000) return null
  for (let perMs = 1_000; perMs <= perMsMax * 1_000; perMs *= 10) {
    const samples = round9((hz * perMs) / 1_000)
    if (Number.isInteger(samples) && samples >= 1) return reduced(samples, perMs)
  }
  return null
}

const usualHz = [
  100, 125, 128, 150, 180, 200, 240, 250, 256, 300, 360, 400, 480, 500, 512, 600, 720, 800, 960,
  1_000, 1_024, 1_200, 1_500, 1_600, 2_000, 2_048, 4_000, 8_000, 10_000, 16_000, 32_000,
] as const
/** Whole microseconds stand for a usual rate when they are so near. */
const nearEnough = 0.001

/** From a whole number of microseconds: 1667 means 600 Hz. */
export function rateOfMicroseconds(us: number): Rate | null {
  if (!Number.isInteger(us) || us < 1) return null
  const usual = usualHz.find((hz) => Math.abs((us * hz) / 1_000_000 - 1) < nearEnough)
  return usual === undefined ? reduced(1_000, us) : { samples: usual, perMs: 1_000 }
}

export function hzOf({ samples, perMs }: Rate): number {
  return round9((samples * 1_000) / perMs)
}

/** A second, where a whole number of samples fits into one. */
function reduced(samples: number, perMs: number): Rate {
  const common = gcd(samples, perMs)
  const least = { samples: samples / common, perMs: perMs / common }
  const seconds = 1_000 / least.perMs
  return Number.isInteger(seconds) ? { samples: least.samples * seconds, perMs: 1_000 } : least
}

export function gcd(one: number, other: number): number {
  let [big, small] = [Math.abs(one), Math.abs(other)]
  while (small > 0) [big, small] = [small, big % small]
  return big
}
