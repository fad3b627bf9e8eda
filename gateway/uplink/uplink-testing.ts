/** A journal in memory, a broker that does what the test says, and an uplink between them. */
import type { Receipt, SeqRange } from '../../protocols/packet/messages.ts'
import { encodeLandingState, encodeReceipt } from '../../protocols/packet/messages.ts'
import { RangeSet } from '../../protocols/packet/ranges.ts'
import type { Record } from '../../protocols/packet/record.ts'
import { downTopic, landingStateTopic, type DownKind } from '../../protocols/packet/topics.ts'
import type { VisitRecord } from '../../protocols/packet/visit-records.ts'
import type {
  Broker,
  BrokerConnection,
  BrokerHears,
  BrokerOptions,
  BrokerSession,
  CloseCode,
} from '../../protocols/world/broker.ts'
import { fakeClock, type FakeClock } from '../clock/fake-clock.ts'
import { seededRandom } from '../clock/seeded-random.ts'
import type {
  Again,
  Journal,
  JournalStatus,
  ImageFiles,
  KeptInstance,
  Outgoing,
  OutgoingQuery,
  PacketClass,
  ReceiptOutcome,
  RecentRecord,
} from '../journal/journal.ts'
import type { Log } from '../world.ts'
import { createUplink, uplinkDefaults, type Uplink, type UplinkOptions } from './uplink.ts'

export const van = 'van-02'
export const epoch = '01890000-0000-7000-8000-000000000001'

/** As far as the uplink can tell, a journal: packets are numbered, and stay until their receipt. */
export class MemoryJournal implements Journal {
  readonly epoch = epoch
  readonly publicKey = new Uint8Array(32)
  readonly incomingFolder = ''
  readonly stored: { readonly device: string; readonly record: Record }[] = []
  readonly watched: { stream: string; packetMs: number; untilMonotonicMs: number }[] = []
  readonly receiptedBy = new Map<string, RangeSet>()
  readonly queries: OutgoingQuery[] = []
  /** What `again` answers instead of what is there. */
  gone: SeqRange[] = []
  failing: Error | null = null
  runningMost = 0
  #running = 0
  #lastId = 0
  readonly #lanes = new Map<PacketClass, Outgoing[]>()
  readonly #seqs = new Map<string, number>()

  /** Seals one packet. */
  seal(stream: string, packetClass: PacketClass = 2, bytes: number | Uint8Array = 100): Outgoing {
    const seq = this.#seqs.get(stream) ?? 0
    this.#seqs.set(stream, seq + 1)
    const packet: Outgoing = {
      id: ++this.#lastId,
      epoch,
      stream,
      seq,
      class: packetClass,
      bytes: typeof bytes === 'number' ? labelled(`${stream} ${seq}`, bytes) : bytes,
    }
    const lane = this.#lanes.get(packetClass) ?? []
    lane.push(packet)
    this.#lanes.set(packetClass, lane)
    return packet
  }

  isReceipted(stream: string, seq: number): boolean {
    return this.receiptedBy.get(stream)?.has(seq) === true
  }

  async outgoing(query: OutgoingQuery): Promise<readonly Outgoing[]> {
    this.queries.push(query)
    this.runningMost = Math.max(this.runningMost, ++this.#running)
    await Promise.resolve()
    this.#running--
    if (this.failing !== null) throw this.failing
    const found: Outgoing[] = []
    let bytes = 0
    for (const one of [0, 1, 2, 3, 4, 5, 6] as const) {
      const lane = this.#lanes.get(one) ?? []
      const after = query.after[one] ?? 0
      for (let index = firstAfter(lane, after); index < lane.length; index++) {
        const packet = lane[index]
        if (packet === undefined || this.isReceipted(packet.stream, packet.seq)) continue
        if (found.length >= query.limitCount) return found
        if (found.length > 0 && bytes + packet.bytes.length > query.limitBytes) return found
        found.push(packet)
        bytes += packet.bytes.length
      }
    }
    return found
  }

  async again(of: string, stream: string, range: SeqRange, limit: number): Promise<Again> {
    if (this.failing !== null) throw this.failing
    const { from, to } = range
    const lost = this.gone.filter((one) => one.to >= from && one.from <= to)
    const isGone = (seq: number) => lost.some((one) => seq >= one.from && seq <= one.to)
    const there = [...this.#lanes.values()]
      .flat()
      .filter((one) => one.epoch === of && one.stream === stream)
      .filter(({ seq }) => seq >= from && seq <= to && !isGone(seq))
      .sort((one, other) => one.seq - other.seq)
    return { packets: there.slice(0, limit), lost, more: there.length > limit }
  }

  async receipt(of: string, stream: string, ranges: readonly SeqRange[]): Promise<ReceiptOutcome> {
    if (this.failing !== null) throw this.failing
    const given = of === epoch ? (this.#seqs.get(stream) ?? 0) : 0
    const known = this.receiptedBy.get(stream) ?? new RangeSet()
    this.receiptedBy.set(stream, known)
    let newlyReceipted = 0
    let unknown = 0
    for (const { from, to } of ranges) {
      const last = Math.min(to, given - 1)
      if (from <= last) newlyReceipted += known.add(from, last)
      unknown += to - Math.max(from - 1, last)
    }
    return { newlyReceipted, receiptedThroughId: 0, unknown }
  }

  async store(device: string, record: Record): Promise<void> {
    if (this.failing !== null) throw this.failing
    this.stored.push({ device, record })
  }

  async watch(stream: string, packetMs: number, untilMonotonicMs: number): Promise<void> {
    this.watched.push({ stream, packetMs, untilMonotonicMs })
  }

  adopt(): Promise<'stored'> {
    return Promise.resolve('stored')
  }

  async undecided(): Promise<readonly []> {
    return []
  }

  async sendAsIs(): Promise<void> {}

  async sealDue(): Promise<void> {}

  async status(): Promise<JournalStatus> {
    return {
      streams: [],
      usedBytes: 0,
      limitBytes: 0,
      full: false,
      unreceiptedPackets: 0,
      unreceiptedBytes: 0,
    }
  }

  async objectsOfImage(): Promise<readonly string[]> {
    return []
  }

  async imageFiles(): Promise<ImageFiles> {
    return { image: null, preview: null }
  }

  async instances(): Promise<readonly KeptInstance[]> {
    return []
  }

  async known(): Promise<readonly VisitRecord[]> {
    return []
  }

  async recent(): Promise<readonly RecentRecord[]> {
    return []
  }

  async close(): Promise<void> {}
}

function firstAfter(lane: readonly Outgoing[], id: number): number {
  let low = 0
  let high = lane.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((lane[middle]?.id ?? 0) > id) high = middle
    else low = middle + 1
  }
  return low
}

function labelled(text: string, bytes: number): Uint8Array {
  const payload = new Uint8Array(Math.max(bytes, text.length))
  payload.set(new TextEncoder().encode(text))
  return payload
}

/** `stream seq` of a packet that was made with a number of bytes. */
export function labelOf(payload: Uint8Array): string {
  const end = payload.indexOf(0)
  return new TextDecoder().decode(end < 0 ? payload : payload.subarray(0, end))
}

export interface Published {
  readonly topic: string
  readonly payload: Uint8Array
  readonly retain: boolean
  answer(refused?: string | null, code?: number): void
}

/** One attempt, as the broker sees it. */
export class ScriptConnection implements BrokerConnection {
  readonly options: BrokerOptions
  readonly hears: BrokerHears
  readonly published: Published[] = []
  readonly subscribed: string[] = []
  unanswered: Published[] = []
  unansweredMost = 0
  subscribeRefused: string | null = null
  closedHow: 'farewell' | 'destroy' | null = null
  #over = false
  readonly #answering: () => ((published: Published) => void) | null

  constructor(
    options: BrokerOptions,
    hears: BrokerHears,
    answering: () => ((published: Published) => void) | null,
  ) {
    this.options = options
    this.hears = hears
    this.#answering = answering
  }

  /** Packets only, without the van's presence. */
  get packets(): readonly Published[] {
    return this.published.filter(({ topic }) => topic.includes('/up/'))
  }

  get labels(): readonly string[] {
    return this.packets.map(({ payload }) => labelOf(payload))
  }

  get isOver(): boolean {
    return this.#over
  }

  publish(
    topic: string,
    payload: Uint8Array,
    options: { readonly retain: boolean },
    acknowledged: (refused: string | null, code?: number) => void,
  ): void {
    const published: Published = {
      topic,
      payload,
      retain: options.retain,
      answer: (refused = null, code) => {
        if (this.#over || !this.unanswered.includes(published)) return
        this.unanswered = this.unanswered.filter((one) => one !== published)
        acknowledged(refused, code)
      },
    }
    this.published.push(published)
    this.unanswered.push(published)
    this.unansweredMost = Math.max(this.unansweredMost, this.unanswered.length)
    this.#answering()?.(published)
  }

  subscribe(filters: readonly string[], done: (refused: string | null) => void): void {
    this.subscribed.push(...filters)
    done(this.subscribeRefused)
  }

  close(how: 'farewell' | 'destroy'): void {
    this.closedHow ??= how
    this.end(null, true, 'asked')
  }

  open(session: Partial<BrokerSession> = {}): void {
    this.hears.opened({
      protocol: '5',
      receiveMaximum: 20,
      maximumPacketBytes: 268_435_460,
      ...session,
    })
  }

  /** The connection ends, for whatever reason. */
  end(reason: string | null, retriable = true, code?: CloseCode): void {
    if (this.#over) return
    this.#over = true
    this.hears.closed(reason, retriable, code)
  }

  answerAll(refused: string | null = null, code?: number): void {
    for (const one of Array.from(this.unanswered)) one.answer(refused, code)
  }

  say(topic: string, payload: Uint8Array): void {
    this.hears.message(topic, payload)
  }

  down(kind: DownKind, payload: Uint8Array): void {
    this.say(downTopic(van, kind), payload)
  }

  receipt(...receipts: Receipt['receipts']): void {
    this.down('receipt', encodeReceipt({ epoch, receipts }))
  }

  landing(online: boolean, startedWallMs = 1_000): void {
    this.say(landingStateTopic, encodeLandingState({ online, landing: 'rsud', startedWallMs }))
  }
}

export class ScriptBroker implements Broker {
  readonly connections: ScriptConnection[] = []
  /** What happens with a message that arrives; null leaves it to the test. */
  answering: ((published: Published) => void) | null = null
  /** Opens each attempt so; null leaves it to the test. */
  opening: Partial<BrokerSession> | null = null

  get last(): ScriptConnection {
    const last = this.connections.at(-1)
    if (last === undefined) throw new Error('nobody has connected')
    return last
  }

  /** All packets of all connections. */
  get labels(): readonly string[] {
    return this.connections.flatMap((one) => one.labels)
  }

  connect(options: BrokerOptions, hears: BrokerHears): BrokerConnection {
    const connection = new ScriptConnection(options, hears, () => this.answering)
    this.connections.push(connection)
    const { opening } = this
    if (opening !== null) {
      void Promise.resolve().then(() => connection.isOver || connection.open(opening))
    }
    return connection
  }
}

export interface Stage {
  readonly clock: FakeClock
  readonly broker: ScriptBroker
  readonly journal: MemoryJournal
  readonly uplink: Uplink
  readonly said: string[]
  /** Codes of the troubles that stand, newest first. */
  troubles(): readonly string[]
}

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet }

export function stage(options: Partial<UplinkOptions> = {}): Stage {
  const clock = fakeClock()
  const broker = new ScriptBroker()
  const journal = new MemoryJournal()
  const said: string[] = []
  const log: Log = {
    ...quiet,
    info: (message) => void said.push(message),
    warn: (message, fields) => void said.push(`${message}: ${fields?.code}`),
  }
  const world = { clock, random: seededRandom(7), broker, log }
  const uplink = createUplink(world, journal, {
    ...uplinkDefaults,
    van,
    software: 'simpul 0.1.0',
    stamp: () => ({ atMs: clock.monotonicMs(), utcMs: null, uncertaintyMs: null }),
    ...options,
  })
  return {
    clock,
    broker,
    journal,
    uplink,
    said,
    troubles: () => uplink.status().troubles.map(({ trouble }) => trouble.code),
  }
}

/** Started, connected, and its presence answered. */
export async function onlineStage(
  options: Partial<UplinkOptions> = {},
  session: Partial<BrokerSession> = {},
): Promise<Stage> {
  const made = stage(options)
  made.uplink.start()
  made.broker.last.open(session)
  await made.clock.settle()
  made.broker.last.unanswered[0]?.answer()
  return made
}
