/** The waves of the scripted van: twelve leads of an ECG, and the pulse at a finger. */
import { ecgLeads, standardLeads } from '../../protocols/vocabulary/waves.ts'

export const ecgRate = { samples: 500, perMs: 1_000 }
export const plethRate = { samples: 100, perMs: 1_000 }

export const ecgDescription = standardLeads.map((lead) => ({
  code: ecgLeads[lead].code,
  unit: 'uV',
  lsb: 5,
  zero: 0,
}))

/** P, Q, R, S and T: where in the beat, how wide, how tall in lead II in µV. */
const ecgShape = [
  [0.18, 0.022, 110],
  [0.345, 0.009, -90],
  [0.37, 0.011, 1_150],
  [0.395, 0.01, -230],
  [0.61, 0.045, 260],
] as const

/** How each lead sees the beat, as a share of lead II. */
const ecgShares = [0.6, 1, 0.4, -0.8, 0.15, 0.7, -0.5, -0.35, 0.35, 0.95, 1.05, 0.8] as const
const beatSeconds = 60 / 73

export function ecgSamples(first: number, count: number): readonly Int32Array[] {
  return ecgShares.map((share) =>
    Int32Array.from({ length: count }, (_, at) => {
      const seconds = ((first + at) * ecgRate.perMs) / ecgRate.samples / 1_000
      const phase = (seconds % beatSeconds) / beatSeconds
      let microvolts = 18 * Math.sin(seconds * 1.7)
      for (const [place, width, height] of ecgShape) {
        microvolts += share * height * Math.exp(-((phase - place) ** 2) / (2 * width ** 2))
      }
      return Math.round(microvolts / 5)
    }),
  )
}

export function pleth(sample: number): number {
  const phase = ((sample * plethRate.perMs) / plethRate.samples / 1_000 / beatSeconds) % 1
  const rise = Math.exp(-((phase - 0.22) ** 2) / 0.012)
  const notch = 0.35 * Math.exp(-((phase - 0.52) ** 2) / 0.016)
  return Math.round(60 * (rise + notch) + 12)
}
