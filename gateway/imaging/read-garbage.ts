/**
 * Each piece that Node reads from a socket lies in new memory of its own, and is garbage as soon as
 * it was copied. V8 collects that only when tens of megabytes lie about, as it counts the small
 * objects and not the memory behind them: so it is asked to, for the young objects alone, which
 * takes part of a millisecond.
 */

const collectEveryBytes = 1_048_576

/**
 * Gives what is to be told of everything that was read, in bytes. `collect` is left out where V8
 * does not offer it: it does with the flag `--expose-gc`.
 */
export function collectingReads(collect = minorCollection()): (bytes: number) => void {
  let sinceBytes = 0
  return (bytes) => {
    sinceBytes += bytes
    if (sinceBytes < collectEveryBytes) return
    sinceBytes = 0
    collect?.()
  }
}

function minorCollection(): (() => void) | undefined {
  const { gc } = globalThis
  return gc === undefined ? undefined : () => gc({ type: 'minor' })
}
