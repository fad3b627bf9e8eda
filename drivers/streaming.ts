/** Makes the driver of a device that talks by itself, perhaps after it was told to. */
import { Framer, type Framed } from '../protocols/bytes/framer.ts'
import type { Scanner } from '../protocols/bytes/scan.ts'
import type { Driver, Heard, Said, Session, Want } from './driver.ts'

/** Understands the packets of one session. Made anew for each, so it may remember. */
export interface Reader<Packet> {
  packet(packet: Packet, atMs: number): Iterable<Said>
  /**
   * Called once when the device has paused for `pausedAfterMs`. What it tells is stamped with
   * `atMs` of each, the time of the packet that it is about.
   */
  pause?(): Iterable<{ readonly said: Said; readonly atMs: number }>
}

/** What is sent so that the device talks. Only what changes nothing at the patient belongs here. */
export interface Opening {
  readonly commands: readonly { readonly bytes: Uint8Array; readonly why: string }[]
  /** Between two commands. */
  readonly spacingMs: number
  /** After so long without a packet everything is sent again. */
  readonly againAfterMs: number
  /** What the device must hear so often, or it stops. */
  readonly keepAlive?: {
    readonly bytes: Uint8Array
    readonly why: string
    readonly everyMs: number
  }
}

export interface Streaming<Packet> extends Omit<Driver, 'session'> {
  readonly scan: Scanner<Packet>
  readonly packetLimitBytes: number
  /** True for a packet that noise may well contain: it does not show that we understand. */
  readonly isFilling?: (packet: Packet) => boolean
  /** After so long without a byte, what is half received is noise and the reader is told. */
  readonly pausedAfterMs: number
  /** null: nothing is ever sent to the device. */
  readonly opening: Opening | null
  readonly read: () => Reader<Packet>
}

/** How long a session listens when it waits for nothing in particular. */
const idleMs = 60_000

export function streaming<Packet>(options: Streaming<Packet>): Driver {
  const { scan, packetLimitBytes, isFilling, pausedAfterMs, opening, read, ...card } = options
  const rules = {
    scan,
    packetLimitBytes,
    isFilling: isFilling ?? (() => false),
    pausedAfterMs,
    opening,
    read,
  }
  return { ...card, session: () => new Stream(rules).run() }
}

type Rules<Packet> = Required<Omit<Streaming<Packet>, keyof Driver>>

class Stream<Packet> {
  readonly #rules: Rules<Packet>
  readonly #framer: Framer<Packet>
  readonly #reader: Reader<Packet>
  #nowMs = 0
  #lastByteMs = 0
  /** When the last packet came, or when we last asked for one. */
  #lastPacketMs = 0
  #lastKeptAliveMs = 0
  #hasPaused = true

  constructor(rules: Rules<Packet>) {
    this.#rules = rules
    this.#framer = new Framer(rules.scan, rules.packetLimitBytes)
    this.#reader = rules.read()
  }

  *run(): Session {
    const { opening } = this.#rules
    if (opening !== null) yield* this.#open(opening)
    for (;;) {
      yield* this.#hear(this.#waitMs())
      if (opening !== null && this.#nowMs - this.#lastPacketMs >= opening.againAfterMs) {
        yield* this.#open(opening)
      }
      if (opening?.keepAlive !== undefined) yield* this.#keepAlive(opening.keepAlive)
    }
  }

  *#open(opening: Opening): Session {
    for (const { bytes, why } of opening.commands) {
      yield { kind: 'send', bytes, why }
      const untilMs = this.#nowMs + opening.spacingMs
      while (this.#nowMs < untilMs) yield* this.#hear(untilMs - this.#nowMs)
    }
    this.#lastPacketMs = this.#nowMs
    this.#lastKeptAliveMs = this.#nowMs
  }

  *#keepAlive({ bytes, why, everyMs }: NonNullable<Opening['keepAlive']>): Session {
    if (this.#nowMs - this.#lastKeptAliveMs < everyMs) return
    this.#lastKeptAliveMs = this.#nowMs
    yield { kind: 'send', bytes, why }
  }

  /** Until the next thing that has to be noticed without the device's help. */
  #waitMs(): number {
    const { opening, pausedAfterMs } = this.#rules
    const pauseMs = this.#hasPaused ? idleMs : this.#lastByteMs + pausedAfterMs - this.#nowMs
    if (opening === null) return Math.max(0, pauseMs)
    const openMs = this.#lastPacketMs + opening.againAfterMs - this.#nowMs
    const keptMs = opening.keepAlive?.everyMs ?? Infinity
    const keepMs = this.#lastKeptAliveMs + keptMs - this.#nowMs
    return Math.max(0, Math.min(pauseMs, openMs, keepMs))
  }

  *#hear(ms: number): Session {
    const heard: Heard | undefined = yield { kind: 'listen', ms }
    if (heard === undefined) return
    this.#nowMs = heard.atMs
    if (heard.kind === 'bytes') {
      this.#lastByteMs = heard.atMs
      this.#hasPaused = false
      yield* this.#tell(this.#framer.feed(heard.bytes, heard.atMs))
    } else if (!this.#hasPaused && this.#nowMs - this.#lastByteMs >= this.#rules.pausedAfterMs) {
      this.#hasPaused = true
      yield* this.#tell(this.#framer.pause())
      for (const { said, atMs } of this.#reader.pause?.() ?? []) {
        yield { kind: 'packet', atMs }
        yield said
      }
    }
  }

  *#tell(framed: Iterable<Framed<Packet>>): Generator<Want, void, Heard | undefined> {
    for (const one of framed) {
      if (one.kind === 'noise') {
        yield one
        continue
      }
      if (this.#rules.isFilling(one.packet)) continue
      this.#lastPacketMs = this.#nowMs
      yield { kind: 'packet', atMs: one.atMs }
      for (const said of this.#reader.packet(one.packet, one.atMs)) yield said
    }
  }
}
