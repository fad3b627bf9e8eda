import type { Db } from './database.ts'
import { Streams } from './streams.ts'
import { transaction } from './transaction.ts'

export interface Totals {
  /** The id that the next packet gets. */
  nextId: number
  unreceiptedPackets: number
  unreceiptedBytes: number
  /** Of the object files that are there. */
  objectBytes: number
}

/**
 * The database with what is kept of it in memory, and the rule that both change together or not at
 * all.
 */
export class Ledger {
  readonly db: Db
  readonly streams: Streams
  readonly totals: Totals
  readonly #reloads: (() => void)[] = []

  constructor(db: Db) {
    this.db = db
    this.streams = new Streams(db)
    this.totals = { nextId: 0, unreceiptedPackets: 0, unreceiptedBytes: 0, objectBytes: 0 }
    this.#loadTotals()
  }

  /** Further memory that follows the database: called now, and after each change that failed. */
  follow(reload: () => void): void {
    reload()
    this.#reloads.push(reload)
  }

  change<T>(work: () => T): T {
    const totals = { ...this.totals }
    try {
      return transaction(this.db, () => {
        const result = work()
        this.streams.flush()
        return result
      })
    } catch (error) {
      Object.assign(this.totals, totals)
      this.#reload()
      throw error
    }
  }

  /** Fatal when it fails: memory that does not follow the database would give numbers twice. */
  #reload(): void {
    try {
      this.streams.load()
      for (const reload of this.#reloads) reload()
    } catch (error) {
      throw new Error('what is in memory could not be read anew', { cause: error })
    }
  }

  #loadTotals(): void {
    const unreceipted = this.db
      .prepare<[], { count: number; bytes: number }>(
        'SELECT count(*) AS count, total(bytes) AS bytes FROM unreceipted',
      )
      .get()
    this.totals.nextId = this.#number('SELECT coalesce(max(id), 0) + 1 FROM packets')
    this.totals.unreceiptedPackets = unreceipted?.count ?? 0
    this.totals.unreceiptedBytes = unreceipted?.bytes ?? 0
    this.totals.objectBytes = this.#number(
      'SELECT total(size_bytes) FROM objects WHERE present = 1',
    )
  }

  #number(sql: string): number {
    return Number(this.db.prepare(sql).pluck().get())
  }
}
