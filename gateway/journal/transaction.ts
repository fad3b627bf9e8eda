import type { Db } from './database.ts'

/** All of `work` is on the disk when this returns; when it throws, nothing of it is in the database. */
export function transaction<T>(db: Db, work: () => T): T {
  db.prepare('BEGIN IMMEDIATE').run()
  try {
    const result = work()
    db.prepare('COMMIT').run()
    return result
  } catch (error) {
    // SQLite has rolled back by itself after some errors, for example a full disk.
    if (db.inTransaction) db.prepare('ROLLBACK').run()
    throw error
  }
}
