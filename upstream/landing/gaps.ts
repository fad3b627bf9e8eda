/**
 * Asks vans for packets that are missing. A hole is left alone while it still shrinks: what was
 * queued in the van comes by itself, and only what stays away is asked for, less and less often.
 */
import type { Backfill, SeqRange } from '../../protocols/packet/messages.ts'
import { holesOf, type StreamState } from './streams.ts'

export const holeAgeMs = 5_000
const againMostMs = 10 * 60_000
/** So many packets are asked for at once; the rest when they have come. */
export const askPacketsMost = 512
const holesOfOneStreamMost = 16
export const asksOfOneVanMost = 8

interface Hole extends SeqRange {
  readonly askAtMs: number
  readonly asks: number
  /** null until it was asked for. */
  readonly askedAtMs: number | null
}

interface Ask {
  readonly van: string
  readonly backfill: Backfill
}

export class Gaps {
  readonly #holes = new Map<number, readonly Hole[]>()
  readonly #roundTripMs = new Map<string, number>()

  /** What to ask for now. To be called about every second, with the vans that can hear. */
  look(states: Iterable<StreamState>, nowMs: number, isOnline: (van: string) => boolean): Ask[] {
    const asks: Ask[] = []
    const asked = new Map<string, number>()
    for (const state of states) {
      const { van } = state
      if (!isOnline(van)) {
        this.#holes.delete(state.id)
        continue
      }
      const holes = this.#watch(state, nowMs)
      const left = asksOfOneVanMost - (asked.get(van) ?? 0)
      const due = holes.filter(({ askAtMs }) => askAtMs <= nowMs).slice(0, left)
      asked.set(van, (asked.get(van) ?? 0) + due.length)
      for (const { from, to } of due) {
        const upTo = Math.min(to, from + askPacketsMost - 1)
        const { epoch, stream } = state
        asks.push({ van, backfill: { epoch, stream, from, to: upTo } })
      }
      const kept = holes.map((hole) => (due.includes(hole) ? this.#asked(hole, van, nowMs) : hole))
      if (kept.length === 0) this.#holes.delete(state.id)
      else this.#holes.set(state.id, kept)
    }
    return asks
  }

  #asked(hole: Hole, van: string, nowMs: number): Hole {
    const asks = hole.asks + 1
    const waitMs = Math.min(againMostMs, this.#patienceMs(van) * 2 ** asks)
    return { ...hole, asks, askedAtMs: nowMs, askAtMs: nowMs + waitMs }
  }

  /** How long a hole may stay as it is before it is asked for. */
  #patienceMs(van: string): number {
    return Math.max(holeAgeMs, 2 * (this.#roundTripMs.get(van) ?? 0))
  }

  #watch(state: StreamState, nowMs: number): readonly Hole[] {
    const before = this.#holes.get(state.id) ?? []
    const now = holesOf(state, holesOfOneStreamMost)
    for (const hole of before) {
      const same = now.some(({ from, to }) => from === hole.from && to === hole.to)
      if (!same && hole.askedAtMs !== null) this.#learn(state.van, nowMs - hole.askedAtMs)
    }
    const fresh = { askAtMs: nowMs + this.#patienceMs(state.van), asks: 0, askedAtMs: null }
    return now.map(({ from, to }) => {
      const same = before.find((hole) => hole.from === from && hole.to === to)
      return same ?? { from, to, ...fresh }
    })
  }

  /** How long answers of a van take; a guess, because what comes may have been under way anyway. */
  #learn(van: string, sampleMs: number): void {
    const before = this.#roundTripMs.get(van) ?? sampleMs
    this.#roundTripMs.set(van, before * 0.8 + Math.min(sampleMs, 60_000) * 0.2)
  }
}
