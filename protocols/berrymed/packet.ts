/**
 * BerryMed (Shanghai Berry) PM6750: ECG, respiration, SpO2, blood pressure and temperature on one
 * serial line. The same frame in both directions:
 *
 *   55 AA N A1 .. An sum     N counts itself, the content and sum; A1 says what it is
 *                            sum = low byte of not (N + A1 + .. + An)
 *
 *   module to host, offsets in the frame
 *   01  [4]..[10] I II III aVR aVL aVF V, 0..250 around 128; old firmware: [4] alone
 *   02  [4] status, [5] heart rate, [6] respiration, [7] ST in 1/100 mV signed, [8] arrhythmia
 *   03  [4] status, [5] cuff pressure / 2, [6] systolic, [7] mean, [8] diastolic
 *   04  [4] status, [5] SpO2 (127 none), [6] pulse (255 none)
 *   05  [4] status, [5] whole degrees and [6] tenths of probe 1, [7] [8] the same of probe 2
 *   30  R peak     31  pulse     FC FD  version text     FE  [4] pleth     FF  [4] respiration
 *
 * Source: PM6750 Patient Monitor Protocol V3.2, the maker's web demo, and 30 s of traffic described
 * by an independent implementer (types 30 and 31, and the rates, are his measurements).
 */

export type EcgGain = 0.25 | 0.5 | 1 | 2
export type EcgFilter = 'operation' | 'monitor' | 'diagnostic'

export interface EcgSamples {
  readonly kind: 'ecg'
  /** Seven leads of one instant, or one with old firmware. The step in mV is not documented. */
  readonly leads: readonly number[]
}

export interface EcgNumbers {
  readonly kind: 'ecg-numbers'
  readonly weakSignal: boolean
  /** True also when nobody is connected: no fault of the device. */
  readonly leadOff: boolean
  readonly gain: EcgGain
  readonly filter: EcgFilter
  readonly heartPerMinute: number | null
  readonly breathsPerMinute: number | null
  /** null when the firmware does not send it. */
  readonly stMillivolt: number | null
  /** Index into `arrhythmias`; null when the firmware does not send it. */
  readonly arrhythmia: number | null
}

/** What [8] of type 02 means, by its number. */
export const arrhythmias = [
  'analysing',
  'none',
  'asystole',
  'ventricular-fibrillation',
  'r-on-t',
  'ventricular-run',
  'ventricular-couplet',
  'ventricular-single',
  'bigeminy',
  'trigeminy',
  'tachycardia',
  'bradycardia',
  'missed-beat',
] as const

/** Bits 5..2 of the status of type 03, by their number. */
export const nibpStates = [
  'done',
  'measuring',
  'stopped',
  'over-pressure',
  'cuff-loose',
  'too-long',
  'error',
  'interference',
  'no-result',
  'initialising',
  'initialised',
] as const

export type NibpState = (typeof nibpStates)[number]

/** Bits 1..0 of the status of type 03, by their number. */
export const nibpPatients = ['unknown', 'adult', 'child', 'neonate'] as const

export interface NibpNumbers {
  readonly kind: 'nibp'
  readonly patient: (typeof nibpPatients)[number]
  readonly state: NibpState
  /** Always even: the module sends half of it. */
  readonly cuffMmHg: number
  readonly systolicMmHg: number | null
  readonly meanMmHg: number | null
  readonly diastolicMmHg: number | null
}

/** The status of type 04, by its number. */
export const oximeterStates = [
  'ok',
  'sensor-off',
  'no-finger',
  'searching',
  'search-too-long',
] as const

export interface OximeterNumbers {
  readonly kind: 'oximeter'
  readonly state: (typeof oximeterStates)[number]
  readonly saturationPercent: number | null
  readonly pulsePerMinute: number | null
}

export interface TemperatureNumbers {
  readonly kind: 'temperature'
  /** One entry a probe, in degrees Celsius; null when the probe is not plugged in. */
  readonly probesCelsius: readonly (number | null)[]
}

export type Pm6750Packet =
  | EcgSamples
  | EcgNumbers
  | NibpNumbers
  | OximeterNumbers
  | TemperatureNumbers
  | { readonly kind: 'heart-beat' }
  | { readonly kind: 'pulse-beat' }
  | { readonly kind: 'pleth'; readonly sample: number }
  | { readonly kind: 'respiration'; readonly sample: number }
  | { readonly kind: 'version'; readonly of: 'firmware' | 'hardware'; readonly text: string }
  /** A type that no source names, with a right checksum. */
  | { readonly kind: 'other'; readonly type: number; readonly content: Uint8Array }

/**
 * What the host may say. None of these moves or changes anything at the patient: starting the cuff,
 * its target pressure, calibration and leak tests exist in the protocol and not here.
 */
export type Pm6750Command =
  | { readonly kind: 'ecg' | 'oximeter' | 'temperature'; readonly on: boolean }
  | { readonly kind: 'pleth-wave' | 'respiration-wave'; readonly on: boolean }
  | { readonly kind: 'ecg-gain' | 'respiration-gain'; readonly gain: EcgGain }
  | { readonly kind: 'ecg-filter'; readonly filter: EcgFilter }
  | { readonly kind: 'version'; readonly of: 'firmware' | 'hardware' }
