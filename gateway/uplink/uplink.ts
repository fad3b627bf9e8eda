/**
 * The van's end of the wire: keeps one connection to the broker, sends what the journal holds, and
 * hears what the hospital has received. What is on its way is only remembered in memory, because
 * the journal keeps every packet until the hospital's receipt.
 */
import { encodeVanState, type LandingState } from '../../protocols/packet/messages.ts'
import { stateTopic, timeRequestTopic } from '../../protocols/packet/topics.ts'
import type { BrokerConnection, BrokerSession, CloseCode } from '../../protocols/world/broker.ts'
import { elapsedMs, type MonotonicMs } from '../../protocols/world/clock.ts'
import { uplinkTrouble } from '../errors/uplink.ts'
import type { Journal } from '../journal/journal.ts'
import type { World } from '../world.ts'
import { Backfills } from './backfill.ts'
import { Backoff } from './backoff.ts'
import { Deliveries, type Delivery } from './delivery.ts'
import { Downlink } from './downlink.ts'
import { uplinkDefaults, type UplinkOptions } from './options.ts'
import { Sender } from './sender.ts'
import { uplinkWords, type UplinkDoing, type UplinkStatus } from './status.ts'
import { TimeQuestions } from './time-questions.ts'
import { connectionTroubles, troubleOf, Troubles } from './troubles.ts'

export interface Uplink {
  start(): void
  /** Says goodbye and resolves when the connection is closed. */
  stop(): Promise<void>
  /** The journal has sealed a packet. */
  nudge(): void
  /** The network is there, or another one: tries at once. */
  linkUp(): void
  status(): UplinkStatus
  /** How far a sealed packet has come, as far as is known since the start. */
  deliveryOf(epoch: string, stream: string, seq: number): Delivery
}

export { uplinkDefaults, type UplinkOptions }

export type UplinkWorld = Pick<World, 'clock' | 'random' | 'broker' | 'log'>

/** The door ends an attempt by itself; this is for one that does not. */
const attemptLimitMs = 90_000
/** Attempts begin at least so far apart, whatever we hear about the network. */
const attemptSpacingMs = 3_000
const pauseFirstMs = 1_000
const pauseMostMs = 60_000
/** A connection that stood so long, or brought a packet through, was a good one. */
const steadyAfterMs = 30_000
const housekeepingMostMs = 5_000
const subscribeAgainMs = 60_000
/** So long the broker has to take our goodbye. */
const goodbyeMs = 2_000

export function createUplink(world: UplinkWorld, journal: Journal, options: UplinkOptions): Uplink {
  return new VanUplink(world, journal, options)
}

/** One attempt, and the connection that came of it. */
interface Link {
  readonly startedMs: MonotonicMs
  connection: BrokerConnection | null
  session: BrokerSession | null
  openedMs: MonotonicMs | null
  /** What had been acknowledged when it opened, to see whether anything passed since. */
  acknowledgedBefore: number
  landingHeard: boolean
  /** When to ask again for what the broker did not let us hear. */
  subscribeAgainMs: number | null
  /** When the broker was last asked what the landing says of itself. */
  landingAskedMs: number
}

class VanUplink implements Uplink {
  readonly #world: UplinkWorld
  readonly #journal: Journal
  readonly #options: UplinkOptions
  readonly #pauses: Backoff
  readonly #troubles: Troubles
  readonly #deliveries: Deliveries
  readonly #backfills: Backfills
  readonly #sender: Sender
  readonly #downlink: Downlink
  readonly #times: TimeQuestions
  #state: UplinkStatus['state'] = 'stopped'
  #sinceMs: MonotonicMs
  #link: Link | null = null
  #landing: (LandingState & { readonly sinceMs: MonotonicMs }) | null = null
  #lastReceiptMs: MonotonicMs | null = null
  #attemptDueMs: number | null = null
  #lastAttemptMs: MonotonicMs | null = null
  /** The network has changed while an attempt was running: the next one does not wait. */
  #hurry = false
  #stopped: (() => void)[] | null = null
  /** Of the attempt: its start, or its end when it takes too long. */
  #cancelAttempt = () => {}
  #cancelHousekeeping = () => {}
  #cancelGoodbye = () => {}

  constructor(world: UplinkWorld, journal: Journal, options: UplinkOptions) {
    const { clock, random, log } = world
    const { van } = options
    this.#world = world
    this.#journal = journal
    this.#options = options
    this.#sinceMs = clock.monotonicMs()
    this.#pauses = new Backoff(random.fork('uplink attempts'), pauseFirstMs, pauseMostMs)
    this.#troubles = new Troubles(log, () => clock.monotonicMs())
    this.#deliveries = new Deliveries({
      firstMs: options.receiptTimeoutMs,
      mostMs: options.receiptTimeoutMaxMs,
    })
    this.#backfills = new Backfills(journal, options.stamp)
    this.#sender = new Sender({
      clock,
      random: random.fork('uplink pauses'),
      journal,
      deliveries: this.#deliveries,
      backfills: this.#backfills,
      troubles: this.#troubles,
      van,
      limits: { count: options.windowMax, bytes: options.inFlightLimitBytes },
      isLandingThere: () => this.#isLandingThere(),
      unreceipted: options.unreceipted,
      silent: (ms) => this.#silent(ms),
    })
    this.#downlink = new Downlink({
      clock,
      journal,
      troubles: this.#troubles,
      van,
      receipted: (epoch, stream, ranges) => {
        this.#lastReceiptMs = clock.monotonicMs()
        const fresh = this.#deliveries.receipted(epoch, stream, ranges, clock.monotonicMs())
        if (fresh > 0) this.#sender.receipted(fresh)
        this.#troubles.clear('uplink-no-receipts')
      },
      missing: (request) => {
        const taken = this.#backfills.add(request)
        this.#sender.missed()
        this.#sender.nudge()
        return taken
      },
      landing: (state) => this.#landingSaid(state),
      time: (answer) => this.#times.hear(answer),
    })
    this.#times = new TimeQuestions({
      clock,
      random: random.fork('uplink time'),
      troubles: this.#troubles,
      van,
      say: (payload, answered) =>
        this.#sender.say({ topic: timeRequestTopic, payload, retain: false, answered }),
      isKnown: () => options.stamp().utcMs !== null,
      heard: (time) => options.heardTime?.(time),
    })
    // A name or a text that cannot go on the wire is told now and not at the first connection.
    this.#presence(false)
  }

  start(): void {
    if (this.#state === 'stopped') this.#attempt()
  }

  stop(): Promise<void> {
    if (this.#state === 'stopped') return Promise.resolve()
    return new Promise((resolve) => {
      if (this.#stopped !== null) {
        this.#stopped.push(resolve)
        return
      }
      this.#stopped = [resolve]
      this.#leave()
    })
  }

  nudge(): void {
    this.#sender.nudge()
  }

  linkUp(): void {
    if (this.#stopped !== null) return
    const { clock } = this.#world
    this.#pauses.reset()
    if (this.#state === 'offline') this.#attemptIn(this.#sinceLastAttempt())
    if (this.#state !== 'connecting' || this.#link === null) return
    this.#hurry = true
    // Its packets may have left by a way that is no more.
    const triedMs = elapsedMs(this.#link.startedMs, clock.monotonicMs())
    if (triedMs >= attemptSpacingMs) this.#link.connection?.close('destroy')
  }

  deliveryOf(epoch: string, stream: string, seq: number): Delivery {
    return this.#deliveries.of(epoch, stream, seq)
  }

  status(): UplinkStatus {
    const doing = this.#doing()
    const { sent, acknowledged, again } = this.#sender.counts
    const window = this.#sender.window
    const dueMs = this.#attemptDueMs
    const nowMs = this.#world.clock.monotonicMs()
    return {
      state: this.#state,
      sinceMs: this.#sinceMs,
      doing,
      words: uplinkWords[doing],
      protocol: this.#link?.session?.protocol ?? null,
      nextAttemptMs: dueMs === null ? null : Math.max(0, dueMs - nowMs),
      window: window && {
        count: window.count,
        countLimit: window.limits.count,
        bytes: window.bytes,
        bytesLimit: window.limits.bytes,
      },
      roundTripMs: window?.roundTripMs ?? null,
      sent,
      acknowledged,
      receipted: this.#downlink.receiptedCount,
      sentAgain: again,
      declaredLost: this.#backfills.lostCount,
      unreceipted: this.#deliveries.unreceiptedCount,
      lastReceiptMs: this.#lastReceiptMs,
      badMessages: this.#downlink.badCount,
      times: this.#times.counts,
      landing: {
        online: this.#link?.landingHeard === true ? (this.#landing?.online ?? null) : null,
        name: this.#landing?.landing ?? null,
      },
      troubles: this.#troubles.list(),
    }
  }

  #doing(): UplinkDoing {
    if (this.#state === 'stopped') return 'stopped'
    if (this.#state === 'offline') return 'waiting'
    if (this.#state === 'connecting') return 'connecting'
    if (this.#sender.heldBack === 'nobody') return 'nobody-listens'
    if (this.#sender.heldBack === 'quota') return 'held-back'
    return this.#sender.idle ? 'nothing-to-send' : 'sending'
  }

  #enter(state: UplinkStatus['state']): void {
    if (state !== this.#state) this.#sinceMs = this.#world.clock.monotonicMs()
    this.#state = state
  }

  #presence(online: boolean): Uint8Array {
    return encodeVanState({
      van: this.#options.van,
      online,
      epoch: this.#journal.epoch,
      publicKey: this.#journal.publicKey,
      software: this.#options.software,
      wallMs: this.#world.clock.wallMs(),
    })
  }

  #attemptIn(ms: number): void {
    this.#cancelAttempt()
    this.#attemptDueMs = this.#world.clock.monotonicMs() + ms
    this.#cancelAttempt = this.#world.clock.after('uplink attempt', ms, () => this.#attempt())
  }

  /** How long to wait so that attempts keep their distance, whatever is heard of the network. */
  #sinceLastAttempt(): number {
    if (this.#lastAttemptMs === null) return 0
    const sinceMs = elapsedMs(this.#lastAttemptMs, this.#world.clock.monotonicMs())
    return Math.max(0, attemptSpacingMs - sinceMs)
  }

  #attempt(): void {
    const { broker, clock } = this.#world
    const { van, keepaliveSeconds } = this.#options
    this.#enter('connecting')
    this.#attemptDueMs = null
    this.#lastAttemptMs = clock.monotonicMs()
    this.#hurry = false
    const link: Link = {
      startedMs: clock.monotonicMs(),
      connection: null,
      session: null,
      openedMs: null,
      acknowledgedBefore: 0,
      landingHeard: false,
      subscribeAgainMs: null,
      landingAskedMs: 0,
    }
    this.#link = link
    this.#cancelAttempt = clock.after('uplink attempt to end', attemptLimitMs, () => {
      const why = `no answer within ${attemptLimitMs / 1000} s.`
      this.#troubles.note(uplinkTrouble('uplink-timeout', { why }))
      link.connection?.close('destroy')
    })
    const will = { topic: stateTopic(van), payload: this.#presence(false), retain: true }
    link.connection = broker.connect(
      { clientId: van, keepaliveSeconds, will },
      {
        opened: (session) => this.#opened(link, session),
        message: (topic, payload) => {
          if (this.#link !== link) return
          this.#sender.sign()
          this.#downlink.hear(topic, payload)
        },
        closed: (reason, retriable, code) => this.#closed(link, reason, retriable, code),
      },
    )
  }

  #opened(link: Link, session: BrokerSession): void {
    const { connection } = link
    if (this.#link !== link || connection === null) return
    this.#cancelAttempt()
    this.#hurry = false
    this.#enter('online')
    this.#world.log.info('uplink connected', { count: session.receiveMaximum })
    link.session = session
    link.openedMs = this.#sinceMs
    link.acknowledgedBefore = this.#sender.counts.acknowledged
    this.#troubles.clear(...connectionTroubles)
    this.#subscribe(link)
    this.#sender.open(connection, session)
    this.#sayOnline()
    this.#sender.nudge()
    this.#keepHouse(link)
  }

  #sayOnline(): void {
    if (this.#stopped !== null) return
    this.#sayPresence(true, () => {})
  }

  #sayPresence(online: boolean, answered: () => void): void {
    const payload = this.#presence(online)
    this.#sender.say({ topic: stateTopic(this.#options.van), payload, retain: true, answered })
  }

  #subscribe(link: Link): void {
    link.subscribeAgainMs = null
    link.landingAskedMs = this.#world.clock.monotonicMs()
    link.connection?.subscribe(this.#downlink.filters, (refused) => {
      if (this.#link !== link) return
      this.#sender.sign()
      if (refused === null) {
        this.#troubles.clear('uplink-deaf')
        if (this.#options.heardTime !== null && this.#stopped === null) this.#times.open()
        return
      }
      // Data still flows: a hospital that cannot answer is better than one that hears nothing.
      this.#troubles.note(uplinkTrouble('uplink-deaf', { why: refused }))
      link.subscribeAgainMs = this.#world.clock.monotonicMs() + subscribeAgainMs
    })
  }

  #closed(link: Link, reason: string | null, retriable: boolean, code?: CloseCode): void {
    if (this.#link !== link) return
    const { clock, log } = this.#world
    const standingMs = link.openedMs === null ? 0 : elapsedMs(link.openedMs, clock.monotonicMs())
    const passed = this.#sender.counts.acknowledged > link.acknowledgedBefore
    const good = link.openedMs !== null && (passed || standingMs >= steadyAfterMs)
    this.#link = null
    this.#cancelAttempt()
    this.#cancelHousekeeping()
    this.#sender.close()
    this.#times.close()
    if (this.#stopped !== null) return this.#ended(this.#stopped)
    if (reason !== null) this.#troubles.note(troubleOf(reason, retriable, code))
    // A twin with our name would be pushed out by us, and push us out, for ever.
    const welcome = retriable && code !== 'taken-over'
    if (good && welcome) this.#pauses.reset()
    this.#enter('offline')
    const pauseMs = welcome ? this.#pauses.nextMs() : this.#pauses.longMs()
    const ms = this.#hurry ? this.#sinceLastAttempt() : pauseMs
    log.info('uplink closed', { ms, ...(reason !== null && { why: reason }) })
    this.#attemptIn(ms)
  }

  /** Half-open TCP believes for minutes in a peer that is gone. */
  #silent(ms: number): void {
    this.#troubles.note(uplinkTrouble('uplink-silent', { seconds: Math.round(ms / 1000) }))
    this.#link?.connection?.close('destroy')
  }

  #landingSaid(state: LandingState): void {
    const known = this.#landing
    const nowMs = this.#world.clock.monotonicMs()
    const came = state.online && known?.online !== true
    const anew = state.online && known !== null && known.startedWallMs !== state.startedWallMs
    this.#landing = { ...state, sinceMs: came || anew ? nowMs : (known?.sinceMs ?? nowMs) }
    if (this.#link !== null) this.#link.landingHeard = true
    if (!state.online) this.#troubles.clear('uplink-no-receipts')
    if (!came && !anew) return
    this.#sender.rewind(this.#deliveries.doubtAll())
    this.#sender.resume()
    this.#times.landingCame()
  }

  /** It said so on this connection. */
  #isLandingThere(): boolean {
    return this.#link?.landingHeard === true && this.#landing?.online === true
  }

  #keepHouse(link: Link): void {
    const ms = Math.min(housekeepingMostMs, this.#options.receiptTimeoutMs / 4)
    this.#cancelHousekeeping = this.#world.clock.after('uplink housekeeping', ms, () =>
      this.#keepHouse(link),
    )
    const nowMs = this.#world.clock.monotonicMs()
    const openedMs = link.openedMs ?? nowMs
    if (nowMs - openedMs >= steadyAfterMs) this.#troubles.clear('uplink-taken-over')
    if (link.subscribeAgainMs !== null && nowMs >= link.subscribeAgainMs) this.#subscribe(link)
    this.#seeToReceipts(link, Math.max(this.#landing?.sinceMs ?? 0, openedMs))
    this.#sender.rewind(this.#deliveries.pausesOver(nowMs))
    if (this.#deliveries.heldCount(nowMs) === 0) this.#troubles.clear('uplink-not-authorised')
    this.#troubles.fade('uplink-bad-message')
    this.#troubles.fade('uplink-packet-aside')
    // Costs one question, and finds what nobody has told us about.
    this.#sender.nudge()
  }

  /** `sinceMs`: since when receipts could be expected, if the landing is there. */
  #seeToReceipts(link: Link, sinceMs: number): void {
    const nowMs = this.#world.clock.monotonicMs()
    const count = this.#deliveries.unreceiptedCount
    // While the landing is away nothing is repeated: the way may cost money by the byte.
    if (!this.#isLandingThere()) {
      // What it said last may have been overtaken on the way: the broker tells again what it keeps.
      if (count > 0 && nowMs >= link.landingAskedMs + subscribeAgainMs) this.#subscribe(link)
      return
    }
    const overdue = this.#deliveries.overdue(sinceMs, nowMs)
    if (overdue.length === 0) return
    this.#troubles.note(uplinkTrouble('uplink-no-receipts', { count }))
    this.#sender.missed()
    // The broker may have lost our introduction: a van that nobody knows gets no receipts.
    this.#sayOnline()
    this.#sender.rewind(overdue)
  }

  #leave(): void {
    const { clock } = this.#world
    this.#cancelAttempt()
    this.#attemptDueMs = null
    this.#times.close()
    const link = this.#link
    if (link === null) return this.#ended(this.#stopped ?? [])
    if (link.session === null) return link.connection?.close('destroy')
    // Without our goodbye the broker says it for us: it sends the will when the connection is cut.
    this.#cancelGoodbye = clock.after('uplink goodbye', goodbyeMs, () => {
      link.connection?.close('destroy')
    })
    this.#sayPresence(false, () => {
      this.#cancelGoodbye()
      link.connection?.close('farewell')
    })
  }

  #ended(stopped: readonly (() => void)[]): void {
    this.#cancelGoodbye()
    this.#stopped = null
    this.#enter('stopped')
    for (const resolve of stopped) resolve()
  }
}
