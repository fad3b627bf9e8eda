/** How long to wait before a device is tried again: soon at first, at most half a minute. */
export const backoffMs = [1_000, 2_000, 5_000, 10_000, 30_000] as const

const longestMs = backoffMs[backoffMs.length - 1] ?? 0

/** The wait after so many failures in a row; 0 means that none failed yet. */
export function waitAfter(failures: number): number {
  if (failures <= 0) return 0
  return backoffMs[failures - 1] ?? longestMs
}
