/**
 * The coercing thread as the rest of the gateway knows it: one image after the other, and always an
 * answer. It is there while there is something to do.
 */
import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { JobThread } from '../job-thread.ts'
import { coercedPrefix, type Coerced, type CoercionJob } from './messages.ts'

export interface CoercerOptions {
  /** The journal's folder for incoming files. */
  readonly folder: string
  /** Without work for so long, the thread ends, and its memory is free. */
  readonly idleMs?: number
  /** No image takes so long, on the slowest box. */
  readonly limitMs?: number
  readonly script?: URL
}

export type ToCoerce = Omit<CoercionJob, 'id' | 'target'>

export interface Coercer {
  /** Never rejects. A file that is made is the caller's. */
  coerce(image: ToCoerce): Promise<Coerced>
  /** What is under way is refused. */
  stop(): Promise<void>
}

const defaults = {
  idleMs: 20_000,
  limitMs: 600_000,
  script: new URL('./worker.ts', import.meta.url),
}
const heapMegabytes = 64

export function openCoercer(options: CoercerOptions): Coercer {
  return new CoercingThread({ ...defaults, ...options })
}

class CoercingThread implements Coercer {
  readonly #folder: string
  readonly #thread: JobThread<CoercionJob, Coerced>
  #stopped = false

  constructor({ folder, ...thread }: Required<CoercerOptions>) {
    this.#folder = folder
    this.#thread = new JobThread({ name: 'coercer', heapMegabytes, ...thread })
  }

  async coerce(image: ToCoerce): Promise<Coerced> {
    let target = ''
    const outcome = await this.#thread.do(
      (id) => {
        target = join(this.#folder, `${coercedPrefix}${id}`)
        return { id, target, ...image }
      },
      (said) => said,
    )
    if (outcome !== null) return outcome
    if (target !== '') await unlink(target).catch(() => {})
    const why = this.#stopped ? 'it is being stopped' : 'the thread ended, or took too long'
    return { kind: 'refused', why }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#thread.stop()
  }
}
