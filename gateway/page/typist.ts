/**
 * Takes what a person typed, once. A phone on a weak network sends again what it has no answer for,
 * and an impatient thumb taps twice: the same entry gets the same answer and is stored once.
 */
import { createHash } from 'node:crypto'
import type { Filled } from '../../drivers/keypad/photo.ts'
import { pageTrouble } from '../errors/page.ts'
import { bad } from './body.ts'
import type { PageSource, Typed } from './view.ts'

/** Entries of the last hours of the busiest day. */
const entriesMax = 512

/** What a browser sent, checked and decoded. */
export interface TypedEntry extends Filled {
  readonly instance: string
  readonly entry: string
}

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
  async type({ instance, entry, ...filled }: TypedEntry): Promise<Typed> {
    const { form, texts } = filled
    const said = saidIn(filled)
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
    const answer = this.#source.typed(filled)
    this.#remember(entry, { said, answer })
    const typed = await answer.catch((error: unknown) => {
      this.#entries.delete(entry)
      throw error
    })
    // What was refused or asked may be corrected or confirmed, and sent again.
    if (typed.kind !== 'stored') this.#entries.delete(entry)
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

/** The same for a repetition, and short: a photo is told by its hash. */
function saidIn({ form, texts, confirmed, photo }: Filled): string {
  const hash = photo === null ? null : createHash('sha256').update(photo.bytes).digest('hex')
  const all = Object.entries(texts).sort(byName)
  return JSON.stringify([form, all, confirmed, hash, photo?.isSource ?? null])
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1
}
