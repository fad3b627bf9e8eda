/**
 * What was read ahead from the journal. Class 0 goes first, always. Among the others the best class
 * goes first, but the last one gets an eighth of the bytes, so that backlog never starves.
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

const backlogShare = 8
/** The largest packet must be able to earn its turn. */
const creditMaxBytes = packetLimitBytes

export class SendQueue {
  readonly #lanes = new Map<PacketClass, Waiting[]>(classes.map((one) => [one, []]))
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
    return classes.findLast((one) => this.#lane(one).length > 0) ?? null
  }

  push(waiting: Waiting): void {
    this.#lane(waiting.packet.class).push(waiting)
    this.#count++
    this.#bytes += waiting.packet.bytes.length
  }

  /** The next one to be sent, left where it is. */
  peek(): Waiting | null {
    return this.#choose()?.[0] ?? null
  }

  /** Removes what `peek` shows. */
  shift(): void {
    const best = classes.find((one) => this.#lane(one).length > 0)
    const worst = this.worstClass
    const taken = this.#choose()?.shift()
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
    const kept = lane.filter((waiting) => waiting.again)
    for (const { again, packet } of lane) {
      if (again) continue
      this.#count--
      this.#bytes -= packet.bytes.length
    }
    this.#lanes.set(one, kept)
  }

  clear(): void {
    for (const one of classes) this.#lanes.set(one, [])
    this.#count = 0
    this.#bytes = 0
    this.#backlogCreditBytes = 0
  }

  /** The lowest id in a class of what was read ahead; null when there is none. */
  lowestId(one: PacketClass): number | null {
    const ids = this.#lane(one).flatMap(({ again, packet }) => (again ? [] : [packet.id]))
    return ids.length === 0 ? null : Math.min(...ids)
  }

  #choose(): Waiting[] | null {
    const waiting = classes.filter((one) => this.#lane(one).length > 0)
    const best = waiting[0]
    const worst = waiting.at(-1)
    if (best === undefined || worst === undefined) return null
    const head = this.#lane(worst)[0]
    const turn = head !== undefined && this.#backlogCreditBytes >= head.packet.bytes.length
    return this.#lane(best !== 0 && best !== worst && turn ? worst : best)
  }

  #lane(one: PacketClass): Waiting[] {
    return this.#lanes.get(one) ?? []
  }
}
