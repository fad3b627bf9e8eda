/**
 * Storage commitment: devices ask whether they may forget their images, and are told when it is
 * certain (PS3.4 annex J).
 *
 *   asked ──▶ on the disk ──▶ looked at again and again ──▶ told ──▶ answered
 *                             until nothing waits           until the device takes it, or 7 days
 *
 * What is told is judged anew at each telling: nothing is remembered that a lost packet or a second
 * sending may have made untrue meanwhile.
 */
import { statuses } from '../../protocols/dicom/command-set.ts'
import {
  commitmentReasons,
  type CommitmentReport,
  type FailedInstance,
  type InstanceName,
} from '../../protocols/dicom/commitment.ts'
import type { CommitmentQuestion } from '../../protocols/dicom/commitment-service.ts'
import type { HostAnswer } from '../../protocols/dicom/service.ts'
import { elapsedMs, type Clock, type MonotonicMs } from '../../protocols/world/clock.ts'
import type { Random } from '../../protocols/world/random.ts'
import type { RegistryFile } from '../devices/registry-file.ts'
import { imagingTrouble } from '../errors/imaging.ts'
import type { Trouble } from '../errors/trouble.ts'
import type { Asked } from '../imaging/received-image.ts'
import type { ReportOrder, ReportOutcome } from '../imaging/report-order.ts'
import type { Journal, KeptInstance } from '../journal/journal.ts'
import type { Log } from '../world.ts'
import { judge, type CommitmentPolicy, type Verdict } from './judge.ts'
import { lookAgainMs, tellAgainMs } from './pauses.ts'
import { TransactionBook, type Transaction } from './transaction-book.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

export interface CommitmentsParts {
  readonly clock: Pick<Clock, 'monotonicMs' | 'after'>
  readonly random: Random
  readonly log: Log
  readonly journal: Pick<Journal, 'instances'>
  readonly file: RegistryFile
  readonly policy: CommitmentPolicy
  /** Where a device listens; null when nobody has said it. */
  readonly addressOf: (aeTitle: string) => Address | null
  /** Never rejects. */
  readonly report: (order: ReportOrder) => Promise<ReportOutcome>
  /** Something that a person has to know of now. */
  readonly trouble: (trouble: Trouble) => void
}

/** While the van is on: for what is not safe to become so, and for a device to take its answer. */
const patienceMs = 7 * 86_400_000
/** A device that listens elsewhere is not waited for on its own association any longer. */
const sameAssociationMs = 10_000
/** Of how long each has waited a power cut takes no more than this. */
const saveEveryMs = 3_600_000
const lookedUpAtOnce = 1_000
/** After the journal or the file failed. */
const failedMs = 60_000

/** A transaction while the gateway runs. */
interface Work {
  readonly transaction: Transaction
  /** On which it was asked; null after a start. */
  readonly association: number | null
  readonly sinceMs: MonotonicMs
  readonly ranBeforeMs: number
  /** `ranMs` when its answer was known first. */
  readyMs: number | null
  /** What did not yet count as kept when it was looked at last. */
  waits: readonly InstanceName[]
  dueMs: number
  failures: number
  failure: { readonly address: Address | null; readonly outcome: ReportOutcome } | null
}

export class Commitments {
  readonly #parts: CommitmentsParts
  readonly #book: TransactionBook
  readonly #works = new Map<string, Work>()
  readonly #running = new Set<Promise<void>>()
  /** Titles of devices that are being told: one that is off takes its time to fail. */
  readonly #busy = new Set<string>()
  #cancelTimer: (() => void) | null = null
  #savedMs: MonotonicMs
  #isOn = false

  /** Goes on with what was not answered before the start. */
  static async open(parts: CommitmentsParts): Promise<Commitments> {
    return new Commitments(parts, await TransactionBook.open(parts.file, parts.log))
  }

  private constructor(parts: CommitmentsParts, book: TransactionBook) {
    this.#parts = parts
    this.#book = book
    this.#savedMs = parts.clock.monotonicMs()
    for (const transaction of book.waiting()) this.#begin(transaction, null)
  }

  /** From now on reports can go out. */
  start(): void {
    this.#isOn = true
    this.#arm()
  }

  /** Resolves when the question is on the disk. */
  async asked(
    { device, callingAeTitle, calledAeTitle, association }: Asked,
    { transactionUid, instances }: CommitmentQuestion,
  ): Promise<HostAnswer> {
    if (this.#book.knows(transactionUid)) {
      const comment = 'This transaction UID was used before'
      return { kind: 'failed', status: statuses.duplicateTransaction, comment }
    }
    if (!this.#book.hasRoomFor(instances.length)) {
      const comment = 'Too many requests wait, please ask again later'
      return { kind: 'failed', status: statuses.resourceLimitation, comment }
    }
    const transaction: Transaction = {
      transactionUid,
      device,
      aeTitle: callingAeTitle,
      calledAeTitle,
      instances,
      ranMs: 0,
      readyMs: null,
    }
    await this.#book.add(transaction)
    this.#begin(transaction, association)
    return { kind: 'stored' }
  }

  /** A device has opened an association: what it could not be told may be said there. */
  opened(aeTitle: string): void {
    for (const work of this.#works.values()) {
      const isMeant = work.transaction.aeTitle === aeTitle && work.waits.length === 0
      if (isMeant && this.#parts.addressOf(aeTitle) === null) work.dueMs = 0
    }
    this.#arm()
  }

  /** What a person has to do something about, one for each device. */
  troubles(): readonly Trouble[] {
    const troubles = new Map<string, Trouble>()
    for (const { device, aeTitle, count } of this.#book.givenUp()) {
      const details = { device, sender: aeTitle, count }
      troubles.set(aeTitle, imagingTrouble('imaging-commitment-given-up', details))
    }
    for (const { transaction, failure } of this.#works.values()) {
      if (failure !== null) troubles.set(transaction.aeTitle, troubleOf(transaction, failure))
    }
    return [...troubles.values()]
  }

  /** Ends what is on its way; the rest goes on after the next start. */
  async stop(): Promise<void> {
    this.#isOn = false
    this.#cancelTimer?.()
    await Promise.all(this.#running)
    if (this.#works.size > 0) await this.#saveAges().catch(() => {})
  }

  #begin(transaction: Transaction, association: number | null): void {
    const nowMs = this.#parts.clock.monotonicMs()
    this.#works.set(transaction.transactionUid, {
      transaction,
      association,
      sinceMs: nowMs,
      ranBeforeMs: transaction.ranMs,
      readyMs: transaction.readyMs,
      waits: transaction.instances,
      dueMs: nowMs,
      failures: 0,
      failure: null,
    })
    this.#arm()
  }

  /** One timer for whatever is due first. */
  #arm(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    const free = [...this.#works.values()].filter((work) => this.#isFree(work))
    if (!this.#isOn || free.length === 0) return
    const firstMs = Math.min(...free.map(({ dueMs }) => dueMs))
    const waitMs = Math.max(0, firstMs - this.#parts.clock.monotonicMs())
    this.#cancelTimer = this.#parts.clock.after('commitment', waitMs, () => this.#ring())
  }

  #ring(): void {
    const nowMs = this.#parts.clock.monotonicMs()
    for (const work of this.#works.values()) {
      if (work.dueMs > nowMs || !this.#isFree(work)) continue
      const done = this.#do(work).finally(() => {
        this.#running.delete(done)
        this.#arm()
      })
      this.#running.add(done)
    }
    if (elapsedMs(this.#savedMs, nowMs) >= saveEveryMs) {
      this.#savedMs = nowMs
      void this.#saveAges().catch((err: unknown) => this.#failed(err))
    }
    this.#arm()
  }

  #isFree({ transaction }: Work): boolean {
    return !this.#busy.has(transaction.aeTitle)
  }

  async #do(work: Work): Promise<void> {
    const { clock } = this.#parts
    this.#busy.add(work.transaction.aeTitle)
    try {
      const nextMs = await this.#advance(work)
      if (nextMs !== null) work.dueMs = clock.monotonicMs() + nextMs
    } catch (err) {
      this.#failed(err)
      work.dueMs = clock.monotonicMs() + failedMs
    } finally {
      this.#busy.delete(work.transaction.aeTitle)
    }
  }

  /** Answers after how long it is its turn again, in ms; null when it is over. */
  async #advance(work: Work): Promise<number | null> {
    const { device, transactionUid } = work.transaction
    const isOver = work.readyMs === null && this.#ranMs(work) >= patienceMs
    if (!isOver) {
      const verdicts = await this.#judge(device, work.waits)
      work.waits = waitingOf(verdicts)
      if (work.waits.length > 0) return this.#lookLater(work)
    }
    // All of them once more: what was safe an hour ago need not be.
    const verdicts = await this.#judge(device, work.transaction.instances)
    work.waits = waitingOf(verdicts)
    if (work.waits.length > 0 && !isOver) return this.#lookLater(work)
    work.readyMs ??= this.#ranMs(work)
    const report = reportOf(transactionUid, verdicts)
    const outcome = await this.#tell(work, report)
    if (outcome.kind !== 'delivered') return this.#tellLater(work, outcome)
    this.#works.delete(transactionUid)
    await this.#book.answered(transactionUid)
    this.#told(work.transaction, report)
    return null
  }

  #lookLater(work: Work): number {
    return lookAgainMs(elapsedMs(work.sinceMs, this.#parts.clock.monotonicMs()))
  }

  async #tellLater(work: Work, outcome: ReportOutcome): Promise<number | null> {
    const { transaction, readyMs } = work
    const { aeTitle, device, transactionUid } = transaction
    work.failures++
    work.failure = { address: this.#parts.addressOf(aeTitle), outcome }
    if (this.#ranMs(work) - (readyMs ?? 0) < patienceMs) {
      return tellAgainMs(work.failures, this.#parts.random)
    }
    this.#works.delete(transactionUid)
    await this.#book.giveUp(transactionUid)
    this.#parts.log.warn('a report of commitment was not taken', { device, code: outcome.kind })
    return null
  }

  /** On the association of the question while that is fresh, or else where the device listens. */
  async #tell(work: Work, report: CommitmentReport): Promise<ReportOutcome> {
    const { aeTitle, calledAeTitle } = work.transaction
    const { addressOf, clock, report: send } = this.#parts
    const order = { report, callingAeTitle: calledAeTitle, calledAeTitle: aeTitle }
    const address = addressOf(aeTitle)
    if (address === null) {
      return send({ ...order, way: { kind: 'association', association: null } })
    }
    const { association, sinceMs } = work
    const isFresh = elapsedMs(sinceMs, clock.monotonicMs()) < sameAssociationMs
    if (association !== null && isFresh) {
      const outcome = await send({ ...order, way: { kind: 'association', association } })
      if (outcome.kind === 'delivered') return outcome
    }
    return send({ ...order, way: { kind: 'call', ...address } })
  }

  async #judge(
    device: string,
    instances: readonly InstanceName[],
  ): Promise<ReadonlyMap<InstanceName, Verdict>> {
    const { journal, policy } = this.#parts
    const verdicts = new Map<InstanceName, Verdict>()
    for (let at = 0; at < instances.length; at += lookedUpAtOnce) {
      const part = instances.slice(at, at + lookedUpAtOnce)
      const found = await journal.instances(part.map(({ sopInstanceUid }) => sopInstanceUid))
      const byUid = Map.groupBy(found, ({ sopInstanceUid }) => sopInstanceUid)
      for (const one of part) {
        const kept: readonly KeptInstance[] = byUid.get(one.sopInstanceUid) ?? []
        verdicts.set(one, judge(policy, device, one, kept))
      }
    }
    return verdicts
  }

  #told({ device, aeTitle }: Transaction, { kept, failed }: CommitmentReport): void {
    this.#parts.log.info('commitment told', { device, count: kept.length })
    if (failed.length === 0) return
    const details = { device, sender: aeTitle, count: failed.length }
    this.#parts.trouble(imagingTrouble('imaging-commitment-not-kept', details))
  }

  #ranMs({ ranBeforeMs, sinceMs }: Work): number {
    return ranBeforeMs + Math.floor(elapsedMs(sinceMs, this.#parts.clock.monotonicMs()))
  }

  #saveAges(): Promise<void> {
    for (const work of this.#works.values()) {
      const { transactionUid } = work.transaction
      this.#book.age(transactionUid, { ranMs: this.#ranMs(work), readyMs: work.readyMs })
    }
    return this.#book.save()
  }

  #failed(err: unknown): void {
    this.#parts.log.error('requests for commitment could not be worked on', { err })
  }
}

function waitingOf(verdicts: ReadonlyMap<InstanceName, Verdict>): readonly InstanceName[] {
  return [...verdicts].flatMap(([instance, verdict]) => (verdict === 'waits' ? [instance] : []))
}

/** What still waits when all patience is at its end is not kept. */
function reportOf(
  transactionUid: string,
  verdicts: ReadonlyMap<InstanceName, Verdict>,
): CommitmentReport {
  const kept: InstanceName[] = []
  const failed: FailedInstance[] = []
  for (const [instance, verdict] of verdicts) {
    if (verdict === 'kept') kept.push(instance)
    else if (verdict !== 'waits') failed.push({ ...instance, reason: verdict })
    else failed.push({ ...instance, reason: commitmentReasons.processingFailure })
  }
  return { transactionUid, kept, failed }
}

function troubleOf(
  { device, aeTitle, instances }: Transaction,
  { address, outcome }: NonNullable<Work['failure']>,
): Trouble {
  const details = { device, sender: aeTitle, count: instances.length }
  if (outcome.kind === 'refused') {
    const status = outcome.status.toString(16).padStart(4, '0').toUpperCase()
    return imagingTrouble('imaging-commitment-refused', { ...details, status })
  }
  if (address === null) return imagingTrouble('imaging-commitment-no-address', details)
  const why = outcome.kind === 'failed' ? outcome.why : outcome.kind
  return imagingTrouble('imaging-commitment-unreachable', { ...details, ...address, why })
}
