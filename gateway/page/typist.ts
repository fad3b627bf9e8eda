/**
 * Takes what a person typed, once. A phone on a weak network sends again what it has no answer for,
 * and an impatient thumb taps twice: the same entry gets the same answer and is stored once.
 */
import { pageTrouble } from '../errors/page.ts'
import { bad } from './body.ts'
import type { PageSource, Typed } from './view.ts'
import type { TypedRequest } from './wire.ts'

/** Entries of the last hours of the busiest day. */
const entriesMax = 512

interface Entry {
  /** What was typed, to tell a repetition from a correction. */
  readonly said: string
  readonly answer: Promise<Typed>
}

export class Typist {
  readonly #source: PageSource
  readonly #instance: string
  readonly #entries = new Map<string, Entry>()

  constructor(source: PageSource, instance: string) {
    this.#source = source
    this.#instance = instance
  }

  /** Rejects with a `Trouble` when nothing could be stored. */
  async type({ instance, entry, form, texts }: TypedRequest): Promise<Typed> {
    const said = JSON.stringify([form, Object.entries(texts).sort(byName)])
    const known = this.#entries.get(entry)
    if (known !== undefined && known.said !== said) throw pageTrouble('page-typed-already')
    if (known !== undefined) return known.answer
    // What was on its way during a restart may have been stored by the gateway that is gone.
    if (instance !== this.#instance) throw pageTrouble('page-restarted')
    const fields = this.#source.forms().find((one) => one.id === form)?.fields
    if (fields === undefined) throw bad('form')
    for (const name of Object.keys(texts)) {
      if (!fields.some((field) => field.name === name)) throw bad('texts')
    }
    const answer = this.#source.typed(form, texts)
    this.#remember(entry, { said, answer })
    const typed = await answer.catch((error: unknown) => {
      this.#entries.delete(entry)
      throw error
    })
    // What was refused may be corrected and sent again.
    if (typed.kind === 'refused') this.#entries.delete(entry)
    return typed
  }

  #remember(name: string, entry: Entry): void {
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size < entriesMax) break
      this.#entries.delete(oldest)
    }
    this.#entries.set(name, entry)
  }
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1
}
