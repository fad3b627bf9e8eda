/**
 * Asks the landing what time it is, for a box that knows no better. On the way messages may wait
 * for long and come twice, so an answer counts only for the one question that is out, which it
 * names by a nonce, on the connection on which that was asked, and while it is fresh. Then the
 * landing read its clock between question and answer, and the round trip bounds how wrong it is.
 */
import { sameBytes } from '../../protocols/packet/hex.ts'
import {
  encodeTimeRequest,
  timeNonceBytes,
  type TimeAnswer,
} from '../../protocols/packet/messages.ts'
import { noMatchingSubscribers, notAuthorised } from '../../protocols/world/broker.ts'
import { elapsedMs, type Clock, type MonotonicMs } from '../../protocols/world/clock.ts'
import type { Random } from '../../protocols/world/random.ts'
import { uplinkTrouble } from '../errors/uplink.ts'
import type { Troubles } from './troubles.ts'

/** What the landing said, and between which moments of ours it read its clock. */
export interface HeardTime {
  readonly answer: { readonly utcMs: number; readonly uncertaintyMs: number }
  readonly asked: { readonly atMs: MonotonicMs; readonly answeredAtMs: MonotonicMs }
}

export interface TimeQuestionsParts {
  readonly clock: Clock
  readonly random: Random
  readonly troubles: Troubles
  readonly van: string
  /** Publishes a question. `answered` is called as by `BrokerConnection.publish`. */
  readonly say: (
    question: Uint8Array,
    answered: (refused: string | null, code?: number) => void,
  ) => void
  /** Whether the box knows any UTC. */
  readonly isKnown: () => boolean
  readonly heard: (time: HeardTime) => void
}

interface Question {
  readonly nonce: Uint8Array
  readonly askedMs: MonotonicMs
  /** The broker has it. */
  isTaken: boolean
}

const askEveryMs = 600_000
const askEveryUnknownMs = 30_000
/** What took longer says too little. */
const answerWithinMs = 5_000
/**
 * A broker of 3.1.1 that does not allow the question hangs up. When so many connections in a row
 * end with one unanswered, the next may wait: data is more than time.
 */
const cutOffMax = 3

export class TimeQuestions {
  readonly #parts: TimeQuestionsParts
  #isOpen = false
  #out: Question | null = null
  /** A landing came that may not have heard the question that is out. */
  #again = false
  #cutOff = 0
  #notBeforeMs = 0
  #heard = 0
  #ignored = 0
  #cancelNext = () => {}
  #cancelPatience = () => {}

  constructor(parts: TimeQuestionsParts) {
    this.#parts = parts
  }

  /** `ignored`: answers that were late, or to no question of ours. */
  get counts(): { readonly heard: number; readonly ignored: number } {
    return { heard: this.#heard, ignored: this.#ignored }
  }

  /** There is a connection on which an answer can be heard. */
  open(): void {
    if (this.#isOpen) return
    this.#isOpen = true
    this.#askSoon()
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    if (this.#out?.isTaken === false && ++this.#cutOff >= cutOffMax) {
      this.#notBeforeMs = this.#parts.clock.monotonicMs() + askEveryMs
    }
    this.#cancelNext()
    this.#settle()
  }

  landingCame(): void {
    if (!this.#isOpen || this.#parts.isKnown()) return
    if (this.#out === null) this.#askSoon()
    else this.#again = true
  }

  hear({ nonce, utcMs, uncertaintyMs }: TimeAnswer): void {
    const { clock, heard } = this.#parts
    const question = this.#out
    const nowMs = clock.monotonicMs()
    const isOurs = question !== null && sameBytes(question.nonce, nonce)
    if (!isOurs || elapsedMs(question.askedMs, nowMs) > answerWithinMs) {
      this.#ignored++
      return
    }
    this.#settle()
    this.#heard++
    heard({
      answer: { utcMs, uncertaintyMs },
      asked: { atMs: question.askedMs, answeredAtMs: nowMs },
    })
    this.#askIn(this.#pauseMs())
  }

  #pauseMs(): number {
    return this.#parts.isKnown() ? askEveryMs : askEveryUnknownMs
  }

  #askIn(ms: number): void {
    this.#cancelNext()
    this.#cancelNext = this.#parts.clock.after('uplink time', ms, () => this.#ask())
  }

  #askSoon(): void {
    this.#askIn(Math.max(0, this.#notBeforeMs - this.#parts.clock.monotonicMs()))
  }

  #ask(): void {
    const { clock, random, van, say } = this.#parts
    this.#settle()
    const nonce = random.bytes(timeNonceBytes)
    const question: Question = { nonce, askedMs: clock.monotonicMs(), isTaken: false }
    this.#out = question
    this.#askIn(this.#pauseMs())
    this.#cancelPatience = clock.after('uplink time answer', answerWithinMs, () => this.#giveUp())
    say(encodeTimeRequest({ van, nonce }), (refused, code) => this.#taken(question, refused, code))
  }

  /** The broker has answered, which is not the landing's answer. */
  #taken(question: Question, refused: string | null, code: number | undefined): void {
    const { isKnown, troubles } = this.#parts
    question.isTaken = true
    this.#cutOff = 0
    if (code === notAuthorised && !isKnown()) {
      troubles.note(uplinkTrouble('uplink-no-time', { why: refused ?? '' }))
    } else troubles.clear('uplink-no-time')
    const isHeard = refused === null && code !== noMatchingSubscribers
    if (!isHeard && this.#out === question) this.#giveUp()
  }

  #giveUp(): void {
    const isWorthIt = this.#again
    this.#settle()
    if (isWorthIt) this.#askSoon()
  }

  /** No question is out. */
  #settle(): void {
    this.#cancelPatience()
    this.#out = null
    this.#again = false
  }
}
