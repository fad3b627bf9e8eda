/** What a person must look at, and what was kept apart. Both are bounded and count their drops. */
import type { SqliteDatabase } from './database.ts'
import type { Bad, BadReason } from './judge.ts'
import { sha256 } from '../open-tools.ts'

/** An alarm is a row of the database; its code says what was seen. */
export type AlarmCode =
  /** The same number came with another content. The first was kept, the other is in quarantine. */
  | 'another-content'
  /** A signed packet does not vouch for the packet before it. */
  | 'chain-broken'
  /** A body is what the van sealed, and its records could not be read. The packet is kept. */
  | 'records-unread'
  /** All bytes of an object came, and together they are not the object. Asked for again. */
  | 'object-wrong'
  /** The same, so often that it is not asked for again. The bytes are kept as they are. */
  | 'object-broken'
  /** A packed image is right, and cannot be restored here. It is kept, and not receipted. */
  | 'image-not-restored'
  /** A record or chunk names another size or other bytes for an object that is already known. */
  | 'object-disagrees'
  /** A van says that it has another key than the one it was first seen with. It is not believed. */
  | 'key-changed'
  /** Two vans number packets in the same epoch: a copied card. */
  | 'epoch-shared'

export interface Alarm {
  readonly code: AlarmCode
  readonly van: string
  readonly epoch: string
  readonly stream: string
  /** -1 when it is not about one packet. */
  readonly seq: number
  readonly detail: string
}

const alarmsMost = 20_000
export const quarantineRowsMost = 10_000
const quarantineBytesMost = 256 * 1024 * 1024
/** Of a message that is too large to be a packet, only the beginning is kept. */
const keptBytesMost = 262_144

export class Alarms {
  readonly #raise
  readonly #count
  readonly #trim
  #raised = false

  constructor(database: SqliteDatabase) {
    this.#raise = database.prepare(
      `INSERT INTO alarm (code, van, epoch, stream, seq, detail, first_wall_ms, last_wall_ms, times)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)
       ON CONFLICT (code, van, epoch, stream, seq) DO UPDATE
       SET detail = excluded.detail, last_wall_ms = excluded.last_wall_ms, times = times + 1`,
    )
    this.#count = countRemoved(database, 'alarms removed')
    this.#trim = database.prepare(
      `DELETE FROM alarm WHERE id <= (SELECT id FROM alarm ORDER BY id DESC LIMIT 1 OFFSET ?)`,
    )
  }

  raise(alarm: Alarm, wallMs: number): void {
    const { code, van, epoch, stream, seq, detail } = alarm
    this.#raise.run(code, van, epoch, stream, seq, detail, wallMs, wallMs)
    this.#raised = true
  }

  /** Once a transaction. The oldest goes first. */
  trim(): void {
    if (!this.#raised) return
    this.#raised = false
    this.#count(this.#trim.run(alarmsMost).changes)
  }
}

export class Quarantine {
  readonly #insert
  readonly #byReason
  readonly #remove
  readonly #removeFor
  readonly #count
  readonly #totals
  readonly #oldest

  constructor(database: SqliteDatabase) {
    this.#insert = database.prepare(
      `INSERT INTO quarantine
         (digest, topic, van, reason, detail, bytes, size_bytes, first_wall_ms, last_wall_ms, times)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
       ON CONFLICT (digest) DO UPDATE SET last_wall_ms = excluded.last_wall_ms, times = times + 1,
         reason = excluded.reason, detail = excluded.detail`,
    )
    this.#byReason = database.prepare<[string, string, number], QuarantineRow>(
      `SELECT id, topic, bytes FROM quarantine WHERE reason = ? AND van = ? ORDER BY id LIMIT ?`,
    )
    this.#remove = database.prepare('DELETE FROM quarantine WHERE id = ?')
    this.#removeFor = database.prepare('DELETE FROM quarantine WHERE id = ? AND reason = ?')
    this.#count = countRemoved(database, 'quarantine removed')
    this.#totals = database.prepare<[], { readonly rows: number; readonly bytes: number }>(
      `SELECT count(*) AS rows, coalesce(sum(min(size_bytes, ${keptBytesMost})), 0) AS bytes
       FROM quarantine`,
    )
    this.#oldest = database.prepare<[], { readonly id: number; readonly bytes: number }>(
      `SELECT id, min(size_bytes, ${keptBytesMost}) AS bytes FROM quarantine ORDER BY id LIMIT 500`,
    )
  }

  keep({ arrival, reason, detail, van }: Bad): void {
    const { topic, payload, wallMs } = arrival
    const digest = sha256(Buffer.concat([Buffer.from(`${topic}\0`), payload])).slice(0, 16)
    const kept = payload.subarray(0, keptBytesMost)
    this.#insert.run(digest, topic, van, reason, detail, kept, payload.length, wallMs, wallMs)
  }

  /** Once a transaction in which something was kept. The oldest goes first. */
  trim(): void {
    let { rows, bytes } = this.#totals.get() ?? { rows: 0, bytes: 0 }
    let removed = 0
    while (rows > quarantineRowsMost || bytes > quarantineBytesMost) {
      const oldest = this.#oldest.all()
      if (oldest.length === 0) break
      for (const row of oldest) {
        if (rows <= quarantineRowsMost && bytes <= quarantineBytesMost) break
        this.#remove.run(row.id)
        rows -= 1
        bytes -= row.bytes
        removed += 1
      }
    }
    this.#count(removed)
  }

  /** What may be judged again, oldest first. It stays until it is removed. */
  find(reason: BadReason, van: string, limit: number): readonly QuarantineRow[] {
    return this.#byReason.all(reason, van, limit)
  }

  /** Unless it was kept anew for another reason. */
  remove(row: QuarantineRow, reason: BadReason): void {
    this.#removeFor.run(row.id, reason)
  }
}

export interface QuarantineRow {
  readonly id: number
  readonly topic: string
  readonly bytes: Uint8Array
}

function countRemoved(database: SqliteDatabase, name: string): (count: number) => void {
  const add = database.prepare(
    `INSERT INTO meta (name, value) VALUES (?, ?)
     ON CONFLICT (name) DO UPDATE SET value = value + excluded.value`,
  )
  return (count) => {
    if (count > 0) add.run(name, count)
  }
}
