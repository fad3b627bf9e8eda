/** Runs work as one transaction, and keeps what lies in memory in step with the database. */
import type { SqliteDatabase } from './database.ts'

export class Transactions {
  readonly #database: SqliteDatabase
  readonly #begin
  readonly #commit
  readonly #rollback
  readonly #reloads: (() => void)[] = []
  #stale = false

  constructor(database: SqliteDatabase) {
    this.#database = database
    this.#begin = database.prepare('BEGIN IMMEDIATE')
    this.#commit = database.prepare('COMMIT')
    this.#rollback = database.prepare('ROLLBACK')
  }

  /** `reload` reads anew what a transaction that failed may have changed in memory. */
  afterRollback(reload: () => void): void {
    this.#reloads.push(reload)
  }

  /** Commits when `work` returns; nothing has happened when it throws. */
  run<T>(work: () => T): T {
    this.fresh()
    this.#begin.run()
    try {
      const answer = work()
      this.#commit.run()
      return answer
    } catch (err) {
      this.#stale = true
      this.fresh()
      throw err
    }
  }

  /** Before memory is relied on: it may hold what was never committed. Throws while it does. */
  fresh(): void {
    if (!this.#stale) return
    if (this.#database.inTransaction) this.#rollback.run()
    for (const reload of this.#reloads) reload()
    this.#stale = false
  }
}
