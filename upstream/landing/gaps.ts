/**
 * Asks vans for packets that are missing. A hole is left alone while it still shrinks: what was
 * queued in the van comes by itself, and only what stays away is asked for, less and less often.
 */
import type { Backfill, SeqRange } from '../../protocols/packet/messages.ts'
import { holesOf, type StreamState } from './streams.ts'

export const holeAgeMs = 5_000
const againMostMs = 10 * 60_000
/** So many packets of one van are asked for at a time; the rest when they have come. */
export const askPacketsMost = 512
export const asksOfOneVanMost = 8
const holesOfOneStreamMost = 16

interface Hole extends SeqRange {
  readonly state: StreamState
  askAtMs: number
  asks: number
  /** null until it was asked for. */
  askedAtMs: number | null
}

interface Ask {
  readonly van: string
  readonly backfill: Backfill
}

export class Gaps {
  readonly #holes = new Map<number, readonly Hole[]>()
  readonly #roundTripMs = new Map<string, number>()

  /** What to ask. To be called about every second, with the vans that can hear. */
  look(states: Iterable<StreamState>, nowMs: number, isOnline: (van: string) => boolean): Ask[] {
    const dueOf = new Map<string, Hole[]>()
    for (const state of states) {
      const holes = isOnline(state.van) ? this.#watch(state, nowMs) : []
      if (holes.length === 0) this.#holes.delete(state.id)
      else this.#holes.set(state.id, holes)
      for (const hole of holes) {
        if (hole.askAtMs > nowMs) continue
        const due = dueOf.get(state.van) ?? []
        dueOf.set(state.van, due)
        due.push(hole)
      }
    }
    return [...dueOf].flatMap(([van, due]) => this.#ask(van, due, nowMs))
  }

  /** Small holes first: one packet that the broker lost does not wait for a backlog. */
  #ask(van: string, due: readonly Hole[], nowMs: number): Ask[] {
    const asks: Ask[] = []
    let left = askPacketsMost
    for (const hole of due.toSorted((a, b) => a.to - a.from - (b.to - b.from))) {
      if (left <= 0 || asks.length >= asksOfOneVanMost) break
      const { epoch, stream } = hole.state
      const to = Math.min(hole.to, hole.from + left - 1)
      left -= to - hole.from + 1
      asks.push({ van, backfill: { epoch, stream, from: hole.from, to } })
      hole.asks += 1
      hole.askedAtMs = nowMs
      hole.askAtMs = nowMs + Math.min(againMostMs, this.#patienceMs(van) * 2 ** hole.asks)
    }
    return asks
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
      return same ?? { state, from, to, ...fresh }
    })
  }

  /** How long answers of a van take; a guess, because what comes may have been under way anyway. */
  #learn(van: string, sampleMs: number): void {
    const before = this.#roundTripMs.get(van) ?? sampleMs
    this.#roundTripMs.set(van, before * 0.8 + Math.min(sampleMs, 60_000) * 0.2)
  }
}
