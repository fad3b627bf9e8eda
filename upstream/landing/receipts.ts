/**
 * Tells each van what is on the disk here: at most a few times a second, lowest numbers first. Said
 * after a commit, when a van comes back, and when it repeats what it should not need to.
 */
import {
  encodeReceipt,
  receiptRangesMax,
  receiptStreamsMax,
  type StreamReceipt,
} from '../../protocols/packet/messages.ts'
import { downTopic } from '../../protocols/packet/topics.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import type { Link } from '../link.ts'
import { receiptRanges, type StreamState, type Streams } from './streams.ts'

/** No van hears more often than this. */
export const receiptEveryMs = 300
/** A receipt that could not be handed to the broker is tried again after this. */
const againAfterMs = 2_000
/** Journals of one van that still get receipts when it comes online, newest first. */
export const epochsMost = 16

interface Due {
  readonly streams: Set<number>
  cancel: (() => void) | null
  notBeforeMs: number
}

export class Receipts {
  readonly #clock: Clock
  readonly #link: () => Link
  readonly #streams: () => Streams
  readonly #due = new Map<string, Due>()
  #sent = 0

  constructor(clock: Clock, link: () => Link, streams: () => Streams) {
    this.#clock = clock
    this.#link = link
    this.#streams = streams
  }

  get sent(): number {
    return this.#sent
  }

  /** Its receipt has news, or the van did not hear the last one. */
  touched(state: StreamState): void {
    this.#dueOf(state.van).streams.add(state.id)
    this.#schedule(state.van, 0)
  }

  /** Everything that the van may still wait for: it came back, or we did. */
  everything(van: string): void {
    const states = [...this.#streams().ofVan(van)]
    const epochs = new Set(
      [...new Set(states.map(({ epoch }) => epoch))].toSorted().slice(-epochsMost),
    )
    for (const state of states) if (epochs.has(state.epoch)) this.touched(state)
  }

  /** Without a connection nothing is sent and nothing waits: `everything` follows the next one. */
  disconnected(): void {
    for (const { cancel } of this.#due.values()) cancel?.()
    this.#due.clear()
  }

  #dueOf(van: string): Due {
    const known = this.#due.get(van)
    if (known !== undefined) return known
    const due = { streams: new Set<number>(), cancel: null, notBeforeMs: 0 }
    this.#due.set(van, due)
    return due
  }

  #schedule(van: string, waitMs: number): void {
    const due = this.#dueOf(van)
    if (due.cancel !== null) return
    const paceMs = due.notBeforeMs - this.#clock.monotonicMs()
    due.cancel = this.#clock.after('receipt', Math.max(0, waitMs, paceMs), () => {
      due.cancel = null
      this.#send(van, due)
    })
  }

  #send(van: string, due: Due): void {
    const link = this.#link()
    if (!link.open || due.streams.size === 0) return
    due.notBeforeMs = this.#clock.monotonicMs() + receiptEveryMs
    const ids = [...due.streams].slice(0, receiptStreamsMax)
    for (const id of ids) due.streams.delete(id)
    const lost = () => {
      for (const id of ids) due.streams.add(id)
      this.#schedule(van, againAfterMs)
    }
    for (const [epoch, receipts] of this.#byEpoch(ids)) {
      const payload = encodeReceipt({ epoch, receipts })
      const answered = (refused: string | null) => {
        if (refused !== null) lost()
      }
      if (link.publish(downTopic(van, 'receipt'), payload, { answered })) this.#sent += 1
      else lost()
    }
    if (due.streams.size > 0) this.#schedule(van, 0)
  }

  #byEpoch(ids: readonly number[]): ReadonlyMap<string, readonly StreamReceipt[]> {
    const streams = this.#streams()
    const byEpoch = new Map<string, StreamReceipt[]>()
    for (const id of ids) {
      const state = streams.byId(id)
      if (state === undefined) continue
      const ranges = receiptRanges(state, receiptRangesMax)
      if (ranges.length === 0) continue
      const receipts = byEpoch.get(state.epoch) ?? []
      byEpoch.set(state.epoch, receipts)
      receipts.push({ stream: state.stream, ranges })
    }
    return byEpoch
  }
}
