/**
 * Units by their UCUM code: those of the terms, and those in which devices speak and which are
 * converted before a value travels.
 *
 * Source: UCUM; numbers of ISO/IEEE 11073-10101, partition 4 (dimensions), from open tables.
 */
import type { Names } from './names.ts'

export interface Unit {
  /** The 11073 number of the unit; null where the standard has none or tables disagree. */
  readonly mdc: number | null
  /** As it is shown to people. */
  readonly shown: Names
}

function unit(mdc: number | null, en: string, id: string = en): Unit {
  return { mdc, shown: { en, id } }
}

/** Units of terms. */
export const units = {
  '1': unit(262_656, ''),
  '%': unit(262_688, '%'),
  '[pH]': unit(263_136, ''),
  deg: unit(262_880, '°'),

  m: unit(263_424, 'm'),
  cm: unit(263_441, 'cm'),
  mm: unit(263_442, 'mm'),
  m2: unit(263_616, 'm²'),
  kg: unit(263_875, 'kg'),
  g: unit(263_872, 'g'),
  'kg/m2': unit(264_096, 'kg/m²'),
  L: unit(263_744, 'L'),
  mL: unit(263_762, 'mL'),

  a: unit(264_512, 'years', 'tahun'),
  wk: unit(264_448, 'weeks', 'minggu'),
  d: unit(264_416, 'days', 'hari'),
  h: unit(264_384, 'h', 'jam'),
  min: unit(264_352, 'min', 'menit'),
  s: unit(264_320, 's', 'detik'),
  ms: unit(264_338, 'ms', 'mdetik'),
  '/min': unit(264_864, '/min', 'x/menit'),
  Hz: unit(264_640, 'Hz'),
  'm/s': unit(264_960, 'm/s', 'm/detik'),
  'km/h': unit(null, 'km/h', 'km/jam'),
  'L/min': unit(265_216, 'L/min', 'L/menit'),
  'L/s': unit(265_184, 'L/s', 'L/detik'),
  'mL/min': unit(265_234, 'mL/min', 'mL/menit'),
  'mL/h': unit(265_266, 'mL/h', 'mL/jam'),

  'mm[Hg]': unit(266_016, 'mmHg'),
  'cm[H2O]': unit(266_048, 'cmH₂O'),
  mbar: unit(266_098, 'mbar'),
  kPa: unit(265_987, 'kPa'),
  'mL/cm[H2O]': unit(268_050, 'mL/cmH₂O'),
  'cm[H2O].s/L': unit(268_064, 'cmH₂O/(L/s)', 'cmH₂O/(L/detik)'),
  '1/(min.L)': unit(null, '/(min·L)', '/(menit·L)'),
  Cel: unit(268_192, '°C'),
  kcal: unit(null, 'kcal', 'kkal'),

  V: unit(266_400, 'V'),
  mV: unit(266_418, 'mV'),
  uV: unit(266_419, 'µV'),
  Ohm: unit(266_432, 'Ω'),
  dB: unit(268_576, 'dB'),
  'dB{mW}': unit(null, 'dBm'),

  'mg/dL': unit(264_274, 'mg/dL'),
  'g/dL': unit(264_256, 'g/dL'),
  'g/L': unit(264_192, 'g/L'),
  'mg/L': unit(null, 'mg/L'),
  'ug/L': unit(null, 'µg/L'),
  'ng/mL': unit(264_308, 'ng/mL'),
  'mg/g': unit(null, 'mg/g'),
  'mmol/L': unit(266_866, 'mmol/L'),
  'umol/L': unit(266_867, 'µmol/L'),
  'mmol/mol': unit(null, 'mmol/mol'),
  'mL/dL': unit(268_562, 'mL/dL'),
  'U/L': unit(null, 'U/L'),
  '[IU]/mL': unit(null, 'IU/mL'),
  '10*3/uL': unit(null, '10³/µL'),
  '10*6/uL': unit(null, '10⁶/µL'),
  '/uL': unit(null, '/µL'),
  fL: unit(null, 'fL'),
  pg: unit(null, 'pg'),
} as const satisfies Readonly<{ [ucum: string]: Unit }>

export type Ucum = keyof typeof units

/** Units that no value travels in. */
export const foreignUnits = {
  '[degF]': unit(266_560, '°F'),
  K: unit(266_528, 'K'),
  '[lb_av]': unit(263_904, 'lb'),
  '[oz_av]': unit(263_936, 'oz'),
  mg: unit(263_890, 'mg'),
  '[in_i]': unit(263_520, 'in'),
  '[ft_i]': unit(263_488, 'ft'),
  us: unit(264_339, 'µs', 'µdetik'),
  hPa: unit(265_986, 'hPa'),
  Pa: unit(265_984, 'Pa'),
  cal: unit(268_928, 'cal', 'kal'),
  kOhm: unit(266_435, 'kΩ'),
  '[kn_i]': unit(null, 'kn', 'knot'),
  bar: unit(null, 'bar'),
} as const satisfies Readonly<{ [ucum: string]: Unit }>

export type ForeignUcum = keyof typeof foreignUnits
