/**
 * The thread of the media as the main thread knows it: one job after the other, always with a
 * result. It is started for the first job and ended when there has been none for a while.
 */
import { readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { ReceivedImage, StoreOutcome } from '../imaging/received-image.ts'
import type { FromMediaWorker, Job, JobResult, MediaWorkerData, ToMediaWorker } from './messages.ts'
import { mediaPrefix } from './messages.ts'

export interface ThreadHears {
  known(sopInstanceUid: string): Promise<readonly string[]>
  /** Never rejects. */
  store(image: ReceivedImage): Promise<StoreOutcome>
}

/** What a job is without its number. */
export type NewJob = Job extends infer One ? (One extends Job ? Omit<One, 'id'> : never) : never

export interface RunningJob {
  /** null: the thread died of it. What was stored until then is stored. */
  readonly result: Promise<JobResult | null>
  stop(): void
}

export interface MediaThread {
  run(job: NewJob, progress: (done: number, total: number) => void): RunningJob
  /** What is under way ends after the file that is being taken. */
  stop(): Promise<void>
}

/** Pixels lie outside of it; a hostile file must not become the memory of the whole box. */
const heapMegabytes = 192
const idleMs = 20_000
/** A file of the largest size, from the slowest stick. */
const stopMs = 10_000

export function mediaThread(data: MediaWorkerData, hears: ThreadHears): MediaThread {
  return new Thread(data, hears)
}

class Thread implements MediaThread {
  readonly #data: MediaWorkerData
  readonly #hears: ThreadHears
  /** Files that the gateway is about to take over, whatever becomes of the thread. */
  readonly #handedOver = new Set<string>()
  #worker: Worker | null = null
  #queue: Promise<unknown> = Promise.resolve()
  /** The number of the job that is running. */
  #current: number | null = null
  #idle: NodeJS.Timeout | null = null
  #ids = 0
  #isStopped = false

  constructor(data: MediaWorkerData, hears: ThreadHears) {
    this.#data = data
    this.#hears = hears
  }

  run(job: NewJob, progress: (done: number, total: number) => void): RunningJob {
    const id = ++this.#ids
    let isCancelled = false
    const result = this.#queue.then(() =>
      isCancelled || this.#isStopped ? null : this.#one({ ...job, id }, progress),
    )
    this.#queue = result
    return {
      result,
      stop: () => {
        isCancelled = true
        this.#stopJob(id)
      },
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    if (this.#current !== null) this.#stopJob(this.#current)
    const limit = setTimeout(() => void this.#end(), stopMs)
    await this.#queue
    clearTimeout(limit)
    await this.#end()
  }

  #stopJob(id: number): void {
    if (this.#current === id) tell(this.#worker, { kind: 'stop', id })
  }

  async #one(job: Job, progress: (done: number, total: number) => void): Promise<JobResult | null> {
    if (this.#idle !== null) clearTimeout(this.#idle)
    const worker = (this.#worker ??= this.#start())
    this.#current = job.id
    worker.ref()
    const result = await new Promise<JobResult | null>((resolve) => {
      const hear = (message: FromMediaWorker): void => {
        if (message.kind === 'known') void this.#known(worker, message)
        else if (message.kind === 'store') void this.#store(worker, message)
        else if (message.kind === 'progress') progress(message.done, message.total)
        else if (message.id === job.id) end(message.result)
      }
      const gone = (): void => end(null)
      const end = (ended: JobResult | null): void => {
        worker.off('message', hear)
        worker.off('exit', gone)
        resolve(ended)
      }
      worker.on('message', hear)
      worker.on('exit', gone)
      tell(worker, { kind: 'job', job })
    })
    this.#current = null
    worker.unref()
    if (result === null) {
      this.#worker = null
      await this.#sweep()
    } else {
      this.#idle = setTimeout(() => void this.#end(), idleMs).unref()
    }
    return result
  }

  #start(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      name: 'media',
      workerData: this.#data,
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
    })
    // Without it an error in the thread would be one of the process. Its exit follows.
    worker.on('error', () => {})
    return worker
  }

  async #known(
    worker: Worker,
    { ask, sopInstanceUid }: Extract<FromMediaWorker, { kind: 'known' }>,
  ): Promise<void> {
    // What cannot be asked is taken as new: the journal finds out by itself.
    const hashes = await this.#hears.known(sopInstanceUid).catch(() => [])
    tell(worker, { kind: 'known', ask, hashes })
  }

  async #store(
    worker: Worker,
    { ask, image }: Extract<FromMediaWorker, { kind: 'store' }>,
  ): Promise<void> {
    this.#handedOver.add(image.temporaryPath)
    const outcome = await this.#hears.store(image)
    this.#handedOver.delete(image.temporaryPath)
    tell(worker, { kind: 'outcome', ask, outcome })
  }

  async #end(): Promise<void> {
    if (this.#idle !== null) clearTimeout(this.#idle)
    const worker = this.#worker
    this.#worker = null
    await worker?.terminate()
  }

  /** Removes what the dead thread had half written. */
  async #sweep(): Promise<void> {
    const { incomingFolder } = this.#data
    const names = await readdir(incomingFolder).catch(() => [])
    for (const name of names.filter((one) => one.startsWith(mediaPrefix))) {
      const path = join(incomingFolder, name)
      if (!this.#handedOver.has(path)) await unlink(path).catch(() => {})
    }
  }
}

function tell(worker: Worker | null, message: ToMediaWorker): void {
  worker?.postMessage(message)
}
