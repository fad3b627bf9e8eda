/**
 * A clock that stands still until it is told to move, for tests and for the simulation. Timers fire
 * one at a time, by due time and then in the order in which they were set, and everything that a
 * timer woke (promises and what they in turn wake) has run before the next one fires.
 */
import { monotonicMs, wallMs } from '../../protocols/world/clock.ts'
import { assertWait, type ListedClock } from './listed-clock.ts'
import { sleepOn } from './sleep.ts'
import { TimerHeap, type HeapTimer } from './timer-heap.ts'

export interface FakeClock extends ListedClock {
  /** Moves by `ms`, through every timer that falls due meanwhile. Rejects with what one throws. */
  advance(ms: number): Promise<void>
  /** Moves to the next timer and fires it alone. False, without moving, when no timer runs. */
  next(): Promise<boolean>
  /** Lets everything run that waits for no timer. */
  settle(): Promise<void>
  /** Sets the wall clock, as NTP or a person does; monotonic time does not notice. */
  setWallMs(ms: number): void
}

export interface FakeClockOptions {
  /** Default: 2026-12-01T00:00Z. */
  readonly wallMs?: number
  /** Default: 10 s after the boot, so that 0 is not mistaken for a time. */
  readonly monotonicMs?: number
}

/** No real clock fires earlier, so what rounding leaves of a wait passes. */
const waitLeastMs = 0.001

/** So many timers at one instant mean that something waits 0 ms for ever. */
const timersPerInstantMax = 100_000

export function fakeClock(options: FakeClockOptions = {}): FakeClock {
  let nowMs = options.monotonicMs ?? 10_000
  let wallOffsetMs = (options.wallMs ?? Date.UTC(2026, 11, 1)) - nowMs
  let moving = false
  let instantMs = nowMs
  let atThisInstant = 0
  const timers = new TimerHeap()

  const after = (name: string, ms: number, work: () => void): (() => void) => {
    assertWait(ms)
    return timers.add(name, nowMs + (ms === 0 ? 0 : Math.max(waitLeastMs, ms)), work)
  }

  const fire = async (timer: HeapTimer): Promise<void> => {
    if (timer.dueMs > nowMs) nowMs = timer.dueMs
    atThisInstant = nowMs === instantMs ? atThisInstant + 1 : 1
    instantMs = nowMs
    if (atThisInstant > timersPerInstantMax) {
      throw new Error(`time stands still at ${nowMs} ms: the last timer is "${timer.name}"`)
    }
    timer.work()
    await settled()
  }

  /** Two movers at once would make the order depend on chance. */
  const alone = async <T>(move: () => Promise<T>): Promise<T> => {
    if (moving) throw new Error('the clock is moving already: await the first advance')
    moving = true
    try {
      await settled()
      return await move()
    } finally {
      moving = false
    }
  }

  return {
    wallMs: () => wallMs(Math.round(nowMs + wallOffsetMs)),
    monotonicMs: () => monotonicMs(nowMs),
    sleep: (ms, stop) => sleepOn(after, ms, stop),
    after,
    running: () => timers.list(),
    settle: settled,
    setWallMs: (ms) => {
      wallOffsetMs = ms - nowMs
    },
    async advance(ms) {
      assertWait(ms)
      await alone(async () => {
        const targetMs = nowMs + ms
        for (;;) {
          const timer = timers.takeDue(targetMs)
          if (timer === null) break
          await fire(timer)
        }
        nowMs = targetMs
      })
    },
    next: () =>
      alone(async () => {
        const timer = timers.takeDue(Number.POSITIVE_INFINITY)
        if (timer === null) return false
        await fire(timer)
        return true
      }),
  }
}

/** Node empties the queues of ticks and promises before an immediate, however long the chain. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
