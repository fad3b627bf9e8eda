/**
 * Takes images to a peer by C-STORE and asks it for them, on one association an errand.
 * Source: PS3.4 annexes B, C and J.
 */
import { open } from 'node:fs/promises'
import type { ProposedContext } from '../../protocols/dicom/association.ts'
import type { CommitmentReport } from '../../protocols/dicom/commitment.ts'
import { Association } from './association.ts'
import { Notes, unreadable, type Carrier, type Errand, type Ledger, type Stops } from './carrier.ts'
import type { CarrierWorld } from './carrier.ts'
import { Agreed, planContexts } from './contexts.ts'
import type { DicomDestination } from './destinations.ts'
import { storeOutcome, type Outcome } from './outcomes.ts'
import { PeerFailed } from './peer-failed.ts'
import { askForProof, CommitmentFailed, takeReport } from './proofs.ts'
import type { QueuedImage } from './queue.ts'
import { routerObjection } from './router-needs.ts'
import { tlsSecrets } from './secrets.ts'

export interface ReportDesk {
  /** Writes down a report of commitment. Throws when that fails. */
  take(report: CommitmentReport): void
  /** Whether peers can bring reports on associations of their own. */
  readonly isListening: boolean
}

/** How long an association stays open for a report, with and without another way for it. */
const lingerMs = { listening: 500, otherwise: 10_000 } as const

export class DicomCarrier implements Carrier {
  readonly #world: CarrierWorld
  readonly #destination: DicomDestination
  readonly #reports: ReportDesk
  /** Until the next start: archives offer commitment also to those whom they do not know. */
  #failedToCommit = false

  constructor(world: CarrierWorld, destination: DicomDestination, reports: ReportDesk) {
    this.#world = world
    this.#destination = destination
    this.#reports = reports
  }

  async carry({ images, unproven }: Errand, ledger: Ledger, stops: Stops): Promise<void> {
    const isRouter = this.#destination.profile === 'satusehat-router'
    const fit = isRouter ? await this.#fitForRouter(images, ledger) : images
    if (fit.length === 0 && unproven.length === 0) return
    const plan = planContexts(fit, this.#destination.proof)
    const reported = new Set<string>()
    const association = await this.#open(plan.proposed, reported, stops)
    try {
      const { contexts, answers } = association
      const agreed = new Agreed(plan.proposed, contexts, answers)
      if (isRouter) return await this.#oneStudy(association, agreed, plan.images, ledger, stops)
      const stored = await this.#sendEach(association, agreed, plan.images, ledger, stops)
      const { proof } = this.#destination
      const toProve = stops.soon.aborted || proof === 'none' ? [] : [...unproven, ...stored]
      if (toProve.length > 0) {
        const { random } = this.#world
        const prefersFind = this.#prefersFind
        const { prove } = ledger
        const questioning = { association, agreed, proof, prefersFind, prove, random }
        const asked = await askForProof(questioning, toProve)
        await this.#linger(asked, reported, stops)
      }
      await association.release()
    } catch (err) {
      if (err instanceof CommitmentFailed) this.#failedToCommit = true
      throw err
    } finally {
      association.abort()
    }
  }

  /** A report that could only come on the association of the question mostly never comes. */
  get #prefersFind(): boolean {
    return this.#failedToCommit || !this.#reports.isListening
  }

  #open(
    contexts: readonly ProposedContext[],
    reported: Set<string>,
    stops: Stops,
  ): Promise<Association> {
    const { host, port, tls, silenceSeconds, callingAeTitle, calledAeTitle } = this.#destination
    return Association.open({
      host,
      port,
      tls: tls === null ? null : tlsSecrets(tls),
      silenceMs: silenceSeconds * 1_000,
      callingAeTitle,
      calledAeTitle,
      contexts,
      kill: stops.now,
      asked: (message, transferSyntaxUid) =>
        takeReport(message, transferSyntaxUid, (report) => {
          this.#reports.take(report)
          reported.add(report.transactionUid)
        }),
    })
  }

  /** Answers the images that the peer says to have. */
  async #sendEach(
    association: Association,
    agreed: Agreed,
    images: readonly QueuedImage[],
    ledger: Ledger,
    stops: Stops,
  ): Promise<readonly QueuedImage[]> {
    const notes = new Notes(ledger, () => this.#world.clock.monotonicMs())
    const stored: QueuedImage[] = []
    try {
      for (const image of images) {
        if (stops.soon.aborted) break
        if (!ledger.stillGoes(image)) continue
        const outcome = await sendOne(association, agreed, image, ledger).catch((err: unknown) => {
          // The image may be the reason: others go before it is tried again.
          notes.add(image.id, laterBecause(err))
          throw err
        })
        notes.add(image.id, outcome)
        if (outcome.kind === 'stored') stored.push(image)
        if (outcome.kind === 'later' && outcome.whole) break
      }
    } finally {
      notes.write()
    }
    return stored
  }

  /**
   * The router forgets what came on an association that was not released, and makes one study of
   * one association: so nothing counts before the release, and everything goes again without it.
   */
  async #oneStudy(
    association: Association,
    agreed: Agreed,
    images: readonly QueuedImage[],
    ledger: Ledger,
    stops: Stops,
  ): Promise<void> {
    const outcomes = new Map<number, Outcome>()
    try {
      for (const image of images) {
        if (stops.soon.aborted) throw new PeerFailed('stopped', 'we stop')
        if (!ledger.stillGoes(image)) continue
        const outcome = await sendOne(association, agreed, image, ledger)
        outcomes.set(image.id, outcome)
        if (outcome.kind === 'later' && outcome.whole) throw new PeerFailed('refused', outcome.said)
      }
      await association.release()
    } catch (err) {
      const again = laterBecause(err)
      ledger.settle(new Map(images.map(({ id }) => [id, again])))
      throw err
    }
    ledger.settle(outcomes)
  }

  async #fitForRouter(
    images: readonly QueuedImage[],
    ledger: Ledger,
  ): Promise<readonly QueuedImage[]> {
    const held = new Map<number, Outcome>()
    for (const image of images) {
      const objection = await routerObjection(image, ledger.pathOf(image.sha256))
      if (objection !== null) held.set(image.id, objection)
    }
    ledger.settle(held)
    return images.filter(({ id }) => !held.has(id))
  }

  async #linger(
    asked: readonly string[],
    reported: ReadonlySet<string>,
    { soon }: Stops,
  ): Promise<void> {
    const { clock } = this.#world
    const wait = this.#reports.isListening ? lingerMs.listening : lingerMs.otherwise
    const untilMs = clock.monotonicMs() + wait
    const isOver = (): boolean => asked.every((question) => reported.has(question))
    while (!isOver() && !soon.aborted && clock.monotonicMs() < untilMs) await clock.sleep(20)
  }
}

function laterBecause(err: unknown): Outcome {
  const said = err instanceof PeerFailed ? err.message : 'we failed'
  return { kind: 'later', said, whole: true }
}

async function sendOne(
  association: Association,
  agreed: Agreed,
  image: QueuedImage,
  ledger: Ledger,
): Promise<Outcome> {
  const context = agreed.forImage(image)
  if (typeof context === 'string') {
    return { kind: 'parked', reason: context, said: 'no presentation context' }
  }
  const path = ledger.pathOf(image.sha256)
  const handle = path === null ? null : await open(path).catch(() => null)
  if (handle === null) return unreadable
  try {
    const { size } = await handle.stat()
    if (size !== image.sizeBytes || image.dataSetOffset >= size) return unreadable
    const file = { handle, offset: image.dataSetOffset, size }
    const { status, comment } = await association.store(context, image, file)
    return storeOutcome(status, comment)
  } finally {
    await handle.close()
  }
}
