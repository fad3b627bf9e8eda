/**
 * Somebody at the hospital who follows all records of the van with the subscriber library: one
 * process after the other, each of which goes on where the last one was.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Record } from '../../protocols/packet/record.ts'
import { parseStream } from '../../protocols/packet/topics.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import type { Random } from '../../protocols/world/random.ts'
import type {
  Gap,
  GapReason,
  Item,
  Position,
  ReceivedRecord,
} from '../../upstream/subscriber/items.ts'
import { connect, type Subscriber } from '../../upstream/subscriber/subscriber.ts'
import type { Subscription } from '../../upstream/subscriber/subscription.ts'
import type { UpstreamLog } from '../../upstream/world.ts'
import type { SimBroker } from './broker.ts'
import { incarnation, type Incarnation } from './incarnation.ts'
import { mortalBroker } from './mortal.ts'
import type { Plan } from './plan.ts'
import { vanName } from './van-life.ts'
import type { KnownStream, Witness } from './witness.ts'

export const readerName = 'reader-1'

export interface ReaderParts {
  readonly plan: Plan
  readonly clock: Clock
  readonly random: Random
  readonly broker: SimBroker
  readonly witness: Witness
  readonly log: UpstreamLog
  readonly later: (ms: number, work: () => void) => void
}

/** What comes next in a stream. */
interface Place {
  readonly seq: number
  readonly index: number
}

interface Running {
  readonly life: Incarnation
  readonly subscriber: Subscriber
  readonly subscription: Subscription
}

const start: Place = { seq: 0, index: 0 }

export class Reader {
  readonly #parts: ReaderParts
  readonly #places = new Map<string, Place>()
  #positions: readonly Position[] = []
  #running: Running | null = null
  #itemCount = 0

  constructor(parts: ReaderParts) {
    this.#parts = parts
  }

  get itemCount(): number {
    return this.#itemCount
  }

  get subscriber(): Subscriber | null {
    return this.#running?.subscriber ?? null
  }

  start(): void {
    if (this.#running !== null) return
    const { plan, clock, random, broker, log, witness } = this.#parts
    const life = incarnation(clock)
    const world = {
      clock: life.clock,
      random: random.fork('life'),
      broker: mortalBroker(life, broker),
      log,
    }
    witness.trace.note('reader', 'starts')
    const subscriber = connect(world, { clientId: readerName })
    const positions = this.#positions
    const subscription = subscriber.stream(`${vanName}/+/+`, {
      from: positions.length === 0 ? 'beginning' : { positions, otherwise: 'beginning' },
      patienceMs: plan.readerPatienceMs,
    })
    this.#running = { life, subscriber, subscription }
    void this.#read(life, subscription)
  }

  restart(awayMs: number): void {
    if (this.#running === null) return
    this.#parts.witness.trace.note('reader', 'is killed')
    this.#end()
    this.#parts.broker.dropClient(readerName)
    this.#parts.later(awayMs, () => this.start())
  }

  /** For good. */
  leave(): void {
    this.#end()
  }

  /** What was given out and did not come, or null. Chunks of objects are no records. */
  missing(): string | null {
    for (const known of this.#parts.witness.streams()) {
      if (parseStream(known.stream)?.kind === 'object') continue
      const { seq } = this.#placeIn(known)
      if (seq < known.packets.size) return `${known.stream} ${seq}`
    }
    return null
  }

  #end(): void {
    const running = this.#running
    if (running === null) return
    this.#running = null
    running.life.kill()
    this.#positions = running.subscription.positions()
    // Of a packet that was read in part all of it comes again.
    for (const { epoch, stream, next } of this.#positions) {
      const place = this.#places.get(`${epoch} ${stream}`) ?? start
      if (place.seq !== next) {
        const words = `the reader is at ${stream} ${place.seq}, and is told to go on at ${next}`
        this.#parts.witness.fail(words)
      }
      this.#places.set(`${epoch} ${stream}`, { seq: next, index: 0 })
    }
  }

  async #read(life: Incarnation, subscription: Subscription): Promise<void> {
    const { plan } = this.#parts
    for await (const item of subscription) {
      if (!life.alive) return
      this.#itemCount++
      this.#take(item)
      if (plan.readerPauseMs > 0) await life.clock.sleep(plan.readerPauseMs)
    }
  }

  #placeIn({ epoch, stream }: Pick<KnownStream, 'epoch' | 'stream'>): Place {
    return this.#places.get(`${epoch} ${stream}`) ?? start
  }

  #take(item: Item): void {
    const { witness } = this.#parts
    const { epoch, stream } = item
    const place = this.#placeIn(item)
    const seq = item.kind === 'gap' ? item.from : item.seq
    const index = item.kind === 'gap' ? 0 : item.index
    if (seq !== place.seq || index !== place.index) {
      const wanted = `${stream} ${place.seq}.${place.index}`
      return witness.fail(`the reader is given ${seq}.${index} instead of ${wanted}`)
    }
    const next = item.kind === 'gap' ? this.#takeGap(item) : this.#takeRecord(item)
    this.#places.set(`${epoch} ${stream}`, next)
  }

  #takeGap({ stream, from, to, reason }: Gap): Place {
    const { witness, plan } = this.#parts
    witness.trace.note('reader', `gap ${stream} ${from} to ${to}: ${reason}`)
    const isImpatient = plan.readerPatienceMs !== Number.POSITIVE_INFINITY
    const isAllowed = isImpatient && impatientReasons.includes(reason)
    if (!isAllowed) witness.fail(`the reader is told that ${stream} ${from} is ${reason}`)
    return { seq: to + 1, index: 0 }
  }

  #takeRecord(item: ReceivedRecord): Place {
    const { witness } = this.#parts
    const { epoch, stream, seq, index } = item
    const packet = witness.stream(epoch, stream).packets.get(seq)
    const record = packet?.records[index]
    if (packet === undefined || record === undefined) {
      witness.fail(`the reader is given ${stream} ${seq}.${index}, which never was`)
      return { seq: seq + 1, index: 0 }
    }
    if (!isSameRecord(item, record)) {
      witness.fail(`the reader is given another ${stream} ${seq}.${index}`)
    }
    const wrong = witness.wrongTime(item, packet.header.boot)
    if (wrong !== null) witness.fail(`the reader is told of ${stream} ${seq}.${index} ${wrong}`)
    const isLast = index === packet.records.length - 1
    return isLast ? { seq: seq + 1, index: 0 } : { seq, index: index + 1 }
  }
}

/** What somebody is told who does not wait for what is under way. */
const impatientReasons: readonly GapReason[] = ['not-here', 'landing-away', 'without-key']

function isSameRecord(item: ReceivedRecord, record: Record): boolean {
  const given: { readonly [field: string]: unknown } = {
    ...item,
    utcMs: item.storedUtcMs,
    uncertaintyMs: item.storedUncertaintyMs,
  }
  return Object.entries(record).every(([field, value]) => isDeepStrictEqual(given[field], value))
}
