/** An empty database of the landing, copied instead of made: tables and their commits take long. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase, type SqliteDatabase } from '../landing/database.ts'

let empty: Buffer | null = null

function emptyDatabase(): Buffer {
  if (empty !== null) return empty
  const folder = mkdtempSync(join(tmpdir(), 'simpul-landing-'))
  const path = join(folder, 'landing.db')
  openDatabase(path).close()
  empty = readFileSync(path)
  rmSync(folder, { recursive: true })
  return empty
}

/** As `openDatabase`; what is not there yet begins as a copy. */
export function openPrepared(path: string): SqliteDatabase {
  if (!existsSync(path)) writeFileSync(path, emptyDatabase())
  return openDatabase(path)
}
