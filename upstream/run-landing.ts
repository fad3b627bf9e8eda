/** `simpul landing`: the landing as a process, from its options to its end. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { MqttSettings } from '../protocols/mqtt/broker.ts'
import { createLanding, type LandingStats } from './landing/landing.ts'
import { LandingStore } from './landing/store.ts'
import { clockUncertaintyMs } from './landing/time-answers.ts'
import { openRestorer } from './restoring/restorer.ts'
import { loadTrust, TrustRefused, type TrustedKeys } from './landing/trust.ts'
import { openMqttBroker } from './mqtt.ts'
import type { ForwardSettings } from './pacs/destinations.ts'
import { startForwarder } from './pacs/forwarder.ts'
import { jsonLog, realClock, realRandom } from './real-world.ts'
import type { UpstreamLog } from './world.ts'

export interface RunLandingOptions {
  /** Of a-z, 0-9 and dash, unique at the broker. */
  readonly name: string
  /** Where the database and the objects lie. Made when it is not there. */
  readonly folder: string
  readonly broker: MqttSettings
  /** JSON file, or folder of them, with the keys of vans. null: nobody is registered. */
  readonly trust: string | null
  /** Believes the key in the first state message of an unknown van. Only for demonstrations. */
  readonly trustOnFirstUse: boolean
  /** Where images go from here. Default: nowhere. */
  readonly forward?: ForwardSettings | null
  /** How far this machine's clock may be off, in ms. Vans without a clock believe it. */
  readonly clockUncertaintyMs?: number
  readonly log?: UpstreamLog
  /** Called now and then, and once at the end. */
  readonly stats?: (stats: LandingStats) => void
  /** Default: 10 s. */
  readonly statsEveryMs?: number
}

/** Another landing writes in this folder. */
export class LandingInUse extends Error {
  constructor(folder: string) {
    super(`another landing is at work in ${folder}: stop it, or choose another folder`)
    this.name = 'LandingInUse'
  }
}

/** Keys are read again so often, so that a new van is heard without a restart. */
const trustEveryMs = 30_000
const statsEveryMs = 10_000

/**
 * Runs until the signal says stop, and resolves when everything is committed and closed. Rejects
 * before it has begun with `TrustRefused`, `DatabaseRefused`, `LandingInUse` or what the disk says.
 */
export async function runLanding(options: RunLandingOptions, signal: AbortSignal): Promise<void> {
  const log = options.log ?? jsonLog((line) => process.stderr.write(line))
  const trust = options.trust === null ? new Map() : loadTrust(options.trust)
  mkdirSync(options.folder, { recursive: true })
  const unlock = holdFolder(options.folder)
  try {
    const { folder, trustOnFirstUse, name } = options
    const restorer = openRestorer()
    const store = new LandingStore({ folder, trust, trustOnFirstUse, restorer })
    const broker = openMqttBroker(realClock, options.broker)
    const world = { clock: realClock, random: realRandom, broker, log }
    const uncertaintyMs = options.clockUncertaintyMs ?? clockUncertaintyMs
    const utc = () => ({ utcMs: realClock.wallMs(), uncertaintyMs })
    const forwarder = options.forward ? await startForwarder(world, store, options.forward) : null
    const objectWhole = (sha256: string): void => forwarder?.objectWhole(sha256)
    const landing = createLanding(world, store, { name, utc, objectWhole })
    const timers = [
      setInterval(() => options.stats?.(landing.stats()), options.statsEveryMs ?? statsEveryMs),
      setInterval(() => readTrustAgain(options.trust, log, landing.setTrust), trustEveryMs),
    ]
    await stopped(signal)
    for (const timer of timers) clearInterval(timer)
    // First, since it writes into the store that the landing closes.
    await forwarder?.stop()
    await landing.stop()
    await restorer.stop()
    options.stats?.(landing.stats())
  } finally {
    unlock()
  }
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** A file that is half written or wrong changes nothing: the keys that were read before stay. */
function readTrustAgain(
  path: string | null,
  log: UpstreamLog,
  use: (trust: TrustedKeys) => void,
): void {
  if (path === null) return
  try {
    use(loadTrust(path))
  } catch (err) {
    if (!(err instanceof TrustRefused)) throw err
    log.error('the keys of the vans cannot be read again', { why: err.message })
  }
}

/** SQLite's lock on an empty database, because Node has none of its own. Ends with the process. */
function holdFolder(folder: string): () => void {
  const lock = new Database(join(folder, 'landing.lock'), { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (err) {
    lock.close()
    const busy = err instanceof Database.SqliteError && err.code.startsWith('SQLITE_BUSY')
    throw busy ? new LandingInUse(folder) : err
  }
  return () => void lock.close()
}
