/**
 * Images by the names under which their devices ask whether they are safe. What stands here is only
 * what is known for certain: a device forgets its own image on the strength of it.
 */
import type { Image } from '../../protocols/packet/record.ts'
import type { Db } from './database.ts'
import { identityOf, identityOfImage } from './identity.ts'
import type { KeptInstance } from './journal.ts'

/** The data set is another instance than its device named it: nobody answers for that name. */
const otherInside = 'uid-mismatch'

interface Row {
  readonly sha256: string
  readonly sopClassUid: string
  readonly receipted: number
  readonly lost: number
  readonly present: number
  /** Separated by spaces, which no name holds. null: forgotten by a damaged journal. */
  readonly devices: string | null
}

export class Instances {
  readonly #add
  readonly #find
  readonly #receipted
  readonly #withdrawn
  readonly #lost
  readonly #doubted
  readonly #isUnproved
  readonly #renewed

  constructor(db: Db) {
    this.#add = db.prepare(
      `INSERT INTO instances (identity, object, sop_class, receipted, lost)
       SELECT ?, ?, ?, 0, regressed FROM journal WHERE true ON CONFLICT DO NOTHING`,
    )
    this.#find = db.prepare<[Uint8Array], Row>(
      `SELECT lower(hex(sha256)) AS sha256, sop_class AS sopClassUid, receipted, lost, present,
         (SELECT group_concat(device, ' ') FROM object_records
          WHERE object_records.object = instances.object
            AND object_records.identity = instances.identity) AS devices
       FROM instances JOIN objects ON objects.id = instances.object WHERE identity = ?`,
    )
    this.#receipted = db.prepare('UPDATE instances SET receipted = 1 WHERE object = ? AND lost = 0')
    this.#withdrawn = db.prepare('UPDATE instances SET receipted = 0 WHERE object = ?')
    const withWhatItCarries = `
      object = @object OR object IN (SELECT object FROM carried WHERE carrier = @object)`
    this.#lost = db.prepare<[{ readonly object: number }]>(
      `UPDATE instances SET receipted = 0, lost = 1 WHERE ${withWhatItCarries}`,
    )
    this.#doubted = db.prepare(
      `UPDATE instances SET receipted = 0, lost = 1 WHERE object IN (
         SELECT object FROM packets WHERE object IS NOT NULL AND stream IN (
           SELECT streams.id FROM streams JOIN epochs ON epochs.id = streams.epoch
           WHERE epochs.uuid = ?))`,
    )
    this.#isUnproved = db.prepare(
      `SELECT 1 FROM journal WHERE regressed = 0
         AND NOT EXISTS (SELECT 1 FROM instances WHERE object = ? AND lost = 0)`,
    )
    this.#renewed = db.prepare('UPDATE instances SET receipted = 0, lost = 0 WHERE object = ?')
  }

  /**
   * Inside a transaction, like all that follows but the questions. While numbers may be given
   * twice nothing is proved about what gets one.
   */
  add(object: number, image: Image): void {
    if (image.flags.includes(otherInside)) return
    this.#add.run(identityOf(image), object, image.sopClassUid)
  }

  /** The hospital has all of an object. */
  receipted(object: number): void {
    this.#receipted.run(object)
  }

  /** Some of an object goes to the hospital once more, which is to say again that it has it. */
  withdraw(object: number): void {
    this.#withdrawn.run(object)
  }

  /** The hospital will never have all of an object, nor of what it carries. */
  lose(object: number): void {
    this.#lost.run({ object })
  }

  /**
   * Numbers of an epoch were given twice: what a receipt says about them may be about others. What
   * was removed after its receipt is out of doubt.
   */
  doubt(epoch: string): void {
    this.#doubted.run(epoch)
  }

  /**
   * Whether the hospital may never have all of an image that comes again: something of it was lost,
   * or a damaged journal forgot what was receipted.
   */
  isUnproved(object: number, image: Image): boolean {
    return !image.flags.includes(otherInside) && this.#isUnproved.get(object) !== undefined
  }

  /** All of an object goes to the hospital anew. */
  renew(object: number): void {
    this.#renewed.run(object)
  }

  /** In no order. Nothing for names that are not known. */
  find(sopInstanceUids: readonly string[]): readonly KeptInstance[] {
    return sopInstanceUids.flatMap((sopInstanceUid) =>
      this.#find
        .all(identityOfImage(sopInstanceUid))
        .map(({ sha256, sopClassUid, devices, ...row }) => ({
          sopInstanceUid,
          sopClassUid,
          sha256,
          devices: devices?.split(' ') ?? [],
          state: stateOf(row),
        })),
    )
  }
}

function stateOf({
  receipted,
  lost,
  present,
}: Pick<Row, 'receipted' | 'lost' | 'present'>): KeptInstance['state'] {
  if (lost === 1) return 'lost'
  if (receipted === 1) return 'receipted'
  return present === 1 ? 'here' : 'lost'
}
