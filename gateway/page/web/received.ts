import type { StreamView } from '../view.ts'

/** How many records of one device there are, and how many of them the hospital has. */
export function receivedOf(
  device: string,
  streams: readonly StreamView[],
): { readonly stored: number; readonly receipted: number } {
  let stored = 0
  let receipted = 0
  for (const stream of streams) {
    if (!stream.stream.startsWith(`${device}/`)) continue
    stored += stream.recordsStored
    receipted += stream.recordsReceipted
  }
  return { stored, receipted }
}
