/**
 * A thread that does one job after the other, behind everything else: it is there while there is
 * something to do, and one that dies or hangs takes only its job along.
 */
import { Worker } from 'node:worker_threads'

export interface JobThreadOptions {
  readonly name: string
  readonly script: URL
  readonly heapMegabytes: number
  /** Without work for so long, the thread ends, and its memory is free. */
  readonly idleMs: number
  /** No job takes so long, on the slowest box. */
  readonly limitMs: number
  /** A thread that has done so much is ended: some of what it uses does not give memory back. */
  readonly wornAfter?: { readonly count: number; readonly bytes: number }
  /** Follows a thread that ended before its job did, and comes before the next one. */
  readonly cleared?: () => Promise<void>
}

export class JobThread<Job, Said> {
  readonly #options: JobThreadOptions
  #worker: Worker | null = null
  #doneCount = 0
  #doneBytes = 0
  #nextId = 1
  #idle: NodeJS.Timeout | null = null
  #queue: Promise<unknown> = Promise.resolve()
  #stopped = false

  constructor(options: JobThreadOptions) {
    this.#options = options
  }

  /**
   * `hear` answers what became of the job, or null while it goes on. Resolves with that; with null
   * when the thread ended or took too long, or is stopped. Never rejects.
   */
  do<Outcome>(
    jobOf: (id: number) => Job,
    hear: (said: Said) => Outcome | null,
    bytes = 0,
  ): Promise<Outcome | null> {
    const done = this.#queue.then(() => this.#one(jobOf, hear, bytes))
    this.#queue = done
    return done
  }

  /** What is under way, and what waits, resolves with null. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#end()
    await this.#queue
  }

  async #one<Outcome>(
    jobOf: (id: number) => Job,
    hear: (said: Said) => Outcome | null,
    bytes: number,
  ): Promise<Outcome | null> {
    if (this.#stopped) return null
    if (this.#idle !== null) clearTimeout(this.#idle)
    const { idleMs, wornAfter, cleared } = this.#options
    const worker = (this.#worker ??= this.#start())
    const id = this.#nextId++
    worker.ref()
    const outcome = await this.#answerOf(worker, jobOf(id), hear)
    // A process that has nothing else to do must not wait for a thread that has nothing to do.
    worker.unref()
    if (outcome === null) {
      await this.#end()
      await cleared?.()
      return null
    }
    this.#doneCount++
    this.#doneBytes += bytes
    const isWorn =
      wornAfter !== undefined &&
      (this.#doneCount >= wornAfter.count || this.#doneBytes >= wornAfter.bytes)
    if (isWorn) await this.#end()
    else this.#idle = setTimeout(() => void this.#end(), idleMs).unref()
    return outcome
  }

  #start(): Worker {
    const { script, name, heapMegabytes } = this.#options
    this.#doneCount = 0
    this.#doneBytes = 0
    const worker = new Worker(script, {
      name,
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
    })
    // Without it an error in the thread would be one of the process. Its exit follows.
    worker.on('error', () => {})
    return worker
  }

  async #end(): Promise<void> {
    if (this.#idle !== null) clearTimeout(this.#idle)
    const worker = this.#worker
    this.#worker = null
    await worker?.terminate()
  }

  /** null: the thread has ended, or says nothing for too long. */
  #answerOf<Outcome>(
    worker: Worker,
    job: Job,
    hear: (said: Said) => Outcome | null,
  ): Promise<Outcome | null> {
    return new Promise((resolve) => {
      const end = (outcome: Outcome | null): void => {
        clearTimeout(limit)
        worker.off('message', heard)
        worker.off('exit', gone)
        resolve(outcome)
      }
      const heard = (said: Said): void => {
        const outcome = hear(said)
        if (outcome !== null) end(outcome)
      }
      const gone = (): void => end(null)
      const limit = setTimeout(gone, this.#options.limitMs)
      worker.on('message', heard)
      worker.on('exit', gone)
      worker.postMessage(job)
    })
  }
}
