/** A driver whose first session begins with what was heard before the device was taken into use. */
import type { Driver } from '../../../drivers/driver.ts'
import { linkOf } from '../../../drivers/link.ts'
import { joinBytes, noBytes } from '../../../protocols/bytes/bytes.ts'
import { monotonicMs, type Clock } from '../../../protocols/world/clock.ts'
import { cutLines } from '../../links/lines.ts'
import { retold, type Past } from './retell.ts'
import type { Taken } from './search.ts'
import type { Piece } from './transcript.ts'

export interface Continuing {
  readonly driver: Driver
  /** A line that has begun and goes on with what is heard next. */
  readonly begun: Uint8Array
}

export function continuing(
  driver: Driver,
  taken: Pick<Taken, 'transcript' | 'beganMs' | 'asker'>,
  clock: Pick<Clock, 'monotonicMs'>,
): Continuing {
  const heard = taken.transcript.take()
  const isByLines = linkOf(driver, 'serial')?.splits === 'lines'
  const { pieces, begun } = isByLines ? linesOf(heard) : { pieces: [...heard], begun: noBytes }
  const past: Past = { pieces, beganMs: taken.beganMs, wasAsked: taken.asker === driver }
  return {
    driver: {
      ...driver,
      session: (over) => {
        const session = driver.session(over)
        if (past.pieces.length === 0) return session
        return retold(session, past, () => clock.monotonicMs())
      },
    },
    begun,
  }
}

/** As the link would have cut them: whole lines, each with the time at which it began. */
function linesOf(heard: readonly Piece[]): { pieces: Piece[]; begun: Uint8Array } {
  const pieces: Piece[] = []
  let nowMs = 0
  const cutter = cutLines(() => nowMs, {
    line: (bytes, ageMs) => pieces.push({ bytes, atMs: monotonicMs(nowMs - ageMs) }),
    // It was noise to the link, and is none of the session's business.
    noise: () => {},
  })
  let begun: Uint8Array = noBytes
  for (const { bytes, atMs } of heard) {
    nowMs = atMs
    cutter.write(bytes)
    const end = Math.max(bytes.lastIndexOf(0x0a), bytes.lastIndexOf(0x0d))
    begun = end === -1 ? joinBytes(begun, bytes) : bytes.slice(end + 1)
  }
  return { pieces, begun }
}
