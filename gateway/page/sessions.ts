/** Who is signed in. Sessions live in memory: a restart of the gateway ends them all. */
import { createHash, randomBytes } from 'node:crypto'
import type { Clock, MonotonicMs } from '../../protocols/world/clock.ts'
import { elapsedMs } from '../../protocols/world/clock.ts'

const sessionsMax = 64
const tokenBytes = 32
/** A working day; and a tablet that lies about does not stay open until the evening. */
const sessionLimitMs = 14 * 3_600_000
const idleLimitMs = 3 * 3_600_000
export const sessionSeconds = sessionLimitMs / 1_000

interface Session {
  readonly beganMs: MonotonicMs
  usedMs: MonotonicMs
}

export class Sessions {
  readonly #clock: Clock
  /** By the digest of the token, so that looking one up tells nothing about the others. */
  readonly #sessions = new Map<string, Session>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Returns the token for the cookie. */
  begin(): string {
    const now = this.#clock.monotonicMs()
    this.#forgetEnded(now)
    while (this.#sessions.size >= sessionsMax) this.#forgetLeastUsed()
    const token = randomBytes(tokenBytes).toString('base64url')
    this.#sessions.set(nameOf(token), { beganMs: now, usedMs: now })
    return token
  }

  /**
   * Looking is using: the idle time begins anew, also with every beat of an open live stream. A
   * page that nobody sees closes its stream.
   */
  isOpen(token: string | null): boolean {
    if (token === null) return false
    const session = this.#sessions.get(nameOf(token))
    if (session === undefined) return false
    const now = this.#clock.monotonicMs()
    if (hasEnded(session, now)) {
      this.#sessions.delete(nameOf(token))
      return false
    }
    session.usedMs = now
    return true
  }

  end(token: string): void {
    this.#sessions.delete(nameOf(token))
  }

  #forgetEnded(now: MonotonicMs): void {
    for (const [name, session] of this.#sessions) {
      if (hasEnded(session, now)) this.#sessions.delete(name)
    }
  }

  #forgetLeastUsed(): void {
    const [least] = [...this.#sessions].sort(([, a], [, b]) => a.usedMs - b.usedMs)
    if (least !== undefined) this.#sessions.delete(least[0])
  }
}

function hasEnded(session: Session, now: MonotonicMs): boolean {
  return (
    elapsedMs(session.beganMs, now) > sessionLimitMs || elapsedMs(session.usedMs, now) > idleLimitMs
  )
}

function nameOf(token: string): string {
  return createHash('sha256').update(token).digest('base64')
}
