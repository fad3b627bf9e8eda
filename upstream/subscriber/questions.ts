/** Asks the landing, and knows which answer belongs to which question. */
import {
  decodeDirectoryAnswer,
  decodeReplayAnswer,
  encodeDirectoryRequest,
  encodeReplayRequest,
  type DirectoryAnswer,
  type DirectoryRequest,
  type ReplayAnswer,
  type SeqRange,
  type StreamPlace,
} from '../../protocols/packet/messages.ts'
import { decodePacket } from '../../protocols/packet/packet.ts'
import {
  directoryRequestTopic,
  directoryTopic,
  replayRequestTopic,
  replayTopic,
} from '../../protocols/packet/topics.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import type { Link } from '../link.ts'
import { keyOf } from './read-packet.ts'

/** The landing lets one client have 16 questions open; we need fewer. */
const openMost = 4
const answerWithinMs = 6_000

interface Question {
  /** What answers are told apart by. No two with the same key are open at a time. */
  readonly key: string
  readonly topic: string
  readonly payload: Uint8Array
  /** Range of a replay; null for a directory. */
  readonly range: SeqRange | null
  readonly resolve: (answer: ReplayAnswer | DirectoryAnswer | null) => void
}

export class Questions {
  readonly #clock: Clock
  readonly #link: () => Link
  readonly #clientId: string
  readonly #open = new Map<string, { readonly question: Question; readonly cancel: () => void }>()
  #waiting: Question[] = []
  /** Replays whose time ran out, and whose answers may still come: how many of each stream. */
  readonly #late = new Map<string, number>()

  constructor(clock: Clock, link: () => Link, clientId: string) {
    this.#clock = clock
    this.#link = link
    this.#clientId = clientId
  }

  get topics(): readonly string[] {
    return [replayTopic(this.#clientId), directoryTopic(this.#clientId)]
  }

  /** null when no answer came in time. */
  replay(place: StreamPlace, range: SeqRange): Promise<ReplayAnswer | null> {
    const { van, epoch, stream } = place
    const { from, to } = range
    const request = { van, epoch, stream, from, to, replyTo: this.#clientId }
    return new Promise((resolve) => {
      this.#ask({
        key: keyOf(place),
        topic: replayRequestTopic,
        payload: encodeReplayRequest(request),
        range,
        resolve: (answer) => resolve(answer !== null && 'packets' in answer ? answer : null),
      })
    })
  }

  /** null when no answer came in time. */
  directory(request: Omit<DirectoryRequest, 'replyTo'>): Promise<DirectoryAnswer | null> {
    return new Promise((resolve) => {
      this.#ask({
        key: directoryKey(request),
        topic: directoryRequestTopic,
        payload: encodeDirectoryRequest({ ...request, replyTo: this.#clientId }),
        range: null,
        resolve: (answer) => resolve(answer !== null && 'streams' in answer ? answer : null),
      })
    })
  }

  #ask(question: Question): void {
    this.#waiting.push(question)
    this.#sendMore()
  }

  #sendMore(): void {
    for (const question of this.#waiting) {
      if (this.#open.size >= openMost) return
      if (this.#open.has(question.key)) continue
      this.#waiting = this.#waiting.filter((other) => other !== question)
      this.#send(question)
    }
  }

  #send(question: Question): void {
    // Without a connection it waits like a question that nobody answers.
    this.#link().publish(question.topic, question.payload)
    const cancel = this.#clock.after('answer of the landing', answerWithinMs, () => {
      this.#mayComeLate(question)
      this.#close(question, null)
    })
    this.#open.set(question.key, { question, cancel })
  }

  #close(question: Question, answer: ReplayAnswer | DirectoryAnswer | null): void {
    this.#open.get(question.key)?.cancel()
    this.#open.delete(question.key)
    question.resolve(answer)
    this.#sendMore()
  }

  /** Whether the message was an answer. */
  heard(topic: string, payload: Uint8Array): boolean {
    const [replays, directories] = this.topics
    if (topic === replays) {
      const answer = decodeReplayAnswer(payload)
      if (answer.ok) this.#answered(keyOf(answer.value), answer.value)
    } else if (topic === directories) {
      const answer = decodeDirectoryAnswer(payload)
      if (answer.ok) this.#answered(directoryKey(answer.value), answer.value)
    } else return false
    return true
  }

  #answered(key: string, answer: ReplayAnswer | DirectoryAnswer): void {
    const question = this.#open.get(key)?.question
    if (question === undefined) return
    if (question.range === null || !('packets' in answer)) return this.#close(question, answer)
    const first = firstOf(answer)
    if (first === null) return this.#answeredWithNothing(question, answer)
    // The answer to an earlier question, whose time had run out, says nothing about this one.
    if (first < question.range.from || first > question.range.to) return
    this.#late.delete(key)
    this.#close(question, answer)
  }

  /** "Nothing" may belong to an earlier question: then this one counts as not answered. */
  #answeredWithNothing(question: Question, answer: ReplayAnswer): void {
    const late = this.#late.get(question.key) ?? 0
    if (late > 1) this.#late.set(question.key, late - 1)
    else this.#late.delete(question.key)
    this.#close(question, late === 0 ? answer : null)
  }

  /** The landing has come back: what it was asked before is asked again. */
  sendAgain(): void {
    for (const { question } of this.#open.values()) {
      this.#mayComeLate(question)
      this.#link().publish(question.topic, question.payload)
    }
  }

  #mayComeLate({ key, range }: Question): void {
    if (range !== null) this.#late.set(key, (this.#late.get(key) ?? 0) + 1)
  }

  /** What was under way will not be answered; whoever waits is told when the time is up. */
  disconnected(): void {
    this.#late.clear()
  }

  stop(): void {
    for (const { question, cancel } of this.#open.values()) {
      cancel()
      question.resolve(null)
    }
    for (const question of this.#waiting) question.resolve(null)
    this.#open.clear()
    this.#waiting = []
  }
}

function directoryKey({ van, object }: Pick<DirectoryRequest, 'van' | 'object'>): string {
  return `directory ${van ?? '*'} ${object ?? '*'}`
}

function firstOf({ packets: [first], lost: [lost] }: ReplayAnswer): number | null {
  const packet = first === undefined ? null : decodePacket(first)
  const seqs = [packet?.ok === true ? packet.value.header.seq : Infinity, lost?.from ?? Infinity]
  const lowest = Math.min(...seqs)
  return Number.isFinite(lowest) ? lowest : null
}
