/**
 * Brings packets from the journal to the broker: reads ahead by class, keeps the window full, and
 * remembers what was not answered. Nothing is kept here that the journal does not have.
 */
import type { BrokerConnection, BrokerSession } from '../../protocols/world/broker.ts'
import {
  noMatchingSubscribers,
  notAuthorised,
  payloadFormatInvalid,
  topicNameInvalid,
} from '../../protocols/world/broker.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import type { Random } from '../../protocols/world/random.ts'
import { upTopic } from '../../protocols/packet/topics.ts'
import { uplinkTrouble } from '../errors/uplink.ts'
import type { Journal, Outgoing } from '../journal/journal.ts'
import { Backoff } from './backoff.ts'
import type { Backfills } from './backfill.ts'
import type { Deliveries, Rewind } from './delivery.ts'
import type { Waiting } from './queue.ts'
import { Reader } from './reader.ts'
import { ReceiptWindow, type ReceiptWindowLimits } from './receipt-window.ts'
import type { Troubles } from './troubles.ts'
import { Window, type Ticket, type WindowLimits } from './window.ts'

export interface SenderParts {
  readonly clock: Clock
  readonly random: Random
  readonly journal: Pick<Journal, 'outgoing'>
  readonly deliveries: Deliveries
  readonly backfills: Backfills
  readonly troubles: Troubles
  readonly van: string
  readonly limits: WindowLimits
  /** The landing is there, so that receipts can be expected. */
  readonly isLandingThere: () => boolean
  readonly unreceipted: ReceiptWindowLimits
  /** The broker has left us without any answer for so long: the connection is dead. */
  readonly silent: (ms: number) => void
}

export interface SenderCounts {
  readonly sent: number
  readonly acknowledged: number
  /** How many of those that were sent went because the hospital had asked for them again. */
  readonly again: number
}

interface Flight {
  /** null for what is no packet. */
  readonly waiting: Waiting | null
  readonly ticket: Ticket
  readonly answered: Word['answered']
}

/** What is published and is no packet. */
export interface Word {
  readonly topic: string
  readonly payload: Uint8Array
  readonly retain: boolean
  /** As of `BrokerConnection.publish`. */
  readonly answered: (refused: string | null, code?: number) => void
}

interface Session {
  readonly connection: BrokerConnection
  readonly broker: BrokerSession
  readonly window: Window
  readonly inFlight: Map<number, Flight>
  lastSignMs: number
  /** Answers to packets, and to anything at all. */
  packetsAnswered: number
  answers: number
}

/** Pauses after a refusal that concerns everything. */
const pauseFirstMs = 1_000
const pauseMostMs = 60_000

/** So often may a packet be the last thing that a connection saw before it counts as the cause. */
const brokenConnectionsMax = 3
/** Each silence doubles the patience for the next, up to this power of two. */
const silencesMax = 5
const watchMs = 5_000

export class Sender {
  readonly #parts: SenderParts
  readonly #reader: Reader
  readonly #pauses: Backoff
  readonly #receiptWindow: ReceiptWindow
  #session: Session | null = null
  #numbers = 0
  #isPumping = false
  #paused = false
  /** After a pause one packet at a time, until one gets through. */
  #probing = false
  #heldBack: 'quota' | 'nobody' | null = null
  #cancelPause = () => {}
  #cancelWatchdog: (() => void) | null = null
  #silences = 0
  readonly #words: Word[] = []
  #suspect: { readonly name: string; times: number } | null = null
  #sent = 0
  #acknowledged = 0
  #again = 0

  constructor(parts: SenderParts) {
    this.#parts = parts
    this.#pauses = new Backoff(parts.random, pauseFirstMs, pauseMostMs)
    this.#receiptWindow = new ReceiptWindow(parts.unreceipted)
    this.#reader = new Reader({ ...parts, arrived: () => this.#pump() })
  }

  get counts(): SenderCounts {
    return { sent: this.#sent, acknowledged: this.#acknowledged, again: this.#again }
  }

  /** null while there is no connection. */
  get window(): Window | null {
    return this.#session?.window ?? null
  }

  /** Why nothing goes although there is a connection; null when it goes. */
  get heldBack(): 'quota' | 'nobody' | null {
    return this.#heldBack
  }

  /** Everything in the journal was sent and answered. */
  get idle(): boolean {
    return this.#reader.empty && (this.#session?.inFlight.size ?? 0) === 0
  }

  open(connection: BrokerConnection, broker: BrokerSession): void {
    const { clock, deliveries, troubles, limits } = this.#parts
    const count = Math.max(1, Math.min(limits.count, broker.receiveMaximum))
    this.#session = {
      connection,
      broker,
      window: new Window({ count, bytes: limits.bytes }),
      inFlight: new Map(),
      lastSignMs: clock.monotonicMs(),
      packetsAnswered: 0,
      answers: 0,
    }
    troubles.clear('uplink-packet-too-large')
    this.#reader.open()
    this.rewind(deliveries.newConnection())
  }

  /** Forgets what was on its way: it is read again from the journal on the next connection. */
  close(): void {
    const session = this.#session
    if (session === null) return
    this.#session = null
    this.#suspectFirst(session)
    for (const { waiting } of session.inFlight.values()) {
      if (waiting === null) continue
      this.#parts.deliveries.returned(waiting.packet)
      if (!waiting.again) this.#reader.putBack(waiting.packet)
    }
    this.#reader.close()
    this.#cancelPause()
    this.#cancelWatchdog?.()
    this.#cancelWatchdog = null
    this.#paused = false
    this.#probing = false
    this.#heldBack = null
    this.#words.length = 0
  }

  /** Something new may be in the journal. */
  nudge(): void {
    this.#reader.nudge()
    this.#pump()
  }

  /** Any sign of life of the broker. */
  sign(): void {
    if (this.#session !== null) this.#session.lastSignMs = this.#parts.clock.monotonicMs()
  }

  /** Publishes what is no packet, before all packets and with a place in the window. */
  say(word: Word): void {
    if (this.#session === null) return
    this.#words.push(word)
    this.#pump()
  }

  /** Reads again from there. */
  rewind(rewinds: readonly Rewind[]): void {
    if (rewinds.length === 0) return
    this.#reader.rewind(rewinds)
    this.#pump()
  }

  /** The hospital has so many that it did not have before: there is room for others. */
  receipted(count: number): void {
    this.#receiptWindow.receipted(count)
    this.#pump()
  }

  /** The hospital misses what the broker had taken. */
  missed(): void {
    this.#receiptWindow.lost()
  }

  /** Somebody listens again. */
  resume(): void {
    if (!this.#paused || this.#heldBack !== 'nobody') return
    this.#cancelPause()
    this.#goOn()
  }

  #pump(): void {
    // An answer may come from within `publish`.
    if (this.#isPumping) return
    this.#isPumping = true
    try {
      while (this.#sendNext());
    } finally {
      this.#isPumping = false
    }
    if (!this.#paused) this.#reader.read()
  }

  /** False when nothing more can go. */
  #sendNext(): boolean {
    const { clock, deliveries, troubles, van } = this.#parts
    const session = this.#session
    if (session === null) return false
    const word = this.#words[0]
    if (word !== undefined) {
      if (session.inFlight.size >= session.window.limits.count) return false
      this.#words.shift()
      this.#publish(session, word, null)
      return true
    }
    const liveOnly = this.#mustWaitForReceipts(session)
    const waiting = this.#reader.peek(liveOnly)
    if (waiting === null || this.#paused) return false
    const { packet, again } = waiting
    if (!deliveries.wants(packet, again, clock.monotonicMs())) {
      this.#reader.shift(liveOnly)
      return true
    }
    const topic = upTopic(van, packet.stream)
    const bytes = publishBytes(topic, packet.bytes)
    const limit = session.broker.maximumPacketBytes
    if (bytes > limit) {
      this.#reader.shift(liveOnly)
      deliveries.tooLarge(packet)
      const details = { stream: packet.stream, bytes, limit }
      troubles.note(uplinkTrouble('uplink-packet-too-large', details))
      return true
    }
    if (this.#probing && session.inFlight.size > 0) return false
    if (!session.window.admits(bytes, packet.class <= 1)) return false
    this.#reader.shift(liveOnly)
    deliveries.sent(packet)
    this.#sent++
    if (again) this.#again++
    this.#publish(session, { topic, payload: packet.bytes, retain: false, answered() {} }, waiting)
    return true
  }

  /** While the landing is away nothing waits for it: others may listen to the broker. */
  #mustWaitForReceipts({ inFlight }: Session): boolean {
    const { deliveries, isLandingThere } = this.#parts
    const unreceipted = deliveries.unreceiptedCount + inFlight.size
    return !this.#receiptWindow.admits(unreceipted) && isLandingThere()
  }

  #publish(
    session: Session,
    { topic, payload, retain, answered }: Word,
    waiting: Waiting | null,
  ): void {
    const nowMs = this.#parts.clock.monotonicMs()
    const number = this.#numbers++
    if (session.inFlight.size === 0) session.lastSignMs = nowMs
    const ticket = session.window.send(publishBytes(topic, payload), nowMs)
    session.inFlight.set(number, { waiting, ticket, answered })
    this.#watch(session)
    session.connection.publish(topic, payload, { retain }, (refused, code) => {
      // What an older connection says late is about packets that were forgotten.
      if (this.#session === session) this.#answered(session, number, refused, code)
    })
  }

  #answered(session: Session, number: number, refused: string | null, code?: number): void {
    const flight = session.inFlight.get(number)
    if (flight === undefined) return
    session.inFlight.delete(number)
    const nowMs = this.#parts.clock.monotonicMs()
    session.lastSignMs = nowMs
    session.window.answered(flight.ticket, nowMs)
    session.answers++
    flight.answered(refused, code)
    if (flight.waiting !== null) this.#packetAnswered(session, flight.waiting, refused, code)
    this.#pump()
  }

  #packetAnswered(
    session: Session,
    waiting: Waiting,
    refused: string | null,
    code: number | undefined,
  ): void {
    const { clock, deliveries, troubles } = this.#parts
    const { packet, again } = waiting
    session.packetsAnswered++
    this.#silences = 0
    this.#suspect = null
    if (refused === null && code !== noMatchingSubscribers) {
      deliveries.acknowledged(packet, again, clock.monotonicMs())
      this.#acknowledged++
      // An answer that was on its way when the pause began says nothing about what comes after.
      if (!this.#paused) this.#goesWell()
      return
    }
    deliveries.returned(packet)
    if (refused === null) {
      if (!again) this.#reader.putBack(packet)
      troubles.note(uplinkTrouble('uplink-nobody-listens'))
      this.#pause('nobody')
    } else if (code === notAuthorised || code === topicNameInvalid) {
      deliveries.hold(packet, clock.monotonicMs())
      const details = { stream: packet.stream, why: refused }
      troubles.note(uplinkTrouble('uplink-not-authorised', details))
    } else if (code === payloadFormatInvalid) {
      this.#setAside(packet)
    } else {
      if (!again) this.#reader.putBack(packet)
      troubles.note(uplinkTrouble('uplink-quota', { why: refused }))
      this.#pause('quota')
    }
  }

  #pause(why: 'quota' | 'nobody'): void {
    if (this.#paused) return
    this.#paused = true
    this.#heldBack = why
    const ms = this.#pauses.nextMs()
    this.#cancelPause = this.#parts.clock.after('uplink pause', ms, () => this.#goOn())
  }

  #goesWell(): void {
    this.#probing = false
    this.#heldBack = null
    this.#pauses.reset()
    this.#parts.troubles.clear('uplink-quota', 'uplink-nobody-listens')
  }

  #goOn(): void {
    this.#paused = false
    this.#probing = true
    this.#pump()
  }

  #setAside(packet: Outgoing): void {
    const ms = this.#parts.deliveries.setAside(packet, this.#parts.clock.monotonicMs())
    const details = { stream: packet.stream, bytes: packet.bytes.length, seconds: ms / 1000 }
    this.#parts.troubles.note(uplinkTrouble('uplink-packet-aside', details))
  }

  /**
   * A broker of 3.1.1 cannot say that a packet is too large or not allowed: it hangs up. When a
   * connection answers everything but its first packet, again and again, the packet stands aside,
   * or it would break each connection to come.
   */
  #suspectFirst(session: Session): void {
    const first = [...session.inFlight.values()].find(({ waiting }) => waiting !== null)
    if (session.packetsAnswered > 0 || session.answers === 0) return
    if (first === undefined || first.waiting === null) return
    const { packet } = first.waiting
    const name = `${packet.epoch} ${packet.stream} ${packet.seq}`
    if (this.#suspect?.name !== name) this.#suspect = { name, times: 0 }
    this.#suspect.times++
    if (this.#suspect.times < brokenConnectionsMax) return
    this.#suspect = null
    this.#setAside(packet)
  }

  /** Something is unanswered: after long silence the connection is dead, whatever TCP believes. */
  #watch(session: Session): void {
    if (this.#cancelWatchdog !== null) return
    const { clock } = this.#parts
    const patienceMs = session.window.patienceMs * 2 ** this.#silences
    const leftMs = session.lastSignMs + patienceMs - clock.monotonicMs()
    // The patience shrinks when the first answers tell how fast the way is.
    const ms = Math.min(watchMs, Math.max(1, leftMs))
    this.#cancelWatchdog = clock.after('uplink watchdog', ms, () => {
      this.#cancelWatchdog = null
      if (this.#session !== session || session.inFlight.size === 0) return
      const silentMs = clock.monotonicMs() - session.lastSignMs
      if (silentMs < session.window.patienceMs * 2 ** this.#silences) return this.#watch(session)
      this.#silences = Math.min(silencesMax, this.#silences + 1)
      this.#parts.silent(silentMs)
    })
  }
}

/** Fixed header, topic, packet id, properties with an alias (MQTT 5 section 3.3), payload. */
function publishBytes(topic: string, payload: Uint8Array): number {
  const mostOverheadBytes = 5 + 2 + 2 + 4
  return mostOverheadBytes + topic.length + payload.length
}
