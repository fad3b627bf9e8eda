/**
 * One reader of the streams that match a pattern: in order, once, with what is missing fetched from
 * the landing or named as a gap. A reader that is slow holds nothing up and needs no memory: what
 * has no room is dropped here and fetched again when the reader comes to it.
 */
import type { DirectoryEntry, StreamPlace } from '../../protocols/packet/messages.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import type { ClockFixes } from './clock-fixes.ts'
import type { Gap, GapReason, Item, Position, Start } from './items.ts'
import type { Pattern } from './pattern.ts'
import type { Questions } from './questions.ts'
import type { PacketHeader } from '../../protocols/packet/packet.ts'
import type { Record } from '../../protocols/packet/record.ts'
import { WaveReader } from '../../protocols/packet/wave-reader.ts'
import { ReaderQueue } from './reader-queue.ts'
import { keyOf, readPacket, type ReadPacket } from './read-packet.ts'
import { Sequencer } from './sequencer.ts'

export interface SubscriptionOptions {
  /** Default: `now`. */
  readonly from?: Start
  /**
   * How long to wait for packets that the landing does not have, before they are called a gap and
   * the stream goes on. Infinity waits for ever. Default: 10 s.
   */
  readonly patienceMs?: number
}

export const patienceDefaultMs = 10_000
/** Packets overtake each other on the way: so long nothing is called missing. */
const reorderMs = 400
const askAgainMostMs = 15_000
/** Streams of one subscription. More are not followed, and counted. */
const lanesMost = 8_192

/** One stream on its way to the reader. */
interface Lane {
  readonly sequencer: Sequencer
  readonly key: string
  /** What is missing now: since when, and when the landing is asked. null: nothing is. */
  wait: {
    readonly next: number
    readonly sinceMs: number
    againMs: number
    reason: GapReason
  } | null
  asking: boolean
  cancel: (() => void) | null
  readonly waves: WaveReader
  /** What it goes on with is being fetched; null when nothing holds the stream up in this way. */
  unkeyed: ReadPacket | null
  /** The key packet without which all that follow it cannot be read; null when none is missed. */
  missedKey: number | null
  /** After the last packet of which the reader has had everything. */
  readNext: number
}

export class Subscription implements AsyncIterable<Item> {
  readonly pattern: Pattern
  readonly #clock: Clock
  readonly #questions: Questions
  readonly #fixes: ClockFixes
  readonly #patienceMs: number
  readonly #from: Start
  readonly #onStop: () => void
  readonly #queue: ReaderQueue<Item>
  readonly #lanes = new Map<string, Lane>()
  readonly #stalled = new Set<Lane>()
  /** For `now`: what the landing had when we began. null until it has said so. */
  #baseline: ReadonlyMap<string, number> | null = null
  #notFollowed = 0

  constructor(
    world: {
      readonly clock: Clock
      readonly questions: Questions
      readonly fixes: ClockFixes
      readonly onStop: () => void
    },
    pattern: Pattern,
    options: SubscriptionOptions,
  ) {
    this.pattern = pattern
    this.#clock = world.clock
    this.#questions = world.questions
    this.#fixes = world.fixes
    this.#onStop = world.onStop
    this.#patienceMs = options.patienceMs ?? patienceDefaultMs
    this.#from = options.from ?? 'now'
    this.#queue = new ReaderQueue(() => this.#roomAgain())
  }

  /** Items that are ready for the reader. Bounded. */
  get waiting(): number {
    return this.#queue.count
  }

  get stopped(): boolean {
    return this.#queue.ended
  }

  /** Streams that were not followed because there are too many. */
  get notFollowed(): number {
    return this.#notFollowed
  }

  /**
   * Where to go on another time, as far as the reader has been given items: for `from`. Streams
   * that did not come yet keep their place.
   */
  positions(): readonly Position[] {
    const given = typeof this.#from === 'string' ? [] : this.#from.positions
    return [
      ...given.filter((position) => !this.#lanes.has(keyOf(position))),
      ...[...this.#lanes.values()].map(({ sequencer, readNext }) => ({
        ...sequencer.place,
        next: readNext,
      })),
    ]
  }

  /** What is waited for in each stream that does not go on now, and why it is not there. */
  waits(): readonly Gap[] {
    return [...this.#lanes.values()].flatMap(({ sequencer, wait, unkeyed }): Gap[] => {
      const { place } = sequencer
      if (unkeyed !== null) {
        const from = keyOfChain(unkeyed.header)
        const to = unkeyed.header.seq - 1
        return [{ kind: 'gap', ...place, from, to, reason: 'without-key' }]
      }
      const missing = sequencer.missing()
      if (wait === null || missing === null) return []
      return [{ kind: 'gap', ...place, ...missing, reason: wait.reason }]
    })
  }

  /** The reader's loop ends after what it has in hand. */
  stop(): void {
    if (this.stopped) return
    this.#queue.end()
    for (const { cancel } of this.#lanes.values()) cancel?.()
    this.#onStop()
  }

  /** For who prefers a callback: waits for each before the next. Resolves when it has ended. */
  async each(work: (item: Item) => void | Promise<void>): Promise<void> {
    for await (const item of this) await work(item)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, void> {
    try {
      for (;;) {
        const item = await this.#queue.next()
        if (item === null) return
        yield item
      }
    } finally {
      this.stop()
    }
  }

  /** A live packet of a stream that matches. */
  heard(packet: ReadPacket): void {
    // A damaged one is as good as none: the landing has a better copy.
    if (this.stopped || !packet.readable) return
    const { header } = packet
    const lane = this.#lane(header, header.seq)
    if (lane === null) return
    lane.sequencer.offer(packet)
    this.#pump(lane)
  }

  /** What the landing has. `baseline` is given once, when it has told everything. */
  landingHas(entries: readonly DirectoryEntry[]): void {
    if (this.stopped) return
    const matching = entries.filter(({ van, stream }) => this.pattern.matches(van, stream))
    const first = this.#baseline === null
    const baseline = new Map(this.#baseline)
    for (const entry of matching) {
      const key = keyOf(entry)
      const highest = entry.ranges.at(-1)?.to ?? -1
      const known = this.#lanes.get(key)
      const floor = baseline.get(key) ?? -1
      if (first) baseline.set(key, highest)
      const wanted = this.#startOf(entry) !== null || (!first && highest > floor)
      const lane = known ?? (wanted ? this.#lane(entry, floor + 1) : null)
      if (lane === null) continue
      lane.sequencer.exists(highest)
      this.#pump(lane)
    }
    this.#baseline = baseline
  }

  /** The landing or the connection is back: whoever waits asks at once. */
  askAgain(): void {
    for (const lane of this.#lanes.values()) {
      if (lane.wait === null || lane.asking) continue
      lane.wait.againMs = reorderMs
      lane.cancel?.()
      lane.cancel = null
      this.#askLater(lane, 0)
    }
  }

  /** Where this stream begins by what the reader said; null for `now`. */
  #startOf(place: StreamPlace): number | null {
    const from = this.#from
    if (from === 'beginning') return 0
    if (from === 'now') return null
    const position = from.positions.find((one) => keyOf(one) === keyOf(place))
    if (position !== undefined) return position.next
    return from.otherwise === 'beginning' ? 0 : null
  }

  #lane(place: StreamPlace, now: number): Lane | null {
    const key = keyOf(place)
    const known = this.#lanes.get(key)
    if (known !== undefined) return known
    if (this.#lanes.size >= lanesMost) {
      this.#notFollowed += 1
      return null
    }
    const start = this.#startOf(place) ?? (this.#isNewJournal(place) ? 0 : now)
    const { van, epoch, stream } = place
    const sequencer = new Sequencer({ van, epoch, stream }, start)
    const lane: Lane = {
      sequencer,
      key,
      wait: null,
      asking: false,
      cancel: null,
      waves: new WaveReader(),
      unkeyed: null,
      missedKey: null,
      readNext: start,
    }
    this.#lanes.set(key, lane)
    return lane
  }

  /** Epochs sort by time: one that is newer than what we follow began while we were here. */
  #isNewJournal({ van, epoch, stream }: StreamPlace): boolean {
    for (const { sequencer } of this.#lanes.values()) {
      const { place } = sequencer
      if (place.van === van && place.stream === stream && place.epoch < epoch) return true
    }
    return false
  }

  #roomAgain(): void {
    const stalled = [...this.#stalled]
    this.#stalled.clear()
    for (const lane of stalled) this.#pump(lane)
  }

  /** Hands out what is in order while there is room, and sees to what is missing. */
  #pump(lane: Lane): void {
    if (this.stopped) return
    const { sequencer } = lane
    while (lane.unkeyed === null) {
      if (this.#queue.full) {
        this.#stalled.add(lane)
        return
      }
      const ordered = sequencer.take()
      if (ordered === null) break
      if (ordered.kind === 'lost') this.#pushGap(lane, ordered.range, 'lost')
      else this.#pushPacket(lane, ordered.packet)
    }
    if (lane.unkeyed !== null) return
    const missing = sequencer.missing()
    if (missing === null) {
      lane.wait = null
      return
    }
    if (lane.wait?.next !== missing.from) {
      // Progress made: what follows is fetched at once when the landing just showed that it has it.
      const againMs = lane.asking ? 0 : reorderMs
      const sinceMs = this.#clock.monotonicMs()
      lane.wait = { next: missing.from, sinceMs, againMs, reason: 'landing-away' }
    }
    if (!lane.asking) this.#askLater(lane, lane.wait.againMs)
  }

  #askLater(lane: Lane, ms: number): void {
    if (lane.cancel !== null) return
    lane.cancel = this.#clock.after('replay', ms, () => {
      lane.cancel = null
      void this.#ask(lane)
    })
  }

  async #ask(lane: Lane): Promise<void> {
    const { sequencer } = lane
    const missing = sequencer.missing()
    if (this.stopped || missing === null) return
    lane.asking = true
    const answer = await this.#questions.replay(sequencer.place, missing)
    for (const bytes of answer?.packets ?? []) {
      const packet = readPacket(bytes, null)
      if (packet !== null && keyOf(packet.header) === lane.key) sequencer.offer(packet)
    }
    sequencer.declareLost(answer?.lost ?? [])
    this.#pump(lane)
    lane.asking = false
    this.#judgeWait(lane, missing.from, answer === null ? 'landing-away' : 'not-here')
  }

  /** After an answer, or none: has it helped, and how long do we go on waiting? */
  #judgeWait(lane: Lane, askedFrom: number, reason: GapReason): void {
    const { wait, sequencer } = lane
    if (this.stopped || wait === null) return
    if (wait.next !== askedFrom) return this.#askLater(lane, wait.againMs)
    wait.reason = reason
    wait.againMs = Math.min(askAgainMostMs, Math.max(reorderMs, wait.againMs * 2))
    const missing = sequencer.missing()
    const waitedMs = this.#clock.monotonicMs() - wait.sinceMs
    if (missing === null || waitedMs < this.#patienceMs)
      return this.#askLater(lane, Math.min(wait.againMs, Math.max(0, this.#patienceMs - waitedMs)))
    if (this.#queue.full) {
      this.#stalled.add(lane)
      return
    }
    this.#pushGap(lane, sequencer.skip(missing.to), reason)
    lane.wait = null
    this.#pump(lane)
  }

  #pushGap(
    lane: Lane,
    range: { readonly from: number; readonly to: number },
    reason: GapReason,
  ): void {
    const gap: Gap = { kind: 'gap', ...lane.sequencer.place, ...range, reason }
    this.#queue.push(gap, 0, () => {
      lane.readNext = range.to + 1
    })
  }

  #pushPacket(lane: Lane, packet: ReadPacket): void {
    const { header, records, waves, readable } = packet
    const alone = { from: header.seq, to: header.seq }
    if (!readable) return this.#pushGap(lane, alone, 'unreadable')
    if (waves === null) return this.#pushRecords(lane, header, records)
    if (!lane.waves.canRead(header)) {
      if (lane.missedKey === keyOfChain(header)) return this.#pushGap(lane, alone, 'without-key')
      lane.unkeyed = packet
      void this.#fetchKey(lane, packet)
      return
    }
    const read = lane.waves.read(header, waves)
    if (read.ok) this.#pushRecords(lane, header, read.value)
    else this.#pushGap(lane, alone, 'unreadable')
  }

  /** Reads what a packet of waves goes on with, which was before we came or is lost. */
  async #fetchKey(lane: Lane, packet: ReadPacket): Promise<void> {
    const { header } = packet
    const key = keyOfChain(header)
    const untilMs = this.#clock.monotonicMs() + this.#patienceMs
    let outcome = await this.#readChain(lane, key, header.seq - 1)
    let pauseMs = reorderMs
    while (outcome === 'away' && !this.stopped && this.#clock.monotonicMs() < untilMs) {
      await this.#clock.sleep(Math.min(pauseMs, untilMs - this.#clock.monotonicMs()))
      pauseMs = Math.min(askAgainMostMs, pauseMs * 2)
      outcome = await this.#readChain(lane, key, header.seq - 1)
    }
    if (this.stopped) return
    lane.unkeyed = null
    lane.missedKey = outcome === 'read' ? null : key
    this.#pushPacket(lane, packet)
    this.#pump(lane)
  }

  /** `away`: it may be there another time. */
  async #readChain(lane: Lane, from: number, to: number): Promise<'read' | 'lost' | 'away'> {
    let next = from
    while (next <= to && !this.stopped) {
      const answer = await this.#questions.replay(lane.sequencer.place, { from: next, to })
      const before = next
      for (const bytes of answer?.packets ?? []) {
        const { header, waves } = readPacket(bytes, null) ?? { header: null, waves: null }
        if (header === null || waves === null || header.seq !== next) break
        if (!lane.waves.read(header, waves).ok) return 'lost'
        next += 1
      }
      if (answer?.lost.some((range) => range.from <= next && next <= range.to) === true)
        return 'lost'
      if (next === before) return 'away'
    }
    return 'read'
  }

  #pushRecords(lane: Lane, header: PacketHeader, records: readonly Record[]): void {
    const { seq, boot, visit, sizeBytes } = header
    for (const [index, record] of records.entries()) {
      const stored = { storedUtcMs: record.utcMs, storedUncertaintyMs: record.uncertaintyMs }
      const utc = this.#fixes.utcOf(header, record)
      const placed = { ...lane.sequencer.place, seq, index, boot, ...stored }
      const last = index === records.length - 1
      this.#queue.push({ visit, ...record, ...utc, ...placed }, last ? sizeBytes : 0, () => {
        if (last) lane.readNext = seq + 1
      })
    }
  }
}

/** The packet at which the chain of a packet of waves begins. */
function keyOfChain({ seq, keyDistance = 0 }: PacketHeader): number {
  return seq - keyDistance
}
