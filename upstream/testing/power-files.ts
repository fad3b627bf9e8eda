/**
 * Files in memory that forget, at a power cut, what was not synced: content that no `syncFile`
 * followed, and names that no `syncFolder` of their folder followed. A rename happens as one step
 * or not at all, as on the journalled file systems that we ask for.
 */
import { dirname } from 'node:path'
import type { Files } from '../files.ts'

/** Content is shared by the two sides of a name until one of them writes: then it is copied. */
interface Disk {
  /** Path to file number. */
  readonly names: Map<string, number>
  readonly contents: Map<number, Uint8Array>
  readonly folders: Set<string>
}

export class PowerFiles implements Files {
  #cache: Disk
  #platter: Disk
  #nextFile = 1
  #operations = 0
  /** Throws at this operation and at all later ones, until `cut`. */
  #failFrom = Infinity

  constructor(root: string) {
    this.#cache = { names: new Map(), contents: new Map(), folders: new Set([root]) }
    this.#platter = copyOf(this.#cache)
  }

  /** How many operations there were. */
  get operations(): number {
    return this.#operations
  }

  failFrom(operation: number): void {
    this.#failFrom = operation
  }

  /** The power goes and comes back. */
  cut(): void {
    this.#cache = copyOf(this.#platter)
    this.#failFrom = Infinity
  }

  #step(): void {
    this.#operations += 1
    if (this.#operations >= this.#failFrom) throw new PowerGone()
  }

  writeAt(path: string, offset: number, bytes: Uint8Array): boolean {
    this.#step()
    const known = this.#cache.names.get(path)
    const file = known ?? this.#nextFile++
    const before = this.#cache.contents.get(file) ?? new Uint8Array()
    const after = new Uint8Array(Math.max(before.length, offset + bytes.length))
    after.set(before)
    after.set(bytes, offset)
    this.#cache.names.set(path, file)
    this.#cache.contents.set(file, after)
    return known === undefined
  }

  readAt(path: string, offset: number, size: number): Uint8Array | null {
    const content = this.#content(path)
    return content === null || content.length < offset + size
      ? null
      : content.slice(offset, offset + size)
  }

  size(path: string): number | null {
    return this.#content(path)?.length ?? null
  }

  #content(path: string): Uint8Array | null {
    const file = this.#cache.names.get(path)
    return file === undefined ? null : (this.#cache.contents.get(file) ?? null)
  }

  syncFile(path: string): void {
    this.#step()
    const file = this.#cache.names.get(path)
    const content = file === undefined ? undefined : this.#cache.contents.get(file)
    if (file === undefined || content === undefined) throw new Error(`no file ${path}`)
    this.#platter.contents.set(file, content)
  }

  syncFolder(path: string): void {
    this.#step()
    const here = (name: string) => dirname(name) === path
    for (const [name, file] of this.#platter.names)
      if (here(name) && !this.#cache.names.has(name) && !this.#isMoving(file))
        this.#platter.names.delete(name)
    for (const [name, file] of [...this.#cache.names].filter(([name]) => here(name))) {
      for (const [old, other] of this.#platter.names)
        if (other === file) this.#platter.names.delete(old)
      this.#platter.names.set(name, file)
    }
    for (const folder of this.#cache.folders) if (here(folder)) this.#platter.folders.add(folder)
  }

  /** It has a new name, which is not on the disk yet: then it still has the old one there. */
  #isMoving(file: number): boolean {
    return [...this.#cache.names].some(
      ([name, other]) => other === file && this.#platter.names.get(name) !== file,
    )
  }

  rename(from: string, to: string): void {
    this.#step()
    const file = this.#cache.names.get(from)
    if (file === undefined) throw new Error(`no file ${from}`)
    this.#cache.names.delete(from)
    this.#cache.names.set(to, file)
  }

  makeFolder(path: string): boolean {
    this.#step()
    if (this.#cache.folders.has(path)) return false
    this.#cache.folders.add(path)
    return true
  }

  list(folder: string): readonly string[] {
    return [...this.#cache.names.keys()]
      .filter((name) => dirname(name) === folder)
      .map((name) => name.slice(folder.length + 1))
  }

  remove(path: string): void {
    this.#step()
    this.#cache.names.delete(path)
  }
}

export class PowerGone extends Error {
  readonly code = 'EIO'

  constructor() {
    super('the power is gone')
    this.name = 'PowerGone'
  }
}

/** Names in folders that are themselves not on the disk are not there. */
function copyOf(disk: Disk): Disk {
  const folders = new Set([...disk.folders].filter((folder) => reachable(folder, disk.folders)))
  const names = new Map([...disk.names].filter(([name]) => folders.has(dirname(name))))
  const contents = new Map(
    [...names.values()].map((file) => [
      file,
      (disk.contents.get(file) ?? new Uint8Array()).slice(),
    ]),
  )
  return { names, contents, folders }
}

function reachable(folder: string, folders: ReadonlySet<string>): boolean {
  const top = [...folders].toSorted((a, b) => a.length - b.length)[0] ?? folder
  for (let path = folder; path !== top; path = dirname(path))
    if (!folders.has(path) || path.length < top.length) return false
  return true
}
