/**
 * How tall a wave is drawn: true to scale where the device says so, else fitted to what is seen.
 */
import type { TraceBuffer } from './trace-buffer.ts'
import { millimetrePx, type Lane } from './trace-draw.ts'

export type GainMmPerMv = 5 | 10 | 20

const millivolts: Readonly<{ [ucum: string]: number }> = {
  V: 1_000,
  mV: 1,
  uV: 0.001,
  nV: 0.000_001,
}
/** The part of a lane that a fitted wave fills. */
const fill = 0.8
/** About so many samples of a window are looked at. */
const looksUsual = 1_600

/** Millivolts of one step; null when the wave has no calibrated voltage. */
export function millivoltsPerStep(lead: TraceBuffer['leads'][number]): number | null {
  const scale = lead.unit === null ? undefined : millivolts[lead.unit]
  return lead.lsb === null || scale === undefined ? null : lead.lsb * scale
}

export function laneFor(
  buffer: TraceBuffer,
  lead: number,
  window: { readonly from: number; readonly to: number },
  laneHeightPx: number,
  gain: GainMmPerMv,
): Lane {
  const seen = looks(buffer, lead, window)
  const description = buffer.leads[lead]
  const perStep = description === undefined ? null : millivoltsPerStep(description)
  const low = seen[0] ?? 0
  const high = seen.at(-1) ?? 0
  if (perStep !== null) {
    const pxPerStep = perStep * gain * millimetrePx
    const median = seen[Math.floor(seen.length / 2)] ?? 0
    return { lead, pxPerStep, middle: inside(low, high, median, laneHeightPx / pxPerStep) }
  }
  const pxPerStep = high > low ? (laneHeightPx * fill) / (high - low) : 1
  return { lead, pxPerStep, middle: (low + high) / 2 }
}

/** True when a wave has wandered off its lane, or shrunk to a line in it. */
export function needsNewScale(before: Lane, now: Lane, laneHeightPx: number): boolean {
  const movedPx = Math.abs(now.middle - before.middle) * before.pxPerStep
  const ratio = now.pxPerStep / before.pxPerStep
  return movedPx > laneHeightPx * 0.12 || ratio > 1.4 || ratio < 1 / 1.2
}

/**
 * The baseline is in the middle, moved just so far that tall beats still fit. When they cannot fit
 * at all the baseline stays.
 */
function inside(low: number, high: number, median: number, heightSteps: number): number {
  const half = (heightSteps / 2) * 0.94
  if (high - low > 2 * half) return median
  return Math.min(low + half, Math.max(high - half, median))
}

/** What is seen in the window, sorted. */
function looks(
  buffer: TraceBuffer,
  lead: number,
  { from, to }: { readonly from: number; readonly to: number },
): readonly number[] {
  const begin = Math.max(buffer.begin, Math.floor(from))
  // Extremes matter, so the stride stays below the width of a beat's peak at any usual rate.
  const stride = Math.max(1, Math.floor((to - begin) / looksUsual))
  const seen: number[] = []
  for (let sample = begin; sample < to; sample += stride) {
    const value = buffer.at(lead, sample)
    if (!Number.isNaN(value)) seen.push(value)
  }
  return seen.sort((a, b) => a - b)
}
