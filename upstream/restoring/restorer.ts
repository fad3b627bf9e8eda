/**
 * Restores packed images beside the thread that stores: decoding one takes from some milliseconds
 * to seconds, memory that is not given back, and on damaged bytes the decoder itself.
 */
import { Worker } from 'node:worker_threads'
import type { Restored } from './restore-file.ts'
import type { RestoreOrder } from './worker.ts'

export interface Restorer {
  /** Never rejects. One after the other. */
  restore(order: RestoreOrder): Promise<Restored>
  /** What is under way is answered as not restored. */
  stop(): Promise<void>
}

/** A thread that has restored so many is ended. */
const recycleCount = 64
const idleMs = 10_000
/** No image takes so long. */
const limitMs = 600_000
const gone: Restored = { ok: false, reason: 'the thread that restores ended, or took too long' }

export function openRestorer(script = new URL('./worker.ts', import.meta.url)): Restorer {
  return new RestoringThread(script)
}

class RestoringThread implements Restorer {
  readonly #script: URL
  #worker: Worker | null = null
  #count = 0
  #idle: NodeJS.Timeout | null = null
  #queue: Promise<unknown> = Promise.resolve()
  #stopped = false

  constructor(script: URL) {
    this.#script = script
  }

  restore(order: RestoreOrder): Promise<Restored> {
    const done = this.#queue.then(() => this.#one(order))
    this.#queue = done
    return done
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#end()
    await this.#queue
  }

  async #one(order: RestoreOrder): Promise<Restored> {
    if (this.#stopped) return gone
    if (this.#idle !== null) clearTimeout(this.#idle)
    const worker = (this.#worker ??= this.#start())
    worker.ref()
    const restored = await answerOf(worker, order)
    // A process that has nothing else to do must not wait for a thread that has nothing to do.
    worker.unref()
    this.#count += 1
    if (restored === gone || this.#count >= recycleCount) await this.#end()
    else this.#idle = setTimeout(() => void this.#end(), idleMs).unref()
    return restored
  }

  #start(): Worker {
    const worker = new Worker(this.#script, { name: 'restorer' })
    // Its exit follows, and says enough.
    worker.on('error', () => {})
    return worker
  }

  async #end(): Promise<void> {
    if (this.#idle !== null) clearTimeout(this.#idle)
    const worker = this.#worker
    this.#worker = null
    this.#count = 0
    await worker?.terminate()
  }
}

function answerOf(worker: Worker, order: RestoreOrder): Promise<Restored> {
  return new Promise((resolve) => {
    const end = (restored: Restored): void => {
      clearTimeout(limit)
      worker.off('message', end)
      worker.off('exit', died)
      resolve(restored)
    }
    const died = (): void => end(gone)
    const limit = setTimeout(died, limitMs)
    worker.on('message', end)
    worker.on('exit', died)
    worker.postMessage(order)
  })
}
