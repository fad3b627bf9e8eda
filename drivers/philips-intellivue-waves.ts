/**
 * The waves of an IntelliVue that we ask for, as the monitor sends them: an ECG of 14 bits in steps
 * of 5 microvolts with 8,192 for no voltage. captured: MP20
 */
import type { Lead } from '../protocols/packet/record.ts'
import { ecgLeads, otherWaves } from '../protocols/vocabulary/waves.ts'
import type { Wave } from './driver.ts'

export interface IntellivueWave {
  readonly name: string
  readonly physioId: number
  /** From one sample to the next, in 1/8 ms. With another one the wave is left out. */
  readonly periodTicks: number
  readonly lead: Lead
}

const ticksPerMs = 8
const partitionOfMeasurements = 2 * 65_536
/** Philips' id of the respiration wave is not that of the impedance. */
const respirationId = 0x5000

const leads = [
  'I',
  'II',
  'III',
  'aVR',
  'aVL',
  'aVF',
  'V',
  'V1',
  'V2',
  'V3',
  'V4',
  'V5',
  'V6',
] as const

const waves: readonly IntellivueWave[] = [
  ...leads.map((lead): IntellivueWave => {
    const { code, mdc } = ecgLeads[lead]
    return {
      name: `ecg-${lead.toLowerCase()}`,
      physioId: (mdc ?? 0) - partitionOfMeasurements,
      periodTicks: 16,
      lead: { code, unit: 'mV', lsb: 0.005, zero: 8_192 },
    }
  }),
  {
    name: 'pleth',
    physioId: (otherWaves.pleth.mdc ?? 0) - partitionOfMeasurements,
    periodTicks: 64,
    lead: { code: otherWaves.pleth.code, unit: null, lsb: null, zero: 0 },
  },
  {
    name: 'respiration',
    physioId: respirationId,
    periodTicks: 128,
    lead: { code: otherWaves.respiration.code, unit: null, lsb: null, zero: 0 },
  },
]

export function waveOfPhysioId(physioId: number): IntellivueWave | null {
  return waves.find((wave) => wave.physioId === physioId) ?? null
}

/** Of four the monitor has room at most. */
export const exported: readonly number[] = ['ecg-ii', 'ecg-i', 'pleth', 'respiration'].flatMap(
  (name) => waves.find((wave) => wave.name === name)?.physioId ?? [],
)

export const declaredWaves: readonly Wave[] = waves.map(({ name, periodTicks, lead }) => ({
  name,
  rate: { samples: ticksPerMs, perMs: periodTicks },
  leads: [lead],
}))
