/**
 * One object on its way to the disk: what comes is hashed and copied at once, and written in the
 * order in which it came, a few pieces at a time. Its owner watches `waitingBytes` and stops
 * reading the socket.
 */
import { createHash } from 'node:crypto'
import type { Files, OpenFile } from './files.ts'
import type { Room } from './room.ts'
import type { Slabs } from './slabs.ts'

/** Pieces of one write: more gain nothing and hold memory longer. */
const batchPieces = 4
/**
 * Less than this waits for more before it is written, since each write costs two changes of thread.
 * Not above half of what may wait at the least, where a sender that was stopped goes on: it would
 * wait for a write, and the write for more.
 */
const batchBytesLeast = 65_536
/**
 * Every so much is brought to the disk while the rest still comes. The last wait is then short,
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

/** A part of a slab that waits to be written. */
interface Piece {
  readonly slab: Uint8Array
  readonly from: number
  end: number
}

export interface ObjectWriterOptions {
  readonly files: Files
  readonly room: Room
  readonly slabs: Slabs
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
  #queue: Piece[] = []
  /** The one that is being filled. */
  #slab: Uint8Array | null = null
  #slabUsed = 0
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
    for (let at = 0; at < bytes.length;) at += this.#copy(bytes, at)
    this.#wake?.()
  }

  /**
   * Resolves when the whole object is in its file; null when `failed` was called. Who takes the
   * file over waits for the disk, since its name has to be there too.
   */
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
      } finally {
        await this.#syncing
        // Nobody has to wait for it.
        void file.close().catch(() => {})
      }
      if (this.#syncError !== null) throw this.#syncError
    } catch (error) {
      const heard = this.#over !== 'discarded'
      this.#over = 'failed'
      if (heard) this.#options.failed(error)
    }
    this.#forget()
    if (this.#over !== 'finished') await this.#remove()
    this.#options.drained()
  }

  async #drain(file: OpenFile): Promise<void> {
    while (this.#over === 'no' || this.#over === 'finished') {
      if (this.#syncError !== null) throw this.#syncError
      const isOver = this.#over === 'finished'
      const pieces = isOver || this.#waitingBytes >= batchBytesLeast ? this.#take() : []
      if (pieces.length === 0) {
        if (isOver) return
        await new Promise<void>((resolve) => (this.#wake = resolve))
        this.#wake = null
        continue
      }
      const bytes = pieces.reduce((sum, { from, end }) => sum + end - from, 0)
      this.#options.room.take(bytes)
      if (this.#options.room.full) throw new ReserveReached()
      await file.write(pieces.map(({ slab, from, end }) => slab.subarray(from, end)))
      for (const { slab, end } of pieces) {
        if (end === slab.length) this.#options.slabs.giveBack(slab)
      }
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

  #take(): readonly Piece[] {
    return this.#queue.splice(0, batchPieces)
  }

  /** Copies what fits into the slab, and answers how much that was. */
  #copy(bytes: Uint8Array, at: number): number {
    if (this.#slab === null || this.#slabUsed === this.#slab.length) {
      this.#slab = this.#options.slabs.take()
      this.#slabUsed = 0
    }
    const slab = this.#slab
    const count = Math.min(bytes.length - at, slab.length - this.#slabUsed)
    slab.set(bytes.subarray(at, at + count), this.#slabUsed)
    const from = this.#slabUsed
    this.#slabUsed += count
    const last = this.#queue.at(-1)
    if (last?.slab === slab) last.end = this.#slabUsed
    else this.#queue.push({ slab, from, end: this.#slabUsed })
    return count
  }

  /** Nothing is being written any more. A slab that was not filled can be used by others now. */
  #forget(): void {
    const { slabs } = this.#options
    const held = new Set(this.#queue.map(({ slab }) => slab))
    if (this.#slab !== null && this.#slabUsed < this.#slab.length) held.add(this.#slab)
    for (const slab of held) slabs.giveBack(slab)
    this.#queue = []
    this.#slab = null
    this.#slabUsed = 0
    this.#waitingBytes = 0
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
