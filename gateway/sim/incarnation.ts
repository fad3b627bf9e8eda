/**
 * One life of a process. When it is killed its timers never fire again and what it waited for never
 * comes, exactly as after `kill -9`: no farewell, no flush, no last word.
 */
import type { Clock } from '../../protocols/world/clock.ts'
import { sleepOn } from '../clock/sleep.ts'

export interface Incarnation {
  readonly clock: Clock
  readonly alive: boolean
  kill(): void
}

export function incarnation(clock: Clock): Incarnation {
  const cancels = new Set<() => void>()
  let alive = true

  const after = (name: string, ms: number, work: () => void): (() => void) => {
    if (!alive) return () => {}
    const cancelTimer = clock.after(name, ms, () => {
      cancels.delete(cancel)
      work()
    })
    const cancel = () => {
      cancels.delete(cancel)
      cancelTimer()
    }
    cancels.add(cancel)
    return cancel
  }

  return {
    clock: {
      wallMs: () => clock.wallMs(),
      monotonicMs: () => clock.monotonicMs(),
      after,
      sleep: (ms, stop) => sleepOn(after, ms, stop),
    },
    get alive() {
      return alive
    },
    kill() {
      alive = false
      const waiting = Array.from(cancels)
      for (const cancel of waiting) cancel()
    },
  }
}
