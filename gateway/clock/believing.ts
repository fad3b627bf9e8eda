/**
 * Whom to believe about the time. A claim says: at this monotonic moment it was this UTC, give or
 * take. What agrees with what we believe may sharpen it; a contradiction needs more than a word.
 */
import type { MonotonicMs } from '../../protocols/world/clock.ts'

export type Authority = 'ntp' | 'broker' | 'gnss' | 'rtc' | 'person'

export interface TimeClaim {
  readonly authority: Authority
  readonly atMs: MonotonicMs
  readonly utcMs: number
  /** Half width of the interval that surely holds the true UTC, at `atMs`. */
  readonly uncertaintyMs: number
}

/** utc = monotonic + offsetMs. */
export interface Belief {
  readonly offsetMs: number
  readonly uncertaintyMs: number
  readonly atMs: MonotonicMs
  readonly authority: Authority
}

/** A contradiction that is not believed yet. */
export interface Doubt {
  readonly offsetMs: number
  readonly uncertaintyMs: number
  readonly firstAtMs: MonotonicMs
  readonly authorities: readonly Authority[]
}

export type Judgement =
  /** The first, or better than what was believed. */
  | { readonly kind: 'believed' }
  /** Agrees, and teaches nothing. */
  | { readonly kind: 'agrees' }
  /** Believed against what was believed before. */
  | { readonly kind: 'corrected' }
  | { readonly kind: 'doubted'; readonly doubt: Doubt }
  | { readonly kind: 'refused'; readonly why: Refusal }

export type Refusal = 'no-number' | 'before-build' | 'too-late' | 'too-vague'

/** Nothing runs a program before it was written, nor so long after. */
const lifetimeMs = 20 * 365.25 * 86_400_000

/** A claim that spans more than a day orders nothing. */
const uncertaintyMaxMs = 86_400_000

/** How far the box's crystal may run off: 100 ppm holds from frost to a van parked in the sun. */
const driftPerMs = 100e-6

/** How far a clock of this box may run off in `ms`. */
export function driftMs(ms: number): number {
  return Math.abs(ms) * driftPerMs
}

/** Scheduling and rounding on our side, on top of what either side says. */
const agreementFloorMs = 50

/** After so long the same claim from the same authority counts as said twice. */
const confirmAfterMs = 60_000

const ranks: Readonly<{ [A in Authority]: number }> = {
  rtc: 1,
  person: 2,
  broker: 3,
  gnss: 3,
  ntp: 4,
}

export function uncertaintyAt(belief: Belief, atMs: number): number {
  return belief.uncertaintyMs + driftMs(atMs - belief.atMs)
}

export function beliefOf(claim: TimeClaim): Belief {
  return {
    offsetMs: claim.utcMs - claim.atMs,
    uncertaintyMs: claim.uncertaintyMs,
    atMs: claim.atMs,
    authority: claim.authority,
  }
}

export function judge(
  claim: TimeClaim,
  belief: Belief | null,
  doubt: Doubt | null,
  buildMs: number,
): Judgement {
  const refused = refusal(claim, buildMs)
  if (refused !== null) return { kind: 'refused', why: refused }
  if (belief === null) return { kind: 'believed' }

  const believedUncertainty = uncertaintyAt(belief, claim.atMs)
  const offsetMs = claim.utcMs - claim.atMs
  if (agree(offsetMs, claim.uncertaintyMs, belief.offsetMs, believedUncertainty)) {
    return { kind: claim.uncertaintyMs < believedUncertainty ? 'believed' : 'agrees' }
  }

  const higher = ranks[claim.authority] > ranks[belief.authority]
  if (higher && claim.authority !== 'gnss') return { kind: 'corrected' }

  const joins =
    doubt !== null && agree(offsetMs, claim.uncertaintyMs, doubt.offsetMs, doubt.uncertaintyMs)
  if (!joins) {
    return {
      kind: 'doubted',
      doubt: {
        offsetMs,
        uncertaintyMs: claim.uncertaintyMs,
        firstAtMs: claim.atMs,
        authorities: [claim.authority],
      },
    }
  }
  const authorities = doubt.authorities.includes(claim.authority)
    ? doubt.authorities
    : [...doubt.authorities, claim.authority]
  // A receiver that is spoofed, or whose week counter rolled over, repeats itself for ever.
  const lonelyGnss = authorities.length === 1 && claim.authority === 'gnss'
  const insisted =
    ranks[claim.authority] >= ranks[belief.authority] &&
    claim.atMs - doubt.firstAtMs >= confirmAfterMs
  if (authorities.length > 1 || (insisted && !lonelyGnss)) return { kind: 'corrected' }
  return { kind: 'doubted', doubt: { ...doubt, authorities } }
}

function agree(
  one: number,
  oneGiveOrTake: number,
  other: number,
  otherGiveOrTake: number,
): boolean {
  return Math.abs(one - other) <= oneGiveOrTake + otherGiveOrTake + agreementFloorMs
}

function refusal(claim: TimeClaim, buildMs: number): Refusal | null {
  if (!Number.isFinite(claim.utcMs) || !Number.isFinite(claim.uncertaintyMs)) return 'no-number'
  if (claim.uncertaintyMs < 0) return 'no-number'
  if (claim.uncertaintyMs > uncertaintyMaxMs) return 'too-vague'
  if (claim.utcMs < buildMs) return 'before-build'
  if (claim.utcMs > buildMs + lifetimeMs) return 'too-late'
  return null
}
