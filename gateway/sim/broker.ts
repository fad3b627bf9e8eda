/**
 * A broker that lies: it accepts and forgets, delivers twice, late or out of order, stalls, leaves
 * sockets half open, closes, refuses and crashes. Everything is drawn from one seed. What it does
 * not lie about is TCP: without a fault, what one side says arrives in the order in which it was
 * said.
 */
import {
  noMatchingSubscribers,
  quotaExceeded,
  type Broker,
  type BrokerConnection,
  type BrokerHears,
  type BrokerOptions,
  type BrokerSession,
} from '../../protocols/world/broker.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import type { Random } from '../../protocols/world/random.ts'
import { matchesAny } from './topic-filter.ts'

/** Probabilities are per thousand, for each message or attempt; times are in ms. */
export interface BrokerFaults {
  readonly refuseConnect: number
  readonly connectNeverAnswers: number
  readonly forget: number
  readonly duplicate: number
  readonly delay: number
  readonly delayMsMax: number
  readonly acknowledgeNever: number
  readonly closeAfterPublish: number
  readonly halfOpenAfterPublish: number
  readonly refusePublish: number
}

export const noBrokerFaults: BrokerFaults = {
  refuseConnect: 0,
  connectNeverAnswers: 0,
  forget: 0,
  duplicate: 0,
  delay: 0,
  delayMsMax: 0,
  acknowledgeNever: 0,
  closeAfterPublish: 0,
  halfOpenAfterPublish: 0,
  refusePublish: 0,
}

export interface SimBrokerOptions {
  readonly receiveMaximum: number
  readonly maximumPacketBytes: number
  readonly latencyMs: number
  /** Default: 5. A broker of 3.1.1 gives no reason codes. */
  readonly protocol?: BrokerSession['protocol']
  /** A will waits so long for its client to come back. Default: 0. */
  readonly willDelayMs?: number
  /** What comes for a client that is away waits for it. Default: false. */
  readonly keepsSessions?: boolean
  /** Sees each message that arrives here, and what becomes of it. */
  readonly sees?: (message: SeenMessage) => void
}

export interface SeenMessage {
  readonly clientId: string
  readonly topic: string
  readonly payload: Uint8Array
  readonly fate: 'taken' | 'forgotten' | 'refused' | 'wanted by nobody'
}

export interface SimBroker extends Broker {
  setFaults(faults: BrokerFaults): void
  /** For connections to come. */
  setMaximumPacketBytes(bytes: number): void
  /** Every connection dies and everything in memory is gone, retained messages too. */
  crash(): void
  /** Every socket of this client dies without a farewell, as when its process was killed. */
  dropClient(clientId: string): void
  /**
   * This client is no more and cannot say so, as when its power was cut: the broker finds out late.
   */
  strandClient(clientId: string): void
  /** Cuts all sockets; the broker itself lives on. */
  cutAll(): void
  /** Gives a client a message that nobody else gets, as if it had been on its way for long. */
  tell(clientId: string, topic: string, payload: Uint8Array): void
  /** What a client did that the protocol forbids. Must stay empty. */
  readonly violations: readonly string[]
}

interface Peer {
  readonly options: BrokerOptions
  readonly hears: BrokerHears
  readonly filters: Set<string>
  open: boolean
  /** Bytes still seem to leave, and nothing ever arrives. */
  halfOpen: boolean
  closed: boolean
  /** The process behind it is gone: nothing reaches it, not even the end. */
  gone: boolean
  unacknowledged: number
  /** As it was told when it connected. */
  maximumPacketBytes: number
  /** When the newest message arrives that is on its way, in each direction. */
  toBrokerMs: number
  toClientMs: number
}

interface KeptSession {
  readonly filters: ReadonlySet<string>
  readonly waiting: { readonly topic: string; readonly payload: Uint8Array }[]
}

const violationsMax = 20
/** As mosquitto's own default: what comes beyond it for a client that is away is gone. */
const waitingMax = 100
/**
 * MQTT 5 section 3.1.2.10: a client that was silent for one and a half times its keepalive is dead.
 */
const keepaliveFactor = 1.5

export function createSimBroker(
  clock: Clock,
  random: Random,
  options: SimBrokerOptions,
): SimBroker {
  return new LyingBroker(clock, random, options)
}

class LyingBroker implements SimBroker {
  readonly violations: string[] = []
  readonly #clock: Clock
  readonly #random: Random
  readonly #options: SimBrokerOptions
  readonly #peers = new Set<Peer>()
  readonly #retained = new Map<string, Uint8Array>()
  readonly #sessions = new Map<string, KeptSession>()
  #faults = noBrokerFaults
  #maximumPacketBytes: number

  constructor(clock: Clock, random: Random, options: SimBrokerOptions) {
    this.#clock = clock
    this.#random = random
    this.#options = options
    this.#maximumPacketBytes = options.maximumPacketBytes
  }

  setFaults(faults: BrokerFaults): void {
    this.#faults = faults
  }

  setMaximumPacketBytes(bytes: number): void {
    this.#maximumPacketBytes = bytes
  }

  connect(options: BrokerOptions, hears: BrokerHears): BrokerConnection {
    const peer: Peer = {
      options,
      hears,
      filters: new Set(),
      open: false,
      halfOpen: false,
      closed: false,
      gone: false,
      unacknowledged: 0,
      maximumPacketBytes: this.#maximumPacketBytes,
      toBrokerMs: 0,
      toClientMs: 0,
    }
    this.#peers.add(peer)
    this.#toBroker(peer, () => this.#open(peer))
    return {
      publish: (topic, payload, { retain }, acknowledged) =>
        this.#publish(peer, { topic, payload, retain, acknowledged }),
      subscribe: (filters, done) =>
        this.#toBroker(peer, () => this.#subscribe(peer, filters, done)),
      close: (how) => this.#close(peer, how),
    }
  }

  crash(): void {
    this.#retained.clear()
    this.#sessions.clear()
    for (const peer of this.#everybody()) this.#end(peer, 'connection reset', true)
  }

  dropClient(clientId: string): void {
    for (const peer of this.#everybody()) {
      if (peer.options.clientId !== clientId) continue
      peer.gone = true
      this.#lose(peer, 'reset')
    }
  }

  strandClient(clientId: string): void {
    for (const peer of this.#everybody()) {
      if (peer.options.clientId !== clientId) continue
      peer.gone = true
      this.#halfOpen(peer)
    }
  }

  tell(clientId: string, topic: string, payload: Uint8Array): void {
    for (const peer of this.#peers) {
      if (peer.options.clientId === clientId) this.#send(peer, topic, payload)
    }
  }

  cutAll(): void {
    for (const peer of this.#everybody()) this.#lose(peer, 'connection reset')
  }

  /** A closed peer may connect again while we walk, and must not be met on the same walk. */
  #everybody(): readonly Peer[] {
    return Array.from(this.#peers)
  }

  #happens(perThousand: number): boolean {
    return perThousand > 0 && this.#random.below(1000) < perThousand
  }

  #latencyMs(): number {
    const { latencyMs } = this.#options
    return latencyMs + this.#random.below(latencyMs + 1)
  }

  #toBroker(peer: Peer, work: () => void): void {
    const nowMs = this.#clock.monotonicMs()
    peer.toBrokerMs = Math.max(peer.toBrokerMs, nowMs + this.#latencyMs())
    this.#later(peer.toBrokerMs - nowMs, work)
  }

  #toClient(peer: Peer, work: () => void): void {
    const nowMs = this.#clock.monotonicMs()
    peer.toClientMs = Math.max(peer.toClientMs, nowMs + this.#latencyMs())
    this.#later(peer.toClientMs - nowMs, work)
  }

  #later(ms: number, work: () => void): void {
    this.#clock.after('broker', ms, work)
  }

  #violate(what: string): void {
    if (this.violations.length < violationsMax) this.violations.push(what)
  }

  #end(peer: Peer, reason: string | null, retriable: boolean): void {
    if (peer.closed) return
    peer.closed = true
    peer.open = false
    this.#peers.delete(peer)
    if (!peer.gone) peer.hears.closed(reason, retriable)
  }

  #lose(peer: Peer, reason: string): void {
    if (peer.closed) return
    this.#depart(peer)
    this.#end(peer, reason, true)
  }

  /** What the broker does about a client that went without a farewell. */
  #depart(peer: Peer): void {
    const { will, clientId } = peer.options
    if (!peer.open) return
    peer.open = false
    this.#keepSession(peer)
    if (will === null) return
    const say = (): void => {
      if (will.retain) this.#retain(will.topic, will.payload)
      this.#route(will.topic, will.payload)
    }
    const { willDelayMs = 0 } = this.#options
    if (willDelayMs === 0) return say()
    this.#later(willDelayMs, () => {
      const back = this.#everybody().some((one) => one.open && one.options.clientId === clientId)
      if (!back) say()
    })
  }

  #keepSession({ options: { clientId }, filters }: Peer): void {
    if (this.#options.keepsSessions !== true) return
    this.#sessions.set(clientId, { filters, waiting: [] })
  }

  #halfOpen(peer: Peer): void {
    if (peer.closed || peer.halfOpen) return
    peer.halfOpen = true
    const ms = peer.options.keepaliveSeconds * 1000 * keepaliveFactor
    this.#later(ms, () => this.#lose(peer, 'nothing was heard for too long'))
  }

  #retain(topic: string, payload: Uint8Array): void {
    if (payload.length === 0) this.#retained.delete(topic)
    else this.#retained.set(topic, payload)
  }

  /** Answers whether anybody gets it. */
  #route(topic: string, payload: Uint8Array): boolean {
    let taken = false
    for (const peer of this.#peers) {
      if (!peer.open || !matchesAny(peer.filters, topic)) continue
      taken = true
      const copies = this.#happens(this.#faults.duplicate) ? 2 : 1
      for (let copy = 0; copy < copies; copy++) this.#send(peer, topic, payload)
    }
    for (const { filters, waiting } of this.#sessions.values()) {
      if (!matchesAny(filters, topic)) continue
      taken = true
      if (waiting.length < waitingMax) waiting.push({ topic, payload })
    }
    return taken
  }

  #send(peer: Peer, topic: string, payload: Uint8Array): void {
    const deliver = (): void => {
      if (peer.open && !peer.halfOpen && !peer.gone) peer.hears.message(topic, payload)
    }
    if (!this.#happens(this.#faults.delay)) return this.#toClient(peer, deliver)
    this.#later(this.#latencyMs() + this.#random.below(this.#faults.delayMsMax + 1), deliver)
  }

  #publish(peer: Peer, message: Message): void {
    const { clientId } = peer.options
    if (peer.gone) return
    if (!peer.open) return this.#violate(`${clientId} publishes while not connected`)
    peer.unacknowledged += 1
    if (peer.unacknowledged > this.#options.receiveMaximum) {
      this.#violate(`${clientId} has more unacknowledged than the Receive Maximum`)
    }
    if (message.payload.length > peer.maximumPacketBytes) {
      this.#violate(`${clientId} sends more than the Maximum Packet Size`)
    }
    // The sender may reuse its buffer, as it may with a real socket once it has been written.
    const copy = { ...message, payload: message.payload.slice() }
    this.#toBroker(peer, () => this.#receive(peer, copy))
  }

  #receive(peer: Peer, { topic, payload, retain, acknowledged }: Message): void {
    if (!peer.open || peer.halfOpen) return
    const faults = this.#faults
    const fate = this.#fateOf({ topic, payload, retain })
    this.#options.sees?.({ clientId: peer.options.clientId, topic, payload, fate })
    if (!this.#happens(faults.acknowledgeNever)) {
      this.#toClient(peer, () => {
        if (peer.closed || peer.halfOpen || peer.gone) return
        peer.unacknowledged -= 1
        this.#answer(fate, acknowledged)
      })
    }
    if (fate === 'refused') return
    if (this.#happens(faults.closeAfterPublish)) {
      this.#later(this.#random.below(20), () => this.#lose(peer, 'reset'))
    } else if (this.#happens(faults.halfOpenAfterPublish)) this.#halfOpen(peer)
  }

  #fateOf({ topic, payload, retain }: Omit<Message, 'acknowledged'>): SeenMessage['fate'] {
    if (this.#happens(this.#faults.refusePublish)) return 'refused'
    if (this.#happens(this.#faults.forget)) return 'forgotten'
    if (retain) this.#retain(topic, payload)
    return this.#route(topic, payload) ? 'taken' : 'wanted by nobody'
  }

  #answer(fate: SeenMessage['fate'], acknowledged: Message['acknowledged']): void {
    if (this.#options.protocol === '3.1.1') return acknowledged(null)
    if (fate === 'refused') acknowledged('quota exceeded (0x97)', quotaExceeded)
    else if (fate === 'wanted by nobody') acknowledged(null, noMatchingSubscribers)
    else acknowledged(null)
  }

  #open(peer: Peer): void {
    if (peer.closed || peer.gone) return
    const { clientId } = peer.options
    if (this.#happens(this.#faults.connectNeverAnswers)) return
    if (this.#happens(this.#faults.refuseConnect)) return this.#end(peer, 'server busy', true)
    for (const other of this.#everybody()) {
      const taken = other !== peer && other.options.clientId === clientId
      if (taken && other.open) this.#lose(other, 'taken over by another connection of this client')
    }
    peer.open = true
    const { receiveMaximum, protocol = '5' } = this.#options
    const maximumPacketBytes = this.#maximumPacketBytes
    peer.maximumPacketBytes = maximumPacketBytes
    this.#toClient(peer, () => {
      if (peer.open && !peer.gone) {
        peer.hears.opened({ protocol, receiveMaximum, maximumPacketBytes })
      }
    })
    const session = this.#sessions.get(clientId)
    this.#sessions.delete(clientId)
    for (const filter of session?.filters ?? []) peer.filters.add(filter)
    for (const { topic, payload } of session?.waiting ?? []) this.#send(peer, topic, payload)
  }

  #subscribe(peer: Peer, filters: readonly string[], done: (refused: string | null) => void): void {
    if (!peer.open || peer.halfOpen) return
    for (const filter of filters) peer.filters.add(filter)
    this.#toClient(peer, () => {
      if (peer.open && !peer.halfOpen && !peer.gone) done(null)
    })
    for (const [topic, payload] of this.#retained) {
      if (matchesAny(filters, topic)) this.#send(peer, topic, payload)
    }
  }

  #close(peer: Peer, how: 'farewell' | 'destroy'): void {
    if (peer.closed) return
    if (how === 'destroy') this.#depart(peer)
    else if (peer.open) this.#keepSession(peer)
    this.#end(peer, null, true)
  }
}

interface Message {
  readonly topic: string
  readonly payload: Uint8Array
  readonly retain: boolean
  readonly acknowledged: (refused: string | null, code?: number) => void
}
