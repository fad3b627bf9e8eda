/** From the numbers of a Draeger ventilator to readings in the units of the vocabulary. */
import type { MedibusAlarm, MedibusNumber, MedibusText } from '../protocols/medibus/content.ts'
import type { Value, Words } from '../protocols/packet/record.ts'
import { converted } from '../protocols/vocabulary/convert.ts'
import type { Term } from '../protocols/vocabulary/term.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import type { DeviceAlarm } from './alarms.ts'
import { valueOf } from './measured.ts'

/** How its number becomes ours. */
type Unit = 'same' | 'mbar' | 'kPa' | 'L' | 'L/bar' | 'mbar.s/L'

type Meaning = readonly [term: Term, unit: Unit]
type Meanings = ReadonlyMap<number, Meaning>

/** Codepage 1. Codes of which the unit is not certain are left out. */
export const measuredMeanings: Meanings = new Map<number, Meaning>([
  [0x07, [terms.compliance, 'L/bar']],
  [0x08, [terms.airwayResistance, 'mbar.s/L']],
  [0x73, [terms.airwayPressureMean, 'mbar']],
  [0x74, [terms.airwayPressurePlateau, 'mbar']],
  [0x78, [terms.endExpiratoryPressure, 'mbar']],
  [0x79, [terms.intrinsicPressure, 'mbar']],
  [0x7d, [terms.airwayPressurePeak, 'mbar']],
  [0x82, [terms.tidalVolume, 'L']],
  [0x88, [terms.tidalVolume, 'same']],
  [0xb3, [terms.leak, 'same']],
  [0xb9, [terms.minuteVolumeExpired, 'same']],
  [0xc1, [terms.airwayTemperature, 'same']],
  [0xd6, [terms.ventilationRate, 'same']],
  [0xe1, [terms.oximeterPulse, 'same']],
  [0xe3, [terms.endTidalCo2, 'kPa']],
  [0xe6, [terms.endTidalCo2, 'same']],
  [0xeb, [terms.saturation, 'same']],
  [0xf0, [terms.inspiredOxygen, 'same']],
])

/** Codepage 2. */
export const moreMeanings: Meanings = new Map<number, Meaning>([
  [0x22, [terms.tidalVolumeInspired, 'same']],
  [0x23, [terms.endInspiratoryPressure, 'mbar']],
])

export function medibusValues(numbers: readonly MedibusNumber[], meanings: Meanings): Value[] {
  const values = new Map<string, Value>()
  for (const { code, value } of numbers) {
    const meaning = meanings.get(code)
    if (meaning === undefined) continue
    const [term, unit] = meaning
    // Some models say a volume twice, in litres and in millilitres.
    const before = values.get(term.code)?.value ?? null
    if (before === null) values.set(term.code, valueOf(term, inOurUnit(value, unit)))
  }
  return [...values.values()]
}

/** One litre a bar is one millilitre a millibar, which is 1.019716 cm of water. */
const complianceFactor = 0.980_665
const shownDecimals = 2

function inOurUnit(value: number | null, unit: Unit): number | null {
  switch (unit) {
    case 'same':
      return value
    case 'L':
      return converted(value, 'L', 'mL')
    case 'L/bar':
      return value === null ? null : rounded(value * complianceFactor)
    case 'kPa':
      return rounded(converted(value, 'kPa', 'mm[Hg]'))
    case 'mbar':
    case 'mbar.s/L':
      return rounded(converted(value, 'mbar', 'cm[H2O]'))
  }
}

/** One digit more than a ventilator shows, so that its own number can be told from ours. */
function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toFixed(shownDecimals))
}

/** What is set, in the unit of the ventilator. */
const settingNames: { readonly [code: number]: string } = {
  0x01: 'setOxygenPercent',
  0x04: 'setTidalVolumeL',
  0x09: 'setSimvRate',
  0x0a: 'setIppvRate',
  0x0b: 'setPeepMbar',
  0x12: 'setSupportMbar',
  0x13: 'setPressureMaxMbar',
  0x40: 'setTidalVolumeMl',
  0x45: 'setInspiratoryPressureMbar',
}

export function settingWords(settings: readonly MedibusNumber[]): Words {
  return Object.fromEntries(
    settings.flatMap(({ code, value }) => {
      const name = settingNames[code]
      return name === undefined || value === null ? [] : [[name, String(value)] as const]
    }),
  )
}

const modes: { readonly [code: number]: string } = {
  0x01: 'IPPV',
  0x02: 'IPPV/ASSIST',
  0x04: 'CPPV',
  0x06: 'SIMV',
  0x07: 'SIMV/ASB',
  0x08: 'SB',
  0x09: 'ASB',
  0x0a: 'CPAP',
  0x0b: 'CPAP/ASB',
  0x0c: 'MMV',
  0x0e: 'BIPAP',
  0x18: 'BIPAP-SIMV',
  0x1a: 'APRV',
  0x1e: 'standby',
  0x34: 'PCV',
}

export function modeWords(texts: readonly MedibusText[]): Words {
  const found = texts.flatMap(({ code }) => modes[code] ?? [])
  return found.length === 0 ? {} : { mode: found.join(' ') }
}

/** `page` is the codepage: the same code means something else on the other. */
export function medibusAlarm({ code, priority, phrase }: MedibusAlarm, page: 1 | 2): DeviceAlarm {
  const name = `${page}/${code.toString(16).toUpperCase().padStart(2, '0')}`
  return {
    key: name,
    level: 'alarm',
    detail: { kind: name, phrase, priority: String(priority) },
  }
}
