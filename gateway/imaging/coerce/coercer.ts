/**
 * The coercing thread as the rest of the gateway knows it: one image after the other, and always an
 * answer. It is there while there is something to do.
 */
import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { coercedPrefix, type Coerced, type CoercionJob, type FromCoercer } from './messages.ts'

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
  readonly #options: Required<CoercerOptions>
  #worker: Worker | null = null
  #nextId = 1
  #idle: NodeJS.Timeout | null = null
  #queue: Promise<unknown> = Promise.resolve()
  #stopped = false

  constructor(options: Required<CoercerOptions>) {
    this.#options = options
  }

  coerce(image: ToCoerce): Promise<Coerced> {
    const done = this.#queue.then(() => this.#one(image))
    this.#queue = done
    return done
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#end()
    await this.#queue
  }

  async #one(image: ToCoerce): Promise<Coerced> {
    if (this.#stopped) return { kind: 'refused', why: 'it is being stopped' }
    if (this.#idle !== null) clearTimeout(this.#idle)
    const { folder, idleMs, limitMs, script } = this.#options
    const worker = (this.#worker ??= startWorker(script))
    const id = this.#nextId++
    const target = join(folder, `${coercedPrefix}${id}`)
    worker.ref()
    const outcome = await answerOf(worker, { id, target, ...image }, limitMs)
    // A process that has nothing else to do must not wait for a thread that has nothing to do.
    worker.unref()
    if (outcome === null) {
      await this.#end()
      await unlink(target).catch(() => {})
      return { kind: 'refused', why: 'the thread ended, or took too long' }
    }
    this.#idle = setTimeout(() => void this.#end(), idleMs).unref()
    return outcome
  }

  async #end(): Promise<void> {
    if (this.#idle !== null) clearTimeout(this.#idle)
    const worker = this.#worker
    this.#worker = null
    await worker?.terminate()
  }
}

function startWorker(script: URL): Worker {
  const worker = new Worker(script, {
    name: 'coercer',
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
  })
  // Without it an error in the thread would be one of the process. Its exit follows.
  worker.on('error', () => {})
  return worker
}

/** null: the thread has ended, or says nothing for too long. */
function answerOf(worker: Worker, job: CoercionJob, limitMs: number): Promise<Coerced | null> {
  return new Promise((resolve) => {
    const end = (outcome: Coerced | null): void => {
      clearTimeout(limit)
      worker.off('message', hear)
      worker.off('exit', gone)
      resolve(outcome)
    }
    const hear = ({ id, outcome }: FromCoercer): void => {
      if (id === job.id) end(outcome)
    }
    const gone = (): void => end(null)
    const limit = setTimeout(gone, limitMs)
    worker.on('message', hear)
    worker.on('exit', gone)
    worker.postMessage(job)
  })
}
