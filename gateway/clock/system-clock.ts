/** The clock of the box: CLOCK_MONOTONIC for elapsed time, the system's wall clock for stamps. */
import { monotonicMs, wallMs } from '../../protocols/world/clock.ts'
import type { MonotonicMs } from '../../protocols/world/clock.ts'
import { assertWait, type ListedClock, type RunningTimer } from './listed-clock.ts'
import { sleepOn } from './sleep.ts'

/** A longer delay overflows in Node and would fire at once. */
const nodeTimerMaxMs = 2_147_483_647

export function systemClock(): ListedClock {
  // `performance.now` and `hrtime` read the same clock; the first costs no BigInt at each packet.
  const startedMs = Number(process.hrtime.bigint()) / 1e6 - performance.now()
  const timers = new Set<RunningTimer>()

  const now = (): MonotonicMs => monotonicMs(startedMs + performance.now())

  const after = (name: string, ms: number, work: () => void): (() => void) => {
    assertWait(ms)
    const timer: RunningTimer = { name, dueMs: monotonicMs(now() + ms) }
    timers.add(timer)
    let handle: NodeJS.Timeout
    const wait = (restMs: number): void => {
      handle = setTimeout(
        () => {
          if (restMs > nodeTimerMaxMs) {
            wait(restMs - nodeTimerMaxMs)
            return
          }
          timers.delete(timer)
          work()
        },
        Math.min(restMs, nodeTimerMaxMs),
      )
    }
    wait(ms)
    return () => {
      timers.delete(timer)
      clearTimeout(handle)
    }
  }

  return {
    wallMs: () => wallMs(Date.now()),
    monotonicMs: now,
    sleep: (ms, stop) => sleepOn(after, ms, stop),
    after,
    running: () => [...timers].sort((one, other) => one.dueMs - other.dueMs),
  }
}
