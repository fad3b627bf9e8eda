/**
 * Keeps one connection to the broker: tries again with a growing, jittered pause, subscribes anew
 * each time, and publishes through a bounded window. What was queued or unanswered when a
 * connection dies is dropped: everything said here can be said again from the database.
 */
import type { BrokerConnection, BrokerOptions, BrokerSession } from '../protocols/world/broker.ts'
import { elapsedMs, type MonotonicMs } from '../protocols/world/clock.ts'
import type { UpstreamWorld } from './world.ts'

const backOffFirstMs = 500
const backOffMostMs = 30_000
/** A connection that stood this long was a good one: the next pause is short again. */
const steadyAfterMs = 10_000
const openWithinMs = 20_000
/** A broker that takes our messages and answers none of them is not there. */
const answerWithinMs = 30_000
const windowMost = 32
const waitingMost = 1024

export interface LinkHears {
  /** After each opening, before any message of it. Subscribe and re-assert presence here. */
  opened(session: BrokerSession): void
  message(topic: string, payload: Uint8Array): void
  closed(reason: string | null): void
}

export interface Link {
  readonly open: boolean
  /** The largest payload that is worth trying, in bytes. */
  readonly payloadLimitBytes: number
  /** False without a connection, with a full queue or too large a payload: nothing was sent. */
  publish(topic: string, payload: Uint8Array, options?: PublishOptions): boolean
  subscribe(filters: readonly string[], done?: () => void): void
  /** Says farewell after what is still queued has been answered, or `withinMs` later. */
  close(withinMs: number): Promise<void>
}

export interface PublishOptions {
  readonly retain?: boolean
  /** The broker answered: null, or why it refused. Not called when the connection closed first. */
  readonly answered?: (refused: string | null) => void
}

interface Waiting {
  readonly topic: string
  readonly payload: Uint8Array
  readonly options: PublishOptions
}

/** Topic and packet head that MQTT adds to a payload, generously. */
const topicRoomBytes = 512

export function keepLink(world: UpstreamWorld, options: BrokerOptions, hears: LinkHears): Link {
  const keeper = new LinkKeeper(world, options, hears)
  // Not at once: whoever waits for the link must have it before the first thing is heard.
  keeper.attemptLater(0)
  return keeper
}

class LinkKeeper implements Link {
  readonly #world: UpstreamWorld
  readonly #options: BrokerOptions
  readonly #hears: LinkHears
  #connection: BrokerConnection | null = null
  #session: BrokerSession | null = null
  #openedAt: MonotonicMs | null = null
  #pauseMs = backOffFirstMs
  #waiting: Waiting[] = []
  /** When each unanswered message was sent, by a number of its own. */
  readonly #unanswered = new Map<number, MonotonicMs>()
  #publishCount = 0
  #cancelTimer: () => void = () => {}
  #cancelWatchdog: () => void = () => {}
  #closing = false
  #whenQuiet: (() => void) | null = null

  constructor(world: UpstreamWorld, options: BrokerOptions, hears: LinkHears) {
    this.#world = world
    this.#options = options
    this.#hears = hears
  }

  get open(): boolean {
    return this.#session !== null
  }

  get payloadLimitBytes(): number {
    return (this.#session?.maximumPacketBytes ?? topicRoomBytes) - topicRoomBytes
  }

  attemptLater(ms: number): void {
    this.#cancelTimer = this.#world.clock.after('broker connection', ms, () => this.#attempt())
  }

  #attempt(): void {
    if (this.#closing) return
    const connection: BrokerConnection = this.#world.broker.connect(this.#options, {
      opened: (session) => this.#opened(session),
      message: (topic, payload) => this.#hears.message(topic, payload),
      closed: (reason, retriable) => this.#closed(reason, retriable),
    })
    this.#connection = connection
    this.#cancelTimer = this.#world.clock.after('broker to answer', openWithinMs, () =>
      connection.close('destroy'),
    )
  }

  #opened(session: BrokerSession): void {
    this.#cancelTimer()
    this.#session = session
    this.#openedAt = this.#world.clock.monotonicMs()
    this.#watch()
    this.#world.log.info('broker connected')
    this.#hears.opened(session)
  }

  #closed(reason: string | null, retriable: boolean): void {
    this.#cancelTimer()
    this.#cancelWatchdog()
    const { clock, log, random } = this.#world
    const stood = this.#openedAt === null ? 0 : elapsedMs(this.#openedAt, clock.monotonicMs())
    const wasOpen = this.#session !== null
    this.#connection = null
    this.#session = null
    this.#openedAt = null
    this.#waiting = []
    this.#unanswered.clear()
    this.#whenQuiet?.()
    if (wasOpen) this.#hears.closed(reason)
    if (this.#closing) return
    if (stood >= steadyAfterMs) this.#pauseMs = backOffFirstMs
    else if (!retriable) this.#pauseMs = backOffMostMs
    // Decorrelated jitter: many clients that lost one broker do not come back in step.
    const pauseMs = backOffFirstMs + random.below(Math.max(1, this.#pauseMs * 3 - backOffFirstMs))
    this.#pauseMs = Math.min(backOffMostMs, Math.max(backOffFirstMs, pauseMs))
    log.warn('broker connection closed', { why: reason ?? 'closed', ms: this.#pauseMs })
    this.attemptLater(this.#pauseMs)
  }

  publish(topic: string, payload: Uint8Array, options: PublishOptions = {}): boolean {
    if (this.#session === null || this.#waiting.length >= waitingMost) return false
    if (payload.length > this.payloadLimitBytes) return false
    this.#waiting.push({ topic, payload, options })
    this.#send()
    return true
  }

  #send(): void {
    const session = this.#session
    const connection = this.#connection
    if (session === null || connection === null) return
    const window = Math.max(1, Math.min(windowMost, session.receiveMaximum))
    while (this.#unanswered.size < window) {
      const next = this.#waiting.shift()
      if (next === undefined) break
      const number = this.#publishCount++
      this.#unanswered.set(number, this.#world.clock.monotonicMs())
      const { topic, payload, options } = next
      connection.publish(topic, payload, { retain: options.retain === true }, (refused) => {
        if (this.#session !== session) return
        this.#unanswered.delete(number)
        if (refused !== null) this.#world.log.warn('broker refused a message', { why: refused })
        options.answered?.(refused)
        this.#send()
      })
    }
    if (this.#unanswered.size === 0 && this.#waiting.length === 0) this.#whenQuiet?.()
  }

  #watch(): void {
    const { clock } = this.#world
    this.#cancelWatchdog = clock.after('broker watchdog', answerWithinMs / 2, () => {
      const oldest = this.#unanswered.values().next().value
      if (oldest !== undefined && elapsedMs(oldest, clock.monotonicMs()) > answerWithinMs)
        this.#connection?.close('destroy')
      else this.#watch()
    })
  }

  subscribe(filters: readonly string[], done: () => void = () => {}): void {
    const session = this.#session
    const connection = this.#connection
    if (session === null || connection === null) return
    connection.subscribe(filters, (refused) => {
      if (this.#session !== session) return
      if (refused === null) return done()
      // Deaf is worse than absent: a connection without its subscription is given up and retried.
      this.#world.log.error('broker refused a subscription', { why: refused })
      connection.close('destroy')
    })
  }

  async close(withinMs: number): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    this.#cancelTimer()
    const { clock } = this.#world
    if (this.#unanswered.size > 0 || this.#waiting.length > 0) {
      await new Promise<void>((resolve) => {
        const cancel = clock.after('broker farewell', withinMs, resolve)
        this.#whenQuiet = () => {
          cancel()
          resolve()
        }
      })
      this.#whenQuiet = null
    }
    this.#connection?.close('farewell')
    this.#cancelWatchdog()
  }
}
