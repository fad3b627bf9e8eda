/**
 * What UTC a monotonic moment was, and how sure that is. A box without a clock battery starts with
 * a wrong date, so nothing is believed until somebody believable spoke; then a `clock` record tells
 * the hospital the offset for the whole boot, and what was stored before stays as it was stored.
 */
import type { ClockFix } from '../../protocols/packet/record.ts'
import { elapsedMs, monotonicMs } from '../../protocols/world/clock.ts'
import type { Clock, MonotonicMs } from '../../protocols/world/clock.ts'
import type { Log } from '../world.ts'
import {
  beliefOf,
  driftMs,
  judge,
  uncertaintyAt,
  type Belief,
  type Doubt,
  type Judgement,
  type TimeClaim,
} from './believing.ts'

export interface Utc {
  readonly utcMs: number
  /** Half width of the interval that holds the true UTC. */
  readonly uncertaintyMs: number
}

/** The part of the time keeper that stamps records. */
export interface UtcSource {
  /** null until somebody believable said the time. Any moment of this boot may be asked for. */
  utcOf(atMs: MonotonicMs): Utc | null
}

export interface TimeKeeperParts {
  readonly clock: Clock
  readonly log: Log
  /** How long ago, at most, NTP set the wall clock; null while it does not hold it. */
  readonly synchronised: () => Promise<{ readonly ageMs: number } | null>
  /** Takes each `clock` record for van/clock. */
  readonly says: (fix: ClockFix) => void
  /** Dates before it are not believed. Default: the date of this release. */
  readonly buildMs?: number
}

export interface TimeStatus {
  readonly utc: Utc | null
  readonly authority: string | null
  /** A contradiction that waits for a second voice; null when all agree. */
  readonly doubt: Doubt | null
  /** How often the wall clock jumped since the start. */
  readonly wallJumps: number
  /** The newest jump, positive when the clock went forward; null when there was none. */
  readonly lastWallJumpMs: number | null
}

/** No date before this release is believed. Moved forward with each release. */
export const buildDateMs = Date.UTC(2026, 10, 1)

/** How often the wall clock is compared with the monotonic one. */
const compareEveryMs = 10_000

/** How often the kernel is asked: it may cost a process. */
const askEveryMs = 60_000

/** NTP slews by at most 0.5 ms a second; what moves further between two checks was set. */
const wallJumpMs = 500

/** The kernel does not tell Node its own bound; a box that was just set is well inside this one. */
const ntpUncertaintyMs = 250

/** A new `clock` record is written when the offset moved by more than this. */
const correctionToleranceMs = 250

/** ... or when the time became known so many times better. */
const sharperFactor = 4

const nothing = (): void => {}

export class TimeKeeper implements UtcSource {
  readonly #parts: TimeKeeperParts
  readonly #buildMs: number
  #belief: Belief | null = null
  /** What the newest `clock` record said. */
  #said: Belief | null = null
  #doubt: Doubt | null = null
  #wallOffsetMs: number
  #wallJumps = 0
  #lastWallJumpMs: number | null = null
  #cancelAsking = nothing
  #cancelComparing = nothing
  #stopped = false

  constructor(parts: TimeKeeperParts) {
    this.#parts = parts
    this.#buildMs = parts.buildMs ?? buildDateMs
    this.#wallOffsetMs = parts.clock.wallMs() - parts.clock.monotonicMs()
  }

  /** Asks the kernel at once and then regularly, until `stop`. */
  async start(): Promise<void> {
    this.#compareLater()
    await this.#ask()
  }

  stop(): void {
    this.#stopped = true
    this.#cancelAsking()
    this.#cancelComparing()
  }

  utcOf(atMs: MonotonicMs): Utc | null {
    const belief = this.#belief
    if (belief === null) return null
    return {
      utcMs: Math.round(atMs + belief.offsetMs),
      uncertaintyMs: Math.ceil(uncertaintyAt(belief, atMs)),
    }
  }

  /** A voice from outside: the landing, a GNSS receiver, a person. Answers what became of it. */
  hear(claim: TimeClaim): Judgement {
    const judgement = judge(claim, this.#belief, this.#doubt, this.#buildMs)
    const { log } = this.#parts
    switch (judgement.kind) {
      case 'believed':
      case 'corrected':
        if (judgement.kind === 'corrected') {
          log.warn('the time was corrected', { why: claim.authority })
        }
        this.#belief = beliefOf(claim)
        this.#doubt = null
        this.#tell(this.#belief)
        break
      case 'agrees':
        this.#doubt = null
        break
      case 'doubted':
        if (judgement.doubt.firstAtMs !== this.#doubt?.firstAtMs) {
          log.warn('a time is not believed yet', { why: claim.authority })
        }
        this.#doubt = judgement.doubt
        break
      case 'refused':
        log.warn('a time is not believed', { why: `${claim.authority}: ${judgement.why}` })
        break
    }
    return judgement
  }

  status(): TimeStatus {
    return {
      utc: this.utcOf(this.#parts.clock.monotonicMs()),
      authority: this.#belief?.authority ?? null,
      doubt: this.#doubt,
      wallJumps: this.#wallJumps,
      lastWallJumpMs: this.#lastWallJumpMs,
    }
  }

  async #ask(): Promise<void> {
    const synchronised = await this.#parts.synchronised()
    if (this.#stopped) return
    const { clock } = this.#parts
    if (synchronised !== null) {
      this.hear({
        authority: 'ntp',
        atMs: clock.monotonicMs(),
        utcMs: clock.wallMs(),
        uncertaintyMs: ntpUncertaintyMs + driftMs(synchronised.ageMs),
      })
    }
    this.#cancelAsking = clock.after('ask the kernel for NTP', askEveryMs, () => {
      void this.#ask()
    })
  }

  #compareLater(): void {
    this.#cancelComparing = this.#parts.clock.after('compare clocks', compareEveryMs, () => {
      this.#compareLater()
      this.#compareWall()
    })
  }

  #compareWall(): void {
    const { clock, log } = this.#parts
    const offsetMs = clock.wallMs() - clock.monotonicMs()
    const jumpMs = Math.round(offsetMs - this.#wallOffsetMs)
    this.#wallOffsetMs = offsetMs
    if (Math.abs(jumpMs) < wallJumpMs) return
    this.#wallJumps++
    this.#lastWallJumpMs = jumpMs
    log.warn('the wall clock jumped', { ms: jumpMs })
  }

  #tell(belief: Belief): void {
    const said = this.#said
    if (said !== null) {
      const moved = Math.abs(belief.offsetMs - said.offsetMs) > correctionToleranceMs
      const sharper = belief.uncertaintyMs * sharperFactor <= said.uncertaintyMs
      if (!moved && !sharper) return
    }
    this.#said = belief
    const atMs = monotonicMs(Math.floor(this.#parts.clock.monotonicMs()))
    const utc = this.utcOf(atMs)
    const fixUncertaintyMs = Math.ceil(belief.uncertaintyMs)
    this.#parts.log.info('the time is known', { why: belief.authority, ms: fixUncertaintyMs })
    this.#parts.says({
      kind: 'clock',
      atMs,
      utcMs: utc?.utcMs ?? null,
      uncertaintyMs: utc?.uncertaintyMs ?? null,
      source: belief.authority === 'person' ? 'typed' : 'device',
      simulated: false,
      offsetMs: Math.round(belief.offsetMs),
      fixUncertaintyMs,
      authority: belief.authority,
    })
  }
}

/** A claim from a clock that was asked over a network: its answer is half a round trip old. */
export function claimFromAnswer(
  authority: TimeClaim['authority'],
  answer: { readonly utcMs: number; readonly uncertaintyMs: number },
  asked: { readonly atMs: MonotonicMs; readonly answeredAtMs: MonotonicMs },
): TimeClaim {
  const halfMs = elapsedMs(asked.atMs, asked.answeredAtMs) / 2
  return {
    authority,
    atMs: asked.answeredAtMs,
    utcMs: answer.utcMs + halfMs,
    uncertaintyMs: answer.uncertaintyMs + halfMs,
  }
}
