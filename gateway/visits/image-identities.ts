/**
 * Images as they arrive: each is compared with the orders on board before it is stored, and the
 * outcome is a record of its own. What waits is recorded before its image is, so that no image ever
 * waits where nobody sees it; a record whose image never came is harmless.
 */
import { nobody, type StatedIdentity } from '../../protocols/dicom/stated-identity.ts'
import type { ImageFiles, KeptInstance } from '../journal/journal.ts'
import {
  differences,
  judge,
  type Finding,
  type ImageToMatch,
  type OrderOnBoard,
  type Verdict,
} from './identity.ts'
import { ordersOnBoard } from './on-board.ts'
import { byVan } from './saying.ts'
import { readStatedHead, type ReadStart, type StatedHead } from './stated-head.ts'
import type { ImageName } from './visit-book.ts'
import type { Visits } from './visits.ts'

/** What is known of one image. */
export interface ImageFacts extends ImageName, ImageToMatch {
  /** Name of the device in the van. */
  readonly device: string
  readonly seriesInstanceUid: string | null
  /** A simulator sent it. */
  readonly simulated: boolean
}

export interface ImageIdentitiesParts {
  /** `off`: images go on unseen. */
  readonly policy: 'check' | 'off'
  readonly visits: Pick<Visits, 'book' | 'decideIdentity' | 'listen'>
  readonly files: (sha256: string) => Promise<ImageFiles>
  readonly instances: (sopInstanceUids: readonly string[]) => Promise<readonly KeptInstance[]>
  readonly readStart: ReadStart
  /** Whether a device of the van is a simulator. */
  readonly isSimulated: (device: string) => boolean
}

export interface Arrival {
  /** It goes on only after a record of its identity says so. */
  readonly isOpen: boolean
  /** Before the image is stored. Rejects with a `Trouble`. */
  readonly announce: () => Promise<void>
  /** After it was stored. Rejects with a `Trouble`. */
  readonly settle: () => Promise<void>
  /** It was not stored. */
  readonly withdraw: () => void
}

/** Facts of so many images are held; others are read from their files again. */
const factsMax = 5_000
/** After a start, so many of the newest decisions tell which patient a study belongs to. */
const rememberedMax = 500

const silentHead: StatedHead = {
  said: nobody,
  studyInstanceUid: null,
  seriesInstanceUid: null,
  modality: null,
}

const nothing = (): Promise<void> => Promise.resolve()

export class ImageIdentities {
  readonly #parts: ImageIdentitiesParts
  readonly #facts = new Map<string, ImageFacts>()
  /** Names of images by their study. */
  readonly #studies = new Map<string, Set<string>>()
  readonly #remembered: Promise<void>
  /** null: to be put together anew. */
  #orders: readonly OrderOnBoard[] | null = null
  #judging: Promise<void> = Promise.resolve()
  readonly #stopListening: () => void
  #stopped = false

  constructor(parts: ImageIdentitiesParts) {
    this.#parts = parts
    this.#stopListening = parts.visits.listen(({ kind }) => {
      if (kind === 'identity' || kind === 'procedure') return
      this.#orders = null
      this.#judgeAgain()
    })
    this.#remembered = this.#remember()
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#stopListening()
    await this.#remembered
    await this.#judging
  }

  /**
   * Whether images are compared. A van without orders and open visits works without them, and one
   * that knows of an order, be it over, works with them: a modality may send a day late.
   */
  get isChecking(): boolean {
    const { policy, visits } = this.#parts
    if (policy === 'off') return false
    return visits.book.orders().length > 0 || visits.book.openVisits().length > 0
  }

  /** null: images are not compared, and this one goes on. */
  async arrived(image: ImageFacts): Promise<Arrival | null> {
    if (!this.isChecking) return null
    await this.#remembered
    const known = this.#parts.visits.book.identity(image)
    if (known !== null) {
      const isOpen = known.state !== 'matched' && known.state !== 'accepted'
      return { isOpen, announce: nothing, settle: nothing, withdraw: () => {} }
    }
    // Sent once more, and gone on long ago: nothing about it is open.
    const kept = await this.#parts.instances([image.sopInstanceUid])
    if (kept.some(({ sha256 }) => sha256 === image.of)) return null
    const verdict = this.verdict(image)
    // At once: the next image may be on its way already, and be of the same study.
    this.#keep(image)
    const isOpen = verdict.findings.length > 0
    const decide = (): Promise<void> => this.#decide(image, verdict)
    const withdraw = (): void => this.#forget(image)
    return isOpen
      ? { isOpen, announce: decide, settle: nothing, withdraw }
      : { isOpen, announce: nothing, settle: decide, withdraw }
  }

  verdict(image: ImageFacts): Verdict {
    this.#orders ??= ordersOnBoard(this.#parts.visits)
    return judge(image, this.#orders, this.#otherPatients(image, []))
  }

  /**
   * What differs between an image and an order that a person has chosen for it. `together`: images
   * that go to this order with it, and so say nothing about whose the study is.
   */
  findingsFor(
    image: ImageFacts,
    order: OrderOnBoard,
    together: readonly ImageName[],
  ): readonly Finding[] {
    const { accessionNumber } = image.said
    const accession: readonly Finding[] =
      accessionNumber === null
        ? ['accession-missing']
        : accessionNumber === order.accessionNumber
          ? []
          : ['accession-unknown']
    const patients = new Set(this.#otherPatients(image, together))
    for (const { studyInstanceUid, visit } of this.#parts.visits.book.orders()) {
      if (studyInstanceUid !== image.studyInstanceUid) continue
      patients.add(this.#parts.visits.book.visit(visit)?.patient ?? visit)
    }
    patients.delete(order.patient)
    const study: readonly Finding[] = patients.size > 0 ? ['study-of-another-patient'] : []
    return [...accession, ...differences(image.said, order), ...study]
  }

  /** null: there is no such image. One whose file is gone says nothing any more. */
  async facts(name: ImageName): Promise<ImageFacts | null> {
    const held = this.#facts.get(keyOf(name))
    if (held !== undefined) return held
    const { files, instances, readStart, visits } = this.#parts
    const kept = await instances([name.sopInstanceUid])
    const instance = kept.find(({ sha256 }) => sha256 === name.of)
    const { image: path } = await files(name.of)
    if (instance === undefined && path === null) return null
    const head = (path === null ? null : await readStatedHead(path, readStart)) ?? silentHead
    const device = instance?.devices[0] ?? ''
    const utcMs = visits.book.identity(name)?.utcMs ?? null
    const { of, sopInstanceUid } = name
    const simulated = this.#parts.isSimulated(device)
    const facts = { of, sopInstanceUid, device, simulated, callingAeTitle: '', utcMs, ...head }
    this.#keep(facts)
    return facts
  }

  async #decide(image: ImageFacts, { order, findings }: Verdict): Promise<void> {
    await this.#parts.visits.decideIdentity({
      of: image.of,
      sopInstanceUid: image.sopInstanceUid,
      state: findings.length > 0 ? 'waiting' : 'matched',
      visit: order?.visit ?? null,
      order: order?.order ?? null,
      coerced: null,
      findings,
      by: byVan,
      reason: '',
    })
  }

  /** What waits for nobody but the van is compared again when an order or a patient has changed. */
  #judgeAgain(): void {
    this.#judging = this.#judging.then(async () => {
      for (const identity of this.#parts.visits.book.waiting()) {
        if (this.#stopped || identity.by !== byVan) continue
        const image = await this.facts(identity).catch(() => null)
        const verdict = image === null ? null : this.verdict(image)
        if (image === null || verdict === null || verdict.findings.length > 0) continue
        // A person may have decided meanwhile.
        if (this.#parts.visits.book.identity(identity) !== identity) continue
        await this.#decide(image, verdict).catch(() => {})
      }
    })
  }

  /** Which patients the studies of the newest decisions belong to. */
  async #remember(): Promise<void> {
    if (this.#parts.policy === 'off') return
    for (const identity of this.#parts.visits.book.identities().slice(0, rememberedMax)) {
      if (this.#stopped) return
      // What cannot be read now is read when somebody looks at it.
      if (identity.state !== 'refused') await this.facts(identity).catch(() => null)
    }
  }

  /** Patients of other images of its study, where the device says somebody else than here. */
  #otherPatients(image: ImageFacts, together: readonly ImageName[]): ReadonlySet<string> {
    const { studyInstanceUid, said } = image
    const patients = new Set<string>()
    if (studyInstanceUid === null) return patients
    const own = new Set([image, ...together].map(keyOf))
    for (const key of this.#studies.get(studyInstanceUid) ?? []) {
      const other = this.#facts.get(key)
      if (other === undefined || own.has(key) || isSameSaid(other.said, said)) continue
      const patient = this.#patientOf(other)
      if (patient !== null) patients.add(patient)
    }
    return patients
  }

  /** A token, or as good a name as there is; null: nobody knows. */
  #patientOf(image: ImageFacts): string | null {
    const { book } = this.#parts.visits
    const identity = book.identity(image)
    if (identity?.state === 'refused') return null
    const isDecided = identity !== null && identity.state !== 'waiting'
    const order = isDecided && identity.order !== null ? book.order(identity.order) : null
    const visit = order === null ? null : book.visit(order.visit)
    if (visit !== null) return visit.patient
    const { patientId } = image.said
    if (patientId === null) return null
    return book.patientsByNumber(patientId)[0]?.patient ?? `said ${patientId}`
  }

  #keep(image: ImageFacts): void {
    const key = keyOf(image)
    this.#facts.delete(key)
    this.#facts.set(key, image)
    if (image.studyInstanceUid !== null) {
      const study = this.#studies.get(image.studyInstanceUid)
      if (study === undefined) this.#studies.set(image.studyInstanceUid, new Set([key]))
      else study.add(key)
    }
    const [oldest] = this.#facts.values()
    if (this.#facts.size > factsMax && oldest !== undefined) this.#forget(oldest)
  }

  #forget(image: ImageFacts): void {
    this.#facts.delete(keyOf(image))
    if (image.studyInstanceUid === null) return
    const study = this.#studies.get(image.studyInstanceUid)
    study?.delete(keyOf(image))
    if (study?.size === 0) this.#studies.delete(image.studyInstanceUid)
  }
}

function keyOf({ of, sopInstanceUid }: ImageName): string {
  return `${of} ${sopInstanceUid}`
}

/** The device speaks of one and the same person. */
export function isSameSaid(one: StatedIdentity, other: StatedIdentity): boolean {
  return one.patientId === other.patientId && one.patientName === other.patientName
}
