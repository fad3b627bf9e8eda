/** Answers subscribers that missed something, from the database, when nothing more urgent waits. */
import {
  decodeReplayRequest,
  encodeReplayAnswer,
  replayLostMax,
  replayPacketsMax,
  type ReplayRequest,
} from '../../protocols/packet/messages.ts'
import { replayTopic } from '../../protocols/packet/topics.ts'
import type { Link } from '../link.ts'
import type { LandingStore } from './store.ts'

const waitingMost = 512
/** One client cannot make the others wait for long. */
const waitingOfOneMost = 16
/** A large answer would stand in the way of receipts. */
const answerBytesMost = 384 * 1024
/** What an answer holds beside its packets, generously. */
const answerRoomBytes = 16 * 1024

export class Replays {
  readonly #store: LandingStore
  readonly #link: () => Link
  readonly #waiting: ReplayRequest[] = []
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

  /** A request that has no place is dropped: the subscriber asks again. */
  ask(payload: Uint8Array): void {
    const request = decodeReplayRequest(payload)
    const waiting = this.#waiting
    const ofOne = request.ok
      ? waiting.filter(({ replyTo }) => replyTo === request.value.replyTo).length
      : 0
    if (!request.ok || waiting.length >= waitingMost || ofOne >= waitingOfOneMost) {
      this.#refused += 1
      return
    }
    waiting.push(request.value)
  }

  disconnected(): void {
    this.#waiting.length = 0
  }

  /** Answers the oldest request. False when the connection takes no more now. */
  serveOne(): boolean {
    const [request] = this.#waiting
    const link = this.#link()
    if (request === undefined) return true
    const { van, epoch, stream, replyTo } = request
    const limits = {
      count: replayPacketsMax,
      bytes: Math.min(answerBytesMost, link.payloadLimitBytes) - answerRoomBytes,
      lost: replayLostMax,
    }
    const state = this.#store.streams.find(van, epoch, stream)
    const replay =
      state === undefined
        ? { packets: [], lost: [], more: false }
        : this.#store.reader.replay(state, request, limits)
    const answer = encodeReplayAnswer({ van, epoch, stream, ...replay })
    const fits = answer.length <= link.payloadLimitBytes
    if (fits && !link.publish(replayTopic(replyTo), answer)) return false
    this.#waiting.shift()
    if (fits) this.#served += 1
    else this.#refused += 1
    return true
  }
}
