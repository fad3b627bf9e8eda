/**
 * The thread that waits for the card, so that the main thread never does. It opens the journal that
 * it is told, and does what it is asked in the order in which it is asked.
 */
import { flushCompileCache } from 'node:module'
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { systemRandom } from '../clock/random.ts'
import { systemClock } from '../clock/system-clock.ts'
import type { Log, LogFields } from '../world.ts'
import { compact, failureOf, type Answer, type Call, type WorkerOptions } from './calls.ts'
import type { Journal, Outgoing } from './journal.ts'
import { openLocalJournal } from './open.ts'
import { syncAside } from './sync-aside.ts'

// Now, not at the exit: most boxes never exit, but lose their power.
flushCompileCache()
if (parentPort !== null) serve(parentPort, workerData as WorkerOptions)

function serve(port: MessagePort, options: WorkerOptions): void {
  const say = (answer: Answer, transfer: readonly ArrayBuffer[] = []): void => {
    port.postMessage(answer, transfer)
  }
  const world = { clock: systemClock(), random: systemRandom(), log: logTo(say), syncAside }
  let journal: Journal
  try {
    journal = openLocalJournal(options, world, (error) => {
      say({ kind: 'failed', failure: failureOf(error) })
    })
  } catch (error) {
    say({ kind: 'failed', failure: failureOf(error) })
    port.close()
    return
  }
  const { epoch, publicKey, incomingFolder } = journal
  say({ kind: 'opened', epoch, publicKey, incomingFolder })

  // Later: what the last commit resolved is still to be said.
  const end = (): void => {
    setImmediate(() => port.close())
  }
  let calls: Call[] = []
  const doAll = (): void => {
    const now = calls
    calls = []
    for (const call of now) void answer(journal, call, say, end)
  }
  port.on('message', (call: Call) => {
    // What came while the last commit waited for the card is begun together, and shares the next.
    if (calls.length === 0) setImmediate(doAll)
    calls.push(call)
  })
}

async function answer(
  journal: Journal,
  call: Call,
  say: (answer: Answer, transfer?: readonly ArrayBuffer[]) => void,
  closed: () => void,
): Promise<void> {
  const { id } = call
  try {
    const { value, transfer } = await done(journal, call)
    say({ kind: 'done', id, value }, transfer)
  } catch (error) {
    say({ kind: 'refused', id, failure: failureOf(error) })
  }
  if (call.name === 'close') closed()
}

interface Done {
  readonly value: unknown
  readonly transfer: readonly ArrayBuffer[]
}

async function done(journal: Journal, call: Call): Promise<Done> {
  switch (call.name) {
    case 'outgoing':
      return transferred(await journal.outgoing(...call.args), (packets) => packets)
    case 'again': {
      const { packets, ...rest } = await journal.again(...call.args)
      return transferred(packets, (packets) => ({ ...rest, packets }))
    }
    default:
      return { value: await invoke(journal, call), transfer: [] }
  }
}

function invoke(journal: Journal, { name, args }: Call): Promise<unknown> {
  const method = journal[name] as (...args: Call['args']) => Promise<unknown>
  return method.apply(journal, args)
}

/** The bytes of packets change hands without a copy. */
function transferred(
  packets: readonly Outgoing[],
  wrap: (packets: readonly Outgoing[]) => unknown,
): Done {
  const compacted = packets.map((packet) => ({ ...packet, bytes: compact(packet.bytes) }))
  return { value: wrap(compacted), transfer: compacted.map(({ bytes }) => bytes.buffer) }
}

function logTo(say: (answer: Answer) => void, shared: LogFields = {}): Log {
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: LogFields = {}): void => {
      say({ kind: 'log', level, message, fields: { ...shared, ...fields } })
    }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => logTo(say, { ...shared, ...fields }),
  }
}
