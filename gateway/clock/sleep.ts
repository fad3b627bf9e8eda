/** Waiting as a promise, over any clock that can call back. */
import type { StopSignal } from '../../protocols/world/clock.ts'

/** Rejects with the stop's reason when it is aborted first, and leaves no timer and no listener. */
export function sleepOn(
  after: (name: string, ms: number, work: () => void) => () => void,
  ms: number,
  stop: StopSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (stop?.aborted === true) {
      reject(asError(stop.reason))
      return
    }
    const aborted = (): void => {
      cancel()
      stop?.removeEventListener('abort', aborted)
      reject(asError(stop?.reason))
    }
    const cancel = after('sleep', ms, () => {
      stop?.removeEventListener('abort', aborted)
      resolve()
    })
    stop?.addEventListener('abort', aborted)
  })
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('stopped', { cause: reason })
}
