import Database from 'better-sqlite3'
import { journalTrouble } from '../errors/journal.ts'
import { codeOf } from './failures.ts'
import type { Files } from './files.ts'
import type { JournalPaths } from './paths.ts'

/**
 * Keeps a second process out of the folder, from before the first file is touched until the answer
 * is called or the process ends, however it ends. It is SQLite's lock on an empty database, because
 * Node has none of its own.
 */
export function holdLock(paths: JournalPaths, files: Files, busyMs: number): () => void {
  try {
    return hold(paths.lock, busyMs)
  } catch (error) {
    const code = codeOf(error)
    if (code.startsWith('SQLITE_BUSY')) {
      throw journalTrouble('journal-in-use', { folder: paths.folder }, error)
    }
    // It never holds anything, and who has it would have been met before its bytes were read.
    if (code !== 'SQLITE_NOTADB') throw error
    files.remove(paths.lock)
    return hold(paths.lock, busyMs)
  }
}

function hold(path: string, busyMs: number): () => void {
  const lock = new Database(path, { timeout: busyMs })
  try {
    lock.prepare('BEGIN EXCLUSIVE').run()
    return () => {
      lock.close()
    }
  } catch (error) {
    lock.close()
    throw error
  }
}
