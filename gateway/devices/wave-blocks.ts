/**
 * Gathers the samples of one wave into blocks of a quarter of a second. Sample numbers count within
 * one run, and a gap shows as a jump of `firstSample`:
 *
 * - An instant that the device marks as missing (lead off) closes the block and counts.
 * - A pause of the device counts by the clock. But a pause may also be a delay on the way, after
 *   which everything arrives at once; so after a pause the blocks are held back for a moment, until
 *   it is seen how much of the pause came after all, and only what is missing then is a gap.
 * - Where a demonstration begins or ends, the block is closed and another one goes on.
 * - That the device's sample clock runs a little faster or slower than ours is no gap, and is not
 *   corrected: each block says when its first sample arrived.
 */
import type { Wave } from '../../drivers/driver.ts'
import type { Lead, Waveform } from '../../protocols/packet/record.ts'
import type { MonotonicMs } from '../../protocols/world/clock.ts'

/** A waveform record before it is stamped. */
export interface WaveBlock {
  readonly wave: string
  readonly run: number
  readonly firstSample: number
  readonly rate: Waveform['rate']
  readonly leads: readonly Lead[]
  readonly samples: readonly Int32Array[]
  /** When the first sample arrived. */
  readonly atMs: MonotonicMs
  /** The device says that it only demonstrates. */
  readonly isSimulated: boolean
}

export const blockMs = 250

/** A shorter pause is jitter of adapters and of our own thread. A longer one is measured. */
export const gapToleranceMs = 500

/** So long after a pause it is known what was only late. */
const settleMs = 500

/** Held blocks are let go at the latest when so many have gathered: 16 s that arrived at once. */
const heldBlocksMax = 64

export class WaveBlocks {
  readonly #wave: Wave
  readonly #run: number
  readonly #take: (block: WaveBlock) => void
  readonly #blockSamples: number
  readonly #sampleMs: number
  /** One array a lead, filled up to `#count`. */
  #samples: Int32Array[]
  #count = 0
  #blockAtMs: MonotonicMs | null = null
  #isSimulated = false
  /** Number of the next sample. */
  #next = 0
  /** When the newest sample arrived; null before the first. */
  #lastAtMs: MonotonicMs | null = null
  /** While it is not known how much of a pause is a gap. */
  #pause: { readonly lastAtMs: number; readonly endedAtMs: number; readonly next: number } | null =
    null
  #held: WaveBlock[] = []

  constructor(wave: Wave, run: number, take: (block: WaveBlock) => void) {
    this.#wave = wave
    this.#run = run
    this.#take = take
    this.#sampleMs = wave.rate.perMs / wave.rate.samples
    this.#blockSamples = Math.max(1, Math.round(blockMs / this.#sampleMs))
    this.#samples = this.#emptyBlock()
  }

  /** When the oldest sample arrived that no block has brought out yet; null when there is none. */
  get openSinceMs(): MonotonicMs | null {
    return this.#held[0]?.atMs ?? this.#blockAtMs
  }

  /** One instant, one number a lead; null marks a missing one. Throws when the driver is wrong. */
  add(samples: readonly number[] | null, atMs: MonotonicMs, isSimulated = false): void {
    if (samples !== null && samples.length !== this.#samples.length) {
      throw new RangeError(
        `wave ${this.#wave.name} has ${this.#samples.length} leads, not ${samples.length}`,
      )
    }
    this.#noticePause(atMs)
    this.#lastAtMs = atMs
    if (isSimulated !== this.#isSimulated) {
      this.#closeBlock()
      this.#isSimulated = isSimulated
    }
    if (samples === null) {
      this.#closeBlock()
      this.#next++
      return
    }
    if (this.#blockAtMs === null) this.#blockAtMs = atMs
    for (let lead = 0; lead < samples.length; lead++) {
      const value = samples[lead] ?? Number.NaN
      const block = this.#samples[lead]
      if (block === undefined || (value | 0) !== value) {
        throw new RangeError(`wave ${this.#wave.name} has a sample ${value}`)
      }
      block[this.#count] = value
    }
    this.#count++
    this.#next++
    if (this.#count === this.#blockSamples) this.#closeBlock()
  }

  /** Closes what is open and lets go what is held: it ends here, or has been quiet for long. */
  flush(): void {
    this.#closeBlock()
    if (this.#pause !== null) this.#settle(this.#lastAtMs ?? this.#pause.endedAtMs)
  }

  #noticePause(atMs: MonotonicMs): void {
    const pause = this.#pause
    if (pause !== null && atMs - pause.endedAtMs >= settleMs) {
      this.#closeBlock()
      this.#settle(this.#lastAtMs ?? atMs)
    }
    const lastAtMs = this.#lastAtMs
    if (lastAtMs === null || atMs - lastAtMs - this.#sampleMs <= gapToleranceMs) return
    // A pause within a pause: what is known of the first is all that will be.
    this.#closeBlock()
    if (this.#pause !== null) this.#settle(lastAtMs)
    this.#pause = { lastAtMs, endedAtMs: atMs, next: this.#next }
  }

  /** `untilMs`: when the newest sample came, by which the missing ones are counted. */
  #settle(untilMs: number): void {
    const pause = this.#pause
    if (pause === null) return
    this.#pause = null
    const passed = Math.round((untilMs - pause.lastAtMs) / this.#sampleMs)
    const missing = passed - (this.#next - pause.next)
    const skip = missing * this.#sampleMs > gapToleranceMs ? missing : 0
    this.#next += skip
    const held = this.#held
    this.#held = []
    for (const block of held) this.#take({ ...block, firstSample: block.firstSample + skip })
  }

  #closeBlock(): void {
    const atMs = this.#blockAtMs
    const count = this.#count
    if (atMs === null || count === 0) return
    const block: WaveBlock = {
      wave: this.#wave.name,
      run: this.#run,
      firstSample: this.#next - count,
      rate: this.#wave.rate,
      leads: this.#wave.leads,
      samples:
        count === this.#blockSamples
          ? this.#samples
          : this.#samples.map((lead) => lead.slice(0, count)),
      atMs,
      isSimulated: this.#isSimulated,
    }
    if (count === this.#blockSamples) this.#samples = this.#emptyBlock()
    this.#count = 0
    this.#blockAtMs = null
    if (this.#pause === null) {
      this.#take(block)
      return
    }
    this.#held.push(block)
    if (this.#held.length >= heldBlocksMax) this.#settle(this.#lastAtMs ?? atMs)
  }

  #emptyBlock(): Int32Array[] {
    return this.#wave.leads.map(() => new Int32Array(this.#blockSamples))
  }
}
