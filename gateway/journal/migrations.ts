import { journalTrouble } from '../errors/journal.ts'
import type { Db } from './database.ts'
import { JournalDamage } from './failures.ts'
import { applicationId, migrations } from './schema.ts'
import { transaction } from './transaction.ts'

/**
 * Brings the tables to the newest version, each step in a transaction of its own, so that a cut
 * leaves a version that can be continued. A journal of a newer program is refused untouched.
 */
export function migrate(db: Db, steps: readonly string[] = migrations): void {
  const found = Number(db.pragma('user_version', { simple: true }))
  if (found > steps.length) {
    throw journalTrouble('journal-newer', { found, known: steps.length })
  }
  const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()
  if ((found === 0) !== (tables === 0)) {
    throw new JournalDamage(`expected the tables of version ${found}, found ${String(tables)}`)
  }
  for (const [version, step] of steps.entries()) {
    if (version < found) continue
    transaction(db, () => {
      db.exec(step)
      db.pragma(`application_id = ${applicationId}`)
      db.pragma(`user_version = ${version + 1}`)
    })
  }
}
