/**
 * Which image goes where, and how far it has come. In the landing's database, so that it is as
 * durable as the images: a step counts when it is committed, and every step may be done twice.
 *
 *   awaited ─▶ waiting ─▶ sent ─▶ confirmed
 *      file     │  ▲       │ the peer says that it has it; then it is asked
 *      whole    ▼  └───────┘ it has not
 *            parked           for a person
 */
import type { SqliteDatabase } from '../landing/database.ts'
import type { Transactions } from '../landing/transactions.ts'
import { retryMs } from './back-off.ts'
import type { Outcome } from './outcomes.ts'
import { prepare, type ForwardRow, type ImageRow } from './queue-rows.ts'
import type { ParkedReason } from './reasons.ts'
import type { Random } from '../../protocols/world/random.ts'

export type Phase = 'awaited' | 'waiting' | 'sent' | 'confirmed' | 'parked'

export interface QueuedImage {
  readonly id: number
  readonly sha256: string
  readonly sizeBytes: number
  readonly sopClassUid: string
  readonly sopInstanceUid: string
  readonly transferSyntaxUid: string
  /** Its UID, or the instance's where the image names none. */
  readonly study: string
  readonly studyInstanceUid: string | null
  readonly seriesInstanceUid: string | null
  /** Where in the file the data set begins. */
  readonly dataSetOffset: number
  readonly phase: Phase
  /** Transaction UID of the commitment that was asked for; null when none is open. */
  readonly question: string | null
}

export interface Addressee {
  readonly name: string
  /** Whether images of simulators may go there. */
  readonly takesSimulated: boolean
}

/** What was found out about one image that the peer had said to have. */
export type Proof =
  | { readonly kind: 'confirmed'; readonly said: string }
  | { readonly kind: 'absent'; readonly said: string }
  /** It could not be asked, or was asked and answers later. */
  | { readonly kind: 'open'; readonly question: string | null; readonly askAgainMs: number }

const sliceRows = 200
const refusalsMost = 2
/** A peer may still be indexing what it has stored: it is asked for about half an hour. */
const absencesMost = 12
const refusedAgainMs = 60_000
/** A clock that was set back must not hold images for longer than this. */
const dueMostMs = 3_600_000

export class ForwardQueue {
  readonly #transactions: Transactions
  readonly #statements
  readonly #random: Random
  readonly #pathOf: (sha256: string) => string | null
  #cursor: { packetId: number; position: number } = { packetId: -1, position: -1 }

  /** `pathOf`: where the whole file of an object is; null as long as it is not. */
  constructor(
    database: SqliteDatabase,
    transactions: Transactions,
    random: Random,
    pathOf: (sha256: string) => string | null,
  ) {
    this.#transactions = transactions
    this.#statements = prepare(database)
    this.#random = random
    this.#pathOf = pathOf
  }

  /**
   * Takes in one slice of the images that the landing has: all of them after a start, then what is
   * new. Answers whether there is more.
   */
  takeIn(addressees: readonly Addressee[], wallMs: number): boolean {
    const { packetId, position } = this.#cursor
    const images = this.#statements.images.all(packetId, position, sliceRows)
    const last = images.at(-1)
    if (last === undefined) return false
    const fresh = images.flatMap((image) =>
      addressees
        .filter(({ name }) => this.#statements.known.get(name, image.sha256) === undefined)
        .map((addressee) => ({ image, addressee })),
    )
    if (fresh.length > 0) {
      this.#transactions.run(() => {
        for (const { image, addressee } of fresh) this.#add(image, addressee, wallMs)
      })
    }
    this.#cursor = { packetId: last.packet_id, position: last.position }
    return images.length === sliceRows
  }

  #add(image: ImageRow, { name, takesSimulated }: Addressee, wallMs: number): void {
    const flags = flagsOf(image.flags)
    const twin = this.#statements.twin.get(name, image.sop_instance_uid, image.sha256)
    const reason: ParkedReason | null =
      image.simulated !== 0 && !takesSimulated
        ? 'simulated'
        : flags.includes('uid-mismatch')
          ? 'names-differ'
          : twin !== undefined
            ? 'conflict'
            : null
    const here = this.#pathOf(image.sha256) !== null
    const phase: Phase = reason !== null ? 'parked' : here ? 'waiting' : 'awaited'
    const { study_instance_uid: studyUid, series_instance_uid: seriesUid } = image
    this.#statements.add.run(
      name,
      image.sha256,
      image.size_bytes,
      image.sop_class_uid,
      image.sop_instance_uid,
      image.transfer_syntax_uid,
      studyUid ?? image.sop_instance_uid,
      studyUid,
      seriesUid,
      image.data_set_offset,
      phase,
      reason,
      wallMs,
      wallMs,
      wallMs,
    )
  }

  /** The file has become whole. */
  fileWhole(sha256: string, wallMs: number): void {
    if (this.#statements.awaited.get(sha256) === undefined) return
    this.#transactions.run(() => this.#statements.ready.run(wallMs, wallMs, wallMs, sha256))
  }

  /** Looks once at every awaited file: some may have become whole while nobody listened. */
  lookForFiles(wallMs: number): void {
    for (const { sha256 } of this.#statements.allAwaited.all())
      if (this.#pathOf(sha256) !== null) this.fileWhole(sha256, wallMs)
  }

  /** What is to be sent now: of the newest studies first, and within one in the order it came. */
  due(destination: string, wallMs: number, most: number): readonly QueuedImage[] {
    const dueMost = wallMs + dueMostMs
    const newest = this.#statements.newestDue.all(destination, wallMs, dueMost, most)
    const images: QueuedImage[] = []
    for (const study of new Set(newest.map((row) => row.study))) {
      const rows = this.#statements.dueOf.all(destination, study, wallMs, dueMost)
      images.push(...rows.map(imageOf))
      if (images.length >= most) break
    }
    return images.slice(0, most)
  }

  /**
   * A study of which something is to be sent, nothing is on its way, and nothing has come for
   * `quietMs`: all its images that are here, sent before or not. Empty when there is none.
   */
  dueStudy(destination: string, wallMs: number, quietMs: number): readonly QueuedImage[] {
    const study = this.#statements.quietStudy.get(
      destination,
      wallMs,
      wallMs + dueMostMs,
      wallMs - quietMs,
      wallMs,
    )
    if (study === undefined) return []
    return this.#statements.wholeStudy.all(destination, study.study).map(imageOf)
  }

  /** What the peer says to have and was not asked for yet, or should be asked for again. */
  unproven(destination: string, wallMs: number, most: number): readonly QueuedImage[] {
    return this.#statements.unproven.all(destination, wallMs, wallMs + dueMostMs, most).map(imageOf)
  }

  /** Writes down what became of images, all at once. */
  settle(outcomes: ReadonlyMap<number, Outcome>, wallMs: number): void {
    if (outcomes.size === 0) return
    this.#transactions.run(() => {
      for (const [id, outcome] of outcomes) this.#settle(id, outcome, wallMs)
    })
  }

  #settle(id: number, outcome: Outcome, wallMs: number): void {
    const { said } = outcome
    const counts = this.#statements.counts.get(id)
    if (counts === undefined) return
    switch (outcome.kind) {
      case 'stored':
        return void this.#statements.stored.run(said, wallMs, wallMs, id)
      case 'later': {
        const tries = counts.tries + 1
        const due = Math.round(wallMs + retryMs(tries, this.#random))
        return void this.#statements.later.run(tries, 0, said, due, wallMs, id)
      }
      case 'refused': {
        const refusals = counts.refusals + 1
        if (refusals >= refusalsMost) return this.#park(id, outcome.reason, said, wallMs)
        const due = wallMs + refusedAgainMs
        return void this.#statements.later.run(counts.tries, refusals, said, due, wallMs, id)
      }
      case 'parked':
        return this.#park(id, outcome.reason, said, wallMs)
    }
  }

  #park(id: number, reason: ParkedReason, said: string, wallMs: number): void {
    this.#statements.park.run(reason, said, wallMs, id)
  }

  /** Writes down what the peer answered when it was asked. */
  prove(proofs: ReadonlyMap<number, Proof>, wallMs: number): void {
    if (proofs.size === 0) return
    this.#transactions.run(() => {
      for (const [id, proof] of proofs) this.#prove(id, proof, wallMs)
    })
  }

  #prove(id: number, proof: Proof, wallMs: number): void {
    const counts = this.#statements.counts.get(id)
    if (counts?.phase !== 'sent') return
    if (proof.kind === 'confirmed') {
      this.#statements.confirm.run(proof.said, wallMs, id)
    } else if (proof.kind === 'open') {
      const due = wallMs + proof.askAgainMs
      this.#statements.asked.run(proof.question, counts.absences, due, wallMs, id)
    } else if (counts.absences + 1 < absencesMost) {
      const due = Math.round(wallMs + retryMs(counts.absences + 1, this.#random))
      this.#statements.asked.run(null, counts.absences + 1, due, wallMs, id)
    } else {
      this.#settle(id, { kind: 'refused', said: proof.said, reason: 'vanished' }, wallMs)
    }
  }

  /** The images of an open commitment, by their SOP instance. */
  asked(question: string): ReadonlyMap<string, number> {
    const rows = this.#statements.byQuestion.all(question)
    return new Map(rows.map(({ sop_instance_uid: uid, id }) => [uid, id]))
  }

  /** Why nothing goes to a destination; null when it does. Answers whether that is news. */
  noteTrouble(destination: string, trouble: string | null, wallMs: number): boolean {
    const known = this.#statements.trouble.get(destination)
    if (known?.trouble === trouble) return false
    this.#transactions.run(() => this.#statements.setTrouble.run(destination, trouble, wallMs))
    return true
  }
}

function imageOf(row: ForwardRow): QueuedImage {
  return {
    id: row.id,
    sha256: row.sha256,
    sizeBytes: row.size_bytes,
    sopClassUid: row.sop_class_uid,
    sopInstanceUid: row.sop_instance_uid,
    transferSyntaxUid: row.transfer_syntax_uid,
    study: row.study,
    studyInstanceUid: row.study_instance_uid,
    seriesInstanceUid: row.series_instance_uid,
    dataSetOffset: row.data_set_offset,
    phase: row.phase,
    question: row.question,
  }
}

function flagsOf(text: string): readonly string[] {
  const flags: unknown = JSON.parse(text)
  return Array.isArray(flags) ? flags.map(String) : []
}
