/**
 * The other end of the wire for whoever wants records: a page, an exporter, a script.
 *
 *     const subscriber = connect(world, { clientId: 'review-7' })
 *     for await (const item of subscriber.stream('van-02/+/measurement')) ...
 *
 * Lost connections, restarted brokers and restarted landings show as a pause, or as a `gap`.
 * Everything that is heard is checked against its digest; who may publish is the broker's business.
 */
import {
  decodeLandingState,
  decodeVanState,
  encodeWatch,
  watchSecondsMax,
  type DirectoryEntry,
  type StreamPlace,
} from '../../protocols/packet/messages.ts'
import {
  downTopic,
  landingStateTopic,
  parseStateTopic,
  parseUpTopic,
  stateTopicFilter,
  topicRoot,
} from '../../protocols/packet/topics.ts'
import type { StopSignal } from '../../protocols/world/clock.ts'
import { keepLink, type Link } from '../link.ts'
import { openRestorer, type Restorer } from '../restoring/restorer.ts'
import type { UpstreamWorld } from '../world.ts'
import { ClockFixes } from './clock-fixes.ts'
import { ObjectFetch } from './object-fetch.ts'
import { parsePattern } from './pattern.ts'
import { Questions } from './questions.ts'
import { keyOf, readPacket, type ReadPacket } from './read-packet.ts'
import { Subscription, type SubscriptionOptions } from './subscription.ts'

export interface SubscriberOptions {
  /** 1 to 64 of letters, digits, dash and underscore, unique at the broker. Default: drawn. */
  readonly clientId?: string
}

export interface SubscriberStats {
  readonly connected: boolean
  /** null until it was heard. */
  readonly landingOnline: boolean | null
  readonly packets: number
  /** Not packets, or not what their digest says. What was in them is fetched from the landing. */
  readonly damaged: number
}

export interface Subscriber {
  /**
   * Records of the streams that match `van/device/kind`, in which `*` and `+` are wildcards. Throws
   * a RangeError for a pattern that can match nothing.
   */
  stream(pattern: string, options?: SubscriptionOptions): Subscription
  /** Asks the van for short packets of a stream, as long as it is not stopped. */
  watch(van: string, stream: string, packetMs: number): () => void
  /**
   * Fetches an object by its hash, waits as long as the landing does not have all of it, and
   * resolves with the path of the whole, verified file in `folder`.
   */
  object(sha256: string, folder: string, stop?: StopSignal): Promise<string>
  stats(): SubscriberStats
  close(): Promise<void>
}

export function connect(world: UpstreamWorld, options: SubscriberOptions = {}): Subscriber {
  return new SubscriberService(world, options)
}

const keepaliveSeconds = 30
const farewellWithinMs = 2_000
/** How often the landing is asked whether something passed by unheard. */
const compareEveryMs = 60_000
const compareAgainMs = 5_000
const watchSeconds = 60
const watchRetryMs = 1_000
/** Clock fixes before we came: so many of the last ones are fetched. */
const fixesFetchedMost = 64
const vansMost = 10_000
const clockStream = 'van/clock'
const closedWords = 'the subscriber is closed'

class SubscriberService implements Subscriber {
  readonly #world: UpstreamWorld
  readonly #link: Link
  readonly #questions: Questions
  readonly #fixes = new ClockFixes()
  readonly #subscriptions = new Set<Subscription>()
  /** Subscriptions that the landing has not told everything yet. */
  readonly #fresh = new Set<Subscription>()
  readonly #fetches = new Map<
    string,
    { readonly fetch: ObjectFetch; readonly path: Promise<string> }
  >()
  readonly #fixesFetched = new Map<string, number>()
  readonly #vans = new Set<string>()
  #landingOnline: boolean | null = null
  #comparing = false
  #compareDue: (() => void) | null = null
  #packets = 0
  #damaged = 0
  #closed = false
  /** From the first object on. */
  #restorer: Restorer | null = null
  readonly #watches = new Set<() => void>()

  constructor(world: UpstreamWorld, options: SubscriberOptions) {
    this.#world = world
    const clientId = options.clientId ?? `sub-${Buffer.from(world.random.bytes(9)).toString('hex')}`
    this.#questions = new Questions(world.clock, () => this.#link, clientId)
    this.#link = keepLink(
      world,
      { clientId, keepaliveSeconds, will: null },
      {
        opened: () => this.#opened(),
        message: (topic, payload) => this.#heard(topic, payload),
        closed: () => this.#questions.disconnected(),
      },
    )
  }

  #opened(): void {
    const filters = [...this.#questions.topics, stateTopicFilter]
    const patterns = [...this.#subscriptions].flatMap(({ pattern }) => filtersOf(pattern))
    const objects = this.#fetches.size > 0 ? [objectFilter] : []
    this.#link.subscribe([...new Set([...filters, ...patterns, ...objects])], () => {
      for (const subscription of this.#subscriptions) subscription.askAgain()
      this.#compareLater(0)
    })
  }

  #heard(topic: string, payload: Uint8Array): void {
    if (this.#closed || this.#questions.heard(topic, payload)) return
    const place = parseUpTopic(topic)
    if (place !== null) this.#heardPacket(topic, payload)
    else if (topic === landingStateTopic) this.#heardLanding(payload)
    else if (parseStateTopic(topic) !== null) this.#heardVan(payload)
  }

  #heardPacket(topic: string, payload: Uint8Array): void {
    const packet = readPacket(payload, topic)
    if (packet === null || !packet.readable) this.#damaged += 1
    if (packet === null) return
    this.#packets += 1
    this.#knowVan(packet.header.van)
    if (packet.header.stream === clockStream) this.#fixes.learn(packet.header, packet.records)
    for (const { fetch } of this.#fetches.values()) fetch.offer(packet)
    const { van, stream } = packet.header
    for (const subscription of this.#subscriptions)
      if (subscription.pattern.matches(van, stream)) subscription.heard(packet)
  }

  #heardLanding(payload: Uint8Array): void {
    const state = decodeLandingState(payload)
    if (!state.ok) return
    const back = state.value.online && this.#landingOnline !== true
    this.#landingOnline = state.value.online
    if (!back) return
    this.#questions.sendAgain()
    for (const subscription of this.#subscriptions) subscription.askAgain()
    this.#compareLater(0)
  }

  #heardVan(payload: Uint8Array): void {
    const state = decodeVanState(payload)
    if (state.ok) this.#knowVan(state.value.van)
  }

  #knowVan(van: string): void {
    if (this.#vans.size < vansMost) this.#vans.add(van)
  }

  stream(pattern: string, options: SubscriptionOptions = {}): Subscription {
    const subscription: Subscription = new Subscription(
      {
        clock: this.#world.clock,
        questions: this.#questions,
        fixes: this.#fixes,
        onStop: () => {
          this.#subscriptions.delete(subscription)
          this.#fresh.delete(subscription)
        },
      },
      parsePattern(pattern),
      options,
    )
    if (this.#closed) {
      subscription.stop()
      return subscription
    }
    this.#subscriptions.add(subscription)
    this.#fresh.add(subscription)
    this.#link.subscribe(filtersOf(subscription.pattern), () => this.#compareLater(0))
    return subscription
  }

  /** Earlier than planned, if need be. */
  #compareLater(ms: number): void {
    this.#compareDue?.()
    this.#compareDue = this.#world.clock.after('comparison with the landing', ms, () => {
      this.#compareDue = null
      void this.#compare()
    })
  }

  /**
   * Asks the landing what it has. For a new subscription that is where it begins; later it shows
   * what passed by while nobody listened, also when nothing followed it.
   */
  async #compare(): Promise<void> {
    if (this.#closed) return
    if (this.#comparing) return this.#compareLater(compareAgainMs)
    this.#comparing = true
    const fresh = [...this.#fresh]
    const entries = await this.#directory(fresh)
    this.#comparing = false
    if (entries === null) return this.#compareLater(compareAgainMs)
    this.#fetchFixes(entries)
    for (const subscription of fresh) this.#fresh.delete(subscription)
    for (const subscription of this.#subscriptions)
      if (!this.#fresh.has(subscription)) subscription.landingHas(entries)
    this.#compareLater(this.#fresh.size > 0 ? 0 : compareEveryMs)
  }

  /** Everything about the vans that matter: all, when somebody new wants all. null: no answer. */
  async #directory(fresh: readonly Subscription[]): Promise<readonly DirectoryEntry[] | null> {
    const all = fresh.some(({ pattern }) => pattern.van === null)
    const named = [...this.#subscriptions]
      .map(({ pattern }) => pattern.van)
      .filter((van) => van !== null)
    const open = [...this.#subscriptions].some(({ pattern }) => pattern.van === null)
    const vans = all ? [null] : new Set([...named, ...(open ? this.#vans : [])])
    const entries: DirectoryEntry[] = []
    for (const van of vans) {
      let after: StreamPlace | null = null
      for (;;) {
        const answer = await this.#questions.directory({ van, object: null, after })
        if (answer === null) return null
        entries.push(...answer.streams)
        const last: DirectoryEntry | undefined = answer.streams.at(-1)
        if (!answer.more || last === undefined) break
        after = { van: last.van, epoch: last.epoch, stream: last.stream }
      }
    }
    return entries
  }

  #fetchFixes(entries: readonly DirectoryEntry[]): void {
    for (const { ranges, ...place } of entries) {
      const to = ranges.at(-1)?.to
      if (place.stream !== clockStream || to === undefined) continue
      const key = keyOf(place)
      const known = this.#fixesFetched.get(key) ?? -1
      if (known >= to || this.#fixesFetched.size > vansMost) continue
      this.#fixesFetched.set(key, to)
      const from = Math.max(known + 1, to - fixesFetchedMost + 1)
      void this.#questions.replay(place, { from, to }).then((answer) => {
        if (answer === null) this.#fixesFetched.set(key, known)
        for (const bytes of answer?.packets ?? []) this.#learnFixes(readPacket(bytes, null))
      })
    }
  }

  #learnFixes(packet: ReadPacket | null): void {
    if (packet !== null) this.#fixes.learn(packet.header, packet.records)
  }

  watch(van: string, stream: string, packetMs: number): () => void {
    const seconds = Math.min(watchSeconds, watchSecondsMax)
    const payload = encodeWatch({ stream, seconds, packetMs })
    const topic = downTopic(van, 'watch')
    let cancel: (() => void) | null = null
    const renew = (): void => {
      const sent = this.#link.publish(topic, payload)
      const pauseMs = sent ? (seconds * 1000) / 2 : watchRetryMs
      cancel = this.#world.clock.after('watch', pauseMs, renew)
    }
    renew()
    const stop = (): void => {
      cancel?.()
      this.#watches.delete(stop)
    }
    this.#watches.add(stop)
    return stop
  }

  async object(sha256: string, folder: string, stop?: StopSignal): Promise<string> {
    if (!/^[0-9a-f]{64}$/.test(sha256))
      throw new RangeError('expected a SHA-256 of 64 lower-case hex digits')
    if (this.#closed) throw new Error(closedWords)
    const key = `${folder} ${sha256}`
    const known = this.#fetches.get(key)
    if (known !== undefined) return known.path
    const { clock } = this.#world
    const questions = this.#questions
    const restorer = (this.#restorer ??= openRestorer())
    const fetch = new ObjectFetch({ clock, questions, sha256, folder, stop, restorer })
    if (this.#fetches.size === 0) this.#link.subscribe([objectFilter])
    const path = fetch.run()
    this.#fetches.set(key, { fetch, path })
    try {
      return await path
    } finally {
      this.#fetches.delete(key)
    }
  }

  stats(): SubscriberStats {
    return {
      connected: this.#link.open,
      landingOnline: this.#landingOnline,
      packets: this.#packets,
      damaged: this.#damaged,
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#compareDue?.()
    for (const stop of this.#watches) stop()
    for (const subscription of this.#subscriptions) subscription.stop()
    for (const { fetch } of this.#fetches.values()) fetch.end(new Error(closedWords))
    this.#questions.stop()
    await this.#restorer?.stop()
    await this.#link.close(farewellWithinMs)
  }
}

const objectFilter = `${topicRoot}/+/up/+/object`

/** What matches, and the clock fixes that correct it. */
function filtersOf(pattern: Subscription['pattern']): readonly string[] {
  return [...pattern.filters, `${topicRoot}/${pattern.van ?? '+'}/up/${clockStream}`]
}
