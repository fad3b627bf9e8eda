/**
 * Performed procedure steps: what a modality says of an examination is applied to what it said
 * before, and it is answered when that is on the disk. A modality that is switched off in the
 * middle never says an end; after a day nobody waits for one.
 */
import { statuses } from '../protocols/dicom/command-set.ts'
import {
  beginStep,
  setStep,
  type PerformedStep,
  type StepAnswer,
} from '../protocols/dicom/performed-procedure.ts'
import type { StepQuestion } from '../protocols/dicom/procedure-service.ts'
import type { HostAnswer } from '../protocols/dicom/service.ts'
import { findingsMax } from '../protocols/packet/limits.ts'
import type { Procedure } from '../protocols/packet/visit-records.ts'
import { elapsedMs, type Clock, type MonotonicMs } from '../protocols/world/clock.ts'
import type { UtcSource } from './clock/time-keeper.ts'
import { Trouble } from './errors/trouble.ts'
import type { Asked } from './imaging/received-image.ts'
import type { Visits } from './visits/visits.ts'
import type { Log } from './world.ts'

export interface ProcedureDeskParts {
  readonly clock: Pick<Clock, 'monotonicMs' | 'after'>
  readonly time: UtcSource
  readonly log: Log
  readonly visits: Pick<Visits, 'saidStep' | 'orderOfStep'> & {
    readonly book: Pick<Visits['book'], 'procedure' | 'procedures'>
  }
}

/** Of which device it comes. What a simulator says stays marked for ever. */
export type StepAsker = Pick<Asked, 'device' | 'simulated'>

const abandonedMs = 86_400_000
const lookEveryMs = 600_000

export class ProcedureDesk {
  readonly #parts: ProcedureDeskParts
  /** One after the other: each is judged by what the one before left. */
  #last: Promise<unknown> = Promise.resolve()
  /** Since when a step is as it is, as far as this start knows. */
  readonly #since = new Map<string, MonotonicMs>()
  readonly #startedMs: MonotonicMs
  #cancelTimer: () => void = () => {}
  #stopping = false

  constructor(parts: ProcedureDeskParts) {
    this.#parts = parts
    this.#startedMs = parts.clock.monotonicMs()
    this.#arm()
  }

  /** Resolves when what was said is on the disk. Rejects when it cannot be. */
  asked(asker: StepAsker, question: StepQuestion): Promise<HostAnswer> {
    return this.#next(() => this.#answer(asker, question))
  }

  /** Resolves when the last step that was said is stored, or refused. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#cancelTimer()
    await this.#last
  }

  async #answer({ device, simulated }: StepAsker, question: StepQuestion): Promise<HostAnswer> {
    const { sopInstanceUid } = question
    const known = this.#parts.visits.book.procedure(sopInstanceUid)
    switch (question.kind) {
      case 'step-get':
        return known === null ? unknown : { kind: 'step', step: known }
      case 'step-begin':
        return this.#take(beginStep(known, { sopInstanceUid, device }, question.said), simulated)
      case 'step-set':
        return this.#take(setStep(known && stepOf(known), question.said), known?.simulated === true)
    }
  }

  async #take(answer: StepAnswer, simulated: boolean): Promise<HostAnswer> {
    if (answer.kind === 'refused') return { kind: 'failed', ...answer.refusal }
    try {
      await this.#store(this.#withFinding(answer.step), simulated)
      return { kind: 'stored' }
    } catch (error) {
      if (!(error instanceof Trouble) || error.code !== 'journal-full') throw error
      const comment = 'No room, please send again later'
      return { kind: 'failed', status: statuses.resourceLimitation, comment }
    }
  }

  async #store(step: PerformedStep, simulated: boolean): Promise<void> {
    await this.#parts.visits.saidStep(step, simulated)
    this.#since.delete(step.sopInstanceUid)
    if (step.state === inProgress) {
      this.#since.set(step.sopInstanceUid, this.#parts.clock.monotonicMs())
    }
  }

  /** An accession number that nobody in the van gave is for a person to look at. */
  #withFinding(step: PerformedStep): PerformedStep {
    const others = step.findings.filter((one) => one !== unknownNumber)
    const isFound = step.accessionNumber === '' || this.#parts.visits.orderOfStep(step) !== null
    const findings = isFound ? others : [...others.slice(0, findingsMax - 1), unknownNumber]
    return { ...step, findings }
  }

  #arm(): void {
    this.#cancelTimer = this.#parts.clock.after('steps that never end', lookEveryMs, () => {
      void this.#abandon()
        .catch((err: unknown) => {
          this.#parts.log.error('a step that never ended could not be stored', { err })
        })
        .then(() => {
          if (!this.#stopping) this.#arm()
        })
    })
  }

  async #abandon(): Promise<void> {
    const open = this.#parts.visits.book.procedures().filter(({ state }) => state === inProgress)
    for (const { sopInstanceUid } of open) {
      await this.#next(async () => {
        const step = this.#parts.visits.book.procedure(sopInstanceUid)
        if (step?.state !== inProgress || this.#ageMs(step) < abandonedMs) return
        await this.#store({ ...stepOf(step), state: 'abandoned' }, step.simulated)
      })
    }
  }

  /** By UTC where it was known then and is now; else what this start has seen of it, in ms. */
  #ageMs({ sopInstanceUid, utcMs }: Procedure): number {
    const nowMs = this.#parts.clock.monotonicMs()
    const seenMs = elapsedMs(this.#since.get(sopInstanceUid) ?? this.#startedMs, nowMs)
    const utc = this.#parts.time.utcOf(nowMs)
    return utcMs === null || utc === null ? seenMs : Math.max(seenMs, utc.utcMs - utcMs)
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => {})
    return done
  }
}

const inProgress = 'in-progress'
const unknownNumber = 'accession-unknown'

const unknown: HostAnswer = {
  kind: 'failed',
  status: statuses.noSuchInstance,
  comment: 'This step is not known here',
}

/** Without the stamps of its record, and without whose it was found to be. */
function stepOf(procedure: Procedure): PerformedStep {
  const { sopInstanceUid, device, state, accessionNumber, studyInstanceUid, modality } = procedure
  const { startedText, endedText, series, discontinuationCode, findings } = procedure
  return {
    sopInstanceUid,
    device,
    state,
    accessionNumber,
    studyInstanceUid,
    modality,
    startedText,
    endedText,
    series,
    discontinuationCode,
    findings,
  }
}
