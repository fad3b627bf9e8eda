/** What takes images to one destination, whatever it speaks. */
import type { UpstreamWorld } from '../world.ts'
import type { Outcome } from './outcomes.ts'
import type { Proof, QueuedImage } from './queue.ts'

export interface Errand {
  /** To be sent, in this order. */
  readonly images: readonly QueuedImage[]
  /** To be asked for. */
  readonly unproven: readonly QueuedImage[]
}

/** What is written down counts from then on. Throws when the database cannot. */
export interface Ledger {
  readonly settle: (outcomes: ReadonlyMap<number, Outcome>) => void
  readonly prove: (proofs: ReadonlyMap<number, Proof>) => void
  /** Where the file of an image is; null when it is gone. */
  readonly pathOf: (sha256: string) => string | null
  /** False: meanwhile it was decided otherwise, and the image must not be sent. */
  readonly stillGoes: (image: QueuedImage) => boolean
}

export interface Stops {
  /** Aborted: nothing more is begun. */
  readonly soon: AbortSignal
  /** Aborted: what is under way is cut. */
  readonly now: AbortSignal
}

export interface Carrier {
  /** Does the errand, or a first part of it. Rejects with `PeerFailed` when the way failed. */
  carry(errand: Errand, ledger: Ledger, stops: Stops): Promise<void>
}

export type CarrierWorld = Pick<UpstreamWorld, 'clock' | 'random' | 'log'>

/** Why an image that the queue names cannot be sent. */
export const unreadable: Outcome = {
  kind: 'parked',
  reason: 'unreadable',
  said: 'the file is not there or has another size',
}

/** Outcomes are committed together, since each commit waits for the disk. */
const togetherMost = 32
const togetherMs = 500

/** Gathers outcomes and writes them down now and then. */
export class Notes {
  readonly #ledger: Ledger
  readonly #nowMs: () => number
  #outcomes = new Map<number, Outcome>()
  #sinceMs = 0

  constructor(ledger: Ledger, nowMs: () => number) {
    this.#ledger = ledger
    this.#nowMs = nowMs
  }

  add(id: number, outcome: Outcome): void {
    if (this.#outcomes.size === 0) this.#sinceMs = this.#nowMs()
    this.#outcomes.set(id, outcome)
    const isOld = this.#nowMs() - this.#sinceMs >= togetherMs
    if (isOld || this.#outcomes.size >= togetherMost) this.write()
  }

  write(): void {
    const outcomes = this.#outcomes
    this.#outcomes = new Map()
    this.#ledger.settle(outcomes)
  }
}
