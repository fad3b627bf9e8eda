/** The hospital: one box, and on it one life of the landing after the other. */
import { decodeReceipt } from '../../protocols/packet/messages.ts'
import { downTopic } from '../../protocols/packet/topics.ts'
import type { Broker } from '../../protocols/world/broker.ts'
import type { Random } from '../../protocols/world/random.ts'
import { realFiles, type Files } from '../../upstream/files.ts'
import { openDatabase, type SqliteDatabase } from '../../upstream/landing/database.ts'
import { createLanding, type Landing } from '../../upstream/landing/landing.ts'
import { LandingStore } from '../../upstream/landing/store.ts'
import { clockUncertaintyMs, type Utc } from '../../upstream/landing/time-answers.ts'
import type { UpstreamLog } from '../../upstream/world.ts'
import type { Box } from './box.ts'
import type { SimBroker } from './broker.ts'
import { FeedCheck } from './feed-check.ts'
import type { Incarnation } from './incarnation.ts'
import { LandingWatch } from './landing-watch.ts'
import { mortalBroker } from './mortal.ts'
import type { LandingPoint } from './calamity.ts'
import type { Plan } from './plan.ts'
import type { Scratch } from './scratch.ts'
import { simTools } from './van-key.ts'
import { vanName } from './van-life.ts'
import type { Witness } from './witness.ts'

export const landingName = 'landing-1'

export interface HospitalParts {
  readonly plan: Plan
  readonly box: Box
  readonly random: Random
  readonly scratch: Scratch
  readonly broker: SimBroker
  readonly witness: Witness
  readonly log: UpstreamLog
  readonly folder: string
  /** Calls later, on the clock of the world. */
  readonly later: (ms: number, work: () => void) => void
}

interface Running {
  readonly life: Incarnation
  readonly store: LandingStore
  readonly watch: LandingWatch
  readonly landing: Landing
}

const startAgainMs = 2_000

/** As SQLite says it. */
class DiskFull extends Error {
  readonly code = 'SQLITE_FULL'

  constructor() {
    super('database or disk is full')
    this.name = 'DiskFull'
  }
}

export class Hospital {
  readonly #parts: HospitalParts
  readonly #feeds: FeedCheck
  #folder: string
  #life: Incarnation | null = null
  #running: Running | null = null
  #ambush: { readonly point: LandingPoint; left: number; readonly awayMs: number } | null = null
  #diskIsFull = false
  #knowsTime = true
  #lives = 0

  constructor(parts: HospitalParts) {
    this.#parts = parts
    this.#folder = parts.folder
    this.#feeds = new FeedCheck(parts.witness)
  }

  /** null while the landing is down. */
  get landing(): Landing | null {
    return this.#running?.landing ?? null
  }

  get watch(): LandingWatch | null {
    return this.#running?.watch ?? null
  }

  get lives(): number {
    return this.#lives
  }

  /** Whether whoever is passed on records has had all of them. */
  get isFed(): boolean {
    return !this.#parts.plan.isFed || this.#feeds.missing() === null
  }

  start(): void {
    if (this.#life !== null) return
    const { plan, box, random, broker, witness, log } = this.#parts
    const life = box.begin()
    this.#life = life
    this.#lives++
    witness.trace.note('landing', 'starts')
    const store = this.#open(life)
    if (store === null) return
    if (!life.alive) return store.close()
    const watch = new LandingWatch(this.#folder, vanName, witness)
    watch.holdsWhatItSaid()
    const world = {
      clock: life.clock,
      random: random.fork('life'),
      broker: this.#broker(life, watch, mortalBroker(life, broker)),
      log,
    }
    const utc = (): Utc | null =>
      this.#knowsTime ? { utcMs: box.wallMs(), uncertaintyMs: clockUncertaintyMs } : null
    const landing = createLanding(world, store, { name: landingName, inbox: plan.inbox, utc })
    this.#running = { life, store, watch, landing }
    if (plan.isFed) void this.#feeds.follow(life, landing)
  }

  setDiskFull(isFull: boolean): void {
    this.#diskIsFull = isFull
  }

  /** Its clock was set by hand, and it knows that nobody holds it any more. */
  losesTime(): void {
    this.#knowsTime = false
  }

  fall(awayMs: number): void {
    if (this.#life === null) return
    this.#parts.witness.trace.note('landing', 'is killed')
    this.#end(awayMs)
  }

  /** Falls at the next such point, or when `skip` of them have passed. */
  fallAt(point: LandingPoint, skip: number, awayMs: number): void {
    this.#ambush = { point, left: skip, awayMs }
  }

  stop(awayMs: number): void {
    const running = this.#running
    if (running === null) return
    const { witness, later } = this.#parts
    witness.trace.note('landing', 'is asked to stop')
    running.landing.stop().then(
      () => {
        if (!running.life.alive) return
        witness.trace.note('landing', 'has stopped')
        running.life.kill()
        running.watch.close()
        this.#life = null
        this.#running = null
        later(awayMs, () => this.start())
      },
      (error: unknown) => witness.fail(`the landing did not stop: ${String(error)}`),
    )
  }

  calm(): void {
    this.#ambush = null
    this.#diskIsFull = false
  }

  /** For good. */
  leave(): void {
    this.#life?.kill()
    this.#running?.watch.close()
    this.#running?.store.close()
    this.#life = null
    this.#running = null
  }

  /** null when there is no room, and it will be tried again. */
  #open(life: Incarnation): LandingStore | null {
    const { plan, later } = this.#parts
    try {
      return new LandingStore({
        folder: this.#folder,
        trust: plan.trustsFirst ? new Map() : new Map([[vanName, [simTools.publicKey]]]),
        trustOnFirstUse: plan.trustsFirst,
        files: this.#files(life),
        database: (path) => this.#database(life, path),
      })
    } catch (error) {
      if (!this.#diskIsFull) throw error
      life.kill()
      this.#life = null
      later(startAgainMs, () => this.start())
      return null
    }
  }

  #end(awayMs: number): void {
    const { scratch, broker, later } = this.#parts
    const fallen = this.#folder
    this.#folder = scratch.copyOf(fallen, 'landing')
    const running = this.#running
    this.#life?.kill()
    this.#life = null
    this.#running = null
    broker.dropClient(landingName)
    // What runs to its end after the fall works on the disk that nobody will see again.
    later(0, () => {
      running?.watch.close()
      running?.store.close()
      scratch.discard(fallen)
    })
    later(1 + awayMs, () => this.start())
  }

  #passes(life: Incarnation, point: LandingPoint): void {
    const ambush = this.#ambush
    if (ambush?.point !== point || !life.alive) return
    if (ambush.left-- > 0) return
    this.#ambush = null
    this.#parts.witness.trace.note('landing', `falls ${point}`)
    this.#end(ambush.awayMs)
  }

  /** Everything that is committed passes here. */
  #database(life: Incarnation, path: string): SqliteDatabase {
    const database = openDatabase(path)
    const prepare = database.prepare.bind(database)
    const watched = (sql: string): ReturnType<typeof prepare> => {
      const statement = prepare(sql)
      if (sql !== 'COMMIT') return statement
      const run = statement.run.bind(statement)
      statement.run = (...values) => {
        this.#passes(life, 'before-commit')
        if (this.#diskIsFull) throw new DiskFull()
        const result = run(...values)
        this.#passes(life, 'after-commit')
        return result
      }
      return statement
    }
    return Object.assign(database, { prepare: watched })
  }

  #files(life: Incarnation): Files {
    const step = (): void => this.#passes(life, 'file')
    return {
      ...realFiles,
      writeAt(path, offset, bytes) {
        step()
        return realFiles.writeAt(path, offset, bytes)
      },
      syncFile(path) {
        step()
        realFiles.syncFile(path)
      },
      syncFolder(path) {
        step()
        realFiles.syncFolder(path)
      },
      rename(from, to) {
        step()
        realFiles.rename(from, to)
      },
    }
  }

  /** Receipts are looked at when they leave. */
  #broker(life: Incarnation, watch: LandingWatch, broker: Broker): Broker {
    const receiptTopic = downTopic(vanName, 'receipt')
    return {
      connect: (options, hears) => {
        const connection = broker.connect(options, hears)
        return {
          ...connection,
          publish: (topic, payload, how, acknowledged) => {
            const isReceipt = topic === receiptTopic
            if (isReceipt) this.#passes(life, 'before-receipt')
            if (!life.alive) return
            if (isReceipt) this.#look(watch, payload)
            connection.publish(topic, payload, how, acknowledged)
            if (isReceipt) this.#passes(life, 'after-receipt')
          },
        }
      },
    }
  }

  #look(watch: LandingWatch, payload: Uint8Array): void {
    const { witness } = this.#parts
    const receipt = decodeReceipt(payload)
    if (!receipt.ok) return witness.fail(`the landing writes a bad receipt: ${receipt.reason}`)
    const { epoch, receipts } = receipt.value
    const words = receipts.map(({ stream, ranges }) => {
      return `${stream} ${ranges.map(({ from, to }) => `${from}-${to}`).join(',')}`
    })
    witness.trace.note('landing', `receipt ${words.join(' ')}`)
    watch.said(epoch, receipts)
  }
}
