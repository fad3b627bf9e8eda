/** How long to wait before it is looked, or told, again. */
import type { Random } from '../../protocols/world/random.ts'

const firstMs = 10_000
const mostMs = 1_800_000

/**
 * `sinceMs`: since it was asked. A van that is online has its receipts within seconds, and the
 * device may hold its association open for the answer; later nobody counts the seconds.
 */
export function lookAgainMs(sinceMs: number): number {
  if (sinceMs < 30_000) return 1_000
  return sinceMs < 600_000 ? 10_000 : 60_000
}

/** After the n-th failure in a row, from 1: doubling, and never all at the same time. */
export function tellAgainMs(failures: number, random: Random): number {
  const due = Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 20))
  return due / 2 + random.below(due / 2 + 1)
}
