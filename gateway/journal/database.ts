/** Opening SQLite so that a commit is on the disk, one process writes, and damage is seen early. */
import Database from 'better-sqlite3'
import { journalTrouble } from '../errors/journal.ts'
import { codeOf, isDamage, JournalDamage, messageOf } from './failures.ts'
import { applicationId } from './schema.ts'

export type Db = Database.Database

export interface DatabaseOptions {
  /** How long to wait for another process to let go of the database. */
  readonly busyMs?: number
}

/** Memory for pages, and pages in the write-ahead log before they are moved into the database. */
const cacheKiB = 2_048
const checkpointPages = 2_000
/** A large transaction lets the log grow; afterwards it is cut to this. */
const logLimitBytes = 8_388_608
const busyMsDefault = 5_000

/**
 * Reading a larger database through would delay the start too long: 128 MiB take a slow card 6 s.
 */
const wholeCheckLimitBytes = 134_217_728

/** What every start depends on, and what stays small. Packets are verified when they are read. */
const alwaysChecked = [
  'journal',
  'epochs',
  'streams',
  'tail',
  'unreceipted',
  'receipted',
  'undecided',
  'carried',
]

/** Throws `JournalDamage`, or a `Trouble` when another process has it. */
export function openDatabase(path: string, options: DatabaseOptions = {}): Db {
  let db: Db | null = null
  try {
    db = new Database(path, { timeout: options.busyMs ?? busyMsDefault })
    // Before the first read: the lock is then kept until the process ends, however it ends.
    db.pragma('locking_mode = EXCLUSIVE')
    db.pragma('cell_size_check = ON')
    // Counts only while there is nothing yet, and would write each time.
    const isNew = db.pragma('page_count', { simple: true }) === 0
    if (isNew) db.pragma('auto_vacuum = INCREMENTAL')
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('foreign_keys = ON')
    db.pragma('trusted_schema = OFF')
    db.pragma('temp_store = MEMORY')
    db.pragma('mmap_size = 0')
    db.pragma(`cache_size = -${cacheKiB}`)
    db.pragma(`wal_autocheckpoint = ${checkpointPages}`)
    db.pragma(`journal_size_limit = ${logLimitBytes}`)
    return db
  } catch (error) {
    closeQuietly(db)
    throw openingError(error, path)
  }
}

/**
 * SQLite falls back to NORMAL after the first write unless FULL was set explicitly, and to another
 * journal mode where it cannot have a log. So this writes first and looks afterwards.
 */
export function verifyDurable(db: Db): void {
  db.prepare('UPDATE journal SET opens = opens + 1').run()
  const synchronous: unknown = db.pragma('synchronous', { simple: true })
  const mode: unknown = db.pragma('journal_mode', { simple: true })
  if (synchronous !== 2 || mode !== 'wal') {
    const why = `expected synchronous 2 in WAL mode, found ${String(synchronous)} in ${String(mode)}`
    throw journalTrouble('journal-failed', { why })
  }
}

/** Throws `JournalDamage` when SQLite's own check finds something. */
export function checkDatabase(db: Db, sizeBytes: number): void {
  const isSmall = sizeBytes <= wholeCheckLimitBytes
  try {
    const id: unknown = db.pragma('application_id', { simple: true })
    if (id !== 0 && id !== applicationId) {
      throw new JournalDamage(`expected the application id of a journal, found ${String(id)}`)
    }
    for (const check of isSmall ? ['quick_check(1)'] : checksOfTables(db)) {
      const found: unknown = db.pragma(check, { simple: true })
      if (found !== 'ok') throw new JournalDamage(String(found))
    }
  } catch (error) {
    throw isDamage(error) ? new JournalDamage(messageOf(error), { cause: error }) : error
  }
}

/** An older version does not have all of them yet. */
function checksOfTables(db: Db): readonly string[] {
  const there = db
    .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
    .pluck()
    .all()
  return alwaysChecked
    .filter((table) => there.includes(table))
    .map((table) => `quick_check(${table})`)
}

export function closeQuietly(db: Db | null): void {
  try {
    db?.close()
  } catch {
    // It is given up anyway, and what led here says more.
  }
}

function openingError(error: unknown, path: string): unknown {
  if (codeOf(error).startsWith('SQLITE_BUSY')) {
    return journalTrouble('journal-in-use', { folder: path.replace(/\/[^/]*$/, '') }, error)
  }
  if (isDamage(error)) return new JournalDamage(messageOf(error), { cause: error })
  return error
}
