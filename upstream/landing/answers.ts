/** Answers subscribers: what they missed, which streams there are, where an object lies. */
import {
  decodeDirectoryRequest,
  decodeReplayRequest,
  encodeDirectoryAnswer,
  encodeReplayAnswer,
  replayLostMax,
  replayPacketsMax,
  type DirectoryRequest,
  type ReplayRequest,
} from '../../protocols/packet/messages.ts'
import {
  directoryRequestTopic,
  directoryTopic,
  replayRequestTopic,
  replayTopic,
} from '../../protocols/packet/topics.ts'
import type { Link } from '../link.ts'
import { directoryOf } from './directory.ts'
import type { LandingStore } from './store.ts'

const waitingMost = 512
/** One client cannot make the others wait for long. */
const waitingOfOneMost = 16
/** A large answer would stand in the way of receipts. */
const answerBytesMost = 384 * 1024
/** What an answer holds beside its packets, generously. */
const answerRoomBytes = 16 * 1024

type Question =
  | ({ readonly about: 'replay' } & ReplayRequest)
  | ({ readonly about: 'directory' } & DirectoryRequest)

export const questionTopics: readonly string[] = [replayRequestTopic, directoryRequestTopic]

export class Answers {
  readonly #store: LandingStore
  readonly #link: () => Link
  readonly #waiting: Question[] = []
  #served = 0
  #refused = 0

  constructor(store: LandingStore, link: () => Link) {
    this.#store = store
    this.#link = link
  }

  get counts(): { readonly served: number; readonly refused: number } {
    return { served: this.#served, refused: this.#refused }
  }

  get waiting(): boolean {
    return this.#waiting.length > 0
  }

  /** A question that has no place is dropped: the subscriber asks again. */
  ask(topic: string, payload: Uint8Array): void {
    const question = decodeQuestion(topic, payload)
    const waiting = this.#waiting
    const ofOne = waiting.filter(({ replyTo }) => replyTo === question?.replyTo).length
    if (question === null || waiting.length >= waitingMost || ofOne >= waitingOfOneMost)
      this.#refused += 1
    else waiting.push(question)
  }

  disconnected(): void {
    this.#waiting.length = 0
  }

  /** Answers the oldest question. False when the connection takes no more now. */
  serveOne(): boolean {
    const [question] = this.#waiting
    if (question === undefined) return true
    const link = this.#link()
    const { topic, payload } =
      question.about === 'replay' ? this.#replay(question) : this.#directory(question)
    const fits = payload.length <= link.payloadLimitBytes
    if (fits && !link.publish(topic, payload)) return false
    this.#waiting.shift()
    if (fits) this.#served += 1
    else this.#refused += 1
    return true
  }

  #replay({ van, epoch, stream, from, to, replyTo }: ReplayRequest) {
    const limits = {
      count: replayPacketsMax,
      bytes: Math.min(answerBytesMost, this.#link().payloadLimitBytes) - answerRoomBytes,
      lost: replayLostMax,
    }
    const state = this.#store.streams.find(van, epoch, stream)
    const replay =
      state === undefined
        ? { packets: [], lost: [], more: false }
        : this.#store.reader.replay(state, { from, to }, limits)
    const payload = encodeReplayAnswer({ van, epoch, stream, ...replay })
    return { topic: replayTopic(replyTo), payload }
  }

  #directory(request: DirectoryRequest) {
    const answer = directoryOf(this.#store.streams, this.#store.reader, request)
    return { topic: directoryTopic(request.replyTo), payload: encodeDirectoryAnswer(answer) }
  }
}

function decodeQuestion(topic: string, payload: Uint8Array): Question | null {
  if (topic === replayRequestTopic) {
    const request = decodeReplayRequest(payload)
    return request.ok ? { about: 'replay', ...request.value } : null
  }
  const request = decodeDirectoryRequest(payload)
  return request.ok ? { about: 'directory', ...request.value } : null
}
