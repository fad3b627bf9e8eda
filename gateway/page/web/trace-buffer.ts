/**
 * The newest seconds of one wave, as they arrive, and the moving point up to which they are shown.
 * Pure: the time comes with every call.
 */
import type { SamplesBlock } from '../wire.ts'

const keptMs = 30_000
/** A new run, or a jump too large to be a gap, begins after so much of nothing. */
const breakMs = 200
const leadsMax = 16

export class TraceBuffer {
  readonly rate: SamplesBlock['rate']
  readonly leads: SamplesBlock['leads']
  readonly #rings: readonly Float32Array[]
  readonly #capacity: number
  #run: number | null = null
  /** What must be added to a sample number of the current run to continue our own count. */
  #shift = 0
  #end = 0
  #endAtMs = Number.NEGATIVE_INFINITY
  #heardMs: number | null = null
  #widestGapMs = 0

  constructor(first: SamplesBlock) {
    this.rate = first.rate
    this.leads = first.leads.slice(0, leadsMax)
    this.#capacity = Math.ceil(keptMs * this.samplesPerMs)
    this.#rings = this.leads.map(() => new Float32Array(this.#capacity).fill(Number.NaN))
  }

  get samplesPerMs(): number {
    return this.rate.samples / this.rate.perMs
  }

  /** One past the newest sample, in a count that goes on over runs. */
  get end(): number {
    return this.#end
  }

  /** The oldest sample that is still kept. */
  get begin(): number {
    return Math.max(0, this.#end - this.#capacity)
  }

  /** Time of the box at the end of the newest sample. */
  get endAtMs(): number {
    return this.#endAtMs
  }

  /** So long the blocks may be apart without anything being wrong. */
  get widestGapMs(): number {
    return this.#widestGapMs
  }

  /** True when a block belongs here: the same rate and the same leads. */
  fits(block: SamplesBlock): boolean {
    return (
      block.rate.samples === this.rate.samples &&
      block.rate.perMs === this.rate.perMs &&
      block.leads.length >= this.leads.length &&
      this.leads.every((lead, at) => block.leads[at]?.code === lead.code)
    )
  }

  /** `heardMs` is any steady clock of the browser. */
  push(block: SamplesBlock, heardMs: number): void {
    const count = block.samples[0]?.length ?? 0
    if (count === 0) return
    this.#place(block)
    const first = block.firstSample + this.#shift
    // What arrives again is known already.
    const skip = Math.max(0, this.#end - first)
    if (skip >= count) return
    for (let at = this.#end; at < first; at++) this.#put(at, null, 0)
    for (let at = skip; at < count; at++) this.#put(first + at, block, at)
    this.#end = first + count
    this.#endAtMs = block.atMs + count / this.samplesPerMs
    this.#noteArrival(heardMs)
  }

  /** The value of one lead, in units of its sample minus its zero; NaN where there is none. */
  at(lead: number, sample: number): number {
    if (sample < this.begin || sample >= this.#end) return Number.NaN
    return this.#rings[lead]?.[sample % this.#capacity] ?? Number.NaN
  }

  #place(block: SamplesBlock): void {
    const jump = block.firstSample + this.#shift - this.#end
    const isNew = this.#run !== block.run || jump > this.#capacity || jump < -this.#capacity
    if (!isNew) return
    const pause = this.#end === 0 ? 0 : Math.round(breakMs * this.samplesPerMs)
    this.#shift = this.#end + pause - block.firstSample
    this.#run = block.run
  }

  #put(sample: number, block: SamplesBlock | null, at: number): void {
    const slot = sample % this.#capacity
    this.leads.forEach((lead, index) => {
      const ring = this.#rings[index]
      const value = block?.samples[index]?.[at]
      if (ring !== undefined) ring[slot] = value === undefined ? Number.NaN : value - lead.zero
    })
  }

  #noteArrival(heardMs: number): void {
    const gapMs = this.#heardMs === null ? 0 : heardMs - this.#heardMs
    this.#heardMs = heardMs
    // A wide gap is remembered, and slowly forgotten when the line gets steadier. A pause says
    // nothing about the line: the device was silent, or nobody looked.
    const jitterMs = gapMs > gapMsMax ? 0 : gapMs
    this.#widestGapMs = Math.max(jitterMs, this.#widestGapMs * 0.97)
  }
}

const gapMsMax = 2_500
const lagMsMin = 250
const jumpMs = 1_500
/** A pause of the browser is not caught up with: the trace jumps. */
const frameMsMax = 250

/** The point up to which the trace is drawn: it moves evenly although the blocks do not. */
export class Playhead {
  #position: number | null = null

  get position(): number {
    return this.#position ?? 0
  }

  /** How far it stays behind the newest sample, so that it seldom runs dry. */
  static lagMs(buffer: TraceBuffer): number {
    return Math.max(lagMsMin, buffer.widestGapMs * 1.25)
  }

  /** Shows all there is, since nothing more comes. */
  finish(buffer: TraceBuffer): void {
    this.#position = buffer.end
  }

  /** Moves on by `elapsedMs` of the browser. Never past the newest sample, never back. */
  advance(buffer: TraceBuffer, elapsedMs: number): void {
    const { end, samplesPerMs } = buffer
    const aim = end - Playhead.lagMs(buffer) * samplesPerMs
    if (this.#position === null) this.#position = Math.max(buffer.begin, aim)
    const step = Math.min(elapsedMs, frameMsMax) * samplesPerMs
    const error = aim - (this.#position + step)
    const isFar = Math.abs(error) > jumpMs * samplesPerMs
    // Far ahead cannot be undone, since what is drawn is drawn: there it waits.
    const next = isFar && error > 0 ? aim : this.#position + step + error * 0.03
    this.#position = Math.min(end, Math.max(this.#position, next))
  }
}
