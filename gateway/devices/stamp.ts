/** Turns what was said into records: with the time of the box, and UTC as far as it is known. */
import type { Source } from '../../protocols/packet/record.ts'
import { monotonicMs, type MonotonicMs } from '../../protocols/world/clock.ts'
import type { UtcSource } from '../clock/time-keeper.ts'

export interface Stamp {
  readonly atMs: number
  readonly utcMs: number | null
  readonly uncertaintyMs: number | null
  readonly source: Source
  readonly simulated: boolean
}

export interface StampOptions {
  readonly source: Source
  readonly simulated: boolean
}

/** Whole milliseconds: finer than any adapter, and shorter on the wire. */
export function stamp(time: UtcSource, atMs: MonotonicMs, options: StampOptions): Stamp {
  if (!Number.isFinite(atMs)) throw new RangeError(`a record cannot be from ${atMs} ms`)
  const wholeMs = monotonicMs(Math.max(0, Math.floor(atMs)))
  const utc = time.utcOf(wholeMs)
  return {
    atMs: wholeMs,
    utcMs: utc?.utcMs ?? null,
    uncertaintyMs: utc?.uncertaintyMs ?? null,
    source: options.source,
    simulated: options.simulated,
  }
}
