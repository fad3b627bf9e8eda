import type { Clock, MonotonicMs } from '../../protocols/world/clock.ts'

/** What something in the gateway is waiting for. */
export interface RunningTimer {
  readonly name: string
  readonly dueMs: MonotonicMs
}

/** A clock that can say what is being waited for. */
export interface ListedClock extends Clock {
  /** The timers that run now, the next due first. */
  running(): readonly RunningTimer[]
}

/** A wait that is not a number of milliseconds is our own mistake, and nothing to guess about. */
export function assertWait(ms: number): void {
  if (!Number.isFinite(ms) || ms < 0) throw new RangeError(`cannot wait ${ms} ms`)
}
