/** All waves of one opening of a device: finds the right one, and lets no block lie. */
import type { Driver, Said } from '../../drivers/driver.ts'
import { elapsedMs, type Clock, type MonotonicMs } from '../../protocols/world/clock.ts'
import { WaveBlocks, type WaveBlock } from './wave-blocks.ts'

/** A block that is not full waits so long for more: the device paused, or has lost its lead. */
export const blockWaitMs = 1_000

type Instant = Extract<Said, { kind: 'samples' }>

export class Waves {
  readonly #device: string
  readonly #clock: Clock
  readonly #waves = new Map<string, WaveBlocks>()
  #cancelFlush: (() => void) | null = null

  constructor(
    driver: Driver,
    options: { readonly device: string; readonly run: number; readonly clock: Clock },
    take: (block: WaveBlock) => void,
  ) {
    this.#device = options.device
    this.#clock = options.clock
    for (const wave of driver.waves) {
      this.#waves.set(wave.name, new WaveBlocks(wave, options.run, take))
    }
  }

  /** Throws when the driver has no such wave. */
  add({ wave: name, samples, simulated }: Instant, atMs: MonotonicMs): void {
    const wave = this.#waves.get(name)
    if (wave === undefined) throw new RangeError(`there is no wave ${name}`)
    wave.add(samples, atMs, simulated)
    if (this.#cancelFlush === null) this.#flushAfter(blockWaitMs)
  }

  /** Lets go of everything, because nothing more will come. */
  end(): void {
    this.#cancelFlush?.()
    this.#cancelFlush = null
    this.flush()
  }

  /** Lets go of what is not a full block yet. */
  flush(): void {
    for (const wave of this.#waves.values()) wave.flush()
  }

  #flushAfter(ms: number): void {
    this.#cancelFlush = this.#clock.after(`${this.#device}: waveform block`, ms, () => {
      this.#cancelFlush = null
      const nowMs = this.#clock.monotonicMs()
      let nextMs = Number.POSITIVE_INFINITY
      for (const wave of this.#waves.values()) {
        const sinceMs = wave.openSinceMs
        if (sinceMs === null) continue
        const restMs = blockWaitMs - elapsedMs(sinceMs, nowMs)
        if (restMs <= 0) wave.flush()
        else nextMs = Math.min(nextMs, restMs)
      }
      if (nextMs <= blockWaitMs) this.#flushAfter(nextMs)
    })
  }
}
