/**
 * A machine without a clock battery: its monotonic time begins with each boot, and its wall clock
 * says
 * what it was set to last, or something long ago. What runs on it lives in incarnations on its
 * clock.
 */
import { monotonicMs, wallMs, type Clock } from '../../protocols/world/clock.ts'
import type { Random } from '../../protocols/world/random.ts'
import { incarnation, type Incarnation } from './incarnation.ts'

export interface Box {
  /** Of this boot. UUID version 4. */
  readonly bootId: string
  /** Starts a process. */
  begin(): Incarnation
  wallMs(): number
  setWallMs(ms: number): void
  /** Power comes back: a new boot. The wall clock begins at `wallMs`. */
  reboot(wallMs: number): void
  /** When this boot's monotonic time was 0, on the clock of the world. */
  readonly bootedAtMs: number
}

const bootFirstMs = 4_000
const bootJitterMs = 20_000

/** `world` is the clock that never jumps; its wall clock is true. */
export function makeBox(world: Clock, random: Random): Box {
  let bootId = uuidV4(random)
  let bootedAtMs = 0
  let wallOffsetMs = 0

  const restart = (wall: number): void => {
    // The gateway does not run from the first instant of a boot.
    const upMs = bootFirstMs + random.below(bootJitterMs)
    bootedAtMs = world.monotonicMs() - upMs
    wallOffsetMs = wall - world.monotonicMs()
  }
  restart(world.wallMs())

  const clock: Clock = {
    wallMs: () => wallMs(Math.round(world.monotonicMs() + wallOffsetMs)),
    monotonicMs: () => monotonicMs(world.monotonicMs() - bootedAtMs),
    after: (name, ms, work) => world.after(name, ms, work),
    sleep: (ms, stop) => world.sleep(ms, stop),
  }
  return {
    get bootId() {
      return bootId
    },
    get bootedAtMs() {
      return bootedAtMs
    },
    wallMs: () => clock.wallMs(),
    begin: () => incarnation(clock),
    setWallMs(ms) {
      wallOffsetMs = ms - world.monotonicMs()
    },
    reboot(wall) {
      bootId = uuidV4(random)
      restart(wall)
    },
  }
}

/** RFC 9562 section 5.4. */
function uuidV4(random: Random): string {
  const bytes = random.bytes(16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Buffer.from(bytes).toString('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-')
}
