/** What the streams of the journal add up to, and how long its room lasts. */
import type { MonotonicMs } from '../../protocols/world/clock.ts'
import { elapsedMs } from '../../protocols/world/clock.ts'
import type { JournalView } from './view.ts'
import type { Totals } from './wire.ts'

/** A pace seen for less than this says nothing yet. */
const seenForMsMin = 10 * 60_000
const seenForMsMax = 60 * 60_000
const sightsMax = 128

interface Sight {
  readonly atMs: MonotonicMs
  readonly usedBytes: number
  readonly unreceiptedBytes: number
}

export class IntakePace {
  #sights: Sight[] = []

  see(atMs: MonotonicMs, journal: JournalView): void {
    const last = this.#sights.at(-1)
    if (last !== undefined && elapsedMs(last.atMs, atMs) < seenForMsMax / sightsMax) return
    this.#sights.push({
      atMs,
      usedBytes: journal.usedBytes,
      unreceiptedBytes: journal.unreceiptedBytes,
    })
    const oldest = this.#sights.findIndex((sight) => elapsedMs(sight.atMs, atMs) <= seenForMsMax)
    this.#sights = this.#sights.slice(Math.max(oldest, this.#sights.length - sightsMax))
  }

  /**
   * Hours until intake must refuse if no receipt ever came again: what is receipted makes room,
   * what is not stays. null while the pace is not known, or while nothing comes in.
   */
  bufferHoursLeft(journal: JournalView): number | null {
    const first = this.#sights[0]
    const last = this.#sights.at(-1)
    if (first === undefined || last === undefined) return null
    const seenForMs = elapsedMs(first.atMs, last.atMs)
    if (seenForMs < seenForMsMin) return null
    // Removal hides intake in one figure, receipts hide it in the other: the larger is nearer.
    const intakeBytes = Math.max(
      growth(this.#sights, 'usedBytes'),
      growth(this.#sights, 'unreceiptedBytes'),
    )
    if (intakeBytes <= 0) return null
    const roomBytes = Math.max(0, journal.limitBytes - journal.unreceiptedBytes)
    return ((roomBytes / intakeBytes) * seenForMs) / 3_600_000
  }
}

export function totalsOf(journal: JournalView, pace: IntakePace): Totals {
  let recordsStored = 0
  let recordsReceipted = 0
  let oldestWaitingUtcMs: number | null = null
  for (const stream of journal.streams) {
    recordsStored += stream.recordsStored
    recordsReceipted += stream.recordsReceipted
    const oldest = stream.oldestUnreceiptedUtcMs
    if (oldest === null) continue
    oldestWaitingUtcMs = oldestWaitingUtcMs === null ? oldest : Math.min(oldestWaitingUtcMs, oldest)
  }
  return {
    recordsStored,
    recordsReceipted,
    recordsWaiting: Math.max(0, recordsStored - recordsReceipted),
    oldestWaitingUtcMs,
    bufferHoursLeft: pace.bufferHoursLeft(journal),
  }
}

function growth(sights: readonly Sight[], of: 'usedBytes' | 'unreceiptedBytes'): number {
  let grown = 0
  for (let index = 1; index < sights.length; index++) {
    const before = sights[index - 1]?.[of] ?? 0
    grown += Math.max(0, (sights[index]?.[of] ?? 0) - before)
  }
  return grown
}
