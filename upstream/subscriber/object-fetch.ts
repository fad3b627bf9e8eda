/**
 * Puts one large object together in a folder, from chunks as they pass by and from those that the
 * landing has. The file gets its name only when its bytes are what the name says. What travelled
 * packed in another object is fetched as that one, and restored.
 */
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { SeqRange, StreamPlace } from '../../protocols/packet/messages.ts'
import { RangeSet } from '../../protocols/packet/ranges.ts'
import type { Clock, StopSignal } from '../../protocols/world/clock.ts'
import { realFiles, type Files } from '../files.ts'
import type { Restorer } from '../restoring/restorer.ts'
import type { Questions } from './questions.ts'
import { readPacket, type ReadPacket } from './read-packet.ts'

/** The bytes came together and were another object, again and again. */
export class ObjectWrong extends Error {
  constructor(sha256: string) {
    super(`the bytes of object ${sha256} have another hash`)
    this.name = 'ObjectWrong'
  }
}

/** How long to wait before the landing is asked again for what it did not have. */
const askAgainMs = 2_000
const wrongTimesMost = 3
const sliceBytes = 4 * 1024 * 1024

export interface ObjectFetchOptions {
  readonly clock: Clock
  readonly questions: Questions
  readonly sha256: string
  readonly folder: string
  readonly stop: StopSignal | undefined
  /** null: what travelled packed cannot be had. */
  readonly restorer: Restorer | null
  readonly files?: Files
}

export class ObjectFetch {
  readonly #options: ObjectFetchOptions
  readonly #files: Files
  /** Whose chunks are taken: two vans that send one object are not mixed, for one may be wrong. */
  #van: string | null = null
  #have = new RangeSet()
  #totalBytes: number | null = null
  #ended: Error | null = null
  /** The object whose chunks are wanted: the one that is asked for, or the one that carries it. */
  #wanted: string
  #carrier: string | null = null

  constructor(options: ObjectFetchOptions) {
    this.#options = options
    this.#files = options.files ?? realFiles
    this.#wanted = options.sha256
  }

  /** Resolves with the path of the whole file. Rejects with the stop's reason, or `ObjectWrong`. */
  async run(): Promise<string> {
    const { folder, sha256 } = this.#options
    mkdirSync(folder, { recursive: true })
    const whole = join(folder, sha256)
    if (this.#files.size(whole) !== null) return whole
    for (let time = 0; time < wrongTimesMost; time++) {
      this.#begin(null)
      while (!this.#complete) await this.#askLanding()
      if (!this.#isRight() || !(await this.#unpacked())) continue
      this.#files.syncFile(this.#partPath)
      this.#files.rename(this.#partPath, whole)
      this.#files.syncFolder(folder)
      return whole
    }
    throw new ObjectWrong(sha256)
  }

  /** The subscriber closes. */
  end(reason: Error): void {
    this.#ended = reason
  }

  get #partPath(): string {
    return join(this.#options.folder, `${this.#options.sha256}.part`)
  }

  get #complete(): boolean {
    return this.#totalBytes !== null && this.#have.count >= this.#totalBytes
  }

  #begin(van: string | null): void {
    this.#files.remove(this.#partPath)
    this.#wanted = this.#options.sha256
    this.#van = van
    this.#have = new RangeSet()
    this.#totalBytes = null
  }

  /** A chunk of any object, live or replayed. */
  offer({ header, chunk }: ReadPacket): void {
    if (chunk === null || chunk.place.sha256 !== this.#wanted || this.#complete) return
    this.#van ??= header.van
    this.#totalBytes ??= chunk.place.totalBytes
    const { offset, totalBytes } = chunk.place
    if (this.#van !== header.van || this.#totalBytes !== totalBytes) return
    const end = offset + chunk.bytes.length - 1
    if (this.#have.missing(offset, end, 1).length === 0) return
    this.#files.writeAt(this.#partPath, offset, chunk.bytes)
    this.#have.add(offset, end)
  }

  async #askLanding(): Promise<void> {
    const { questions, sha256, clock, stop } = this.#options
    const before = this.#have.count
    const answer = await questions.directory({ van: null, object: sha256, after: null })
    const streams = answer?.streams ?? []
    const vans = [...new Set(streams.map(({ van }) => van))]
    for (const { ranges, ...place } of streams) {
      if (this.#van !== null && this.#van !== place.van) continue
      for (const range of ranges) await this.#replay(place, range)
      if (this.#complete) return
    }
    this.#checkStop()
    if (this.#have.count > before) return
    await clock.sleep(askAgainMs, stop)
    if (this.#carrier !== null && this.#wanted === sha256) {
      // Some of it came as itself, and all of it in another.
      this.#begin(this.#van)
      this.#wanted = this.#carrier
      return
    }
    // This van has no more to give now: the next one may have all of it.
    const next = vans[(vans.indexOf(this.#van ?? '') + 1) % Math.max(1, vans.length)]
    if (vans.length > 1 && next !== undefined) this.#begin(next)
  }

  async #replay(place: StreamPlace, range: SeqRange): Promise<void> {
    let { from } = range
    while (from <= range.to && !this.#complete) {
      this.#checkStop()
      const answer = await this.#options.questions.replay(place, { from, to: range.to })
      let last = -1
      for (const bytes of answer?.packets ?? []) {
        const packet = readPacket(bytes, null)
        if (packet === null) continue
        this.#follow(packet)
        this.offer(packet)
        last = Math.max(last, packet.header.seq)
      }
      if (answer === null || !answer.more || last < from) return
      from = last + 1
    }
  }

  /** The landing names packets of another object when that one carried what is asked for. */
  #follow({ chunk }: ReadPacket): void {
    const { sha256, restorer } = this.#options
    if (chunk === null || chunk.place.sha256 === sha256 || restorer === null) return
    this.#carrier = chunk.place.sha256
    if (this.#have.count === 0) this.#wanted = this.#carrier
  }

  /** Makes the file of what is packed. False: it is not the one that was asked for. */
  async #unpacked(): Promise<boolean> {
    const { restorer, sha256 } = this.#options
    if (this.#wanted === sha256) return true
    const target = `${this.#partPath}.restored`
    const restored = await restorer?.restore({ packed: this.#partPath, target })
    if (restored?.ok !== true || restored.sha256 !== sha256) return false
    this.#files.rename(target, this.#partPath)
    return true
  }

  #checkStop(): void {
    const { aborted = false, reason } = this.#options.stop ?? {}
    if (this.#ended !== null) throw this.#ended
    if (aborted) throw reason instanceof Error ? reason : new Error('stopped')
  }

  #isRight(): boolean {
    const hash = createHash('sha256')
    const total = this.#totalBytes ?? 0
    for (let offset = 0; offset < total; offset += sliceBytes) {
      const slice = this.#files.readAt(this.#partPath, offset, Math.min(sliceBytes, total - offset))
      if (slice === null) return false
      hash.update(slice)
    }
    return hash.digest('hex') === this.#wanted
  }
}
