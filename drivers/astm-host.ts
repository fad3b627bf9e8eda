/**
 * Makes the driver of a laboratory instrument that speaks ASTM: the receiving side of a
 * transmission as a session. What a message says is stored before the instrument hears that it
 * arrived.
 */
import { noBytes } from '../protocols/bytes/bytes.ts'
import { Framer, type Framed } from '../protocols/bytes/framer.ts'
import {
  astmFrameLimitBytes,
  encodeAstm,
  scanAstm,
  type AstmPacket,
} from '../protocols/astm/frame.ts'
import {
  astmIdle,
  receiveAstm,
  silentAstm,
  told,
  transferSilenceMs,
  type AstmStep,
} from '../protocols/astm/receiver.ts'
import type { Driver, Heard, Said, Session, Want } from './driver.ts'
import { Recent } from './recent.ts'
import type { Received } from './receiving.ts'

export interface AstmHost extends Omit<Driver, 'session'> {
  /** Whether the sender of this header is meant; another one is refused with its first frame. */
  readonly isOurs: (header: string) => boolean
  /** Made anew for each session. What is not understood is not acknowledged. */
  readonly begin: () => (message: string) => Received
}

/** The sender waits 15 s for an answer; within a frame it never pauses so long. */
const halfFrameMs = 5_000
const idleMs = 60_000
/**
 * The sender waits 15 s. An answer that comes later could be taken for that to its next ENQ, and
 * would acknowledge what has not arrived.
 */
const answerWithinMs = 12_000
/** An instrument that repeats a message does it at once, or with the batch of the day. */
const messagesRemembered = 8

export function astmHost(options: AstmHost): Driver {
  const { begin, isOurs, ...card } = options
  return { ...card, session: () => new Host(begin(), isOurs).run() }
}

class Host {
  readonly #read: (message: string) => Received
  readonly #isOurs: AstmHost['isOurs']
  readonly #framer = new Framer(scanAstm, astmFrameLimitBytes)
  #state = astmIdle
  #nowMs = 0
  #lastByteMs = 0
  readonly #said = new Recent(messagesRemembered)
  /** What was not understood: it comes again, but is told once. */
  #refused = ''
  /** The newest was said and is not on the disk yet. */
  #isUnstored = false

  constructor(read: (message: string) => Received, isOurs: AstmHost['isOurs']) {
    this.#read = read
    this.#isOurs = isOurs
  }

  *run(): Session {
    for (;;) {
      const heard: Heard | undefined = yield { kind: 'listen', ms: this.#waitMs() }
      if (heard === undefined) continue
      this.#nowMs = heard.atMs
      if (heard.kind === 'bytes') {
        this.#lastByteMs = heard.atMs
        yield* this.#take(this.#framer.feed(heard.bytes, heard.atMs))
      } else yield* this.#silence()
    }
  }

  #waitMs(): number {
    const limitMs = this.#framer.isWaiting
      ? halfFrameMs
      : this.#state.phase === 'transfer'
        ? transferSilenceMs
        : idleMs
    const leftMs = this.#lastByteMs + limitMs - this.#nowMs
    return leftMs > 0 ? leftMs : idleMs
  }

  *#silence(): Session {
    const quietMs = this.#nowMs - this.#lastByteMs
    if (this.#framer.isWaiting && quietMs >= halfFrameMs) {
      yield* this.#take(this.#framer.pause())
      // It will not go on by itself, and sends the frame again when it hears so.
      const half = { kind: 'broken', reason: 'half a frame', bytes: noBytes } as const
      yield* this.#follow(receiveAstm(this.#state, half))
    }
    if (this.#state.phase === 'transfer' && quietMs >= transferSilenceMs) {
      yield* this.#follow(silentAstm(this.#state))
    }
  }

  *#take(framed: Iterable<Framed<AstmPacket>>): Generator<Want, void, Heard | undefined> {
    for (const one of framed) {
      if (one.kind === 'noise') {
        yield one
        continue
      }
      const packet = this.#checked(one.packet)
      if (packet.kind === 'broken') yield { ...packet, kind: 'noise' }
      // A single character is too little to show that we understand.
      if (packet.kind === 'frame') yield { kind: 'packet', atMs: one.atMs }
      yield* this.#follow(receiveAstm(this.#state, packet))
    }
  }

  /** The frame that completes the header of somebody else counts as broken. */
  #checked(packet: AstmPacket): AstmPacket {
    if (packet.kind !== 'frame' || this.#state.text.includes('\r')) return packet
    const [header = '', more] = (this.#state.text + packet.text).split('\r', 2)
    // A last frame that comes twice is no header.
    if (more === undefined || !header.startsWith('H') || this.#isOurs(header)) return packet
    return { kind: 'broken', reason: 'another kind of instrument', bytes: encodeAstm(packet) }
  }

  *#follow(step: AstmStep): Session {
    this.#state = step.state
    if (step.isAbandoned) yield event('message-incomplete')
    const beganMs = this.#nowMs
    const isStored = step.message === null || (yield* this.#store(step.message))
    const isLate = this.#nowMs - beganMs > answerWithinMs
    if (step.answer === 'when-stored') this.#state = told(this.#state, isStored && !isLate)
    if (step.answer === 'none' || isLate) return
    const isAccepted = step.answer === 'accept' || (step.answer === 'when-stored' && isStored)
    const kind = isAccepted ? 'accepted' : 'refused'
    const why = isAccepted ? 'it arrived' : 'it did not arrive'
    yield { kind: 'send', bytes: encodeAstm({ kind }), why }
  }

  /** Says what the message says, once, and answers whether it is on the disk. */
  *#store(message: string): Generator<Want, boolean, Heard | undefined> {
    const isAgain = this.#said.has(message)
    if (!isAgain) {
      const read = this.#read(message)
      if (!read.ok) {
        if (message !== this.#refused) yield event('message-not-understood')
        this.#refused = message
        return false
      }
      yield* sayAll(read.said)
      this.#said.add(message)
    } else if (!this.#isUnstored) {
      yield { kind: 'event', code: 'said-twice', level: 'info', active: null }
    }
    const committed: Heard | undefined = yield { kind: 'commit' }
    if (committed?.kind !== 'committed') return false
    this.#nowMs = committed.atMs
    this.#isUnstored = !committed.isStored
    return committed.isStored
  }
}

function* sayAll(said: Iterable<Said>): Session {
  for (const one of said) yield one
}

function event(code: string): Said {
  return { kind: 'event', code, level: 'warning', active: null }
}
