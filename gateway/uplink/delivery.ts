/**
 * How far each packet has come, by stream: sent, acknowledged by the broker, receipted by the
 * hospital. An acknowledgement is only a promise: when no receipt follows in time it is no longer
 * believed, and the packet goes again.
 */
import type { SeqRange } from '../../protocols/packet/messages.ts'
import { RangeSet } from '../../protocols/packet/ranges.ts'
import type { Outgoing, PacketClass } from '../journal/journal.ts'

/** `stored`: in the journal, and nothing else is known here. */
export type Delivery = 'stored' | 'sent' | 'acknowledged' | 'receipted'

/** From where the journal has to be read again. */
export interface Rewind {
  readonly classes: ReadonlySet<PacketClass>
  /** The first id that is wanted. */
  readonly id: number
}

export interface ReceiptTimes {
  readonly firstMs: number
  /** The time doubles up to this while nothing comes. */
  readonly mostMs: number
}

interface StreamState {
  /** A watched waveform has another class than an unwatched one. */
  readonly classes: Set<PacketClass>
  sent: RangeSet
  acknowledged: RangeSet
  readonly receipted: RangeSet
  readonly inFlight: Set<number>
  /** No packet with a lower id was acknowledged and waits for its receipt. */
  acknowledgedFromId: number
  /** The lowest number that is acknowledged but not receipted, and since when that is so. */
  head: { readonly seq: number; readonly sinceMs: number } | null
  /** How long the next head may wait; the first value again when a receipt comes. */
  patienceMs: number
  /** Numbers that this broker does not take, and the lowest id of them. */
  tooLarge: { readonly seqs: RangeSet; readonly fromId: number } | null
  /** Not tried before then; with how long the pause was. */
  held: Pause | null
  /** The same for single packets, by number. */
  readonly aside: Map<number, Pause>
  /** The lowest id that was passed over because of `held` or `aside`. */
  passedOverId: number | null
}

interface Pause {
  readonly untilMs: number
  readonly pauseMs: number
}

const holdFirstMs = 10_000
const holdMostMs = 600_000
/** So many packets of one stream may stand aside; more mean that the stream itself is refused. */
const asideMax = 64

export class Deliveries {
  readonly #streams = new Map<string, StreamState>()
  readonly #times: ReceiptTimes

  constructor(times: ReceiptTimes) {
    this.#times = times
  }

  of(epoch: string, stream: string, seq: number): Delivery {
    const state = this.#streams.get(`${epoch} ${stream}`)
    if (state?.receipted.has(seq) === true) return 'receipted'
    if (state?.acknowledged.has(seq) === true) return 'acknowledged'
    return state?.sent.has(seq) === true ? 'sent' : 'stored'
  }

  /** Whether a packet that the journal gives is to be sent now. */
  wants(packet: Outgoing, again: boolean, nowMs: number): boolean {
    const state = this.#state(packet)
    const { seq } = packet
    if (state.tooLarge?.seqs.has(seq) === true) return false
    if (state.inFlight.has(seq)) {
      // It may be a copy that was asked for, whose way says nothing about the first: look again.
      if (!again) passOver(state, packet)
      return false
    }
    if (!again && (state.acknowledged.has(seq) || state.receipted.has(seq))) return false
    const aside = state.aside.get(seq)
    if (waits(state.held, nowMs) || waits(aside ?? null, nowMs)) {
      if (!again) passOver(state, packet)
      return false
    }
    return true
  }

  sent(packet: Outgoing): void {
    const state = this.#state(packet)
    state.inFlight.add(packet.seq)
    if (!state.receipted.has(packet.seq)) state.sent.add(packet.seq)
  }

  /** `again`: a copy that the hospital asked for. It says nothing about the way of the first. */
  acknowledged(packet: Outgoing, again: boolean, nowMs: number): void {
    const state = this.#state(packet)
    const { id, seq } = packet
    state.inFlight.delete(seq)
    state.aside.delete(seq)
    state.held = null
    // The receipt may have overtaken the acknowledgement.
    if (again || state.receipted.has(seq)) return
    if (state.acknowledged.count === 0) state.acknowledgedFromId = id
    state.acknowledgedFromId = Math.min(state.acknowledgedFromId, id)
    state.acknowledged.add(seq)
    if (state.head === null || seq < state.head.seq) state.head = { seq, sinceMs: nowMs }
  }

  /** It did not arrive: the broker refused it, or the connection died. */
  returned(packet: Outgoing): void {
    this.#state(packet).inFlight.delete(packet.seq)
  }

  /** Not tried again before `newConnection`. */
  tooLarge(packet: Outgoing): void {
    const state = this.#state(packet)
    const { seqs, fromId } = state.tooLarge ?? { seqs: new RangeSet(), fromId: packet.id }
    seqs.add(packet.seq)
    state.tooLarge = { seqs, fromId: Math.min(fromId, packet.id) }
  }

  /** The broker may take by now what it did not before. */
  newConnection(): readonly Rewind[] {
    const rewinds: Rewind[] = []
    for (const state of this.#streams.values()) {
      if (state.tooLarge === null) continue
      rewinds.push({ classes: state.classes, id: state.tooLarge.fromId })
      state.tooLarge = null
    }
    return rewinds
  }

  /** The broker refuses this stream: others go on. Answers the length of the pause in ms. */
  hold(packet: Outgoing, nowMs: number): number {
    const state = this.#state(packet)
    passOver(state, packet)
    if (waits(state.held, nowMs)) return (state.held?.untilMs ?? nowMs) - nowMs
    state.held = pauseAfter(state.held, nowMs)
    return state.held.pauseMs
  }

  /** This one packet does not pass: others of its stream go on. Answers the pause in ms. */
  setAside(packet: Outgoing, nowMs: number): number {
    const state = this.#state(packet)
    const known = state.aside.get(packet.seq) ?? null
    if (known === null && state.aside.size >= asideMax) return this.hold(packet, nowMs)
    passOver(state, packet)
    const pause = pauseAfter(known, nowMs)
    state.aside.set(packet.seq, pause)
    return pause.pauseMs
  }

  /** Where to read again because a pause is over. */
  pausesOver(nowMs: number): readonly Rewind[] {
    const rewinds: Rewind[] = []
    for (const state of this.#streams.values()) {
      const waiting = [state.held, ...state.aside.values()].some((pause) => waits(pause, nowMs))
      if (state.passedOverId === null || waiting) continue
      rewinds.push({ classes: state.classes, id: state.passedOverId })
      state.passedOverId = null
    }
    return rewinds
  }

  /**
   * What the hospital has. Only numbers that were sent from here count. Answers how many of them
   * were new.
   */
  receipted(epoch: string, stream: string, ranges: readonly SeqRange[], nowMs: number): number {
    const state = this.#streams.get(`${epoch} ${stream}`)
    const highest = state?.sent.highest ?? null
    if (state === undefined || highest === null) return 0
    let fresh = 0
    for (const { from, to } of ranges) {
      if (from <= highest) fresh += state.receipted.add(from, Math.min(to, highest))
    }
    if (fresh === 0) return 0
    state.acknowledged = without(state.acknowledged, state.receipted)
    state.patienceMs = this.#times.firstMs
    const seq = state.acknowledged.ranges(1)[0]?.from ?? null
    if (seq === null) state.head = null
    else if (seq !== state.head?.seq) state.head = { seq, sinceMs: nowMs }
    return fresh
  }

  /**
   * Streams whose acknowledged packets wait too long for a receipt: those acknowledgements are
   * forgotten. `sinceMs`: since when receipts could be expected at all.
   */
  overdue(sinceMs: number, nowMs: number): readonly Rewind[] {
    const rewinds: Rewind[] = []
    for (const state of this.#streams.values()) {
      if (state.head === null) continue
      const waitedMs = nowMs - Math.max(state.head.sinceMs, sinceMs)
      if (waitedMs < state.patienceMs) continue
      state.patienceMs = Math.min(this.#times.mostMs, state.patienceMs * 2)
      rewinds.push(doubt(state))
    }
    return rewinds
  }

  /** The hospital started anew: what it had not yet receipted may be gone. */
  doubtAll(): readonly Rewind[] {
    return [...this.#streams.values()].filter((one) => one.head !== null).map(doubt)
  }

  /** How many packets wait for a receipt after the broker's acknowledgement. */
  get unreceiptedCount(): number {
    let count = 0
    for (const state of this.#streams.values()) count += state.acknowledged.count
    return count
  }

  /** Streams that the broker refuses. */
  heldCount(nowMs: number): number {
    return [...this.#streams.values()].filter((state) => waits(state.held, nowMs)).length
  }

  #state(packet: Outgoing): StreamState {
    const key = `${packet.epoch} ${packet.stream}`
    const known = this.#streams.get(key)
    if (known !== undefined) {
      known.classes.add(packet.class)
      return known
    }
    const state: StreamState = {
      classes: new Set([packet.class]),
      sent: new RangeSet(),
      acknowledged: new RangeSet(),
      receipted: new RangeSet(),
      inFlight: new Set(),
      acknowledgedFromId: packet.id,
      head: null,
      patienceMs: this.#times.firstMs,
      tooLarge: null,
      held: null,
      aside: new Map(),
      passedOverId: null,
    }
    this.#streams.set(key, state)
    return state
  }
}

function waits(pause: Pause | null, nowMs: number): boolean {
  return pause !== null && nowMs < pause.untilMs
}

function pauseAfter(last: Pause | null, nowMs: number): Pause {
  const pauseMs = last === null ? holdFirstMs : Math.min(holdMostMs, last.pauseMs * 2)
  return { untilMs: nowMs + pauseMs, pauseMs }
}

function passOver(state: StreamState, packet: Outgoing): void {
  state.passedOverId = Math.min(state.passedOverId ?? packet.id, packet.id)
}

function doubt(state: StreamState): Rewind {
  state.acknowledged = new RangeSet()
  state.head = null
  return { classes: state.classes, id: state.acknowledgedFromId }
}

function without(set: RangeSet, gone: RangeSet): RangeSet {
  return RangeSet.of(set.ranges().flatMap(({ from, to }) => gone.missing(from, to)))
}
