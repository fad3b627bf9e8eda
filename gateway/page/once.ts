/**
 * Does once what a person asked for once. A phone on a weak network sends again what it has no
 * answer for, and an impatient thumb taps twice: the same entry gets the same answer.
 */
import { createHash } from 'node:crypto'
import type { Trouble } from '../errors/trouble.ts'

/** Entries of the last hours of the busiest day. */
const entriesMax = 512

/** What a browser sends beside what it asks for. */
export interface Act {
  /** The `instance` of the gateway under which the person began. */
  readonly instance: string
  /** Made anew for each act. */
  readonly entry: string
}

export interface OnceOptions<A> {
  readonly instance: string
  /** False: nothing was stored, so the entry may come again with something else. */
  readonly isDone: (answer: A) => boolean
  /** The entry is known, and said something else. */
  readonly changed: () => Trouble
  /** It began under a gateway that is gone, and that may have done it. */
  readonly restarted: () => Trouble
}

interface Entry<A> {
  /** What was asked for, to tell a repetition from a correction. */
  readonly digest: string
  readonly answer: Promise<A>
}

export class Once<A> {
  readonly #options: OnceOptions<A>
  readonly #entries = new Map<string, Entry<A>>()

  constructor(options: OnceOptions<A>) {
    this.#options = options
  }

  /** `said` is the same for a repetition. Rejects with a `Trouble`, or with what `work` rejects. */
  async do({ instance, entry }: Act, said: unknown, work: () => Promise<A>): Promise<A> {
    const digest = createHash('sha256').update(JSON.stringify(said)).digest('hex')
    const known = this.#entries.get(entry)
    if (known !== undefined && known.digest !== digest) throw this.#options.changed()
    if (known !== undefined) return known.answer
    if (instance !== this.#options.instance) throw this.#options.restarted()
    const answer = work()
    this.#remember(entry, { digest, answer })
    const done = await answer.catch((error: unknown) => {
      this.#entries.delete(entry)
      throw error
    })
    if (!this.#options.isDone(done)) this.#entries.delete(entry)
    return done
  }

  #remember(name: string, entry: Entry<A>): void {
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size < entriesMax) break
      this.#entries.delete(oldest)
    }
    this.#entries.set(name, entry)
  }
}
