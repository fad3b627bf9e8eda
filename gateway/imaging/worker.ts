/** The imaging thread: sockets, hashing and files, away from the thread that hears the devices. */
import { randomUUID } from 'node:crypto'
import { flushCompileCache } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import type { HostAnswer } from '../../protocols/dicom/service.ts'
import { uidOfUuid } from '../../protocols/dicom/uids.ts'
import { systemClock } from '../clock/system-clock.ts'
import { realFiles } from './files.ts'
import { listen } from './listen.ts'
import type { FromWorker, ToWorker, WorkerData } from './messages.ts'
import { ImagingNode } from './node.ts'
import type { StoreOutcome } from './received-image.ts'
import { callWithReport } from './report-call.ts'

const port = parentPort
if (port === null) throw new Error('worker.ts runs in a worker thread')

// Now, not at the exit: most boxes never exit, but lose their power.
flushCompileCache()

const { worklist, ...options } = workerData as WorkerData

const clock = systemClock()

/** As many as there are associations. */
const waiting = new Map<number, (outcome: StoreOutcome) => void>()
const asking = new Map<number, (answer: HostAnswer) => void>()
let ids = 0

function tell(message: FromWorker): void {
  port?.postMessage(message)
}

const node = new ImagingNode(
  options,
  {
    clock,
    files: realFiles,
    soon: setImmediate,
    newName: randomUUID,
    newUid: () => uidOfUuid(randomUUID()),
    call: callWithReport,
  },
  {
    expect: (sopInstanceUid) => tell({ kind: 'expect', sopInstanceUid }),
    store: (image) =>
      new Promise((resolve) => {
        const id = ++ids
        waiting.set(id, resolve)
        tell({ kind: 'store', id, image })
      }),
    ask: (asked) =>
      new Promise((resolve) => {
        const id = ++ids
        asking.set(id, resolve)
        tell({ kind: 'ask', id, asked })
      }),
    trouble: (notice) => tell({ kind: 'trouble', notice }),
    association: (event) => tell({ kind: 'association', event }),
  },
)

if (worklist !== null) node.worklist(worklist)

const ready = (): void => tell({ kind: 'ready', addresses: listening.addresses() })
const listening = await listen(node, { ...options, openedLate: ready }, clock)

port.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'outcome':
      waiting.get(message.id)?.(message.outcome)
      waiting.delete(message.id)
      return
    case 'answer':
      asking.get(message.id)?.(message.answer)
      asking.delete(message.id)
      return
    case 'intake':
      return node.intake(message.open)
    case 'report':
      return void node.report(message.order).then((outcome) => {
        tell({ kind: 'reported', id: message.id, outcome })
      })
    case 'know':
      return node.know(message.senders)
    case 'worklist':
      return node.worklist(message.entries)
    case 'stop':
      return void stop()
  }
})

ready()

async function stop(): Promise<void> {
  const closed = listening.close()
  await node.stop()
  await closed
  // Nothing is left to wait for, so the thread ends by itself.
  port?.close()
}
