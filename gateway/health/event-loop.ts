/**
 * How late the main thread is. A tty holds 4 KB, which 115,200 baud fill in 350 ms: a thread that
 * sleeps longer loses bytes, so its delay is a number on the page and in the metrics.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'

export interface EventLoopDelay {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

export interface EventLoopMonitor {
  /** The delay since the last reading, beyond the timer's own resolution. */
  read(): EventLoopDelay
  stop(): void
}

/** The timer that measures fires this often; finer costs more than it tells. */
const resolutionMs = 20

export function monitorEventLoop(): EventLoopMonitor {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  histogram.enable()
  return {
    read() {
      const delay =
        histogram.count === 0
          ? { p50Ms: 0, p99Ms: 0, maxMs: 0 }
          : {
              p50Ms: beyond(histogram.percentile(50)),
              p99Ms: beyond(histogram.percentile(99)),
              maxMs: beyond(histogram.max),
            }
      histogram.reset()
      return delay
    },
    stop: () => {
      histogram.disable()
    },
  }
}

/** The histogram holds whole intervals, in ns. */
function beyond(intervalNs: number): number {
  return Math.max(0, intervalNs / 1e6 - resolutionMs)
}
