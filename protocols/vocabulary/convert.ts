/**
 * From the unit of a device to the unit of the vocabulary.
 *
 * Source: factors of UCUM, which are exact by definition but for the millimetre of mercury
 * (133.322 387 415 Pa); molar masses of PubChem.
 */
import type { ForeignUcum, Ucum } from './units.ts'

interface Scale {
  readonly kind: string
  /** In the basic unit of its kind: value * factor + offset. */
  readonly factor: number
  readonly offset: number
}

function scale(kind: string, factor: number, offset = 0): Scale {
  return { kind, factor, offset }
}

const scales: Readonly<{ [U in Ucum | ForeignUcum]?: Scale }> = {
  Cel: scale('temperature', 1),
  '[degF]': scale('temperature', 5 / 9, -160 / 9),
  K: scale('temperature', 1, -273.15),

  kg: scale('mass', 1),
  g: scale('mass', 1e-3),
  mg: scale('mass', 1e-6),
  '[lb_av]': scale('mass', 0.453_592_37),
  '[oz_av]': scale('mass', 0.028_349_523_125),

  m: scale('length', 1),
  cm: scale('length', 0.01),
  mm: scale('length', 0.001),
  '[in_i]': scale('length', 0.025_4),
  '[ft_i]': scale('length', 0.304_8),

  Pa: scale('pressure', 1),
  hPa: scale('pressure', 100),
  kPa: scale('pressure', 1_000),
  mbar: scale('pressure', 100),
  bar: scale('pressure', 100_000),
  'mm[Hg]': scale('pressure', 133.322_387_415),
  'cm[H2O]': scale('pressure', 98.066_5),

  L: scale('volume', 1),
  mL: scale('volume', 0.001),

  'L/s': scale('flow', 1),
  'L/min': scale('flow', 1 / 60),
  'mL/min': scale('flow', 1 / 60_000),
  'mL/h': scale('flow', 1 / 3_600_000),

  s: scale('time', 1),
  ms: scale('time', 1e-3),
  us: scale('time', 1e-6),
  min: scale('time', 60),
  h: scale('time', 3_600),
  d: scale('time', 86_400),
  wk: scale('time', 604_800),

  'm/s': scale('speed', 1),
  'km/h': scale('speed', 1 / 3.6),
  '[kn_i]': scale('speed', 1_852 / 3_600),

  V: scale('voltage', 1),
  mV: scale('voltage', 1e-3),
  uV: scale('voltage', 1e-6),
  Ohm: scale('resistance', 1),
  kOhm: scale('resistance', 1_000),

  kcal: scale('energy', 1),
  cal: scale('energy', 1e-3),

  'g/L': scale('concentration', 1),
  'g/dL': scale('concentration', 10),
  'mg/dL': scale('concentration', 0.01),
  'mg/L': scale('concentration', 1e-3),
  'ug/L': scale('concentration', 1e-6),
  'ng/mL': scale('concentration', 1e-6),

  'mmol/L': scale('substance', 1),
  'umol/L': scale('substance', 1e-3),

  '10*6/uL': scale('count', 1e6),
  '10*3/uL': scale('count', 1e3),
  '/uL': scale('count', 1),
}

/**
 * The value in another unit of the same kind; null when the units are of different kinds or there
 * is no value. A number of mmHg becomes kPa, never mmol/L becomes mg/dL: that needs the substance.
 */
export function converted(value: number | null, from: Ucum | ForeignUcum, to: Ucum): number | null {
  if (value === null || from === to) return value
  const source = scales[from]
  const target = scales[to]
  if (source === undefined || target === undefined || source.kind !== target.kind) return null
  return tidied((value * source.factor + source.offset - target.offset) / target.factor)
}

/** Molar masses, g/mol. Haemoglobin is counted in its single chains, each with one iron. */
const molarMasses = {
  glucose: 180.156,
  cholesterol: 386.65,
  triglycerides: 885.4,
  urate: 168.11,
  creatinine: 113.12,
  haemoglobin: 16_114.5,
} as const

export type Substance = keyof typeof molarMasses

/** From mmol/L to mg/dL. For glucose 18.0156 times as much. */
export function mgPerDlOf(mmolPerL: number | null, substance: Substance): number | null {
  return mmolPerL === null ? null : tidied((mmolPerL * molarMasses[substance]) / 10)
}

const significantDigits = 12

/** Without the binary tail that 0.1 * 3 has. No device measures to twelve digits. */
function tidied(value: number): number {
  return Number(value.toPrecision(significantDigits))
}
