/** What a failure of the disk or of SQLite means. */
import { journalTrouble } from '../errors/journal.ts'
import { Trouble } from '../errors/trouble.ts'

/** The database cannot be trusted as it is: what is in it must be salvaged. */
export class JournalDamage extends Error {}

/** What no repeating repairs: the file does not hold what was written to it. */
export function isDamage(error: unknown): boolean {
  if (error instanceof JournalDamage) return true
  return /^SQLITE_(CORRUPT|NOTADB|IOERR_(READ|SHORT_READ|DATA|CORRUPTFS))/.test(codeOf(error))
}

export function isFull(error: unknown): boolean {
  return ['SQLITE_FULL', 'ENOSPC', 'EDQUOT'].includes(codeOf(error))
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Room can come back, so a full disk is told apart from all that ends the journal. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof Trouble) return error
  if (isFull(error)) return journalTrouble('journal-full', {}, error)
  return journalTrouble('journal-failed', { why: messageOf(error) }, error)
}

/** The system's or SQLite's code of an error, for example ENOENT or SQLITE_FULL; '' without one. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}
