/**
 * Large objects as files, complete or in the making:
 *
 *     objects/<sha256>.<van>.part           chunks of one van at their offsets
 *     objects/<ab>/<sha256>                 whole and verified
 *     objects/<sha256>.<van>.restoring      what this packed object carries, in the making
 *     objects/wrong/<sha256>.<van>.<n>      all bytes came and the hash was another one
 *
 * A chunk's bytes are on the disk before the row that claims them is committed, and a name is on
 * the disk before anything relies on it.
 */
import { createHash, type Hash } from 'node:crypto'
import { join } from 'node:path'
import type { Files } from '../files.ts'

const wrongKeptMost = 16
/** How much one step of a verification reads. */
const sliceBytes = 4 * 1024 * 1024

/** An object in the making belongs to the van that sends it; a whole one is what its hash says. */
export interface ObjectName {
  readonly sha256: string
  readonly van: string
}

export class ObjectFiles {
  readonly #files: Files
  readonly #folder: string

  constructor(files: Files, folder: string) {
    this.#files = files
    this.#folder = folder
    for (const path of [folder, join(folder, 'wrong')]) files.makeFolder(path)
    files.syncFolder(join(folder, '..'))
    files.syncFolder(folder)
  }

  #partPath({ sha256, van }: ObjectName): string {
    return join(this.#folder, `${sha256}.${van}.part`)
  }

  wholePath(sha256: string): string {
    return join(this.#folder, sha256.slice(0, 2), sha256)
  }

  /** Where the file that a packed object carries is written. */
  restoringPath({ sha256, van }: ObjectName): string {
    return join(this.#folder, `${sha256}.${van}.restoring`)
  }

  /** Gives a restored file, whose bytes are on the disk, its own name. */
  finishRestored(packed: ObjectName, sha256: string): void {
    const restored = this.restoringPath(packed)
    // Already done, before a cut or a failure.
    if (this.#files.size(restored) === null) return
    this.#place(restored, sha256)
  }

  /** What came of a file as itself, when it is whole otherwise. */
  removePart(name: ObjectName): void {
    this.#files.remove(this.#partPath(name))
  }

  /** Writes without waiting for the disk: `sync` does. */
  write(name: ObjectName, offset: number, bytes: Uint8Array): void {
    this.#files.writeAt(this.#partPath(name), offset, bytes)
  }

  /** Returns when these parts and their names are on the disk. */
  sync(names: Iterable<ObjectName>): void {
    let any = false
    for (const name of names) {
      this.#files.syncFile(this.#partPath(name))
      any = true
    }
    if (any) this.#files.syncFolder(this.#folder)
  }

  /** From the finished file or, before that, from the part. null when it is not there. */
  read(name: ObjectName, offset: number, size: number): Uint8Array | null {
    return (
      this.#files.readAt(this.wholePath(name.sha256), offset, size) ??
      this.#files.readAt(this.#partPath(name), offset, size)
    )
  }

  /** Reads the object slice by slice: each step answers null until it knows. */
  verification(name: ObjectName, totalBytes: number): () => boolean | null {
    const part = this.#partPath(name)
    const path = this.#files.size(part) === null ? this.wholePath(name.sha256) : part
    if (this.#files.size(path) !== totalBytes) return () => false
    const hash: Hash = createHash('sha256')
    let offset = 0
    return () => {
      const size = Math.min(sliceBytes, totalBytes - offset)
      const slice = this.#files.readAt(path, offset, size)
      if (slice === null) return false
      hash.update(slice)
      offset += size
      return offset < totalBytes ? null : hash.digest('hex') === name.sha256
    }
  }

  /** After the verification: gives the file its final name. Does nothing when it has it already. */
  finish(name: ObjectName): void {
    const part = this.#partPath(name)
    if (this.#files.size(part) === null) return
    this.#files.syncFile(part)
    this.#place(part, name.sha256)
  }

  /** The bytes are on the disk. */
  #place(path: string, sha256: string): void {
    const whole = this.wholePath(sha256)
    const folder = join(whole, '..')
    this.#files.makeFolder(folder)
    this.#files.syncFolder(this.#folder)
    this.#files.rename(path, whole)
    this.#files.syncFolder(folder)
    this.#files.syncFolder(this.#folder)
  }

  /** Puts a wrong part aside, for a person to look at. Keeps the newest few. */
  setAside(name: ObjectName): void {
    const part = this.#partPath(name)
    const folder = join(this.#folder, 'wrong')
    const kept = this.#files.list(folder).toSorted((a, b) => numberOf(a) - numberOf(b))
    for (const file of kept.slice(0, Math.max(0, kept.length - wrongKeptMost + 1)))
      this.#files.remove(join(folder, file))
    const next = numberOf(kept.at(-1) ?? '.0') + 1
    if (this.#files.size(part) !== null)
      this.#files.rename(part, join(folder, `${name.sha256}.${name.van}.${next}`))
    this.#files.syncFolder(folder)
    this.#files.syncFolder(this.#folder)
  }
}

function numberOf(file: string): number {
  return Number(file.split('.').at(-1) ?? 0)
}
