/**
 * How much may be on its way at once. The count is the broker's Receive Maximum and our own limit;
 * the bytes follow the link: what it delivers in the shortest round trip that was seen and one
 * second more. So the link never runs dry, and an emergency never stands behind more than about a
 * second of backlog in the socket's buffer, at 64 kbit/s as at 5 Mbit/s.
 */

export interface WindowLimits {
  readonly count: number
  readonly bytes: number
}

/** What was noted when a message was sent. */
export interface Ticket {
  readonly bytes: number
  readonly sentMs: number
  /** How much the window had delivered by then. */
  readonly deliveredBytes: number
}

/** How long data may wait in the buffers of the way, beyond the shortest round trip. */
const queueTargetMs = 1_000
/** Less would leave a slow way idle between two answers. */
const bytesMin = 32 * 1024
const bytesFirst = 64 * 1024
/** Emergencies and live waves go on top, because waiting for room would cost them a round trip. */
const urgentRoomBytes = 64 * 1024
/** A share of 1/8 lets one late answer pass and follows a link that slows down within seconds. */
const smoothing = 8

/** Before anything was measured: 16 kbit/s. */
const slowestBytesPerMs = 2
const silenceMinMs = 10_000
const silenceRoundTrips = 8
const silenceMaxMs = 300_000

export class Window {
  readonly #limits: WindowLimits
  #count = 0
  #bytes = 0
  #budgetBytes: number
  #deliveredBytes = 0
  #shortestMs: number | null = null
  #roundTripMs: number | null = null
  #bytesPerMs: number | null = null
  /** Something waited for room: only then does a low rate say something about the link. */
  #full = false

  constructor(limits: WindowLimits) {
    this.#limits = limits
    this.#budgetBytes = Math.min(bytesFirst, limits.bytes)
  }

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#bytes
  }

  get limits(): WindowLimits {
    return { count: this.#limits.count, bytes: this.#budgetBytes }
  }

  /** Smoothed; null before the first answer. */
  get roundTripMs(): number | null {
    return this.#roundTripMs
  }

  /** Whether one more may go now. A message that is larger than the window goes alone. */
  admits(bytes: number, urgent: boolean): boolean {
    const room = urgent ? this.#budgetBytes + urgentRoomBytes : this.#budgetBytes
    const fits = this.#count === 0 || this.#bytes + bytes <= room
    const admitted = this.#count < this.#limits.count && fits
    this.#full = !admitted
    return admitted
  }

  send(bytes: number, nowMs: number): Ticket {
    this.#count++
    this.#bytes += bytes
    return { bytes, sentMs: nowMs, deliveredBytes: this.#deliveredBytes }
  }

  answered(ticket: Ticket, nowMs: number): void {
    this.#count--
    this.#bytes -= ticket.bytes
    this.#deliveredBytes += ticket.bytes
    // Less than a millisecond says more about the timer than about the way.
    const tookMs = Math.max(1, nowMs - ticket.sentMs)
    this.#shortestMs = Math.min(this.#shortestMs ?? tookMs, tookMs)
    this.#roundTripMs =
      this.#roundTripMs === null
        ? tookMs
        : this.#roundTripMs + (tookMs - this.#roundTripMs) / smoothing
    this.#measure((this.#deliveredBytes - ticket.deliveredBytes) / tookMs)
    this.#follow(ticket.bytes, this.#shortestMs)
  }

  #measure(bytesPerMs: number): void {
    const known = this.#bytesPerMs
    if (known === null || bytesPerMs > known) this.#bytesPerMs = bytesPerMs
    else if (this.#full) this.#bytesPerMs = known + (bytesPerMs - known) / smoothing
  }

  #follow(answeredBytes: number, shortestMs: number): void {
    const wanted = (this.#bytesPerMs ?? 0) * (shortestMs + queueTargetMs)
    const most = this.#limits.bytes
    // Grows with what arrives, at most threefold in a round trip; shrinks at once.
    const grown = Math.min(wanted, this.#budgetBytes + 2 * answeredBytes)
    if (wanted < this.#budgetBytes && !this.#full) return
    this.#budgetBytes = Math.min(most, Math.max(Math.min(bytesMin, most), grown))
  }

  /** How long silence is normal while something waits for its answer. */
  get patienceMs(): number {
    const rate = Math.max((this.#bytesPerMs ?? 0) / 4, slowestBytesPerMs)
    const byTrips = silenceRoundTrips * (this.#roundTripMs ?? 0)
    return Math.min(silenceMaxMs, Math.max(silenceMinMs, byTrips) + this.#bytes / rate)
  }
}
