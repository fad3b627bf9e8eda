/**
 * The service that the hospital runs: listens to all vans, stores, and says afterwards what it has.
 *
 *     broker ─▶ inbox ─▶ commit ─▶ receipts ─▶ van
 *                          ├─▶ objects are verified
 *                          └─▶ feeds
 *     every second: holes ─▶ backfill requests
 *     subscribers ─▶ questions ─▶ answers
 *     vans ─▶ what time is it? ─▶ UTC
 */
import {
  decodeLandingState,
  decodeVanState,
  encodeBackfill,
  encodeLandingState,
} from '../../protocols/packet/messages.ts'
import {
  downTopic,
  landingStateTopic,
  parseStateTopic,
  stateTopicFilter,
  timeRequestTopic,
  upTopicFilter,
} from '../../protocols/packet/topics.ts'
import type { BrokerSession } from '../../protocols/world/broker.ts'
import { keepLink, type Link } from '../link.ts'
import type { UpstreamWorld } from '../world.ts'
import { Answers, questionTopics } from './answers.ts'
import type { Feed, FeedBatch } from './feed.ts'
import { Gaps } from './gaps.ts'
import { Inbox, inboxLimits, type InboxLimits } from './inbox.ts'
import { Receipts } from './receipts.ts'
import type { CommitReport, LandingStore } from './store.ts'
import type { StreamState } from './streams.ts'
import { clockUncertaintyMs, TimeAnswers, type Utc } from './time-answers.ts'
import type { TrustedKeys } from './trust.ts'

export interface LandingOptions {
  /** Of a-z, 0-9 and dash. Also the MQTT client id, so unique at its broker. */
  readonly name: string
  readonly inbox?: InboxLimits
  /**
   * What time it is, for vans that do not know; null while this machine is not sure. Default: its
   * wall clock, which NTP must hold, ± `clockUncertaintyMs`.
   */
  readonly utc?: () => Utc | null
  /** An object has become whole and lies under `store.objectPath`. */
  readonly objectWhole?: (sha256: string) => void
}

export interface LandingStats {
  readonly connected: boolean
  readonly stored: number
  readonly repeated: number
  readonly quarantined: number
  /** Not taken because a stream was in too many pieces. */
  readonly refused: number
  /** Not taken because too much waited for its commit. */
  readonly dropped: number
  readonly waiting: number
  readonly receiptsSent: number
  readonly backfillsAsked: number
  readonly questionsAnswered: number
  readonly questionsRefused: number
  readonly timesTold: number
  /** Questions for the time that were bad, too many, or came while it was not known here. */
  readonly timesRefused: number
  readonly storeFailures: number
}

export interface Landing {
  stats(): LandingStats
  /**
   * Batches of records for one consumer, each packet once and in the order of its stream. A batch
   * counts as done when the next one is asked for. Ends when the landing stops.
   */
  feed(consumer: string): AsyncGenerator<FeedBatch, void, void>
  /** Registered keys have changed. What was kept apart of vans known now is judged again. */
  readonly setTrust: (trust: TrustedKeys) => void
  /** Commits what waits, says goodbye and closes the store. */
  stop(): Promise<void>
}

const keepaliveSeconds = 30
/** After a commit, the next waits so long for company; a message that comes later goes at once. */
const commitEveryMs = 50
export const commitPacketsMost = 200
const storeRetryFirstMs = 1_000
const storeRetryMostMs = 30_000
const lookForGapsEveryMs = 1_000
const farewellWithinMs = 5_000
const answerRetryMs = 200
const vansMost = 10_000
const presenceAgainAfterMs = 1_000
/** Our own presence comes back to us from the broker within this, or it was lost. */
const presenceHeardWithinMs = 10_000

export function createLanding(
  world: UpstreamWorld,
  store: LandingStore,
  options: LandingOptions,
): Landing {
  return new LandingService(world, store, options)
}

class LandingService implements Landing {
  readonly #world: UpstreamWorld
  readonly #store: LandingStore
  readonly #options: LandingOptions
  readonly #startedWallMs: number
  readonly #inbox: Inbox
  readonly #gaps = new Gaps()
  readonly #receipts: Receipts
  readonly #answers: Answers
  readonly #times: TimeAnswers
  readonly #link: Link
  readonly #online = new Map<string, boolean>()
  /** Vans whose key is not believed: some of those above. */
  readonly #doubted = new Set<string>()
  readonly #feeds = new Map<Feed, { ring: () => void }>()
  readonly #counts = { stored: 0, repeated: 0, quarantined: 0, refused: 0 }
  #backfills = 0
  #failures = 0
  #retryMs = storeRetryFirstMs
  #nextCommitMs = 0
  #stopped = false
  /** Timers by what they wait for, so that each runs once and all can be cancelled. */
  readonly #timers = new Map<string, () => void>()
  /** By the same names: how long to wait when it fails once more. */
  readonly #retryAfterMs = new Map<string, number>()

  constructor(world: UpstreamWorld, store: LandingStore, options: LandingOptions) {
    this.#world = world
    this.#store = store
    this.#options = options
    this.#startedWallMs = world.clock.wallMs()
    this.#inbox = new Inbox(options.inbox ?? inboxLimits)
    const link = () => this.#link
    this.#receipts = new Receipts(world.clock, link, () => store.streams)
    this.#answers = new Answers(store, link)
    const wall = () => ({ utcMs: world.clock.wallMs(), uncertaintyMs: clockUncertaintyMs })
    this.#times = new TimeAnswers(world.clock, options.utc ?? wall, link)
    const will = { topic: landingStateTopic, payload: this.#presence(false), retain: true }
    const broker = { clientId: options.name, keepaliveSeconds, will }
    this.#link = keepLink(world, broker, {
      opened: (session) => this.#opened(session),
      message: (topic, payload) => this.#heard(topic, payload),
      closed: () => this.#closed(),
    })
    this.#later('gaps', lookForGapsEveryMs, () => this.#lookForGaps())
    this.#later('chains', 0, () => this.#followChains())
    this.#later('objects', 0, () => this.#verifyObjects())
    store.objects.whenRestored(() => this.#later('objects', 0, () => this.#verifyObjects()))
  }

  #presence(online: boolean): Uint8Array {
    const startedWallMs = this.#startedWallMs
    return encodeLandingState({ online, landing: this.#options.name, startedWallMs })
  }

  /** Runs once after `ms`, unless the same is waited for already. */
  #later(name: string, ms: number, work: () => void): void {
    if (this.#stopped || this.#timers.has(name)) return
    const cancel = this.#world.clock.after(`landing: ${name}`, ms, () => {
      this.#timers.delete(name)
      this.#guarded(name, work)
    })
    this.#timers.set(name, cancel)
  }

  #cancel(name: string): void {
    this.#timers.get(name)?.()
    this.#timers.delete(name)
  }

  /** A store that fails is tried again by the next timer; it must not end the service. */
  #guarded(name: string, work: () => void): void {
    try {
      work()
      this.#retryAfterMs.delete(name)
    } catch (err) {
      const ms = this.#retryAfterMs.get(name) ?? storeRetryFirstMs
      this.#failures += 1
      this.#world.log.error('landing cannot use its store', { code: name, err, ms })
      this.#retryAfterMs.set(name, Math.min(storeRetryMostMs, ms * 2))
      this.#later(name, ms, work)
    }
  }

  #opened(_session: BrokerSession): void {
    // States first: they introduce the vans whose packets follow.
    this.#link.subscribe([stateTopicFilter], () => {
      const filters = [upTopicFilter, timeRequestTopic, ...questionTopics]
      this.#link.subscribe(filters, () => this.#listening())
    })
  }

  #listening(): void {
    this.#cancel('presence')
    this.#sayOnline()
    this.#world.log.info('landing listens')
    this.#later('all receipts', 0, () => {
      const vans = new Set([...this.#store.streams.all()].map(({ van }) => van))
      for (const van of vans) if (this.#mayHear(van)) this.#receipts.everything(van)
    })
  }

  #closed(): void {
    this.#cancel('presence')
    this.#receipts.disconnected()
    this.#answers.disconnected()
    this.#online.clear()
  }

  /** Not known to be away: the retained state of a van may be missing. */
  #mayHear(van: string): boolean {
    return this.#online.get(van) !== false
  }

  #heard(topic: string, payload: Uint8Array): void {
    if (this.#stopped) return
    const state = parseStateTopic(topic)
    if (state !== null) {
      this.#guarded(`state of ${state.van}`, () => this.#heardState(state.van, payload))
    } else if (questionTopics.includes(topic)) {
      this.#answers.ask(topic, payload)
      this.#later('answer', 0, () => this.#answer())
    } else if (topic === timeRequestTopic) {
      this.#times.ask(payload)
    } else if (topic === landingStateTopic) {
      this.#heardPresence(payload)
    } else {
      const wallMs = this.#wallMs()
      if (this.#inbox.push({ topic, payload, wallMs })) this.#scheduleCommit()
    }
  }

  /**
   * Vans repeat nothing while they do not know of us, so our presence must stand at the broker: it
   * is said until it was heard, and again when the will of an older connection took its place.
   */
  #heardPresence(payload: Uint8Array): void {
    const state = decodeLandingState(payload)
    if (!state.ok || state.value.landing !== this.#options.name) return
    const { online, startedWallMs } = state.value
    if (online && startedWallMs !== this.#startedWallMs) return
    this.#cancel('presence')
    if (!online) this.#later('presence', presenceAgainAfterMs, () => this.#sayOnline())
  }

  #sayOnline(): void {
    this.#link.publish(landingStateTopic, this.#presence(true), { retain: true })
    this.#later('presence', presenceHeardWithinMs, () => this.#sayOnline())
  }

  #heardState(van: string, payload: Uint8Array): void {
    const state = decodeVanState(payload)
    if (!state.ok || state.value.van !== van) return
    if (this.#online.size >= vansMost && !this.#online.has(van)) return
    this.#online.set(van, state.value.online)
    const { publicKey } = state.value
    if (publicKey !== null) {
      this.#sayDoubt(van, !this.#store.introduce(van, publicKey, this.#wallMs()))
    }
    this.#release(van)
    if (state.value.online) this.#receipts.everything(van)
  }

  /** Once, for whoever looks here because the van says that it gets no receipts. */
  #sayDoubt(van: string, isDoubted: boolean): void {
    const isNew = isDoubted !== this.#doubted.has(van)
    if (!isNew) return
    if (!isDoubted) return void this.#doubted.delete(van)
    this.#doubted.add(van)
    this.#world.log.warn('a van shows a key that is not registered', { van })
  }

  /** What was kept apart before the van's key was known is judged again, piece by piece. */
  #release(van: string): void {
    this.#later(`quarantine of ${van}`, 0, () => {
      const report = this.#store.releaseQuarantine(van, this.#wallMs())
      if (report === null) return
      this.#committed(report)
      this.#release(van)
    })
  }

  #scheduleCommit(): void {
    const nowMs = this.#world.clock.monotonicMs()
    const full = this.#inbox.count >= commitPacketsMost
    const waitMs = full ? 0 : Math.max(0, this.#nextCommitMs - nowMs)
    // A full batch does not wait for the timer of a smaller one.
    this.#later(full ? 'full commit' : 'commit', waitMs, () => this.#commit())
  }

  /** Whole, as the database wants it. */
  #wallMs(): number {
    return Math.round(this.#world.clock.wallMs())
  }

  #commit(): void {
    const batch = this.#inbox.oldest(commitPacketsMost)
    if (batch.length === 0 || this.#timers.has('store again')) return
    try {
      const report = this.#store.commit(batch)
      this.#inbox.done(batch.length)
      this.#retryMs = storeRetryFirstMs
      this.#nextCommitMs = this.#world.clock.monotonicMs() + commitEveryMs
      this.#committed(report)
    } catch (err) {
      this.#failures += 1
      this.#world.log.error('landing cannot store', { err, ms: this.#retryMs })
      this.#later('store again', this.#retryMs, () => this.#commit())
      this.#retryMs = Math.min(storeRetryMostMs, this.#retryMs * 2)
      return
    }
    if (this.#inbox.count > 0) this.#scheduleCommit()
  }

  #committed(report: CommitReport): void {
    for (const name of ['stored', 'repeated', 'quarantined', 'refused'] as const)
      this.#counts[name] += report[name]
    for (const state of report.touched) this.#touched(state)
    if (report.chainsLeft) this.#later('chains', 0, () => this.#followChains())
    if (this.#store.objects.waiting) this.#later('objects', 0, () => this.#verifyObjects())
  }

  #touched(state: StreamState): void {
    this.#receipts.touched(state)
    for (const [feed, bell] of this.#feeds) {
      feed.touched(state)
      bell.ring()
    }
  }

  #verifyObjects(): void {
    const wallMs = this.#wallMs()
    const whole = this.#store.verifyObjects(wallMs, (state) => this.#touched(state))
    if (whole !== null) this.#options.objectWhole?.(whole)
    if (this.#store.objects.waiting) this.#later('objects', 0, () => this.#verifyObjects())
  }

  #followChains(): void {
    const more = this.#store.continueChains(this.#wallMs())
    if (more) this.#later('chains', 0, () => this.#followChains())
  }

  #answer(): void {
    const served = this.#answers.serveOne()
    if (this.#answers.waiting)
      this.#later('answer', served ? 0 : answerRetryMs, () => this.#answer())
  }

  #lookForGaps(): void {
    this.#later('gaps', lookForGapsEveryMs, () => this.#lookForGaps())
    if (!this.#link.open) return
    const nowMs = this.#world.clock.monotonicMs()
    const canHear = (van: string) => this.#mayHear(van)
    for (const { van, backfill } of this.#gaps.look(this.#store.streams.all(), nowMs, canHear)) {
      if (this.#link.publish(downTopic(van, 'backfill'), encodeBackfill(backfill)))
        this.#backfills += 1
    }
  }

  async *feed(consumer: string): AsyncGenerator<FeedBatch, void, void> {
    const feed = this.#store.feed(consumer)
    const bell = { ring: () => {} }
    this.#feeds.set(feed, bell)
    try {
      while (!this.#stopped) {
        const batch = feed.take()
        if (batch !== null) yield batch
        else
          await new Promise<void>((resolve) => {
            bell.ring = resolve
          })
      }
    } finally {
      this.#feeds.delete(feed)
    }
  }

  readonly setTrust = (trust: TrustedKeys): void => {
    if (this.#stopped) return
    this.#store.setTrust(trust)
    for (const van of trust.keys()) this.#release(van)
  }

  stats(): LandingStats {
    return {
      connected: this.#link.open,
      ...this.#counts,
      dropped: this.#inbox.dropped,
      waiting: this.#inbox.count,
      receiptsSent: this.#receipts.sent,
      backfillsAsked: this.#backfills,
      questionsAnswered: this.#answers.counts.served,
      questionsRefused: this.#answers.counts.refused,
      timesTold: this.#times.counts.served,
      timesRefused: this.#times.counts.refused,
      storeFailures: this.#failures,
    }
  }

  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#cancel('store again')
    while (this.#inbox.count > 0) {
      const before = this.#inbox.count
      this.#commit()
      if (this.#inbox.count === before) break
    }
    this.#stopped = true
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
    for (const bell of this.#feeds.values()) bell.ring()
    this.#link.publish(landingStateTopic, this.#presence(false), { retain: true })
    await this.#link.close(farewellWithinMs)
    this.#receipts.disconnected()
    this.#store.close()
  }
}
