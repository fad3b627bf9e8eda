/** ECGs of our own, for tests and for what mistreats the readers. */
import { deviceTimeOf } from '../packet/device-time.ts'
import type { Value } from '../packet/record.ts'
import { terms } from '../vocabulary/terms.ts'
import { leadOfName } from './leads.ts'
import { ecgLead, noStatements, type EcgRecording } from './recording.ts'

export const twelveNames = 'I II III aVR aVL aVF V1 V2 V3 V4 V5 V6'.split(' ')

/** Beats of 72 a minute, another height in each lead, without noise. */
export function beats(leads: number, length: number): readonly Int32Array[] {
  return Array.from({ length: leads }, (_, lead) =>
    Int32Array.from({ length }, (_sample, at) => {
      const phase = at % 416
      const spike = phase < 40 ? 600 - Math.abs(phase - 20) * 30 : 0
      return Math.round((spike * (lead + 2)) / 4 + 20 * Math.sin(at / 50 + lead))
    }),
  )
}

export const someValues: readonly Value[] = [
  { code: terms.heartRate.code, value: 72, unit: terms.heartRate.unit },
  { code: terms.rrInterval.code, value: 833, unit: terms.rrInterval.unit },
  { code: terms.prInterval.code, value: 160, unit: terms.prInterval.unit },
  { code: terms.qrsDuration.code, value: 94, unit: terms.qrsDuration.unit },
  { code: terms.qtInterval.code, value: 380, unit: terms.qtInterval.unit },
  { code: terms.qtCorrected.code, value: 416, unit: terms.qtCorrected.unit },
  { code: terms.pAxis.code, value: 41, unit: terms.pAxis.unit },
  { code: terms.qrsAxis.code, value: -12, unit: terms.qrsAxis.unit },
  { code: terms.tAxis.code, value: 33, unit: terms.tAxis.unit },
]

/** An ECG of these samples at 500 Hz and 2.5 uV a step, with everything that a format can hold. */
export function ecgOf(
  samples: readonly Int32Array[],
  { names = twelveNames, nanovolts = 2_500, hz = 500, values = someValues } = {},
): EcgRecording {
  return {
    parts: [
      {
        kind: 'rhythm',
        rate: { samples: hz, perMs: 1_000 },
        leads: samples.map((_, at) => ecgLead(leadOfName(names[at] ?? '') ?? '', nanovolts)),
        samples,
      },
    ],
    recordedAt: deviceTimeOf(2026, 2, 14, 9, 21, 3),
    patientId: 'MRN-0417',
    device: { maker: 'Invented', model: 'EKG-12', serialNumber: '0417', software: '1.04' },
    values,
    qualifiers: {},
    statements: noStatements,
    recordId: null,
    remarks: [],
  }
}
