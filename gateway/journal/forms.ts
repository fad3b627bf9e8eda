/**
 * In which form the file of an image travels. Until that is decided its chunks have no packets;
 * then it gets its own, or another file carries it, which is packed and smaller.
 */
import { decodeRecord } from '../../protocols/packet/body.ts'
import { uuidFromBytes, uuidToBytes } from '../../protocols/packet/epoch.ts'
import { JournalDamage } from './failures.ts'
import { chunksOf, hasObject, type ObjectRecord } from './kinds.ts'
import type { Ledger } from './ledger.ts'

export interface Waiting {
  /** Row of the object. */
  readonly object: number
  readonly device: string
  /** UUID of the boot within which the record's times count. */
  readonly boot: string
  readonly record: ObjectRecord
}

interface Row {
  readonly object: number
  readonly device: string
  readonly boot: Uint8Array
  readonly record: Uint8Array
}

const columns = 'SELECT object, device, boot, record FROM undecided'

export class Forms {
  readonly #add
  readonly #decided
  readonly #one
  readonly #oldest
  readonly #carry
  readonly #isCarried

  constructor({ db }: Ledger) {
    this.#add = db.prepare(
      `INSERT INTO undecided (object, device, boot, record, chunks) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    )
    this.#decided = db.prepare('DELETE FROM undecided WHERE object = ?')
    this.#one = db.prepare<[number], Row>(`${columns} WHERE object = ?`)
    this.#oldest = db.prepare<[number], Row>(`${columns} ORDER BY object LIMIT ?`)
    this.#carry = db.prepare('INSERT INTO carried (object, carrier) VALUES (?, ?)')
    this.#isCarried = db.prepare('SELECT 1 FROM carried WHERE object = ?')
  }

  /** Inside a transaction. Nothing happens when it waits already, or travels in another file. */
  wait(encoded: Uint8Array, { object, device, boot, record }: Waiting): void {
    if (this.#isCarried.get(object) !== undefined) return
    this.#add.run(object, device, uuidToBytes(boot), encoded, chunksOf(record.object))
  }

  /** null when nothing is to be decided about this object. */
  waiting(object: number): Waiting | null {
    const row = this.#one.get(object)
    return row === undefined ? null : waitingOf(row)
  }

  oldest(limit: number): readonly Waiting[] {
    return this.#oldest.all(limit).map(waitingOf)
  }

  /** Inside a transaction, which also seals its chunks or those of its carrier. */
  decided(object: number, carrier: number | null): void {
    this.#decided.run(object)
    if (carrier !== null) this.#carry.run(object, carrier)
  }
}

function waitingOf({ object, device, boot, record }: Row): Waiting {
  const answer = decodeRecord(record)
  if (!answer.ok || !hasObject(answer.value)) {
    throw new JournalDamage('a record that waits for its form cannot be read')
  }
  return { object, device, boot: uuidFromBytes(boot), record: answer.value }
}
