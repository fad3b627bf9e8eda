/**
 * The transcoding thread as the rest of the gateway knows it: one image at a time, and always an
 * answer. A thread that dies or hangs takes its image along, which then travels as it came.
 */
import { readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { FromTranscoder, Job, MadeFile, Transcoded } from './messages.ts'
import { transcodedPrefix } from './messages.ts'

export interface TranscoderOptions {
  /** The journal's folder for incoming files. */
  readonly folder: string
  /** A thread that has looked at so much is ended: coders do not give memory back. */
  readonly recycleBytes?: number
  readonly recycleCount?: number
  /** No image takes so long, on the slowest box. */
  readonly limitMs?: number
  /** Without work for so long, the thread ends, and its memory is free. */
  readonly idleMs?: number
  readonly script?: URL
}

export interface ToTranscode {
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
}

export interface Transcoder {
  /**
   * Calls `preview` with each preview as soon as it is there, and resolves when all is done. Never
   * rejects. Files that it hands out are the caller's.
   */
  transcode(
    file: ToTranscode,
    preview: (frame: number, file: MadeFile) => void,
  ): Promise<Transcoded>
  /** What is under way is answered `as-is`. */
  stop(): Promise<void>
}

const defaults = {
  recycleBytes: 67_108_864,
  recycleCount: 64,
  limitMs: 600_000,
  idleMs: 20_000,
  script: new URL('./worker.ts', import.meta.url),
}
const heapMegabytes = 256

export function openTranscoder(options: TranscoderOptions): Transcoder {
  return new TranscodingThread({ ...defaults, ...options })
}

class TranscodingThread implements Transcoder {
  readonly #options: Required<TranscoderOptions>
  #worker: Worker | null = null
  #seenBytes = 0
  #seenCount = 0
  #nextId = 1
  #idle: NodeJS.Timeout | null = null
  #queue: Promise<unknown> = Promise.resolve()
  #stopped = false

  constructor(options: Required<TranscoderOptions>) {
    this.#options = options
  }

  transcode(
    file: ToTranscode,
    preview: (frame: number, file: MadeFile) => void,
  ): Promise<Transcoded> {
    const done = this.#queue.then(() => this.#one(file, preview))
    this.#queue = done
    return done
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#end()
    await this.#queue
  }

  async #one(
    file: ToTranscode,
    preview: (frame: number, file: MadeFile) => void,
  ): Promise<Transcoded> {
    if (this.#stopped) return { kind: 'as-is', why: 'it is being stopped' }
    if (this.#idle !== null) clearTimeout(this.#idle)
    const worker = (this.#worker ??= this.#start())
    const { folder, limitMs, idleMs, recycleBytes, recycleCount } = this.#options
    const id = this.#nextId++
    worker.ref()
    const outcome = await answerOf(worker, { id, folder, ...file }, preview, limitMs)
    // A process that has nothing else to do must not wait for a thread that has nothing to do.
    worker.unref()
    if (outcome === null) {
      await this.#end()
      await this.#sweep()
      return { kind: 'as-is', why: 'the thread ended, or took too long' }
    }
    this.#seenBytes += file.sizeBytes
    this.#seenCount++
    if (this.#seenBytes >= recycleBytes || this.#seenCount >= recycleCount) await this.#end()
    else this.#idle = setTimeout(() => void this.#end(), idleMs).unref()
    return outcome
  }

  #start(): Worker {
    this.#seenBytes = 0
    this.#seenCount = 0
    const worker = new Worker(this.#options.script, {
      name: 'transcoder',
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

  /** What a dead thread had half made. Its previews stay: the journal may be about to take them. */
  async #sweep(): Promise<void> {
    const { folder } = this.#options
    const names = await readdir(folder).catch(() => [])
    for (const name of names) {
      if (!name.startsWith(transcodedPrefix) || !name.endsWith('-packed')) continue
      await unlink(join(folder, name)).catch(() => {})
    }
  }
}

/** null: the thread has ended, or says nothing for too long. */
function answerOf(
  worker: Worker,
  job: Job,
  preview: (frame: number, file: MadeFile) => void,
  limitMs: number,
): Promise<Transcoded | null> {
  return new Promise((resolve) => {
    const end = (outcome: Transcoded | null): void => {
      clearTimeout(limit)
      worker.off('message', hear)
      worker.off('exit', gone)
      resolve(outcome)
    }
    const hear = (message: FromTranscoder): void => {
      if (message.kind === 'ready' || message.id !== job.id) return
      if (message.kind === 'preview') preview(message.frame, message.file)
      else end(message.outcome)
    }
    const gone = (): void => end(null)
    const limit = setTimeout(gone, limitMs)
    worker.on('message', hear)
    worker.on('exit', gone)
    worker.postMessage(job)
  })
}
