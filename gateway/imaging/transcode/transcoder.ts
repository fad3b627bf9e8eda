/**
 * The transcoding thread as the rest of the gateway knows it: one image at a time, and always an
 * answer. A thread that dies or hangs takes its image along, which then travels as it came.
 */
import { readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { JobThread } from '../job-thread.ts'
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
  readonly #folder: string
  readonly #thread: JobThread<Job, FromTranscoder>
  #stopped = false

  constructor({ folder, recycleBytes, recycleCount, ...thread }: Required<TranscoderOptions>) {
    this.#folder = folder
    this.#thread = new JobThread({
      name: 'transcoder',
      heapMegabytes,
      wornAfter: { bytes: recycleBytes, count: recycleCount },
      cleared: () => this.#sweep(),
      ...thread,
    })
  }

  async transcode(
    file: ToTranscode,
    preview: (frame: number, file: MadeFile) => void,
  ): Promise<Transcoded> {
    const outcome = await this.#thread.do(
      (id) => ({ id, folder: this.#folder, ...file }),
      (said) => {
        if (said.kind === 'done') return said.outcome
        if (said.kind === 'preview') preview(said.frame, said.file)
        return null
      },
      file.sizeBytes,
    )
    if (outcome !== null) return outcome
    const why = this.#stopped ? 'it is being stopped' : 'the thread ended, or took too long'
    return { kind: 'as-is', why }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#thread.stop()
  }

  /** What a dead thread had half made. Its previews stay: the journal may be about to take them. */
  async #sweep(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => [])
    for (const name of names) {
      if (!name.startsWith(transcodedPrefix) || !name.endsWith('-packed')) continue
      await unlink(join(this.#folder, name)).catch(() => {})
    }
  }
}
