/**
 * Which image goes where, and how far it has come. In the landing's database, so that it is as
 * durable as the images: a step counts when it is committed, and every step may be done twice.
 *
 *   held ─▶ awaited ─▶ waiting ─▶ sent ─▶ confirmed
 *     whose    file     │  ▲       │ the peer says that it has it; then it is asked
 *     it is    whole    ▼  └───────┘ it has not
 *                    parked           for a person
 */
import type { SqliteDatabase } from '../landing/database.ts'
import type { Transactions } from '../landing/transactions.ts'
import { retryMs } from './back-off.ts'
import { gateReasons, Identities, openFlag, wayOf, type Way } from './identity-gate.ts'
import type { Outcome } from './outcomes.ts'
import { prepare, type ForwardRow, type ImageRow, type Phase } from './queue-rows.ts'
import type { ParkedReason } from './reasons.ts'
import type { Random } from '../../protocols/world/random.ts'

export interface QueuedImage {
  readonly id: number
  /** Of the file that goes out, like all that follows. */
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
  /** Images without an order are of no use there, and dangerous. */
  readonly needsOrder?: boolean
}

/** What was found out about one image that the peer had said to have. */
export type Proof =
  | { readonly kind: 'confirmed'; readonly said: string }
  | { readonly kind: 'absent'; readonly said: string }
  /** It could not be asked, or was asked and answers later. */
  | { readonly kind: 'open'; readonly question: string | null; readonly askAgainMs: number }

interface Cursor {
  readonly packetId: number
  readonly position: number
}

const sliceRows = 200
/** Nobody sends an image that is in one of these. */
const stalePhases: ReadonlySet<Phase> = new Set(['held', 'awaited', 'parked'])
const refusalsMost = 2
/** A peer may still be indexing what it has stored: it is asked for about half an hour. */
const absencesMost = 12
const refusedAgainMs = 60_000
/** What an image is parked for when it is taken in, whoever it belongs to. */
const lastingReasons: ReadonlySet<string | null> = new Set<ParkedReason>([
  'simulated',
  'names-differ',
  'conflict',
])
/** A clock that was set back must not hold images for longer than this. */
const dueMostMs = 3_600_000

export class ForwardQueue {
  readonly #transactions: Transactions
  readonly #statements
  readonly #identities: Identities
  readonly #random: Random
  readonly #pathOf: (sha256: string) => string | null
  #cursor: Cursor = { packetId: -1, position: -1 }
  #identityCursor: Cursor = { packetId: -1, position: -1 }
  #lateCount = 0
  /** Which file of a row somebody is sending, by the row's id. */
  readonly #handed = new Map<number, string>()

  /** `pathOf`: where the whole file of an object is; null as long as it is not. */
  constructor(
    database: SqliteDatabase,
    transactions: Transactions,
    random: Random,
    pathOf: (sha256: string) => string | null,
  ) {
    this.#transactions = transactions
    this.#statements = prepare(database)
    this.#identities = new Identities(database)
    this.#random = random
    this.#pathOf = pathOf
  }

  /**
   * Takes in one slice of the images that the landing has, and of what the van decided about whose
   * they are: all of them after a start, then what is new. Answers whether there is more.
   */
  takeIn(addressees: readonly Addressee[], wallMs: number): boolean {
    const hasImages = this.#takeInImages(addressees, wallMs)
    const hasIdentities = this.#takeInIdentities(wallMs)
    return hasImages || hasIdentities
  }

  /** How many images were decided otherwise after they had gone, since it was asked last. */
  takeLate(): number {
    const count = this.#lateCount
    this.#lateCount = 0
    return count
  }

  #takeInIdentities(wallMs: number): boolean {
    const { packetId, position } = this.#identityCursor
    const places = this.#identities.after(packetId, position, sliceRows)
    const last = places.at(-1)
    if (last === undefined) return false
    this.#transactions.run(() => {
      for (const { image_sha256: sha256, van } of places)
        for (const row of this.#statements.ofImage.all(sha256, van)) this.#apply(row, wallMs)
    })
    this.#identityCursor = { packetId: last.packet_id, position: last.position }
    return places.length === sliceRows
  }

  #takeInImages(addressees: readonly Addressee[], wallMs: number): boolean {
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

  #add(image: ImageRow, to: Addressee, wallMs: number): void {
    const { name, takesSimulated, needsOrder = false } = to
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
    const phase: Phase = reason !== null ? 'parked' : 'held'
    const { study_instance_uid: studyUid, series_instance_uid: seriesUid } = image
    this.#statements.add.run(
      name,
      image.van,
      image.sha256,
      image.sha256,
      image.size_bytes,
      image.sop_class_uid,
      image.sop_instance_uid,
      image.transfer_syntax_uid,
      studyUid ?? image.sop_instance_uid,
      studyUid,
      seriesUid,
      image.data_set_offset,
      flags.includes(openFlag) ? 1 : 0,
      needsOrder ? 1 : 0,
      phase,
      reason,
      wallMs,
      wallMs,
    )
    const row = this.#statements.added.get(name, image.sha256)
    if (row !== undefined) this.#apply(row, wallMs)
  }

  /** Inside a transaction: does to a row what the newest decision says. May be done again. */
  #apply(row: ForwardRow, wallMs: number): void {
    const { id, phase, reason } = row
    if (lastingReasons.has(reason)) return
    const gated = { isOpen: row.identity_open !== 0, needsOrder: row.needs_order !== 0 }
    const way = wayOf(this.#identities.newest(row), gated)
    const file = way.kind === 'go' ? (way.file?.sha256 ?? row.sha256) : null
    if (phase === 'sent' || phase === 'confirmed') {
      // It is out: a person must call it back, where it is.
      if (file === row.file_sha256) return
      this.#lateCount++
      this.#park(id, 'identity-changed', null, wallMs)
      return
    }
    if (phase === 'parked') {
      if (reason === 'identity-changed' || (way.kind === 'park' && way.reason === reason)) return
      if (file === row.file_sha256 && !gateReasons.has(reason)) return
    }
    if (way.kind === 'park') this.#park(id, way.reason, null, wallMs)
    else if (way.kind === 'hold') this.#statements.hold.run(wallMs, id)
    else if (phase !== 'waiting' || file !== row.file_sha256) this.#go(row, way, wallMs)
  }

  #go(row: ForwardRow, { file }: Extract<Way, { kind: 'go' }>, wallMs: number): void {
    const own = this.#statements.ownFile.get(row.sha256, row.van) ?? row
    const sha256 = file?.sha256 ?? row.sha256
    const studyUid = file === null ? own.study_instance_uid : file.studyInstanceUid
    const seriesUid = file === null ? own.series_instance_uid : file.seriesInstanceUid
    this.#statements.goes.run(
      sha256,
      file?.sizeBytes ?? own.size_bytes,
      studyUid ?? row.sop_instance_uid,
      studyUid,
      seriesUid,
      wallMs,
      row.id,
    )
    const here = this.#pathOf(sha256) !== null
    if (here) this.#statements.ready.run(wallMs, wallMs, wallMs, row.id)
  }

  /** The file has become whole. */
  fileWhole(sha256: string, wallMs: number): void {
    const rows = this.#statements.awaited.all(sha256)
    if (rows.length === 0) return
    this.#transactions.run(() => {
      for (const row of rows) this.#apply(row, wallMs)
    })
  }

  /** Looks once at every awaited file: some may have become whole while nobody listened. */
  lookForFiles(wallMs: number): void {
    for (const row of this.#statements.allAwaited.all()) {
      const isHere = this.#pathOf(row.file_sha256) !== null
      if (isHere) this.#transactions.run(() => this.#apply(row, wallMs))
    }
  }

  /** What is to be sent now: of the newest studies first, and within one in the order it came. */
  due(destination: string, wallMs: number, most: number): readonly QueuedImage[] {
    const dueMost = wallMs + dueMostMs
    const newest = this.#statements.newestDue.all(destination, wallMs, dueMost, most)
    const images: QueuedImage[] = []
    for (const study of new Set(newest.map((row) => row.study))) {
      const rows = this.#statements.dueOf.all(destination, study, wallMs, dueMost)
      images.push(...rows.map((row) => this.#hand(row)))
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
    const rows = this.#statements.wholeStudy.all(destination, study.study)
    return rows.map((row) => this.#hand(row))
  }

  #hand(row: ForwardRow): QueuedImage {
    this.#handed.set(row.id, row.file_sha256)
    return imageOf(row)
  }

  /** What was handed out a while ago may still be sent. */
  stillGoes({ id, sha256 }: QueuedImage): boolean {
    const now = this.#statements.counts.get(id)
    return now !== undefined && !stalePhases.has(now.phase) && now.file_sha256 === sha256
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
    const file = this.#handed.get(id) ?? counts.file_sha256
    this.#handed.delete(id)
    // Decided otherwise while it was on its way: what became of the attempt says nothing any more.
    const isStale = stalePhases.has(counts.phase) || file !== counts.file_sha256
    if (isStale && outcome.kind !== 'stored') return
    switch (outcome.kind) {
      case 'stored': {
        this.#statements.stored.run(said, wallMs, wallMs, id)
        const row = this.#statements.row.get(id)
        if (row !== undefined) this.#apply({ ...row, file_sha256: file }, wallMs)
        return
      }
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

  #park(id: number, reason: ParkedReason, said: string | null, wallMs: number): void {
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
    sha256: row.file_sha256,
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
