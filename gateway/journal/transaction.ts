import type { Db } from './database.ts'

/** Prepared once for each database: there is one transaction for each group of readings. */
const prepared = new WeakMap<Db, ReturnType<typeof prepare>>()

/**
 * All of `work` is on the disk when this returns; when it throws, nothing of it is in the database.
 */
export function transaction<T>(db: Db, work: () => T): T {
  const { begin, commit, rollback } = statementsOf(db)
  begin.run()
  try {
    const result = work()
    commit.run()
    return result
  } catch (error) {
    // SQLite has rolled back by itself after some errors, for example a full disk.
    if (db.inTransaction) rollback.run()
    throw error
  }
}

function statementsOf(db: Db): ReturnType<typeof prepare> {
  const known = prepared.get(db)
  if (known !== undefined) return known
  const made = prepare(db)
  prepared.set(db, made)
  return made
}

function prepare(db: Db) {
  return {
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    rollback: db.prepare('ROLLBACK'),
  }
}
