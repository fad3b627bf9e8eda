/** The thread of the media: reading, hashing and decoding, away from the thread of the devices. */
import { randomUUID } from 'node:crypto'
import { flushCompileCache } from 'node:module'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../clock/system-clock.ts'
import { realFiles } from '../imaging/files.ts'
import type { StoreOutcome } from '../imaging/received-image.ts'
import { Room } from '../imaging/room.ts'
import { Slabs } from '../imaging/slabs.ts'
import {
  mediaPrefix,
  type FromMediaWorker,
  type Job,
  type MediaWorkerData,
  type ToMediaWorker,
} from './messages.ts'
import { runJob } from './running.ts'
import type { TakingDoors } from './taking.ts'

const port = parentPort
if (port === null) throw new Error('worker.ts runs in a worker thread')

/** Of this thread alone: acquisition, the network and the journal come first. */
const niceness = 5
setPriority(0, niceness)
flushCompileCache()

const { incomingFolder, reserveBytes } = workerData as MediaWorkerData

const clock = systemClock()
const room = new Room(realFiles, incomingFolder, reserveBytes)

let asks = 0
const knownAsks = new Map<number, (hashes: readonly string[]) => void>()
const storeAsks = new Map<number, (outcome: StoreOutcome) => void>()
/** A person, or a medium that is gone, has ended it. */
const stopped = new Set<number>()

const doors: TakingDoors = {
  clock,
  files: realFiles,
  room,
  slabs: new Slabs(),
  temporaryPath: () => join(incomingFolder, `${mediaPrefix}${randomUUID()}.part`),
  known: (sopInstanceUid) =>
    new Promise((resolve) => {
      const ask = ++asks
      knownAsks.set(ask, resolve)
      tell({ kind: 'known', ask, sopInstanceUid })
    }),
  store: (image) =>
    new Promise((resolve) => {
      const ask = ++asks
      storeAsks.set(ask, resolve)
      tell({ kind: 'store', ask, image })
    }),
}

port.on('message', (message: ToMediaWorker) => {
  switch (message.kind) {
    case 'job':
      return void work(message.job)
    case 'stop':
      return void stopped.add(message.id)
    case 'known':
      knownAsks.get(message.ask)?.(message.hashes)
      return void knownAsks.delete(message.ask)
    case 'outcome':
      storeAsks.get(message.ask)?.(message.outcome)
      return void storeAsks.delete(message.ask)
  }
})

/** A medium may hold a hundred thousand files; nobody looks so often. */
const tellEveryMs = 250

async function work(job: Job): Promise<void> {
  const { id } = job
  room.look()
  let toldMs = -Infinity
  const result = await runJob(job, doors, {
    progress(done, total) {
      const nowMs = clock.monotonicMs()
      if (nowMs - toldMs < tellEveryMs) return
      toldMs = nowMs
      tell({ kind: 'progress', id, done, total })
    },
    isStopped: () => stopped.has(id),
  })
  stopped.delete(id)
  tell({ kind: 'done', id, result })
}

function tell(message: FromMediaWorker): void {
  port?.postMessage(message)
}
