/** Taking over large objects: the file, the record that names it, and a packet for each chunk. */
import type { PacketHeader } from '../../protocols/packet/packet.ts'
import { streamFor } from '../../protocols/packet/topics.ts'
import { journalTrouble } from '../errors/journal.ts'
import { sealChunks } from './chunks.ts'
import type { Files } from './files.ts'
import { Forms, type Waiting } from './forms.ts'
import { identityOf } from './identity.ts'
import { chunkClassOf, chunksOf, type ObjectRecord } from './kinds.ts'
import type { ImageFiles, KeptInstance, Undecided } from './journal.ts'
import type { Ledger } from './ledger.ts'
import { ObjectTable, type ObjectRow } from './object-table.ts'
import type { FinishedFile, KeptFile, ObjectFile, ObjectFiles, ScannedFile } from './objects.ts'
import type { Prepared } from './prepared.ts'
import type { Need, Room } from './retention.ts'
import type { Sealer } from './sealing.ts'

export interface PreparedObject extends Prepared {
  readonly record: ObjectRecord
}

export interface Adoption {
  readonly prepared: PreparedObject
  /** Scanned: it travels as it is. Otherwise its form is decided later. */
  readonly file: ScannedFile | ObjectFile
  readonly temporaryPath: string
  readonly epoch: string
  readonly boot: string
  readonly nowMs: number
}

/** 4 GiB in full chunks. */
export const chunksMax = 65_536

/** A row of `packets` without its body, with its places in the indexes. */
const chunkRowBytes = 512

export interface AdoptionParts {
  readonly ledger: Ledger
  readonly sealer: Sealer
  readonly room: Room
  readonly objects: ObjectFiles
  readonly files: Files
}

export class Adoptions {
  readonly #parts: AdoptionParts
  readonly #table: ObjectTable
  readonly #forms: Forms
  /** Files that have their name and no row yet. */
  readonly #placed = new Set<string>()

  constructor(parts: AdoptionParts) {
    this.#parts = parts
    this.#table = new ObjectTable(parts.ledger)
    this.#forms = new Forms(parts.ledger)
  }

  objectsOfImage(sopInstanceUid: string): readonly string[] {
    return this.#table.ofImage(sopInstanceUid)
  }

  imageFiles(sha256: string): ImageFiles {
    const pathOf = (hash: string): string | null =>
      this.#table.find(hash)?.present === 1 ? this.#parts.objects.pathOf(hash) : null
    const preview = this.#table
      .ofPreview(sha256)
      .map(pathOf)
      .find((path) => path !== null)
    return { image: pathOf(sha256), preview: preview ?? null }
  }

  instances(sopInstanceUids: readonly string[]): readonly KeptInstance[] {
    return this.#table.instances.find(sopInstanceUids)
  }

  /**
   * Gives the file its name, if it is to have one. Answers what must be on the disk before `adopt`,
   * or else `giveBack`, follows; nothing when that may be at once.
   */
  place(adoption: Adoption): readonly string[] {
    const { status, present } = this.#judge(adoption)
    if (status === 'already' || present) return []
    const finished = finishedOf(adoption)
    const unsynced = this.#parts.objects.move(finished)
    this.#placed.add(finished.sha256)
    return unsynced
  }

  /** Nothing comes of it. Never throws. */
  giveBack({ prepared, temporaryPath }: Pick<Adoption, 'prepared' | 'temporaryPath'>): void {
    const { sha256 } = prepared.record.object
    if (this.#placed.delete(sha256)) this.#parts.objects.giveBack({ sha256, temporaryPath })
  }

  /**
   * All of them with one commit, or none when it throws. No two may be the same object. The files
   * must have been scanned with the chunk size of their records, and what `place` answered must be
   * on the disk. One that was not placed is brought there now.
   */
  adopt(adoptions: readonly Adoption[]): readonly ('stored' | 'already')[] {
    try {
      return this.#adopt(adoptions)
    } finally {
      // What did not come about, and what came too late meanwhile.
      for (const adoption of adoptions) this.giveBack(adoption)
    }
  }

  #adopt(adoptions: readonly Adoption[]): readonly ('stored' | 'already')[] {
    const { ledger, room } = this.#parts
    const judged = adoptions.map((adoption) => ({ adoption, ...this.#judge(adoption) }))
    const fresh = judged.filter(({ status }) => status === 'stored')
    const absent = fresh
      .filter(({ present }) => !present)
      .map(({ adoption }) => finishedOf(adoption))
    for (const file of absent) this.#settle(file)
    if (fresh.length > 0) {
      ledger.change(() => {
        for (const { adoption, present } of fresh) this.#add(adoption, present)
      })
      for (const { sha256 } of absent) this.#placed.delete(sha256)
      room.settle()
    }
    for (const { adoption, status } of judged) if (status === 'already') this.giveBack(adoption)
    for (const { adoption, present } of judged) {
      this.#finish(present, adoption.prepared.record, adoption.temporaryPath)
    }
    return judged.map(({ status }) => status)
  }

  #settle(file: FinishedFile): void {
    const { objects } = this.#parts
    if (this.#placed.has(file.sha256)) return objects.settled(file)
    this.#placed.add(file.sha256)
    objects.place(file)
  }

  /** What will become of it, before anything is changed. */
  #judge(adoption: Adoption): {
    readonly status: 'stored' | 'already'
    /** Its file is there, and need not be replaced. */
    readonly present: boolean
  } {
    const { prepared, file } = adoption
    const { record, device } = prepared
    refuseOther(prepared, file)
    const known = this.#table.find(record.object.sha256)
    const isUnproved = this.#isUnproved(known, record)
    const present = known?.present === 1 && !isUnproved
    const isKnown = known !== null && this.#table.knows(known.id, device, identityOf(record))
    if ((isKnown && !isUnproved) || this.#isLate(record)) return { status: 'already', present }
    this.#parts.room.refuseHopeless(needOf(adoption, present))
    return { status: 'stored', present }
  }

  undecided(limit: number): readonly Undecided[] {
    return this.#forms
      .oldest(limit)
      .flatMap(({ device, record }) =>
        record.kind === 'image' || record.kind === 'rendition'
          ? [{ device, image: record, path: this.#parts.objects.pathOf(record.object.sha256) }]
          : [],
      )
  }

  /** The file of which it is to be decided in which form it travels; null when it is not. */
  undecidedFile(sha256: string): KeptFile | null {
    const { object = null } = this.#waiting(sha256)?.record ?? {}
    return object
  }

  /** The file travels as it is. Nothing happens when that is not to be decided. */
  sendAsIs(scanned: ScannedFile, epoch: string, nowMs: number): void {
    const { ledger, room } = this.#parts
    const waiting = this.#waiting(scanned.sha256)
    if (waiting === null) return
    const rowBytes = scanned.digests.length * chunkRowBytes
    const need = { rowBytes, fileBytes: 0, bulk: true }
    room.refuseHopeless(need)
    ledger.change(() => {
      room.make(need)
      this.#forms.decided(waiting.object, null)
      this.#sealChunks(waiting, scanned, epoch, nowMs)
    })
    room.settle()
  }

  #waiting(sha256: string): Waiting | null {
    const object = this.#table.find(sha256)
    return object === null ? null : this.#forms.waiting(object.id)
  }

  #isUnproved(known: ObjectRow | null, record: ObjectRecord): boolean {
    if (known === null || record.kind !== 'image') return false
    return this.#table.instances.isUnproved(known.id, record)
  }

  /** What a packed file carries has been sent in another form meanwhile. */
  #isLate(record: ObjectRecord): boolean {
    if (record.kind !== 'rendition' || record.role !== 'packed') return false
    const original = this.#table.find(record.of)
    return original === null || this.#forms.waiting(original.id) === null
  }

  #add(adoption: Adoption, present: boolean): void {
    const { prepared, file, epoch, boot, nowMs } = adoption
    const { record, device } = prepared
    const { ledger, sealer, room } = this.#parts
    // Before room is made: what is about to be sent again must not give way.
    const known = this.#table.find(file.sha256)
    if (known !== null) this.#table.withdraw(known.id)
    // Its device has brought again what the hospital would never have had.
    const isRenewed = this.#isUnproved(known, record)
    if (known !== null && isRenewed) this.#table.instances.renew(known.id)
    room.make(needOf(adoption, present))
    const object = this.#table.put(file.sha256, file.sizeBytes, true)
    this.#table.remember(object, device, record)
    const stream = ledger.streams.obtain(epoch, prepared.stream)
    const content = { kind: 'records', records: [record] } as const
    sealer.records(stream, { content, class: prepared.class, boot, object }, nowMs)
    if (record.kind === 'rendition' && record.role === 'packed') {
      const original = this.#table.find(record.of)
      if (original !== null) this.#forms.decided(original.id, object)
    }
    const chunks = ledger.streams.find(epoch, streamFor(device, 'object'))
    const isSent = chunks !== null && this.#table.hasPackets(object, chunks.id)
    if (isSent && !isRenewed) return
    const waiting = { object, device, boot, record }
    if ('digests' in file) this.#sealChunks(waiting, file, epoch, nowMs)
    // In the form that failed it must not go again.
    else if (isRenewed) this.#sealChunks(waiting, this.#scanNow(record.object), epoch, nowMs)
    else this.#forms.wait(prepared.encoded, waiting)
  }

  #scanNow(file: KeptFile): ScannedFile {
    const turns = this.#parts.objects.scanKept(file)
    let turn = turns.next()
    while (turn.done !== true) turn = turns.next()
    return turn.value
  }

  #sealChunks(
    { object, device, boot, record }: Waiting,
    scanned: ScannedFile,
    epoch: string,
    nowMs: number,
  ): void {
    const { ledger, sealer } = this.#parts
    sealChunks(
      { ledger, sealer },
      object,
      {
        ...scanned,
        epoch,
        device,
        boot,
        chunkBytes: record.object.chunkBytes,
        class: chunkClassOf(record),
        atMs: record.atMs,
        utc: utcOf(record),
        wanted: () => true,
      },
      nowMs,
    )
  }

  /** What came once more replaces a file that is not what it was. */
  #finish(present: boolean, { object }: ObjectRecord, temporaryPath: string): void {
    const { objects, files } = this.#parts
    try {
      const isDamaged = present && objects.sizeOf(object.sha256) !== object.sizeBytes
      if (isDamaged) objects.place({ temporaryPath, sha256: object.sha256 })
      else files.remove(temporaryPath)
    } catch {
      // The record is stored, which must not sound like a failure. The next start removes the file.
    }
  }
}

function finishedOf({ temporaryPath, prepared }: Adoption): FinishedFile {
  return { temporaryPath, sha256: prepared.record.object.sha256 }
}

function needOf({ prepared, file }: Adoption, present: boolean): Need {
  return {
    rowBytes: prepared.encoded.length + (chunksOf(prepared.record.object) + 1) * chunkRowBytes,
    fileBytes: present ? 0 : file.sizeBytes,
    bulk: true,
  }
}

function refuseOther({ device, record }: PreparedObject, file: ObjectFile): void {
  const { sizeBytes, sha256 } = record.object
  if (file.sizeBytes !== sizeBytes) {
    const expected = `${sizeBytes} bytes`
    const found = `${file.sizeBytes} bytes`
    throw journalTrouble('journal-object-differs', { device, expected, found })
  }
  if (file.sha256 !== sha256) {
    throw journalTrouble('journal-object-differs', {
      device,
      expected: `SHA-256 ${sha256}`,
      found: file.sha256,
    })
  }
}

function utcOf({ utcMs, uncertaintyMs }: ObjectRecord): PacketHeader['utc'] {
  return utcMs === null || uncertaintyMs === null ? null : { utcMs, uncertaintyMs }
}
