/** Makes the driver of a device that answers when it is asked. */
import { Framer, type Framed } from '../protocols/bytes/framer.ts'
import type { Scanner } from '../protocols/bytes/scan.ts'
import type { Driver, Heard, Session, Want } from './driver.ts'

/** A part of a talk that comes to a result. */
export type Talk<Result> = Generator<Want, Result, Heard | undefined>

/**
 * Sends a question and gives its answer; null when the device stayed silent, or said something
 * else, through all tries. With null for the question it sends nothing and gives the next packet of
 * the same answer. `isAnswer` tells the answer from what else the device may say.
 */
export type Ask<Packet> = (
  question: { readonly bytes: Uint8Array; readonly why: string } | null,
  isAnswer?: (packet: Packet) => boolean,
) => Talk<Packet | null>

export interface Asking<Packet> extends Omit<Driver, 'session'> {
  readonly scan: Scanner<Packet>
  readonly packetLimitBytes: number
  readonly answerWithinMs: number
  /** How often a question is asked, the first time included. */
  readonly tries: number
  /** After a try without an answer, so long a silence means that none is on its way any more. */
  readonly lateWithinMs: number
  /** From the end of one talk to the beginning of the next; null: there is only one talk. */
  readonly againAfterMs: number | null
  /** One dialogue, from its first question to the last thing it found. */
  readonly talk: (ask: Ask<Packet>) => Session
}

/** For a talk: leaves the device alone for so long, or until it says something unasked. */
export function* leaveAlone(ms: number): Session {
  const heard: Heard | undefined = yield { kind: 'listen', ms }
  if (heard?.kind !== 'bytes') return
  yield { kind: 'noise', reason: 'not asked for', bytes: heard.bytes }
}

/**
 * A device that never stops talking cannot be waited out: after so many pieces we ask all the same.
 */
const stalePiecesMax = 64

export function asking<Packet>(options: Asking<Packet>): Driver {
  const { talk, ...rest } = options
  return polling({ ...rest, remember: () => null, talk })
}

/** The same for a device that is asked again and again, and may say again what it said before. */
export interface Polling<Packet, Memory> extends Omit<Asking<Packet>, 'talk'> {
  /** What a session remembers from one talk to the next. Made anew for each session. */
  readonly remember: () => Memory
  readonly talk: (ask: Ask<Packet>, memory: Memory) => Session
}

export function polling<Packet, Memory>(options: Polling<Packet, Memory>): Driver {
  const {
    scan,
    packetLimitBytes,
    answerWithinMs,
    tries,
    lateWithinMs,
    againAfterMs,
    remember,
    talk,
    ...card
  } = options
  const rules = { scan, packetLimitBytes, answerWithinMs, tries, lateWithinMs, againAfterMs }
  return {
    ...card,
    session: () => {
      const memory = remember()
      return new Dialogue({ ...rules, talk: (ask) => talk(ask, memory) }).run()
    },
  }
}

type Rules<Packet> = Omit<Asking<Packet>, keyof Driver>

class Dialogue<Packet> {
  readonly #rules: Rules<Packet>
  #framer: Framer<Packet>
  #nowMs = 0
  /** Understood, and not taken as an answer yet. Never more than one piece of bytes can hold. */
  #unclaimed: { readonly packet: Packet; readonly atMs: number }[] = []

  constructor(rules: Rules<Packet>) {
    this.#rules = rules
    this.#framer = new Framer(rules.scan, rules.packetLimitBytes)
  }

  *run(): Session {
    const { againAfterMs, talk } = this.#rules
    for (;;) {
      yield* talk((question, isAnswer = () => true) => this.#ask(question, isAnswer))
      if (againAfterMs === null) return
      yield* this.#rest(againAfterMs)
    }
  }

  *#ask(
    question: { readonly bytes: Uint8Array; readonly why: string } | null,
    isAnswer: (packet: Packet) => boolean,
  ): Talk<Packet | null> {
    if (question === null) return yield* this.#answer(isAnswer)
    for (let asked = 0; asked < this.#rules.tries; asked++) {
      yield* this.#discard(asked === 0 ? 0 : this.#rules.lateWithinMs)
      yield { kind: 'send', bytes: question.bytes, why: question.why }
      const answer = yield* this.#answer(isAnswer)
      if (answer !== null) return answer
    }
    return null
  }

  *#answer(isAnswer: (packet: Packet) => boolean): Talk<Packet | null> {
    const untilMs = this.#nowMs + this.#rules.answerWithinMs
    for (;;) {
      for (let next = this.#unclaimed.shift(); next !== undefined; next = this.#unclaimed.shift()) {
        if (!isAnswer(next.packet)) continue
        yield { kind: 'packet', atMs: next.atMs }
        return next.packet
      }
      if (this.#nowMs >= untilMs) return null
      const heard: Heard | undefined = yield { kind: 'listen', ms: untilMs - this.#nowMs }
      if (heard === undefined) return null
      this.#nowMs = heard.atMs
      const isTimeUp = heard.kind === 'silence' || heard.atMs >= untilMs
      if (heard.kind === 'bytes') yield* this.#take(this.#framer.feed(heard.bytes, heard.atMs))
      if (isTimeUp) yield* this.#take(this.#framer.pause())
    }
  }

  *#take(framed: Iterable<Framed<Packet>>): Generator<Want, void, Heard | undefined> {
    for (const one of framed) {
      if (one.kind === 'noise') yield one
      else this.#unclaimed.push(one)
    }
  }

  /**
   * What came before the question, or too late for the one before, must not be taken for its
   * answer: it is thrown away until the line is silent for `quietMs`.
   */
  *#discard(quietMs: number): Session {
    this.#unclaimed = []
    this.#framer = new Framer(this.#rules.scan, this.#rules.packetLimitBytes)
    for (let pieces = 0; pieces < stalePiecesMax; pieces++) {
      const heard: Heard | undefined = yield { kind: 'listen', ms: quietMs }
      if (heard === undefined) return
      this.#nowMs = heard.atMs
      if (heard.kind !== 'bytes') return
      yield { kind: 'noise', reason: 'not asked for', bytes: heard.bytes }
    }
  }

  *#rest(ms: number): Session {
    const untilMs = this.#nowMs + ms
    while (this.#nowMs < untilMs) {
      const heard: Heard | undefined = yield { kind: 'listen', ms: untilMs - this.#nowMs }
      if (heard === undefined) return
      this.#nowMs = heard.atMs
      if (heard.kind === 'bytes') {
        yield { kind: 'noise', reason: 'not asked for', bytes: heard.bytes }
      }
    }
  }
}
