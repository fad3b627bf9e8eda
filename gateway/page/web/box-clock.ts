/**
 * The monotonic clock of the box as seen from here. The clock of a phone may be wrong by years, so
 * every age is counted on the box's own clock, carried on by the browser's steady one.
 */

let offsetMs: number | null = null

/** The quickest message says most about the offset; what comes late only seems to. */
export function hearBoxTime(nowMs: number): void {
  const offset = performance.now() - nowMs
  // A laptop that slept may have stopped its steady clock: then the offset shrinks by itself.
  offsetMs = offsetMs === null ? offset : Math.min(offset, offsetMs + driftMs)
}

/** Lets the offset follow two clocks that run apart. */
const driftMs = 0.2

/** Another start of the gateway, another clock. */
export function forgetBoxTime(): void {
  offsetMs = null
}

/** null before the first message. */
export function boxNowMs(): number | null {
  return offsetMs === null ? null : performance.now() - offsetMs
}

export function boxAgeMs(atMs: number): number {
  const now = boxNowMs()
  return now === null ? 0 : Math.max(0, now - atMs)
}
