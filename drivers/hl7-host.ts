/**
 * Makes the driver of a device that sends HL7 version 2 over MLLP. What a message says is stored
 * before the device hears that it arrived; what cannot be stored, or is not understood, it hears
 * too, so that it keeps it.
 */
import { Framer, type Framed } from '../protocols/bytes/framer.ts'
import { bytesOfMessage, textOfMessage } from '../protocols/hl7/charset.ts'
import { encodeEr7, parseEr7, type Hl7Message } from '../protocols/hl7/er7.ts'
import { ackCodes, ackMessage, headOf, type AckOutcome } from '../protocols/hl7/header.ts'
import { encodeMllp, mllpLimitBytes, scanMllp, type MllpBlock } from '../protocols/hl7/mllp.ts'
import type { Driver, Heard, Said, Session, Want } from './driver.ts'
import { Recent } from './recent.ts'
import type { Received } from './receiving.ts'

export interface Hl7Host extends Omit<Driver, 'session'> {
  /** Made anew for each session. `isSound` is false when some characters may be wrong. */
  readonly begin: () => (message: Hl7Message, isSound: boolean) => Received
}

/** A message that takes longer is not going to end. */
const messageMs = 30_000
const idleMs = 60_000
/** A device repeats what it got no answer to before it goes on. */
const messagesRemembered = 32
/** Kinds of message that are not understood. */
const refusedMax = 32

export function hl7Host(options: Hl7Host): Driver {
  const { begin, ...card } = options
  return { ...card, session: () => new Host(begin()).run() }
}

class Host {
  readonly #read: ReturnType<Hl7Host['begin']>
  readonly #framer = new Framer(scanMllp, mllpLimitBytes)
  #nowMs = 0
  #lastByteMs = 0
  readonly #said = new Recent(messagesRemembered)
  /** What was told of and may go on: once is enough. */
  #isRepeating = false
  readonly #refused = new Set<string>()
  #answers = 0

  constructor(read: ReturnType<Hl7Host['begin']>) {
    this.#read = read
  }

  *run(): Session {
    for (;;) {
      const limitMs = this.#framer.isWaiting ? messageMs : idleMs
      const leftMs = this.#lastByteMs + limitMs - this.#nowMs
      const heard: Heard | undefined = yield { kind: 'listen', ms: leftMs > 0 ? leftMs : idleMs }
      if (heard === undefined) continue
      this.#nowMs = heard.atMs
      if (heard.kind === 'bytes') {
        this.#lastByteMs = heard.atMs
        yield* this.#take(this.#framer.feed(heard.bytes, heard.atMs))
      } else if (this.#nowMs - this.#lastByteMs >= messageMs) {
        yield* this.#take(this.#framer.pause())
      }
    }
  }

  *#take(framed: Iterable<Framed<MllpBlock>>): Generator<Want, void, Heard | undefined> {
    for (const one of framed) {
      if (one.kind === 'noise') {
        yield one
        continue
      }
      const { text, isSound } = textOfMessage(one.packet.message)
      const parsed = parseEr7(text)
      if (!parsed.ok) {
        // Without a header there is nothing to answer to.
        yield { kind: 'noise', reason: parsed.reason, bytes: one.packet.message }
        continue
      }
      yield { kind: 'packet', atMs: one.atMs }
      const outcome = yield* this.#store(parsed.value, isSound)
      yield* this.#answer(parsed.value, outcome)
    }
  }

  *#store(message: Hl7Message, isSound: boolean): Generator<Want, AckOutcome, Heard | undefined> {
    const key = encodeEr7(message)
    const isAgain = this.#said.has(key)
    if (isAgain && !this.#isRepeating) {
      yield { kind: 'event', code: 'said-twice', level: 'info', active: null }
    }
    this.#isRepeating = isAgain
    if (!isAgain) {
      const read = this.#read(message, isSound)
      if (!read.ok) {
        yield* this.#refuse(message)
        return 'wrong'
      }
      yield* sayAll(read.said)
      this.#said.add(key)
    }
    const committed: Heard | undefined = yield { kind: 'commit' }
    return committed?.kind === 'committed' && committed.isStored ? 'taken' : 'kept-out'
  }

  *#refuse(message: Hl7Message): Session {
    const { type, trigger } = headOf(message)
    const name = /^\w{3} \w{3}$/.test(`${type} ${trigger}`) ? `${type} ${trigger}` : 'unknown'
    if (this.#refused.has(name) || this.#refused.size >= refusedMax) return
    this.#refused.add(name)
    const detail = { type: name }
    yield { kind: 'event', code: 'message-not-understood', level: 'warning', active: null, detail }
  }

  *#answer(message: Hl7Message, outcome: AckOutcome): Session {
    for (const code of ackCodes(headOf(message), outcome)) {
      this.#answers++
      const answer = ackMessage(message, code, String(this.#answers))
      const bytes = encodeMllp({ message: bytesOfMessage(encodeEr7(answer), 'UNICODE UTF-8') })
      yield { kind: 'send', bytes, why: outcome === 'taken' ? 'it is stored' : 'it is not stored' }
    }
  }
}

function* sayAll(said: Iterable<Said>): Session {
  for (const one of said) yield one
}
