/** Where the journal keeps what, inside the data folder. */
export interface JournalPaths {
  readonly folder: string
  readonly database: string
  readonly log: string
  /** Held while a process works here. */
  readonly lock: string
  readonly key: string
  readonly objects: string
  readonly incoming: string
  /** Damaged databases, each in a folder named by the epoch that followed it. */
  readonly damaged: string
  /** Left behind when an operation met damage that the checks at the start may not see. */
  readonly suspect: string
}

export function journalPaths(folder: string): JournalPaths {
  const database = `${folder}/journal.db`
  return {
    folder,
    database,
    log: logOf(database),
    lock: `${folder}/journal.lock`,
    key: `${folder}/van-key.pem`,
    objects: `${folder}/objects`,
    incoming: `${folder}/incoming`,
    damaged: `${folder}/damaged`,
    suspect: `${folder}/journal.suspect`,
  }
}

/** SQLite's name for the write-ahead log of a database. */
export function logOf(database: string): string {
  return `${database}-wal`
}
