/**
 * One object on its way to the disk: what comes is hashed at once and written in the order in which
 * it came, a few pieces at a time. Its owner watches `waitingBytes` and stops reading the socket.
 */
import { createHash } from 'node:crypto'
import type { Files, OpenFile } from './files.ts'
import type { Room } from './room.ts'

/** One write of this size or less: larger ones gain nothing and hold memory longer. */
const batchBytes = 524_288
const batchPieces = 256
/** Smaller pieces are copied together, so that a peer that sends crumbs costs no more. */
const crumbBytes = 1_024
const slabBytes = 16_384
/**
 * Every so much is brought to the disk while the rest still comes. The last sync is then short,
 * even of an object of many megabytes on a slow card: devices give up when an answer takes half a
 * minute.
 */
const syncBytes = 4_194_304

export interface WrittenObject {
  readonly path: string
  readonly sizeBytes: number
  /** Lower-case hex, of the whole file. */
  readonly sha256: string
}

export interface ObjectWriterOptions {
  readonly files: Files
  readonly room: Room
  readonly path: string
  /** Called when less waits than before. */
  readonly drained: () => void
  /** Called once when it cannot go on. The file goes, and what still comes is dropped. */
  readonly failed: (error: unknown) => void
}

/** The disk is not full yet, but the rest of it is for others. */
export class ReserveReached extends Error {
  readonly code = 'ENOSPC'
  constructor() {
    super('the reserve of the disk is reached')
    this.name = 'ReserveReached'
  }
}

export class ObjectWriter {
  readonly #options: ObjectWriterOptions
  readonly #hash = createHash('sha256')
  readonly #done: Promise<void>
  #queue: Uint8Array[] = []
  #slab = new Uint8Array()
  #slabUsed = 0
  /** Where in the slab the last piece of the queue begins, when it is made of crumbs. */
  #crumbsFrom: number | null = null
  #waitingBytes = 0
  #sizeBytes = 0
  #unsyncedBytes = 0
  /** A sync beside the writing. Its error is kept, since the kernel says it only once. */
  #syncing: Promise<void> | null = null
  #syncError: unknown = null
  #over: 'no' | 'finished' | 'discarded' | 'failed' = 'no'
  #wake: (() => void) | null = null

  constructor(options: ObjectWriterOptions) {
    this.#options = options
    this.#done = this.#run()
  }

  /** What was given and is not written yet. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  append(bytes: Uint8Array): void {
    if (this.#over !== 'no') return
    this.#hash.update(bytes)
    this.#sizeBytes += bytes.length
    this.#waitingBytes += bytes.length
    if (bytes.length < crumbBytes) this.#gather(bytes)
    else {
      this.#crumbsFrom = null
      this.#queue.push(bytes)
    }
    this.#wake?.()
  }

  /** Resolves when the whole object is on the disk; null when `failed` was called. */
  async finish(): Promise<WrittenObject | null> {
    if (this.#over === 'no') this.#over = 'finished'
    this.#wake?.()
    await this.#done
    if (this.#over !== 'finished') return null
    const { path } = this.#options
    return { path, sizeBytes: this.#sizeBytes, sha256: this.#hash.digest('hex') }
  }

  /** Removes what was written. Resolves when it is gone. */
  async discard(): Promise<void> {
    if (this.#over === 'no') this.#over = 'discarded'
    this.#wake?.()
    await this.#done
  }

  async #run(): Promise<void> {
    try {
      const file = await this.#options.files.create(this.#options.path)
      try {
        await this.#drain(file)
        if (this.#over === 'finished') await file.sync()
      } finally {
        await this.#syncing
        // Nobody has to wait for it: what counts is on the disk, or is thrown away.
        void file.close().catch(() => {})
      }
      if (this.#syncError !== null) throw this.#syncError
    } catch (error) {
      const heard = this.#over !== 'discarded'
      this.#over = 'failed'
      if (heard) this.#options.failed(error)
    }
    this.#queue = []
    this.#waitingBytes = 0
    if (this.#over !== 'finished') await this.#remove()
    this.#options.drained()
  }

  async #drain(file: OpenFile): Promise<void> {
    while (this.#over === 'no' || this.#over === 'finished') {
      if (this.#syncError !== null) throw this.#syncError
      const pieces = this.#take()
      if (pieces.length === 0) {
        if (this.#over === 'finished') return
        await new Promise<void>((resolve) => (this.#wake = resolve))
        this.#wake = null
        continue
      }
      const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0)
      this.#options.room.take(bytes)
      if (this.#options.room.full) throw new ReserveReached()
      await file.write(pieces)
      this.#waitingBytes -= bytes
      this.#syncEarly(file, bytes)
      this.#options.drained()
    }
  }

  #syncEarly(file: OpenFile, bytes: number): void {
    this.#unsyncedBytes += bytes
    if (this.#unsyncedBytes < syncBytes || this.#syncing !== null) return
    this.#unsyncedBytes = 0
    this.#syncing = file
      .sync()
      .catch((error: unknown) => void (this.#syncError = error))
      .then(() => void (this.#syncing = null))
  }

  #take(): readonly Uint8Array[] {
    let count = 0
    let bytes = 0
    while (count < this.#queue.length && count < batchPieces && bytes < batchBytes) {
      bytes += this.#queue[count]?.length ?? 0
      count++
    }
    if (count < this.#queue.length) return this.#queue.splice(0, count)
    const all = this.#queue
    this.#queue = []
    this.#crumbsFrom = null
    return all
  }

  #gather(bytes: Uint8Array): void {
    if (this.#slabUsed + bytes.length > this.#slab.length) {
      this.#slab = new Uint8Array(slabBytes)
      this.#slabUsed = 0
      this.#crumbsFrom = null
    }
    this.#slab.set(bytes, this.#slabUsed)
    const end = this.#slabUsed + bytes.length
    if (this.#crumbsFrom === null) {
      this.#crumbsFrom = this.#slabUsed
      this.#queue.push(this.#slab.subarray(this.#crumbsFrom, end))
    } else {
      this.#queue[this.#queue.length - 1] = this.#slab.subarray(this.#crumbsFrom, end)
    }
    this.#slabUsed = end
  }

  async #remove(): Promise<void> {
    try {
      await this.#options.files.remove(this.#options.path)
    } catch (error) {
      // It stays behind as a file that nobody names; the folder is emptied at the next start.
      void error
    }
  }
}
