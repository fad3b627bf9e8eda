/** How long to wait after the n-th failure in a row: doubling, and never all at the same time. */
import type { Random } from '../../protocols/world/random.ts'

const firstMs = 2_000
const mostMs = 600_000

/** From half of what is due to all of it. `failures` counts from 1. */
export function retryMs(failures: number, random: Random): number {
  const due = Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 20))
  return due / 2 + random.below(Math.floor(due / 2) + 1)
}
