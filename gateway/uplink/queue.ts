/**
 * What was read ahead from the journal. Class 0 goes first, always. Among the others the best class
 * goes first, but the last one gets an eighth of the bytes, so that backlog never starves. In a
 * class, what the hospital asked for again goes first: it holds up what stands behind it there.
 */
import { packetLimitBytes } from '../../protocols/packet/limits.ts'
import type { Outgoing, PacketClass } from '../journal/journal.ts'

export interface Waiting {
  readonly packet: Outgoing
  /** The hospital asked for it again: it is no part of a cursor's way through the journal. */
  readonly again: boolean
}

export const classes: readonly PacketClass[] = [0, 1, 2, 3, 4, 5, 6]

/** Enough for the largest window of small packets, and little beside the memory of the box. */
const queueLimits = { count: 1_024, bytes: 2 * 1024 * 1024 } as const

/** The last class that never waits until the hospital has caught up. */
const liveClassMax: PacketClass = 1

const backlogShare = 8
/** The largest packet must be able to earn its turn. */
const creditMaxBytes = packetLimitBytes

interface Lane {
  readonly again: Waiting[]
  fresh: Waiting[]
}

export class SendQueue {
  readonly #lanes = new Map<PacketClass, Lane>(classes.map((one) => [one, emptyLane()]))
  #count = 0
  #bytes = 0
  #backlogCreditBytes = 0

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Room for less than half: time to read on. */
  get low(): boolean {
    return this.#count < queueLimits.count / 2 && this.#bytes < queueLimits.bytes / 2
  }

  get full(): boolean {
    return this.#count >= queueLimits.count || this.#bytes >= queueLimits.bytes
  }

  /** null when the queue is empty. */
  get worstClass(): PacketClass | null {
    return classes.findLast((one) => laneCount(this.#lane(one)) > 0) ?? null
  }

  push(waiting: Waiting): void {
    const lane = this.#lane(waiting.packet.class)
    if (waiting.again) lane.again.push(waiting)
    else lane.fresh.push(waiting)
    this.#count++
    this.#bytes += waiting.packet.bytes.length
  }

  /**
   * The next one to be sent, left where it is; null when there is none. `liveOnly`: only what is
   * watched live or was asked for again.
   */
  peek(liveOnly = false): Waiting | null {
    return this.#choose(liveOnly)?.[0] ?? null
  }

  /** Removes what `peek` shows. */
  shift(liveOnly = false): void {
    const best = classes.find((one) => this.#front(one, liveOnly).length > 0)
    const worst = classes.findLast((one) => this.#front(one, liveOnly).length > 0)
    const taken = this.#choose(liveOnly)?.shift()
    if (taken === undefined) return
    const bytes = taken.packet.bytes.length
    this.#count--
    this.#bytes -= bytes
    if (taken.packet.class !== best) this.#backlogCreditBytes -= bytes
    else if (best !== 0 && best !== worst) {
      const credit = this.#backlogCreditBytes + bytes / backlogShare
      this.#backlogCreditBytes = Math.min(creditMaxBytes, credit)
    }
  }

  /** Forgets what was read ahead in a class; what was asked for again stays. */
  drop(one: PacketClass): void {
    const lane = this.#lane(one)
    this.#count -= lane.fresh.length
    for (const { packet } of lane.fresh) this.#bytes -= packet.bytes.length
    lane.fresh = []
  }

  clear(): void {
    for (const one of classes) this.#lanes.set(one, emptyLane())
    this.#count = 0
    this.#bytes = 0
    this.#backlogCreditBytes = 0
  }

  /** The lowest id in a class of what was read ahead; null when there is none. */
  lowestId(one: PacketClass): number | null {
    const ids = this.#lane(one).fresh.map(({ packet }) => packet.id)
    return ids.length === 0 ? null : Math.min(...ids)
  }

  #choose(liveOnly: boolean): Waiting[] | null {
    const waiting = classes.filter((one) => this.#front(one, liveOnly).length > 0)
    const best = waiting[0]
    const worst = waiting.at(-1)
    if (best === undefined || worst === undefined) return null
    const head = this.#front(worst, liveOnly)[0]
    const turn = head !== undefined && this.#backlogCreditBytes >= head.packet.bytes.length
    return this.#front(best !== 0 && best !== worst && turn ? worst : best, liveOnly)
  }

  /** Those of a class that go first. */
  #front(one: PacketClass, liveOnly: boolean): Waiting[] {
    const { again, fresh } = this.#lane(one)
    return again.length > 0 || (liveOnly && one > liveClassMax) ? again : fresh
  }

  #lane(one: PacketClass): Lane {
    return this.#lanes.get(one) ?? emptyLane()
  }
}

function emptyLane(): Lane {
  return { again: [], fresh: [] }
}

function laneCount({ again, fresh }: Lane): number {
  return again.length + fresh.length
}
