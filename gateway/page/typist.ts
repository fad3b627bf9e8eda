/** Takes what a person typed on the keypad, once. */
import { createHash } from 'node:crypto'
import type { Filled } from '../../drivers/keypad/photo.ts'
import { pageTrouble } from '../errors/page.ts'
import { bad, type TypedEntry } from './body.ts'
import { Once } from './once.ts'
import type { PageSource, Typed } from './view.ts'

export class Typist {
  readonly #source: PageSource
  readonly #once: Once<Typed>

  constructor(source: PageSource, instance: string) {
    this.#source = source
    this.#once = new Once({
      instance,
      // What was refused or asked may be corrected or confirmed, and sent again.
      isDone: ({ kind }) => kind === 'stored',
      changed: () => pageTrouble('page-typed-already'),
      restarted: () => pageTrouble('page-restarted'),
    })
  }

  /** Rejects with a `Trouble` when nothing could be stored. */
  type({ instance, entry, ...filled }: TypedEntry): Promise<Typed> {
    return this.#once.do({ instance, entry }, saidIn(filled), async () => {
      const { form, texts } = filled
      const fields = this.#source.forms().find((one) => one.id === form)?.fields
      if (fields === undefined) throw bad('form')
      for (const name of Object.keys(texts)) {
        if (!fields.some((field) => field.name === name)) throw bad('texts')
      }
      return this.#source.typed(filled)
    })
  }
}

/** The same for a repetition, and short: a photo is told by its hash. */
function saidIn({ form, texts, confirmed, photo }: Filled): unknown {
  const hash = photo === null ? null : createHash('sha256').update(photo.bytes).digest('hex')
  const all = Object.entries(texts).sort(byName)
  return [form, all, confirmed, hash, photo?.isSource ?? null]
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1
}
