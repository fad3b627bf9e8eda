/**
 * The landing's memory: one SQLite database and a folder of objects. Everything is synchronous:
 * when `commit` returns, what is called stored is on the disk, and then a receipt may be sent.
 */
import { join } from 'node:path'
import { Alarms, Quarantine } from './alarms.ts'
import { openDatabase, type SqliteDatabase } from './database.ts'
import { Feed } from './feed.ts'
import { realFiles, type Files } from '../files.ts'
import { isBad, judge, type Arrival, type Bad, type Good } from './judge.ts'
import type { Random } from '../../protocols/world/random.ts'
import { ForwardQueue } from '../pacs/queue.ts'
import { VanKeys } from './keys.ts'
import { ObjectFiles } from './object-files.ts'
import { Objects } from './objects.ts'
import type { Restorer } from '../restoring/restorer.ts'
import { Packets } from './packets.ts'
import { Reader } from './reader.ts'
import { Streams, type StreamState } from './streams.ts'
import { Transactions } from './transactions.ts'
import type { TrustedKeys } from './trust.ts'

export interface StoreOptions {
  /** Must be there. Holds `landing.db` and `objects/`. */
  readonly folder: string
  readonly trust: TrustedKeys
  /** Believes the key in the first state message of an unknown van. For demonstrations. */
  readonly trustOnFirstUse: boolean
  readonly files?: Files
  /** Without it packed images stay packed. */
  readonly restorer?: Restorer
  readonly database?: (path: string) => SqliteDatabase
}

export interface CommitReport {
  readonly stored: number
  /** Came before, the same bytes. */
  readonly repeated: number
  readonly quarantined: number
  /** Not taken now: they will come again. */
  readonly refused: number
  /** Streams whose receipt has news, or whose van did not hear the last one. */
  readonly touched: ReadonlySet<StreamState>
  /** A chain was too long for one transaction: `continueChains` has something to do. */
  readonly chainsLeft: boolean
}

/** What failed was not one message but the disk or the database. Nothing of the batch is stored. */
export class StoreFailed extends Error {
  constructor(cause: unknown) {
    super(`the landing cannot store: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
    this.name = 'StoreFailed'
  }
}

/** Messages from quarantine that one call judges again. */
const takeAgainMost = 200
/** Packets that could not be read, and that one start tries again. */
const rereadMost = 20_000

export class LandingStore {
  readonly keys: VanKeys
  readonly reader: Reader
  readonly objects: Objects
  readonly #streams: Streams
  readonly #database: SqliteDatabase
  readonly #transactions: Transactions
  readonly #alarms: Alarms
  readonly #quarantine: Quarantine
  readonly #packets: Packets

  /** Throws `DatabaseRefused`, or what the file system says. */
  constructor(options: StoreOptions) {
    const database = (options.database ?? openDatabase)(join(options.folder, 'landing.db'))
    this.#database = database
    const files = new ObjectFiles(options.files ?? realFiles, join(options.folder, 'objects'))
    const transactions = new Transactions(database)
    this.#transactions = transactions
    this.#alarms = new Alarms(database)
    this.#quarantine = new Quarantine(database)
    this.#streams = new Streams(database)
    this.keys = new VanKeys(database, options.trust, options.trustOnFirstUse)
    this.objects = new Objects(
      database,
      transactions,
      files,
      this.#alarms,
      options.restorer ?? null,
    )
    this.#packets = new Packets(database, this.#streams, this.objects, this.#alarms)
    this.reader = new Reader(database, this.objects)
    transactions.afterRollback(() => this.#streams.reload())
    transactions.afterRollback(() => this.keys.reload())
    transactions.afterRollback(() => this.objects.reload())
    transactions.run(() => {
      this.#packets.reread(rereadMost)
      this.#streams.save()
    })
  }

  /** As committed. Throws when that cannot be found out. */
  get streams(): Streams {
    this.#transactions.fresh()
    return this.#streams
  }

  /**
   * Stores what is good and keeps the rest apart. A message that alone cannot be stored goes to the
   * quarantine and never stops the others. Throws `StoreFailed` when nothing can be stored at all.
   */
  commit(arrivals: readonly Arrival[]): CommitReport {
    const judged = arrivals.map((arrival) => judge(arrival, (van) => this.keys.of(van)))
    try {
      this.#transactions.fresh()
      return this.#store(judged)
    } catch (err) {
      if (isEnvironment(err)) throw new StoreFailed(err)
      return this.#storeSingly(judged)
    }
  }

  #storeSingly(judged: readonly (Good | Bad)[]): CommitReport {
    const reports = judged.map((one) => {
      try {
        return this.#store([one])
      } catch (err) {
        if (isEnvironment(err)) throw new StoreFailed(err)
        return this.#storeAsBad(one, err)
      }
    })
    return reports.reduce((sum, report) => ({
      stored: sum.stored + report.stored,
      repeated: sum.repeated + report.repeated,
      quarantined: sum.quarantined + report.quarantined,
      refused: sum.refused + report.refused,
      touched: new Set([...sum.touched, ...report.touched]),
      chainsLeft: sum.chainsLeft || report.chainsLeft,
    }))
  }

  #storeAsBad(one: Good | Bad, err: unknown): CommitReport {
    const detail = err instanceof Error ? err.message : String(err)
    const van = isBad(one) ? one.van : one.header.van
    try {
      return this.#store([{ arrival: one.arrival, reason: 'store-failed', detail, van }])
    } catch (err) {
      throw new StoreFailed(err)
    }
  }

  #store(judged: readonly (Good | Bad)[]): CommitReport {
    const refusals = this.#writeChunks(judged)
    const touched = new Set<StreamState>()
    const counts = { stored: 0, repeated: 0, quarantined: 0, refused: 0 }
    this.#transactions.run(() => {
      this.#packets.begin()
      for (const one of judged) {
        const outcome = isBad(one)
          ? { kind: 'bad' as const, reason: one.reason, detail: one.detail }
          : this.#packets.store(one, refusals.get(one) ?? null)
        if (outcome.kind === 'bad') {
          const { reason, detail } = outcome
          const van = isBad(one) ? one.van : one.header.van
          this.#quarantine.keep({ arrival: one.arrival, reason, detail, van })
          counts.quarantined += 1
        } else {
          counts[outcome.kind] += 1
          if (outcome.kind !== 'refused') touched.add(outcome.state)
          if (outcome.kind === 'stored') for (const state of outcome.losses) touched.add(state)
        }
      }
      if (counts.quarantined > 0) this.#quarantine.trim()
      this.#alarms.trim()
      this.#streams.save()
    })
    return { ...counts, touched, chainsLeft: this.#packets.chainsLeft }
  }

  /**
   * The bytes of chunks must be on the disk before the rows that claim them. Answers which chunks
   * do not fit to their object, and why.
   */
  #writeChunks(judged: readonly (Good | Bad)[]): ReadonlyMap<Good, string> {
    const refusals = new Map<Good, string>()
    const drafts = this.objects.drafts()
    for (const one of judged) {
      if (isBad(one)) continue
      const { van, epoch, stream, seq, chunk } = one.header
      const here = this.#streams.find(van, epoch, stream)?.received.has(seq) === true
      if (chunk === null || here) continue
      const refusal = drafts.write(van, chunk, one.body)
      if (refusal !== null) refusals.set(one, refusal)
    }
    drafts.sync()
    return refusals
  }

  /**
   * A van says who it is. Learns its key when nobody registered one and that is allowed, and judges
   * again what was kept apart for want of a key. False when what this key signs is not believed.
   * Throws `StoreFailed`.
   */
  introduce(van: string, publicKey: Uint8Array, wallMs: number): boolean {
    if (!this.keys.hasNews(van, publicKey)) return this.keys.believes(van, publicKey)
    try {
      this.#transactions.run(() => {
        if (this.keys.introduce(van, publicKey, wallMs)) return
        const detail = 'the state message names a key that is not the known one'
        const about = { van, epoch: '', stream: '', seq: -1, detail }
        this.#alarms.raise({ code: 'key-changed', ...about }, wallMs)
      })
      return this.keys.believes(van, publicKey)
    } catch (err) {
      throw new StoreFailed(err)
    }
  }

  /** Registered keys have changed. */
  setTrust(trust: TrustedKeys): void {
    this.keys.setTrust(trust)
  }

  /** Judges again what was kept apart for want of a key. null when there is nothing. */
  releaseQuarantine(van: string, wallMs: number): CommitReport | null {
    if (this.keys.of(van).length === 0) return null
    const rows = this.#quarantine.find('unknown-van', van, takeAgainMost)
    if (rows.length === 0) return null
    const report = this.commit(
      rows.map(({ topic, bytes }) => ({ topic, payload: new Uint8Array(bytes), wallMs })),
    )
    // What is bad for another reason was kept anew under that reason.
    this.#transactions.run(() => {
      for (const row of rows) this.#quarantine.remove(row, 'unknown-van')
    })
    return report
  }

  /** Goes on with chains that were too long for one transaction. Answers whether there was one. */
  continueChains(wallMs: number): boolean {
    return this.#transactions.run(() =>
      this.#packets.chain.goOn((id) => this.#streams.byId(id), wallMs),
    )
  }

  /** Passes records on to a consumer: see `Feed`. */
  feed(consumer: string): Feed {
    const streams = () => this.streams
    return new Feed(consumer, this.#database, this.#transactions, this.reader, streams)
  }

  /** Images on their way to archives: see `ForwardQueue`. */
  forwardQueue(random: Random): ForwardQueue {
    return new ForwardQueue(this.#database, this.#transactions, random, (sha256) =>
      this.objectPath(sha256),
    )
  }

  /** One slice of verifying objects: see `Objects.verify`. */
  verifyObjects(wallMs: number, touched: (state: StreamState) => void): string | null {
    return this.objects.verify(this.#streams, wallMs, touched)
  }

  objectPath(sha256: string): string | null {
    return this.objects.path(sha256)
  }

  close(): void {
    this.#database.close()
  }
}

/** Errors of SQLite and the file system that say nothing about one message. */
function isEnvironment(err: unknown): boolean {
  const code = typeof err === 'object' && err !== null && 'code' in err ? String(err.code) : ''
  return environmentCodes.some((prefix) => code.startsWith(prefix))
}

const environmentCodes: readonly string[] =
  `SQLITE_FULL SQLITE_IOERR SQLITE_READONLY SQLITE_BUSY SQLITE_LOCKED SQLITE_CORRUPT SQLITE_NOMEM
   SQLITE_CANTOPEN SQLITE_PROTOCOL SQLITE_NOTADB
   ENOSPC EDQUOT EIO EROFS EMFILE ENFILE EACCES EPERM ENOENT`.split(/\s+/)
