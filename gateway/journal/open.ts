/**
 * From a folder to a journal: lock, finish what was cut, check, salvage if need be, migrate, clean
 * up.
 */
import type { ChainProfile } from '../../protocols/ecg-codec/chain.ts'
import { laterUuidV7 } from '../../protocols/packet/epoch.ts'
import { fromHex } from '../../protocols/packet/hex.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import type { Random } from '../../protocols/world/random.ts'
import type { Trouble } from '../errors/trouble.ts'
import type { Log } from '../world.ts'
import { checkDatabase, closeQuietly, openDatabase, verifyDurable, type Db } from './database.ts'
import { codeOf, isDamage, JournalDamage, messageOf, troubleOf } from './failures.ts'
import { nodeFiles, type Files } from './files.ts'
import { LocalJournal } from './local-journal.ts'
import { holdLock } from './lock.ts'
import { migrate } from './migrations.ts'
import { ObjectFiles } from './objects.ts'
import { journalPaths, type JournalPaths } from './paths.ts'
import { finishSalvage, salvage, type SalvageParts } from './salvage.ts'
import { nodeTools, vanKey, type JournalTools } from './seal-tools.ts'
import { JournalStore } from './store.ts'
import { readLog } from './wal.ts'

export interface JournalOptions {
  /** The data folder. */
  readonly folder: string
  readonly van: string
  /** UUID of this boot of the box, lower case with dashes. */
  readonly bootId: string
  /** For the database and the object files together. */
  readonly limitBytes: number
  /** What must stay free on the disk. */
  readonly reserveBytes: number
  /** How much time an unwatched packet holds of what a device repeats. Default: 10 s. */
  readonly packetMs?: number
  /** How waves are packed. Default: `live`. */
  readonly waves?: ChainProfile
  /** How long to wait for another process that is about to end. Default: 5 s. */
  readonly busyMs?: number
}

export interface JournalWorld {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Default: the disk. */
  readonly files?: Files
  /** Default: Node's, with the key in the data folder. */
  readonly tools?: JournalTools
  /** Resolves when all of it is on the disk. Default: syncs in this thread. */
  readonly syncAside?: (paths: readonly string[]) => Promise<void>
}

const packetMsDefault = 10_000
const busyMsDefault = 5_000

/**
 * Opens the journal in this thread, which every commit blocks. `failed` is called once when nothing
 * will be stored any more: the process must end then. Throws a `Trouble`.
 */
export function openLocalJournal(
  options: JournalOptions,
  world: JournalWorld,
  failed: (error: Trouble) => void,
): LocalJournal {
  const files = world.files ?? nodeFiles
  const paths = journalPaths(options.folder)
  try {
    files.makeFolder(paths.folder)
    const release = holdLock(paths, files, options.busyMs ?? busyMsDefault)
    try {
      return openLocked(options, world, paths, { failed, release })
    } catch (error) {
      release()
      throw error
    }
  } catch (error) {
    throw troubleOf(error)
  }
}

interface Ends {
  readonly failed: (error: Trouble) => void
  readonly release: () => void
}

function openLocked(
  options: JournalOptions,
  world: JournalWorld,
  paths: JournalPaths,
  { failed, release }: Ends,
): LocalJournal {
  const parts = storeParts(options, world, paths)
  const { files, objects } = parts
  emptyFolder(paths.incoming, files)
  finishSalvage(paths, files)
  return new LocalJournal({
    store: openStore(paths, parts),
    objects,
    clock: world.clock,
    incomingFolder: paths.incoming,
    sync: (path) => files.sync(path),
    syncAside: world.syncAside ?? syncHere(files),
    failed(error) {
      if (isDamage(error.cause)) leaveSuspicion(paths, files, error)
      failed(error)
    },
    closed: release,
  })
}

function storeParts(
  options: JournalOptions,
  world: JournalWorld,
  paths: JournalPaths,
): SalvageParts {
  const { clock, random, log } = world
  const files = world.files ?? nodeFiles
  return {
    files,
    objects: new ObjectFiles(paths.objects, files),
    tools: world.tools ?? toolsOf(paths, files, log),
    clock,
    log,
    van: options.van,
    bootId: options.bootId,
    limits: { limitBytes: options.limitBytes, reserveBytes: options.reserveBytes },
    packetMs: options.packetMs ?? packetMsDefault,
    waves: options.waves ?? 'live',
    newEpoch: (others) => laterUuidV7(clock.wallMs(), others, random.bytes(10)),
  }
}

function toolsOf(paths: JournalPaths, files: Files, log: Log): JournalTools {
  const { key, made } = vanKey(paths.key, files)
  if (made) log.warn('a new signing key was made: the hospital must be told')
  return nodeTools(key)
}

/** For whoever has this thread to itself, or wants the same steps each time. */
export function syncHere(files: Files): (paths: readonly string[]) => Promise<void> {
  return async (paths) => {
    for (const path of paths) files.sync(path)
  }
}

function openStore(paths: JournalPaths, parts: SalvageParts): JournalStore {
  try {
    return openSound(paths, parts)
  } catch (error) {
    // Our own statements fit our own tables, so a plain error means that those are not there.
    if (!isDamage(error) && codeOf(error) !== 'SQLITE_ERROR') throw error
    parts.log.error('the journal is damaged', { why: messageOf(error) })
    salvage(paths, parts)
    return openSound(paths, parts)
  }
}

function openSound(paths: JournalPaths, parts: SalvageParts): JournalStore {
  const { files } = parts
  const sizeBytes = files.sizeOf(paths.database)
  refuseSuspect(paths, files)
  const db = openDatabase(paths.database)
  try {
    checkDatabase(db, sizeBytes ?? 0)
    migrate(db)
    verifyDurable(db)
    removeOrphans(db, parts)
    return new JournalStore({ ...parts, db })
  } catch (error) {
    closeQuietly(db)
    throw error
  }
}

/** What SQLite itself would not notice. */
function refuseSuspect(paths: JournalPaths, files: Files): void {
  if (files.sizeOf(paths.suspect) !== null) {
    throw new JournalDamage('an operation met damage before')
  }
  const log = readLog(paths.log, files)
  if (log.damaged) throw new JournalDamage('commits lie behind a damaged place of the log')
  // SQLite would throw the log away.
  if (log.pages.size > 0 && (files.sizeOf(paths.database) ?? 0) === 0) {
    throw new JournalDamage('expected a database beside its log, found none')
  }
}

function leaveSuspicion(paths: JournalPaths, files: Files, error: Trouble): void {
  if (files.sizeOf(paths.suspect) !== null) return
  try {
    files.writeNew(paths.suspect, new TextEncoder().encode(`${messageOf(error.cause)}\n`))
  } catch {
    // The process is about to end for a reason that says more. The checks at the start remain.
  }
}

/** Files that came to their place without their row: the cut came between the two. */
function removeOrphans(db: Db, { objects }: SalvageParts): void {
  const find = db.prepare('SELECT 1 FROM objects WHERE sha256 = ? AND present = 1')
  for (const name of objects.names()) {
    if (find.get(fromHex(name)) === undefined) objects.remove(name)
  }
}

function emptyFolder(folder: string, files: Files): void {
  files.makeFolder(folder)
  for (const name of files.list(folder)) files.remove(`${folder}/${name}`)
}
