/**
 * Time comes from outside. Wall time may jump, so it only stamps; elapsed time is always monotonic.
 */

/** Milliseconds since 1970-01-01T00:00Z as the box believes it. May be wrong and may jump. */
export type WallMs = number & { readonly wallMs: true }

/**
 * Milliseconds of the box's monotonic clock since its boot. Never jumps, means nothing elsewhere.
 */
export type MonotonicMs = number & { readonly monotonicMs: true }

/** The part of an AbortSignal that waiting needs. */
export interface StopSignal {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

export interface Clock {
  wallMs(): WallMs
  monotonicMs(): MonotonicMs
  /** Waits `ms` of monotonic time. Rejects with the stop's reason when it is aborted first. */
  sleep(ms: number, stop?: StopSignal): Promise<void>
  /**
   * Calls `work` once after `ms`. The name says what is waited for: the page lists running timers.
   * The function that is returned cancels it, and may be called at any time.
   */
  after(name: string, ms: number, work: () => void): () => void
}

export function wallMs(ms: number): WallMs {
  return ms as WallMs
}

export function monotonicMs(ms: number): MonotonicMs {
  return ms as MonotonicMs
}

/** The one place where monotonic times are subtracted, so that two kinds of time never mix. */
export function elapsedMs(from: MonotonicMs, to: MonotonicMs): number {
  return to - from
}
