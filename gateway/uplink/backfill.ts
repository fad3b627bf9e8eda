/**
 * What the hospital misses: packets are read from the journal again, and what is gone for ever is
 * declared lost, once, in the van's own stream.
 */
import type { Backfill, SeqRange } from '../../protocols/packet/messages.ts'
import { RangeSet } from '../../protocols/packet/ranges.ts'
import type { Loss } from '../../protocols/packet/record.ts'
import type { Journal, Outgoing } from '../journal/journal.ts'

/** The time of a record that the uplink makes. */
export type Stamp = Pick<Loss, 'atMs' | 'utcMs' | 'uncertaintyMs'>

/** More are forgotten: the hospital asks again for what it still misses. */
const requestsMax = 64
/** Packets of a step, at most 256 KiB each. */
const packetsPerStep = 16
/** Losses declared in a step; the rest when the hospital asks again. */
const lossesPerStep = 64

export class Backfills {
  readonly #journal: Pick<Journal, 'again' | 'store'>
  readonly #stamp: () => Stamp
  readonly #requests: Backfill[] = []
  readonly #declared = new Map<string, RangeSet>()
  #lostCount = 0

  constructor(journal: Pick<Journal, 'again' | 'store'>, stamp: () => Stamp) {
    this.#journal = journal
    this.#stamp = stamp
  }

  get waiting(): boolean {
    return this.#requests.length > 0
  }

  /** Packets that were declared lost since the start. */
  get lostCount(): number {
    return this.#lostCount
  }

  /** False when too many requests wait already. */
  add(request: Backfill): boolean {
    const same = this.#requests.some(
      ({ epoch, stream, from, to }) =>
        epoch === request.epoch &&
        stream === request.stream &&
        from <= request.from &&
        to >= request.to,
    )
    if (same) return true
    if (this.#requests.length >= requestsMax) return false
    this.#requests.push(request)
    return true
  }

  /** The next packets of the oldest request, which is dropped when this rejects. */
  async next(): Promise<readonly Outgoing[]> {
    const request = this.#requests[0]
    if (request === undefined) return []
    const { epoch, stream, from, to } = request
    // It stays in its place meanwhile, so that the same request is recognised.
    let rest: readonly Backfill[] = []
    try {
      const { packets, lost, more } = await this.#journal.again(
        epoch,
        stream,
        { from, to },
        packetsPerStep,
      )
      const seqs = [...packets.map(({ seq }) => seq), ...lost.map((range) => range.to)]
      const reached = Math.max(-1, ...seqs)
      if (more && reached >= from && reached < to) rest = [{ ...request, from: reached + 1 }]
      await this.#declare(epoch, stream, lost)
      return packets
    } finally {
      this.#requests.splice(0, 1, ...rest)
    }
  }

  async #declare(epoch: string, stream: string, lost: readonly SeqRange[]): Promise<void> {
    const key = `${epoch} ${stream}`
    const declared = this.#declared.get(key) ?? new RangeSet()
    this.#declared.set(key, declared)
    const fresh = lost.flatMap(({ from, to }) => declared.missing(from, to, lossesPerStep))
    for (const { from, to } of fresh.slice(0, lossesPerStep)) {
      const loss: Loss = {
        kind: 'loss',
        ...this.#stamp(),
        source: 'device',
        simulated: false,
        epoch,
        stream,
        fromSeq: from,
        toSeq: to,
        reason: 'not in the journal of the van',
      }
      await this.#journal.store('van', loss)
      this.#lostCount += declared.add(from, to)
    }
  }
}
