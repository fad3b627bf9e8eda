import { fromHex } from '../../protocols/packet/hex.ts'
import { identityOf, identityOfImage, identityOfRendition } from './identity.ts'
import type { ObjectRecord } from './kinds.ts'
import { Instances } from './instances.ts'
import type { Ledger } from './ledger.ts'

export interface ObjectRow {
  readonly id: number
  /** 0 once its file was removed. */
  readonly present: number
}

/** Objects, and which records came with them. */
export class ObjectTable {
  readonly instances: Instances
  readonly #ledger: Ledger
  readonly #find
  readonly #upsert
  readonly #knows
  readonly #remember
  readonly #withdraw
  readonly #release
  readonly #findPacket
  readonly #ofIdentity

  constructor(ledger: Ledger) {
    const { db } = ledger
    this.#ledger = ledger
    this.instances = new Instances(db)
    this.#find = db.prepare<[Uint8Array], ObjectRow>(
      'SELECT id, present FROM objects WHERE sha256 = ?',
    )
    this.#upsert = db
      .prepare<[Uint8Array, number, number], number>(
        `INSERT INTO objects (sha256, size_bytes, present) VALUES (?, ?, ?)
         ON CONFLICT (sha256) DO UPDATE SET present = excluded.present RETURNING id`,
      )
      .pluck()
    this.#knows = db.prepare(
      'SELECT 1 FROM object_records WHERE object = ? AND device = ? AND identity = ?',
    )
    this.#remember = db.prepare(
      'INSERT OR IGNORE INTO object_records (object, device, identity) VALUES (?, ?, ?)',
    )
    this.#withdraw = db.prepare('DELETE FROM receipted WHERE object = ?')
    this.#release = db.prepare('INSERT INTO receipted (id, object) VALUES (?, ?)')
    this.#ofIdentity = db
      .prepare<[Uint8Array], string>(
        `SELECT DISTINCT lower(hex(sha256)) FROM object_records
         JOIN objects ON objects.id = object_records.object WHERE identity = ?`,
      )
      .pluck()
    this.#findPacket = db.prepare(
      'SELECT 1 FROM packets WHERE object = ? AND stream = coalesce(?, stream) LIMIT 1',
    )
  }

  /** SHA-256 in hex of the objects that came under this SOP instance UID, from whatever device. */
  ofImage(sopInstanceUid: string): readonly string[] {
    return this.#ofIdentity.all(identityOfImage(sopInstanceUid))
  }

  /** SHA-256 in hex of the previews of the first frame of the image with this file. */
  ofPreview(sha256: string): readonly string[] {
    return this.#ofIdentity.all(identityOfRendition({ role: 'preview', of: sha256, frame: 0 }))
  }

  find(sha256: string): ObjectRow | null {
    return this.#find.get(hashOf(sha256)) ?? null
  }

  /** Inside a transaction. Answers its row; its bytes count from now on if its file is there. */
  put(sha256: string, sizeBytes: number, present: boolean): number {
    const before = this.find(sha256)
    if (before?.present === (present ? 1 : 0)) return before.id
    const id = this.#upsert.get(hashOf(sha256), sizeBytes, present ? 1 : 0)
    if (id === undefined) throw new Error('expected the row of an object, found none')
    if (present) this.#ledger.totals.objectBytes += sizeBytes
    else if (before !== null) this.#ledger.totals.objectBytes -= sizeBytes
    return id
  }

  /** Whether this record of the device came with this object before. */
  knows(object: number, device: string, identity: Uint8Array): boolean {
    return this.#knows.get(object, device, identity) !== undefined
  }

  remember(object: number, device: string, record: ObjectRecord): void {
    this.#remember.run(object, device, identityOf(record))
    if (record.kind === 'image') this.instances.add(object, record)
  }

  /** As salvage finds it: of which record it is, the identity alone does not tell. */
  recognise(object: number, device: string, identity: Uint8Array): void {
    this.#remember.run(object, device, identity)
  }

  /** New packets of it are to come: it must not be removed. */
  withdraw(object: number): void {
    this.#withdraw.run(object)
    this.instances.withdraw(object)
  }

  /** It may be removed when room is needed. `id` says how old it is among all that may. */
  release(object: number, id: number): void {
    this.#release.run(id, object)
  }

  /** `stream` null means any. */
  hasPackets(object: number, stream: number | null): boolean {
    return this.#findPacket.get(object, stream) !== undefined
  }
}

function hashOf(hex: string): Uint8Array {
  const bytes = fromHex(hex)
  if (bytes === null)
    throw new RangeError(`expected SHA-256 in hex, found ${hex.length} characters`)
  return bytes
}
