/**
 * A journal that lets a test step in before each operation on SQLite and on files, and some work
 * for it.
 */
import { existsSync } from 'node:fs'
import type { Record } from '../../protocols/packet/record.ts'
import { fakeClock, type FakeClock } from '../clock/fake-clock.ts'
import { openDatabase, verifyDurable, type Db } from './database.ts'
import { nodeFiles, type Files } from './files.ts'
import {
  allOutgoing,
  block,
  documentOf,
  event,
  firstBoot,
  Hospital,
  keepingLog,
  measurement,
  noise,
  openRig,
  sha256Hex,
  testTools,
} from './journal-testing.ts'
import { LocalJournal } from './local-journal.ts'
import { migrate } from './migrations.ts'
import { ObjectFiles } from './objects.ts'
import { syncHere } from './open.ts'
import { journalPaths } from './paths.ts'
import type { RoomLimits } from './retention.ts'
import { JournalStore } from './store.ts'

export interface Stepped {
  readonly journal: LocalJournal
  readonly clock: FakeClock
  /** Without steps. */
  readonly db: Db
  readonly incoming: string
}

export interface Outcome {
  readonly stored: Record[]
  readonly adopted: string[]
  readonly refused: string[]
}

const statements = ['run', 'get', 'all', 'iterate', 'exec', 'pragma']
const fileSteps = ['rename', 'sync', 'remove', 'makeFolder', 'addFolder']

/** What is about to be done, and with which files when it is done with files. */
export type Step = (operation: string, ...paths: readonly string[]) => void

/** `step` is called before each operation, and may throw. */
export function openStepped(
  folder: string,
  step: Step,
  limits: RoomLimits = { limitBytes: 1e9, reserveBytes: 0 },
): Stepped {
  const paths = journalPaths(folder)
  nodeFiles.makeFolder(paths.incoming)
  const files = steppedFiles(step)
  const objects = new ObjectFiles(paths.objects, files)
  const db = openDatabase(paths.database)
  migrate(db)
  verifyDurable(db)
  const clock = fakeClock()
  const store = new JournalStore({
    db: stepped(db, step),
    files,
    objects,
    tools: testTools,
    clock,
    log: keepingLog([]),
    van: 'van-1',
    bootId: firstBoot,
    limits,
    waves: 'light',
    packetMs: 1_000,
    newEpoch: () => '01890000-0000-7000-8000-000000000001',
  })
  const journal = new LocalJournal({
    store,
    objects,
    clock,
    incomingFolder: paths.incoming,
    sync: (path) => files.sync(path),
    syncAside: syncHere(files),
    failed: () => undefined,
    closed: () => undefined,
  })
  return { journal, clock, db, incoming: paths.incoming }
}

function stepped<T extends object>(target: T, step: Step): T {
  const proxy: T = new Proxy(target, {
    get(_, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        if (statements.includes(String(name))) step(String(name))
        const answer: unknown = Reflect.apply(member, target, args)
        if (answer === target) return proxy
        return name === 'prepare' ? stepped(answer as object, step) : answer
      }
    },
  })
  return proxy
}

function steppedFiles(step: Step): Files {
  return new Proxy(nodeFiles, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function' || !fileSteps.includes(String(name))) return member
      return (...args: string[]) => {
        step(String(name), ...args)
        return Reflect.apply(member, target, args) as unknown
      }
    },
  })
}

export const pdf = noise(9_000, 'pdf')

/** A bit of everything. Nothing is stored twice, so that a double is seen. */
export async function work(rig: Stepped, outcome: Outcome): Promise<void> {
  const { journal, clock } = rig
  const waiting: Promise<void>[] = []
  const store = (device: string, record: Record): void => {
    const done = journal.store(device, record).then(
      () => void outcome.stored.push(record),
      (error: { code: string }) => void outcome.refused.push(error.code),
    )
    waiting.push(done)
  }
  const settle = async (): Promise<void> => {
    await clock.advance(250)
    await Promise.all(waiting)
  }
  store('oxi-1', measurement(1))
  await settle()
  for (let index = 0; index < 6; index++) store('ecg-1', block(index))
  store('mon-1', event(2, 'alarm'))
  await settle()
  await adoptReport(rig, outcome)
  const ranges = [{ from: 0, to: 0 }]
  const noted = journal.receipt(journal.epoch, 'oxi-1/measurement', ranges).catch(() => undefined)
  store('oxi-1', measurement(4))
  for (let index = 6; index < 9; index++) store('ecg-1', block(index))
  await settle()
  await noted
  await journal.outgoing({ after: {}, limitCount: 9, limitBytes: 1e6 }).catch(() => undefined)
  await journal.sealDue().catch(() => undefined)
  store('oxi-1', measurement(5))
  await settle()
}

async function adoptReport({ journal, incoming }: Stepped, outcome: Outcome): Promise<void> {
  const path = `${incoming}/report`
  nodeFiles.writeNew(path, pdf)
  await journal.adopt('ecg-1', documentOf(3, pdf), path).then(
    () => void outcome.adopted.push(sha256Hex(pdf)),
    (error: { code: string }) => {
      outcome.refused.push(error.code)
      // After a rejection the file is the caller's, unless the journal is over.
      if (error.code === 'journal-full' && !existsSync(path)) throw new Error('the file is gone')
    },
  )
}

/**
 * What a hospital would have in the end: what it has by its receipts, and what is still to be sent.
 */
export async function everythingIn(folder: string, epoch: string): Promise<Hospital> {
  const { journal } = openRig(folder)
  const hospital = new Hospital()
  for (const { stream } of (await journal.status()).streams) {
    const { packets, lost } = await journal.again(epoch, stream, { from: 0, to: 9_999 }, 4_096)
    if (lost.length > 0) throw new Error(`something is lost of ${stream}`)
    hospital.take(packets)
  }
  hospital.take(await allOutgoing(journal))
  await journal.close()
  return hospital
}
