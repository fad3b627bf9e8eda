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

export function hl7Host(options: Hl7Host): Driver {
  const { begin, ...card } = options
  return { ...card, session: () => new Host(begin()).run() }
}

class Host {
  readonly #read: ReturnType<Hl7Host['begin']>
  readonly #framer = new Framer(scanMllp, mllpLimitBytes)
  #nowMs = 0
  #lastByteMs = 0
  #said: readonly string[] = []
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
    const key = keyOf(message)
    if (this.#said.includes(key)) {
      yield { kind: 'event', code: 'said-twice', level: 'info', active: null }
    } else {
      const read = this.#read(message, isSound)
      if (!read.ok) {
        const { type, trigger } = headOf(message)
        const detail = { type: /^\w{3}$/.test(type) ? `${type} ${trigger.slice(0, 8)}` : 'unknown' }
        yield {
          kind: 'event',
          code: 'message-not-understood',
          level: 'warning',
          active: null,
          detail,
        }
        return 'wrong'
      }
      yield* sayAll(read.said)
      this.#said = [...this.#said, key].slice(-messagesRemembered)
    }
    const committed: Heard | undefined = yield { kind: 'commit' }
    return committed?.kind === 'committed' && committed.isStored ? 'taken' : 'kept-out'
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

/**
 * The same number from the same sender, and the same content: some count from 1 again, and some
 * write a new time when they repeat.
 */
function keyOf({ segments: [header, ...others] }: Hl7Message): string {
  const head = [3, 4, 9, 10].map((number) => header.fields[number] ?? '')
  return [...head, ...others.map(({ fields }) => fields.join('|'))].join('\r')
}

function* sayAll(said: Iterable<Said>): Session {
  for (const one of said) yield one
}
