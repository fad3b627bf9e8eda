/** Puts the samples of a stored segment together again, which come in pieces. */
import type { Metric } from './configuration.ts'
import type { Observation } from './observation.ts'
import type { Entry, Segment } from './store.ts'
import type { AgentTime } from './times.ts'

export interface Recording {
  /** null when the device has no clock. */
  readonly start: AgentTime | null
  readonly leads: readonly RecordedLead[]
}

export interface RecordedLead {
  readonly metric: Metric
  readonly samples: Int32Array
  /** From one sample to the next, in ticks of 125 us; null when the device does not say. */
  readonly periodTicks: number | null
  /** False when there were not as many samples as the object says: the scale is in doubt too. */
  readonly isAsSpecified: boolean
}

/** Of one segment: an hour of one lead at 250 samples a second. */
const samplesMax = 900_000

interface Gathered {
  readonly metric: Metric
  readonly pieces: Int32Array[]
  length: number
  isAsSpecified: boolean
}

export class Recorder {
  readonly #segment: Segment
  #gathered = new Map<number, Gathered>()
  #start: AgentTime | null = null
  #hasTaken = false

  constructor(segment: Segment) {
    this.#segment = segment
  }

  /** So much is told, even though the segment has not ended. */
  get isFull(): boolean {
    let length = 0
    for (const one of this.#gathered.values()) length += one.length
    return length >= samplesMax
  }

  add(entry: Entry): void {
    for (const { metric, samples, time } of entry.observations) {
      if (samples === null) continue
      if (this.#gathered.size === 0) {
        // What follows a part that was taken did not begin when the segment began.
        this.#start = time ?? (this.#hasTaken ? null : this.#segment.start)
      }
      const lead = this.#gathered.get(metric.handle) ?? {
        metric,
        pieces: [],
        length: 0,
        isAsSpecified: true,
      }
      lead.pieces.push(samples.samples)
      lead.length += samples.samples.length
      lead.isAsSpecified &&= samples.isAsSpecified
      this.#gathered.set(metric.handle, lead)
    }
  }

  /** What was gathered: leads that are as long and as fast as each other together. */
  take(): readonly Recording[] {
    const leads = Array.from(this.#gathered.values(), (one) => ({
      metric: one.metric,
      samples: joined(one.pieces, one.length),
      periodTicks: one.metric.sampling?.periodTicks ?? null,
      isAsSpecified: one.isAsSpecified,
    }))
    const start = this.#start
    this.#gathered = new Map()
    this.#start = null
    this.#hasTaken = true
    return together(leads).map((some) => ({ start, leads: some }))
  }
}

/** Samples of one report, as leads. */
export function leadsOf(
  observations: readonly Observation[],
): readonly (readonly RecordedLead[])[] {
  const leads = observations.flatMap(({ metric, samples }) => {
    const periodTicks = metric.sampling?.periodTicks ?? null
    return samples === null ? [] : [{ metric, periodTicks, ...samples }]
  })
  return together(leads)
}

function together(leads: readonly RecordedLead[]): readonly (readonly RecordedLead[])[] {
  const groups = new Map<string, RecordedLead[]>()
  for (const lead of leads) {
    const key = `${lead.periodTicks} ${lead.samples.length}`
    groups.set(key, [...(groups.get(key) ?? []), lead])
  }
  return [...groups.values()]
}

function joined(pieces: readonly Int32Array[], length: number): Int32Array {
  const whole = new Int32Array(length)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
