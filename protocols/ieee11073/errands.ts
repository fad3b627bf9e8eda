/**
 * What a manager asks of an agent, one thing after another: who it is, that its scanners report,
 * and the segments of its stores.
 *
 *   system ─▶ scanners ─▶ store ─▶ segments ─▶ transfer ─▶ data … data ─▶ the next one
 *
 * Nothing that is asked here changes what a device has stored, or its clock.
 */
import type { Configuration } from './configuration.ts'
import type { Data, Message } from './data.ts'
import { u16 } from './mder.ts'
import { systemInfoOf, type SystemInfo } from './mds.ts'
import { actions, attributes, events, segmentBits, transferResults } from './nomenclature.ts'
import { Recorder, type Recording } from './recorder.ts'
import {
  allSegments,
  encodeSegmentAnswer,
  readEntries,
  readSegments,
  readTransferAnswer,
  type Entry,
  type Segment,
  type SegmentData,
} from './store.ts'

export type Errand =
  | { readonly kind: 'system' }
  | { readonly kind: 'scanner'; readonly handle: number }
  | { readonly kind: 'store'; readonly handle: number }
  | { readonly kind: 'segments'; readonly handle: number }
  | {
      readonly kind: 'transfer'
      readonly handle: number
      readonly segment: Segment
      readonly tries: number
      readonly notBeforeMs: number
    }

export type Found =
  | {
      readonly kind: 'ask'
      readonly invoke: number
      readonly message: Message
      readonly why: string
    }
  | { readonly kind: 'system'; readonly info: SystemInfo }
  | {
      readonly kind: 'entries'
      readonly store: number
      readonly instance: number
      readonly entries: readonly Entry[]
    }
  | {
      readonly kind: 'recording'
      readonly store: number
      readonly instance: number
      readonly recording: Recording
    }
  /** Confirms segment data: once all that was found is stored, and only then. */
  | { readonly kind: 'confirm'; readonly stored: Message; readonly notStored: Message }
  /** Answers at once. */
  | { readonly kind: 'answer'; readonly message: Message; readonly why: string }
  | { readonly kind: 'note'; readonly code: ErrandNote }

export type ErrandNote =
  | 'request-refused'
  | 'segment-not-understood'
  | 'segment-not-asked-for'
  | 'segment-out-of-order'
  | 'segment-given-up'

/** Confirmed requests are answered so soon, or never. */
const answerWithinMs = 3_000
/** Between two pieces of a segment. A pen says 20 s for all of it. */
const dataWithinMs = { least: 10_000, most: 60_000 } as const
const tryLaterMs = 2_000
const transferTriesMax = 3
const segmentsMax = 1_024

interface Transfer {
  readonly handle: number
  readonly segment: Segment
  readonly tries: number
  nextEntry: number
  readonly recorder: Recorder
}

export class Errands {
  readonly #configuration: Configuration
  #queue: Errand[]
  #asked: { readonly errand: Errand; readonly invoke: number } | null = null
  #transfer: Transfer | null = null
  /** Whose last data waits to be stored; it may have been the end of the transfer. */
  #confirming: Transfer | null = null
  #dueMs: number | null = null
  #nextInvoke = 0
  #hasReadStore = false

  constructor(configuration: Configuration, errands: readonly Errand[]) {
    this.#configuration = configuration
    this.#queue = [...errands]
  }

  /** When time is up for an answer, or when `next` is to be called; null: never. */
  get dueMs(): number | null {
    return this.#confirming === null ? this.#dueMs : null
  }

  /** A store was read to its end, and there is nothing left to ask. */
  get isDone(): boolean {
    return this.#hasReadStore && this.#isIdle() && this.#queue.length === 0
  }

  /** The name of what an agent that stays silent was asked for, so that it is not asked again. */
  get waitingFor(): string | null {
    if (this.#asked !== null) return errandName(this.#asked.errand)
    return this.#transfer === null ? null : `transfer ${this.#transfer.handle}`
  }

  #takeInvoke(): number {
    const invoke = this.#nextInvoke
    this.#nextInvoke = (invoke + 1) & 0xffff
    return invoke
  }

  #isIdle(): boolean {
    return this.#asked === null && this.#transfer === null && this.#confirming === null
  }

  /** Asks the next thing, if nothing is being asked. */
  *next(nowMs: number): Generator<Found, void, undefined> {
    if (!this.#isIdle()) return
    const [errand] = this.#queue
    this.#dueMs = null
    if (errand === undefined) return
    if (errand.kind === 'transfer' && errand.notBeforeMs > nowMs) {
      this.#dueMs = errand.notBeforeMs
      return
    }
    this.#queue.shift()
    const invoke = this.#takeInvoke()
    this.#asked = { errand, invoke }
    this.#dueMs = nowMs + answerWithinMs
    yield { kind: 'ask', invoke, ...requestFor(errand) }
  }

  /** What nobody waits for is a late answer, and ignored. */
  *answer({ invoke, message }: Data, nowMs: number): Generator<Found, void, undefined> {
    if (this.#asked?.invoke !== invoke) return
    const { errand } = this.#asked
    this.#asked = null
    const isUnderstood = yield* this.#take(errand, message, nowMs)
    if (!isUnderstood) yield { kind: 'note', code: 'request-refused' }
    yield* this.next(nowMs)
  }

  *#take(errand: Errand, message: Message, nowMs: number): Generator<Found, boolean, undefined> {
    switch (errand.kind) {
      case 'system':
        if (message.kind !== 'get-answer') return false
        yield { kind: 'system', info: systemInfoOf(message.attributes) }
        return true
      case 'scanner':
        return message.kind === 'set-answer'
      case 'store':
        return message.kind === 'get-answer'
      case 'segments': {
        const segments = message.kind === 'action-answer' ? readSegments(message.info) : null
        if (segments === null) return false
        for (const segment of segments.slice(0, segmentsMax)) {
          if (segment.entries === 0) continue
          const { handle } = errand
          this.#queue.push({ kind: 'transfer', handle, segment, tries: 1, notBeforeMs: 0 })
        }
        this.#hasReadStore = true
        return true
      }
      case 'transfer': {
        const answer = message.kind === 'action-answer' ? readTransferAnswer(message.info) : null
        if (answer === null) return false
        this.#begin(errand, answer.result, nowMs)
        return true
      }
    }
  }

  #begin(errand: Extract<Errand, { kind: 'transfer' }>, result: number, nowMs: number): void {
    const { handle, segment, tries } = errand
    if (result === transferResults.tryLater) this.#again(errand, nowMs + tryLaterMs)
    if (result !== transferResults.ok) return
    this.#transfer = { handle, segment, tries, nextEntry: 0, recorder: new Recorder(segment) }
    this.#waitForData(segment, nowMs)
  }

  #waitForData(segment: Segment, nowMs: number): void {
    const { least, most } = dataWithinMs
    this.#dueMs = nowMs + Math.min(most, Math.max(least, segment.transferTimeoutMs ?? 0))
  }

  /** Whether it is tried once more. */
  #again(of: Omit<Transfer, 'nextEntry' | 'recorder'>, notBeforeMs: number): boolean {
    const { handle, segment, tries } = of
    if (tries >= transferTriesMax) return false
    this.#queue.unshift({ kind: 'transfer', handle, segment, tries: tries + 1, notBeforeMs })
    return true
  }

  /** Segment data of the store with this handle. */
  *data(
    report: Extract<Message, { kind: 'event-report' }>,
    data: SegmentData,
    nowMs: number,
  ): Generator<Found, void, undefined> {
    const transfer = this.#transfer
    const answerWith = (status: number): Message => {
      const { handle, eventTime } = report
      const info = encodeSegmentAnswer({ ...data, status })
      return { kind: 'event-answer', handle, eventTime, eventType: events.segmentData, info }
    }
    const stop = { kind: 'answer', message: answerWith(segmentBits.managerAbort) } as const
    if (transfer?.handle !== report.handle || transfer.segment.instance !== data.instance) {
      yield { kind: 'note', code: 'segment-not-asked-for' }
      yield { ...stop, why: 'stop: not asked for' }
      return
    }
    if ((data.status & segmentBits.agentAbort) !== 0) {
      yield { kind: 'note', code: 'segment-given-up' }
      yield { ...stop, why: 'stop: the agent gave up' }
      yield* this.#retry(transfer, nowMs)
      return
    }
    if (data.firstEntry !== transfer.nextEntry) {
      yield { kind: 'note', code: 'segment-out-of-order' }
      yield { ...stop, why: 'stop: entries are missing' }
      yield* this.#retry(transfer, nowMs)
      return
    }
    const entries = readEntries(transfer.segment, data, this.#configuration)
    if (entries === null) {
      yield { kind: 'note', code: 'segment-not-understood' }
      yield { ...stop, why: 'stop: not understood' }
      this.#transfer = null
      yield* this.next(nowMs)
      return
    }
    transfer.nextEntry += data.count
    const isLast = (data.status & segmentBits.last) !== 0
    yield* this.#found(transfer, entries, isLast)
    this.#confirming = transfer
    if (isLast) this.#transfer = null
    this.#waitForData(transfer.segment, nowMs)
    yield {
      kind: 'confirm',
      stored: answerWith(segmentBits.confirmed),
      notStored: answerWith(segmentBits.managerAbort),
    }
  }

  *#retry(transfer: Transfer, nowMs: number): Generator<Found, void, undefined> {
    this.#transfer = null
    this.#again(transfer, nowMs + tryLaterMs)
    yield* this.next(nowMs)
  }

  *#found(
    { handle, segment, recorder }: Transfer,
    entries: readonly Entry[],
    isLast: boolean,
  ): Generator<Found, void, undefined> {
    const where = { store: handle, instance: segment.instance }
    for (const entry of entries) recorder.add(entry)
    const numbers = entries.filter(({ observations }) =>
      observations.some(({ samples }) => samples === null),
    )
    if (numbers.length > 0) yield { kind: 'entries', ...where, entries: numbers }
    if (!isLast && !recorder.isFull) return
    for (const recording of recorder.take()) yield { kind: 'recording', ...where, recording }
  }

  /** The last data was stored and confirmed, or not: then the agent was told to stop. */
  *confirmed(isStored: boolean, nowMs: number): Generator<Found, void, undefined> {
    const transfer = this.#confirming
    this.#confirming = null
    if (!isStored && transfer !== null) yield* this.#retry(transfer, nowMs)
    else yield* this.next(nowMs)
  }
}

export function errandName(errand: Errand): string {
  return 'handle' in errand ? `${errand.kind} ${errand.handle}` : errand.kind
}

function requestFor(errand: Errand): { readonly message: Message; readonly why: string } {
  switch (errand.kind) {
    case 'system':
      return { message: { kind: 'get', handle: 0, attributes: [] }, why: 'who is it?' }
    case 'store':
      return { message: { kind: 'get', handle: errand.handle, attributes: [] }, why: 'its store' }
    case 'scanner': {
      const { handle } = errand
      const attribute = { id: attributes.operationalState, value: u16(1) }
      const changes = [{ operator: 0, attribute }]
      return { message: { kind: 'set', isConfirmed: true, handle, changes }, why: 'report' }
    }
    case 'segments':
      return {
        message: action(errand.handle, actions.segmentInfo, allSegments),
        why: 'its segments',
      }
    case 'transfer':
      return {
        message: action(errand.handle, actions.transferSegment, u16(errand.segment.instance)),
        why: 'a segment',
      }
  }
}

function action(handle: number, code: number, info: Uint8Array): Message {
  return { kind: 'action', isConfirmed: true, handle, action: code, info }
}
