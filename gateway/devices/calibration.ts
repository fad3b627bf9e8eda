/** Whether a device should have been calibrated by now. */

/** The day in UTC: at most some hours late in the morning of the first day, and never early. */
export function dayOf(utcMs: number): string {
  return new Date(utcMs).toISOString().slice(0, 10)
}

/** `due` is the last day on which it may be used; null when nobody said one. */
export function isOverdue(due: string | null, day: string): boolean {
  // ISO dates are in the order of their letters.
  return due !== null && due < day
}
