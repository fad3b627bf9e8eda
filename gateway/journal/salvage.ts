/**
 * A damaged journal is never deleted and never patched. What it holds is carried into a new
 * database,
 * what is gone is declared lost under a new epoch, and only when the new database is complete on
 * the
 * disk do the damaged files move aside. A cut at any moment begins again or goes on where it was.
 */
import { vanDevice } from '../../protocols/packet/topics.ts'
import { Carrying, type LostRange } from './carrying.ts'
import { sealChunks } from './chunks.ts'
import { closeQuietly, openDatabase } from './database.ts'
import type { Files } from './files.ts'
import { isCovered, type KnownObject } from './known-objects.ts'
import { Ledger } from './ledger.ts'
import { migrate } from './migrations.ts'
import { ObjectTable } from './object-table.ts'
import type { ScannedFile } from './objects.ts'
import { logOf, type JournalPaths } from './paths.ts'
import { prepare } from './prepared.ts'
import { readRemains, type Remains } from './remains.ts'
import { Sealer } from './sealing.ts'
import { JournalStore, type StoreParts } from './store.ts'
import { readLog } from './wal.ts'
import { Wreck } from './wreck.ts'

export type SalvageParts = Omit<StoreParts, 'db'>

/** Finished, but not in its place yet. The epoch follows. */
const readyName = 'journal.db.salvaged-'

/** Loss records in one commit. */
const lossesPerCommit = 256

/** Builds a new database from a damaged one, and puts it in its place. Throws when it cannot. */
export function salvage(paths: JournalPaths, parts: SalvageParts): void {
  const { files } = parts
  const wreck = new Wreck(paths.database, paths.log, readLog(paths.log, files), files)
  const remains = readRemains(wreck)
  const epoch = parts.newEpoch([...remains.epochs.values()].map(({ uuid }) => uuid))
  const building = `${paths.database}.salvaging`
  for (const path of [building, logOf(building)]) files.remove(path)
  build(building, epoch, paths, { ...parts, wreck, remains })
  files.sync(building)
  files.rename(building, `${paths.folder}/${readyName}${epoch}`)
  files.sync(paths.folder)
  finishSalvage(paths, files)
}

/** At each start, before the database is opened: nothing happens when none was under way. */
export function finishSalvage(paths: JournalPaths, files: Files): void {
  const ready = files.list(paths.folder).find((name) => name.startsWith(readyName))
  if (ready === undefined) return
  const aside = `${paths.damaged}/${ready.slice(readyName.length)}`
  files.makeFolder(aside)
  for (const path of [paths.log, `${paths.database}-shm`, paths.suspect, paths.database]) {
    const name = path.slice(paths.folder.length + 1)
    if (files.sizeOf(path) !== null) files.rename(path, `${aside}/${name}`)
  }
  files.sync(aside)
  files.sync(paths.folder)
  files.rename(`${paths.folder}/${ready}`, paths.database)
  files.sync(paths.folder)
}

function build(
  building: string,
  epoch: string,
  paths: JournalPaths,
  parts: SalvageParts & { readonly wreck: Wreck; readonly remains: Remains },
): void {
  const { tools, objects, log, wreck, remains } = parts
  const db = openDatabase(building)
  try {
    migrate(db)
    const ledger = new Ledger(db)
    const sealer = new Sealer(ledger, tools)
    const carrying = new Carrying({ ledger, sealer, objects, tools, wreck, remains })
    const lost = carrying.carry(parts.clock.monotonicMs())
    const waiting = ledger.totals.unreceiptedPackets
    db.prepare('INSERT INTO epochs (uuid, van) VALUES (?, ?)').run(epoch, parts.van)
    sendAgain(carrying.known.incomplete(), epoch, { ...parts, ledger, sealer })
    moveNameless(`${paths.damaged}/${epoch}/objects`, new ObjectTable(ledger), parts)
    declare(lost, new JournalStore({ ...parts, db, limits: unlimited }))
    log.warn('the damaged journal was salvaged', { count: waiting })
    if (carrying.doubtful > 0) {
      log.error('what was known of visits is not complete', { count: carrying.doubtful })
    }
    log.warn('what was lost is declared', {
      count: lost.reduce((sum, range) => sum + size(range), 0),
    })
  } catch (error) {
    closeQuietly(db)
    throw error
  }
}

/** What is to be saved was within the limits before. */
const unlimited = { limitBytes: Number.MAX_SAFE_INTEGER, reserveBytes: 0 }

function declare(lost: readonly LostRange[], store: JournalStore): void {
  for (let index = 0; index < lost.length; index += lossesPerCommit) {
    const records = lost.slice(index, index + lossesPerCommit).map(({ from, to, ...range }) =>
      prepare(vanDevice, {
        kind: 'loss',
        ...store.stamp(),
        ...range,
        fromSeq: from,
        toSeq: to,
      }),
    )
    store.commit({ records, receipts: [] })
  }
  store.close()
}

/** Chunks whose packets are lost, but whose bytes are there: they need no more than new numbers. */
function sendAgain(
  incomplete: readonly KnownObject[],
  epoch: string,
  parts: SalvageParts & { readonly ledger: Ledger; readonly sealer: Sealer },
): void {
  const table = new ObjectTable(parts.ledger)
  for (const object of incomplete) {
    const scanned = scanWhole(object, parts)
    if (scanned === null) {
      const row = table.find(object.sha256)
      if (row !== null) parts.ledger.change(() => table.instances.lose(row.id))
      continue
    }
    parts.ledger.change(() => {
      const row = table.put(object.sha256, object.sizeBytes, true)
      table.withdraw(row)
      const wanted = (index: number) => !isCovered(object, index)
      const nowMs = parts.clock.monotonicMs()
      sealChunks(parts, row, { ...object, ...scanned, epoch, wanted }, nowMs)
    })
  }
}

/** null when the file is not what it was. */
function scanWhole(object: KnownObject, { objects }: SalvageParts): ScannedFile | null {
  if (objects.sizeOf(object.sha256) !== object.sizeBytes) return null
  const turns = objects.scan(objects.pathOf(object.sha256), object.chunkBytes)
  let turn = turns.next()
  while (turn.done !== true) turn = turns.next()
  return turn.value.sha256 === object.sha256 ? turn.value : null
}

/** Files that no row names any more, though a lost one may have: a person must look at them. */
function moveNameless(folder: string, table: ObjectTable, { objects }: SalvageParts): void {
  for (const name of objects.names()) {
    if (table.find(name)?.present !== 1) objects.moveOut(name, folder)
  }
}

function size({ from, to }: LostRange): number {
  return to - from + 1
}
