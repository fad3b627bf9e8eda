/**
 * How late the main thread is. A tty holds 4 KB, which 115,200 baud fill in 350 ms: a thread that
 * sleeps longer loses bytes, so its delay is a number on the page and in the metrics.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock } from '../../protocols/world/clock.ts'
import type { Log } from '../world.ts'

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

/** A main thread that is late by more than this is on the way to losing bytes of a fast device. */
const lateMs = 50

/** Long enough that one sample in a hundred means something. */
export const delayWindowMs = 10_000

export interface EventLoopWatch {
  /** Of the last full window; zeros within the first. */
  last(): EventLoopDelay
  stop(): void
}

/**
 * Keeps the newest delay for who asks, and logs when the thread becomes late and when no longer.
 */
export function watchEventLoop(
  clock: Pick<Clock, 'after'>,
  log: Pick<Log, 'info' | 'warn'>,
  monitor: EventLoopMonitor = monitorEventLoop(),
): EventLoopWatch {
  let last: EventLoopDelay = { p50Ms: 0, p99Ms: 0, maxMs: 0 }
  const look = () => {
    const wasLate = last.p99Ms > lateMs
    last = monitor.read()
    const isLate = last.p99Ms > lateMs
    const fields = { ms: Math.round(last.p99Ms) }
    if (isLate && !wasLate) log.warn('the main thread is late', fields)
    if (!isLate && wasLate) log.info('the main thread is in time again', fields)
    cancel = clock.after('event loop delay', delayWindowMs, look)
  }
  let cancel = clock.after('event loop delay', delayWindowMs, look)
  return {
    last: () => last,
    stop() {
      cancel()
      monitor.stop()
    },
  }
}
