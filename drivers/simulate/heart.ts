/**
 * A heart that beats as in a recording, sampled as a PM6750 samples it, from beat to beat for ever.
 */
import type { Recording } from './recording.ts'

export const ecgSamplesPerSecond = 250
/**
 * One millivolt in steps of the module. Not documented; chosen so that a QRS fills half the range.
 */
const stepsPerMillivolt = 60
const zero = 128
const sampleMax = 250

/** The order of the module. Its one chest electrode is taken to sit at V2. */
const leadNames = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V2'] as const

export interface Heart {
  /** Samples from the first beat to the last: behind them it goes on with the first. */
  readonly length: number
  /** One array a lead, I to V, each sample 0 to 250 around 128. */
  readonly leads: readonly Uint8Array[]
  /** Sample numbers of the R peaks, the first is 0. */
  readonly beats: ReadonlySet<number>
  readonly beatsPerMinute: number
}

/** null when the recording lacks a lead or has fewer than three beats. */
export function heartOf(recording: Recording): Heart | null {
  const leads = leadNames.map((name) => recording.leads.get(name))
  const rhythm = recording.leads.get('II')
  if (rhythm === undefined || leads.some((lead) => lead === undefined)) return null
  const peaks = rPeaks(rhythm, recording.samplesPerSecond)
  const [first, last] = [peaks[0], peaks.at(-1)]
  if (first === undefined || last === undefined || peaks.length < 3) return null
  const ratio = recording.samplesPerSecond / ecgSamplesPerSecond
  const length = Math.floor((last - first) / ratio)
  const beats = peaks.slice(0, -1).map((peak) => Math.round((peak - first) / ratio))
  return {
    length,
    leads: leads.map((lead) =>
      Uint8Array.from({ length }, (_, at) =>
        stepOf(between(lead ?? rhythm, first + at * ratio) * recording.microvoltsPerStep),
      ),
    ),
    beats: new Set(beats),
    beatsPerMinute: Math.round((beats.length * ecgSamplesPerSecond * 60) / length),
  }
}

/** The value at a place between two samples, on the straight line between them. */
function between(samples: Int16Array, place: number): number {
  const at = Math.floor(place)
  const before = samples[at] ?? 0
  return before + ((samples[at + 1] ?? before) - before) * (place - at)
}

function stepOf(microvolts: number): number {
  const step = Math.round(zero + (microvolts * stepsPerMillivolt) / 1_000)
  return Math.min(sampleMax, Math.max(0, step))
}

/** The steepest places, half as steep as the steepest at least, and a quarter of a second apart. */
function rPeaks(samples: Int16Array, samplesPerSecond: number): readonly number[] {
  const reach = Math.max(1, Math.round(samplesPerSecond * 0.02))
  const apart = Math.round(samplesPerSecond * 0.25)
  const slope = (at: number): number =>
    Math.abs((samples[at + reach] ?? 0) - (samples[at - reach] ?? 0))
  const inside = Array.from(
    { length: Math.max(0, samples.length - 2 * reach) },
    (_, index) => index + reach,
  )
  const steepest = inside.reduce((most, at) => Math.max(most, slope(at)), 0)
  const peaks: number[] = []
  for (const at of inside) {
    if (steepest === 0 || slope(at) < steepest / 2) continue
    const last = peaks.at(-1)
    if (last === undefined || at - last > apart) peaks.push(at)
    else if (slope(at) > slope(last)) peaks[peaks.length - 1] = at
  }
  return peaks
}
