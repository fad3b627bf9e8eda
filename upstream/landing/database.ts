/** Opens the landing's database so that a commit is on the disk when it returns. */
import Database from 'better-sqlite3'
import { migrations } from './schema.ts'

export type SqliteDatabase = Database.Database

/** `SIML` in ASCII: marks the file as ours, so that no other database is opened by mistake. */
export const applicationId = 0x53494d4c
/** PRAGMA synchronous = FULL. */
const full = 2

/** Why the database cannot be used. The file is left as it is. */
export class DatabaseRefused extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'DatabaseRefused'
  }
}

/** Throws `DatabaseRefused`: a foreign file, a newer version, a file system that cannot WAL. */
export function openDatabase(path: string): SqliteDatabase {
  const database = new Database(path, { timeout: 5_000 })
  try {
    checkOwner(database, path)
    prepare(database)
    migrate(database, path)
    checkSynchronous(database, path)
    return database
  } catch (err) {
    database.close()
    throw err
  }
}

/** For reports beside a running landing. */
export function openForReading(path: string): SqliteDatabase {
  const database = new Database(path, { readonly: true, fileMustExist: true, timeout: 5_000 })
  try {
    checkOwner(database, path)
    const version = versionOf(database)
    if (version !== migrations.length)
      throw new DatabaseRefused(`${path} is version ${version}, expected ${migrations.length}`)
    return database
  } catch (err) {
    database.close()
    throw err
  }
}

function checkOwner(database: SqliteDatabase, path: string): void {
  const id = Number(database.pragma('application_id', { simple: true }))
  const empty = versionOf(database) === 0 && tableCount(database) === 0
  if (id !== applicationId && !(id === 0 && empty))
    throw new DatabaseRefused(`${path} is not a landing database`)
}

function tableCount(database: SqliteDatabase): number {
  return Number(database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get())
}

function versionOf(database: SqliteDatabase): number {
  return Number(database.pragma('user_version', { simple: true }))
}

function prepare(database: SqliteDatabase): void {
  const mode = String(database.pragma('journal_mode = WAL', { simple: true }))
  if (mode !== 'wal') throw new DatabaseRefused(`journal mode is ${mode}, expected wal`)
  // In WAL mode the library falls to NORMAL with the first write unless it was told otherwise.
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
}

function migrate(database: SqliteDatabase, path: string): void {
  const version = versionOf(database)
  if (version > migrations.length)
    throw new DatabaseRefused(
      `${path} is version ${version}, this program knows ${migrations.length}: use the newer one`,
    )
  if (version === migrations.length) return
  // All or none of them: each commit waits for the disk.
  database.exec('BEGIN IMMEDIATE')
  try {
    for (const migration of migrations.slice(version)) database.exec(migration)
    database.pragma(`application_id = ${applicationId}`)
    database.pragma(`user_version = ${migrations.length}`)
    database.exec('COMMIT')
  } catch (err) {
    if (database.inTransaction) database.exec('ROLLBACK')
    throw err
  }
}

/** Asked after a write, because only a write shows what the library really does. */
function checkSynchronous(database: SqliteDatabase, path: string): void {
  database.exec(
    `INSERT INTO meta (name, value) VALUES ('opened', 1)
     ON CONFLICT (name) DO UPDATE SET value = value + 1`,
  )
  const level = Number(database.pragma('synchronous', { simple: true }))
  if (level !== full)
    throw new DatabaseRefused(`${path}: synchronous is ${level}, expected ${full} (FULL)`)
}
