/** Records as people list them. */
import type { Record, Waveform } from './record.ts'

/** How many samples each lead has, and not the samples. */
export interface WaveOutline extends Omit<Waveform, 'samples'> {
  readonly count: number
}

export type Outline = Exclude<Record, Waveform> | WaveOutline

export function outlineOf(record: Record): Outline {
  if (record.kind !== 'waveform') return record
  const { samples, ...head } = record
  return { ...head, count: samples[0]?.length ?? 0 }
}
