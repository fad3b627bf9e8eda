/**
 * Large objects as files named by what they hold: objects/ab/abcdef…, SHA-256 in lower-case hex.
 * The database names a file only when its bytes and its name are on the disk.
 */
import { createHash } from 'node:crypto'
import { toHex } from '../../protocols/packet/hex.ts'
import { hashBytes } from '../../protocols/packet/packet.ts'
import { codeOf } from './failures.ts'
import { chunksOf } from './kinds.ts'
import type { Files } from './files.ts'
import { sha256 } from './seal-tools.ts'

export interface ObjectFile {
  readonly sizeBytes: number
  /** Lower-case hex. */
  readonly sha256: string
}

export interface ScannedFile extends ObjectFile {
  /** One for each chunk, as its packet's header carries it. */
  readonly digests: readonly Uint8Array[]
}

/** A file that is in its place. */
export interface KeptFile extends ObjectFile {
  /** Of the record with which it came. */
  readonly chunkBytes: number
}

export interface FinishedFile {
  readonly temporaryPath: string
  /** Its name from now on, lower-case hex. */
  readonly sha256: string
}

/** So much is hashed before others get their turn: some 20 ms on a small box. */
const scanTurnBytes = 4_194_304

export class ObjectFiles {
  readonly folder: string
  readonly #files: Files
  /** Folders whose names are on the disk. */
  readonly #folders: Set<string>

  constructor(folder: string, files: Files) {
    this.folder = folder
    this.#files = files
    files.makeFolder(folder)
    // Who was here before may have made some, and have died before it could wait for the disk.
    files.sync(folder)
    this.#folders = new Set(files.list(folder).map((name) => `${folder}/${name}`))
  }

  pathOf(sha256: string): string {
    return `${this.#folderOf(sha256)}/${sha256}`
  }

  sizeOf(sha256: string): number | null {
    return this.#files.sizeOf(this.pathOf(sha256))
  }

  /** Shorter than asked for, or nothing, when the file is not what it was: the digest tells. */
  chunk(sha256: string, offset: number, length: number): Uint8Array {
    try {
      return this.#files.read(this.pathOf(sha256), offset, length)
    } catch (error) {
      if (isUnreadable(error)) return new Uint8Array(0)
      throw error
    }
  }

  /**
   * Gives a finished file its name. Replaces one of the same name, which holds the same or is
   * damaged. Answers what must be synced before anything relies on it, in any order. That the old
   * name is gone need not be on the disk: the folder of incoming files is emptied at the start, and
   * the file keeps its new name then.
   */
  move({ temporaryPath, sha256 }: FinishedFile): readonly string[] {
    const folder = this.#folderOf(sha256)
    const isKnown = this.#folders.has(folder)
    if (!isKnown) this.#files.addFolder(folder)
    const path = this.pathOf(sha256)
    this.#files.rename(temporaryPath, path)
    return isKnown ? [path, folder] : [path, folder, this.folder]
  }

  /** All that `move` answered has been synced. */
  settled({ sha256 }: FinishedFile): void {
    this.#folders.add(this.#folderOf(sha256))
  }

  /** As `move`, and waits for the disk. */
  place(file: FinishedFile): void {
    for (const path of this.move(file)) this.#files.sync(path)
    this.settled(file)
  }

  /**
   * Back to where it came from, if it left, so that whoever brought it can try again. Never throws:
   * what led here matters more, and a file that nothing names is removed at the next start.
   */
  giveBack({ temporaryPath, sha256 }: FinishedFile): void {
    try {
      if (this.#files.sizeOf(temporaryPath) !== null) return
      this.#files.rename(this.pathOf(sha256), temporaryPath)
    } catch {
      // Nothing was lost that was promised.
    }
  }

  remove(sha256: string): void {
    this.#files.remove(this.pathOf(sha256))
  }

  moveOut(sha256: string, folder: string): void {
    this.#files.makeFolder(folder)
    this.#files.rename(this.pathOf(sha256), `${folder}/${sha256}`)
  }

  /** Names of all files. What does not look like one of ours is left alone. */
  *names(): Generator<string> {
    for (const part of this.#files.list(this.folder)) {
      for (const name of this.#files.list(`${this.folder}/${part}`)) {
        if (/^[0-9a-f]{64}$/.test(name) && name.startsWith(part)) yield name
      }
    }
  }

  /** What whoever wrote the file says about it. Its size alone is looked at. */
  believe(path: string, { sha256 }: { readonly sha256: string }): ObjectFile {
    return { sizeBytes: this.#files.sizeOf(path) ?? 0, sha256 }
  }

  /** Of a file that is not any more what came, digests that no chunk has: each will be lost. */
  *scanKept(file: KeptFile): Generator<void, ScannedFile> {
    const { sha256, sizeBytes, chunkBytes } = file
    let found: ScannedFile | null = null
    try {
      found = yield* this.scan(this.pathOf(sha256), chunkBytes)
    } catch (error) {
      if (!isUnreadable(error)) throw error
    }
    if (found !== null && found.sha256 === sha256) return found
    const digests = Array.from({ length: chunksOf(file) }, () => new Uint8Array(hashBytes))
    return { sha256, sizeBytes, digests }
  }

  /** Hashes a file, and yields now and then: readings need not wait for the end of a long one. */
  *scan(path: string, chunkBytes: number): Generator<void, ScannedFile> {
    const running = createHash('sha256')
    const digests: Uint8Array[] = []
    const sizeBytes = this.#files.sizeOf(path) ?? 0
    let sinceTurn = 0
    for (let offset = 0; offset < sizeBytes; offset += chunkBytes) {
      const chunk = this.#files.read(path, offset, Math.min(chunkBytes, sizeBytes - offset))
      running.update(chunk)
      digests.push(sha256(chunk).slice(0, hashBytes))
      sinceTurn += chunk.length
      if (sinceTurn < scanTurnBytes) continue
      sinceTurn = 0
      yield
    }
    return { sizeBytes, sha256: toHex(running.digest()), digests }
  }

  #folderOf(sha256: string): string {
    return `${this.folder}/${sha256.slice(0, 2)}`
  }
}

/** Gone, or a sector that cannot be read. Anything else, such as too many open files, passes. */
function isUnreadable(error: unknown): boolean {
  return ['ENOENT', 'EIO'].includes(codeOf(error))
}
