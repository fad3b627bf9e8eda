/** The manager while an agent is associated and its configuration is accepted. */
import type { Configuration } from './configuration.ts'
import type { Data, Message } from './data.ts'
import { Errands, type Errand, type Found } from './errands.ts'
import type { Outbox } from './manager-actions.ts'
import { abortReasons, errors, events } from './nomenclature.ts'
import { readSegmentData } from './store.ts'
import { Counter, observe, readScanReport, scanKinds } from './scan-report.ts'

type EventReport = Extract<Message, { kind: 'event-report' }>

/** Why an association cannot go on. */
export interface Break {
  readonly reason: number
  readonly why: string
  /** The agent is not what it was remembered as. */
  readonly isChanged: boolean
  /** What it was asked for, and did not answer. */
  readonly unanswered: string | null
}

export interface OperationParts {
  readonly configuration: Configuration
  /** The configuration was told in an earlier association. */
  readonly isRemembered: boolean
  readonly errands: readonly Errand[]
  readonly outbox: Outbox
}

export class Operation {
  readonly #parts: OperationParts
  readonly #errands: Errands
  readonly #counter = new Counter()
  /** What is said when the last report is stored, or is not. */
  #afterCommit: {
    readonly invoke: number
    readonly stored: Message
    readonly notStored: Message
    readonly isSegment: boolean
  } | null = null

  constructor(parts: OperationParts) {
    this.#parts = parts
    this.#errands = new Errands(parts.configuration, parts.errands)
  }

  get dueMs(): number | null {
    return this.#errands.dueMs
  }

  /** A store was read to its end, and nothing is left to ask or to answer. */
  get isDone(): boolean {
    return this.#afterCommit === null && this.#errands.isDone
  }

  begin(nowMs: number): void {
    this.#follow(this.#errands.next(nowMs))
  }

  /** An answer that nobody waits for is a late one, of an earlier association: it is ignored. */
  answered(data: Data, nowMs: number): void {
    this.#follow(this.#errands.answer(data, nowMs))
  }

  report(invoke: number, report: EventReport, nowMs: number): Break | null {
    const { outbox, configuration, isRemembered } = this.#parts
    const { isConfirmed, eventType, handle, eventTime, info } = report
    if (eventType === events.segmentData) {
      this.#segmentData(invoke, report, nowMs)
      return null
    }
    if (!scanKinds.has(eventType)) {
      outbox.note('unknown-report', String(eventType))
      if (isConfirmed) outbox.refuse(invoke, errors.notAllowed)
      return null
    }
    const scan = readScanReport(eventType, info)
    if (scan === null) {
      outbox.note('not-understood', 'a report of values cut short')
      if (isConfirmed) outbox.reject(invoke)
      return null
    }
    const { observations, problems } = observe(scan, handle, configuration)
    if (isRemembered && (problems.includes('too-short') || problems.includes('too-long'))) {
      const why = 'not as it was remembered'
      return { reason: abortReasons.undefined, why, isChanged: true, unanswered: null }
    }
    for (const problem of problems) outbox.note(`report-${problem}`, String(eventType))
    const missing = this.#counter.missingBefore(scan.requestId, scan.reportNumber)
    if (missing > 0) outbox.note('reports-missing', String(missing))
    if (observations.length > 0) outbox.do({ kind: 'observed', observations })
    if (!isConfirmed) return null
    const empty = new Uint8Array(0)
    this.#commit(
      invoke,
      { kind: 'event-answer', handle, eventTime, eventType, info: empty },
      { kind: 'error', error: errors.aborted, parameter: empty },
      false,
    )
    return null
  }

  #segmentData(invoke: number, report: EventReport, nowMs: number): void {
    if (!report.isConfirmed) return
    const data = readSegmentData(report.info)
    if (data === null) {
      this.#parts.outbox.note('not-understood', 'segment data cut short')
      this.#parts.outbox.reject(invoke)
      return
    }
    for (const found of this.#errands.data(report, data, nowMs)) {
      if (found.kind === 'confirm') this.#commit(invoke, found.stored, found.notStored, true)
      else if (found.kind === 'answer') this.#parts.outbox.say(invoke, found.message, found.why)
      else this.#found(found)
    }
  }

  /** Answers when what was said is stored; otherwise the agent hears that it has to keep it. */
  #commit(invoke: number, stored: Message, notStored: Message, isSegment: boolean): void {
    this.#afterCommit = { invoke, stored, notStored, isSegment }
    this.#parts.outbox.do({ kind: 'commit' })
  }

  committed(isStored: boolean, nowMs: number): void {
    const after = this.#afterCommit
    if (after === null) return
    this.#afterCommit = null
    const { invoke, stored, notStored, isSegment } = after
    if (isStored) this.#parts.outbox.say(invoke, stored, 'stored')
    else this.#parts.outbox.say(invoke, notStored, 'not stored, keep it')
    if (isSegment) this.#follow(this.#errands.confirmed(isStored, nowMs))
  }

  timeUp(nowMs: number): Break | null {
    const { dueMs, waitingFor } = this.#errands
    if (dueMs === null || nowMs < dueMs) return null
    if (waitingFor === null) {
      this.#follow(this.#errands.next(nowMs))
      return null
    }
    this.#parts.outbox.note('no-answer', waitingFor)
    const { responseTimeout } = abortReasons
    return { reason: responseTimeout, why: 'no answer', isChanged: false, unanswered: waitingFor }
  }

  #follow(found: Iterable<Found>): void {
    for (const one of found) this.#found(one)
  }

  #found(found: Found): void {
    const { outbox } = this.#parts
    switch (found.kind) {
      case 'ask':
        outbox.say(found.invoke, found.message, found.why)
        break
      case 'system':
      case 'entries':
      case 'recording':
        outbox.do(found)
        break
      case 'note':
        outbox.note(found.code, '')
        break
      // Only segment data is confirmed and answered, where it is heard.
      case 'confirm':
      case 'answer':
    }
  }
}
