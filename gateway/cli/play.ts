/** Plays a simulated device on a line whose other end somebody else holds. */
import type { SerialLine } from '../../drivers/driver.ts'
import type { Simulated } from '../../drivers/simulate/simulated.ts'
import { systemClock } from '../clock/system-clock.ts'
import { hostLinks } from '../links/links.ts'
import type { Link } from '../world.ts'
import { stopSignal } from './signals.ts'

/** What the host said and the device has not read yet. */
const heardLimitBytes = 4_096

export interface PlayOptions {
  readonly path: string
  readonly line: SerialLine
  /** Called when bytes have left, with the time since those before. */
  readonly left: (bytes: Uint8Array, sinceLastMs: number) => void
}

/** Plays until the device has no more to say, the line breaks, or a signal comes. */
export async function playOn(device: Simulated, options: PlayOptions): Promise<void> {
  const ear = new Ear()
  const { path, line, left } = options
  const link = await hostLinks().open({ kind: 'serial', path, line }, 'bytes', {
    bytes: (bytes) => ear.bytes(bytes),
    closed: () => ear.close(),
  })
  await play(device, { link, ear, left })
  await link.close()
}

interface Stage {
  readonly link: Link
  readonly ear: Ear
  readonly left: PlayOptions['left']
}

/** Keeps the device's pace by the clock, so that slow writes do not slow the device down. */
async function play(device: Simulated, { link, ear, left }: Stage): Promise<void> {
  const clock = systemClock()
  const stop = new AbortController()
  void stopSignal().then(() => stop.abort())
  const isOver = () => stop.signal.aborted || ear.closed
  let writing = false
  let dueMs: number = clock.monotonicMs()
  let lastMs = dueMs
  let next = device.next()
  while (!isOver() && next.done !== true) {
    const { afterMs, bytes } = next.value
    dueMs += afterMs
    await clock.sleep(Math.max(0, dueMs - clock.monotonicMs()), stop.signal).catch(ignore)
    if (isOver()) break
    // Nobody reads the line: as on a real cable, what is said now is lost.
    if (bytes.length > 0 && !writing) {
      writing = true
      const sinceLastMs = dueMs - lastMs
      lastMs = dueMs
      void link.write(bytes).then(() => {
        writing = false
        left(bytes, sinceLastMs)
      }, ignore)
    }
    next = device.next(ear.heard())
  }
}

/** Being interrupted, or a line that broke, is noticed by `isOver`; there is nothing to add. */
function ignore(): void {}

class Ear {
  closed = false
  #waiting: Uint8Array[] = []
  #bytes = 0

  bytes(bytes: Uint8Array): void {
    this.#bytes += bytes.length
    if (this.#bytes <= heardLimitBytes) this.#waiting.push(bytes)
  }

  close(): void {
    this.closed = true
  }

  heard(): Uint8Array | undefined {
    const waiting = this.#waiting
    this.#waiting = []
    this.#bytes = 0
    return waiting.length === 0 ? undefined : new Uint8Array(Buffer.concat(waiting))
  }
}
