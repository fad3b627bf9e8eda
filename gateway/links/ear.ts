/** What every kind of link does with what it hears: lines or bytes, and one end. */
import type { LinkHears, Splits } from '../world.ts'
import { cutLines } from './lines.ts'

export interface Ear {
  bytes(bytes: Uint8Array): void
  /** Only the first call counts, and nothing is heard after it. */
  closed(trouble: Error | null): void
}

/** `nowMs` reads a monotonic clock. */
export function earOf(splits: Splits, hears: LinkHears, nowMs: () => number): Ear {
  let open = true
  const lines =
    splits !== 'lines'
      ? null
      : cutLines(nowMs, {
          line: (line, ageMs) => {
            if (open) hears.bytes(line, ageMs)
          },
          noise: (reason, bytes) => {
            if (open) hears.noise?.(reason, bytes)
          },
        })
  return {
    bytes(bytes) {
      if (!open || bytes.length === 0) return
      if (lines === null) {
        hears.bytes(bytes)
        return
      }
      hears.raw?.(bytes)
      lines.write(bytes)
    },
    closed(trouble) {
      if (!open) return
      lines?.end()
      open = false
      hears.closed(trouble)
    },
  }
}
