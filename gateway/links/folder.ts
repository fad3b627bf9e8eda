/**
 * A folder into which a device or its program writes files: a network share, a card, the export of
 * a program. A file is handed over whole, once, when it has rested for a moment.
 */
import { watch, promises as fs, type FSWatcher } from 'node:fs'
import { join } from 'node:path'
import { linkTrouble } from '../errors/links.ts'
import type { Trouble } from '../errors/trouble.ts'
import type { FileOutcome, FolderAddress, Link, LinkHears } from '../world.ts'
import type { Claims } from './claims.ts'
import { FolderMemory } from './folder-memory.ts'
import {
  contentHash,
  doneFolder,
  filesIn,
  putAside,
  readFound,
  shortHash,
  TooManyFiles,
  unreadFolder,
  type FoundFile,
} from './folder-files.ts'
import { linesFile } from './lines-file.ts'

export interface FolderOptions {
  /** Where it is remembered what was handed over; null: only until the end of the process. */
  readonly stateFolder: string | null
  /** Watching does not work on network shares, so it is also looked every so often. */
  readonly lookEveryMs: number
  /** A file that has not changed for so long is complete. */
  readonly restMs: number
  /** What the journal refused is handed over again after so long. */
  readonly againAfterMs: number
  readonly readFile: (path: string) => Promise<Uint8Array>
}

export const folderDefaults: FolderOptions = {
  stateFolder: null,
  lookEveryMs: 2_000,
  restMs: 3_000,
  againAfterMs: 10_000,
  readFile: (path) => fs.readFile(path),
}

/** A file on which the driver makes a mistake so often is passed over. */
const mistakesMax = 3

/** What is known of a folder beyond one opening of it. */
class Known {
  readonly memory: FolderMemory
  /** Keys of files that brought nothing, until the next start: another version may read them. */
  readonly passed = new Set<string>()
  readonly mistakes = new Map<string, number>()
  /** Keys of files of which it was told that they cannot be read now. */
  readonly told = new Set<string>()

  constructor(memory: FolderMemory) {
    this.memory = memory
  }
}

export class Folders {
  readonly #claims: Claims
  readonly #options: FolderOptions
  readonly #known = new Map<string, Promise<Known>>()

  constructor(claims: Claims, options: FolderOptions = folderDefaults) {
    this.#claims = claims
    this.#options = options
  }

  async open(address: FolderAddress, hears: LinkHears): Promise<Link> {
    const { path, endings } = address
    const release = this.#claims.take(`folder ${path} ${endings.join(' ')}`, path)
    try {
      await fs.readdir(path)
      const known = await this.#knownOf(path)
      return new FolderLink(address, known, hears, { options: this.#options, release })
    } catch (error) {
      release()
      throw folderTrouble(path, error)
    }
  }

  #knownOf(path: string): Promise<Known> {
    const known = this.#known.get(path)
    if (known !== undefined) return known
    const opened = this.#remembered(path).catch((error: unknown) => {
      this.#known.delete(path)
      throw error
    })
    this.#known.set(path, opened)
    return opened
  }

  async #remembered(path: string): Promise<Known> {
    const { stateFolder } = this.#options
    if (stateFolder === null) return new Known(await FolderMemory.open(null))
    await fs.mkdir(stateFolder, { recursive: true, mode: 0o700 })
    const file = linesFile(join(stateFolder, `${shortHash(Buffer.from(path))}.seen`))
    return new Known(await FolderMemory.open(file))
  }
}

class FolderLink implements Link {
  readonly #address: FolderAddress
  readonly #known: Known
  readonly #hears: LinkHears
  readonly #options: FolderOptions
  readonly #release: () => void
  readonly #watcher: FSWatcher | null
  readonly #finished = Promise.withResolvers<void>()
  /** By path: since when a file is as it is. */
  #resting = new Map<string, { readonly key: string; readonly sinceMs: number }>()
  #timer: NodeJS.Timeout | null = null
  #isLooking = false
  #lookAgain = false
  #isOpen = true
  #why: Trouble | null = null
  /** The journal refused: nothing is handed over before. */
  #notBeforeMs = 0

  constructor(
    address: FolderAddress,
    known: Known,
    hears: LinkHears,
    { options, release }: { readonly options: FolderOptions; readonly release: () => void },
  ) {
    this.#address = address
    this.#known = known
    this.#hears = hears
    this.#options = options
    this.#release = release
    this.#watcher = this.#watch()
    this.#lookIn(0)
  }

  write(): Promise<void> {
    return Promise.reject(linkTrouble('link-only-read', { path: this.#address.path }))
  }

  async close(): Promise<void> {
    this.#end(null)
    await this.#finished.promise
  }

  #watch(): FSWatcher | null {
    try {
      const watcher = watch(this.#address.path, { persistent: false }, () => this.#lookIn(0))
      watcher.on('error', () => watcher.close())
      return watcher
    } catch {
      return null
    }
  }

  #lookIn(ms: number): void {
    if (!this.#isOpen) return
    if (this.#isLooking) {
      this.#lookAgain = true
      return
    }
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#look(), ms)
    this.#timer.unref()
  }

  async #look(): Promise<void> {
    this.#isLooking = true
    try {
      const files = await filesIn(this.#address.path, this.#address.endings)
      await this.#known.memory.tidy(new Set(files.map(({ key }) => key)))
      for (const file of this.#rested(files)) {
        if (!this.#isOpen || performance.now() < this.#notBeforeMs) break
        await this.#hand(file)
      }
    } catch (error) {
      this.#end(folderTrouble(this.#address.path, error))
    }
    this.#isLooking = false
    if (!this.#isOpen) {
      this.#finish()
      return
    }
    const soon = Math.min(this.#options.restMs, this.#options.lookEveryMs)
    this.#lookIn(this.#lookAgain ? soon : this.#options.lookEveryMs)
    this.#lookAgain = false
  }

  #rested(files: readonly FoundFile[]): readonly FoundFile[] {
    const { memory, passed } = this.#known
    const nowMs = performance.now()
    const fresh = files.filter(
      ({ key, sizeBytes }) => sizeBytes > 0 && !memory.knowsFile(key) && !passed.has(key),
    )
    this.#resting = new Map(
      fresh.map(({ path, key }) => {
        const before = this.#resting.get(path)
        return [path, before?.key === key ? before : { key, sinceMs: nowMs }]
      }),
    )
    return fresh.filter(({ path }) => {
      const sinceMs = this.#resting.get(path)?.sinceMs ?? nowMs
      return nowMs - sinceMs >= this.#options.restMs
    })
  }

  async #hand(file: FoundFile): Promise<void> {
    const { path, limitBytes } = this.#address
    if (file.sizeBytes > limitBytes) {
      await this.#passOver(file, `larger than ${limitBytes} bytes`)
      return
    }
    let bytes: Uint8Array | null
    try {
      bytes = await readFound(path, file, this.#options.readFile)
    } catch (error) {
      this.#cannotRead(file, codeOf(error))
      return
    }
    if (bytes === null || !this.#isOpen) return
    const content = await contentHash(bytes)
    if (this.#known.memory.knowsContent(content)) await this.#handed(file, content)
    else await this.#afterwards(file, content, await this.#ask(bytes))
  }

  /** An end of the link answers too. */
  #ask(bytes: Uint8Array): Promise<FileOutcome> {
    return new Promise((resolve) => {
      if (this.#isOpen && this.#hears.file !== undefined) this.#hears.file(bytes, resolve)
      else resolve('not-stored')
    })
  }

  async #afterwards(file: FoundFile, content: string, outcome: FileOutcome): Promise<void> {
    const { passed, mistakes } = this.#known
    switch (outcome) {
      case 'stored':
        await this.#handed(file, content)
        break
      case 'not-understood':
        passed.add(file.key)
        if (this.#address.after === 'move') await this.#move(file, unreadFolder)
        break
      case 'not-stored':
        this.#notBeforeMs = performance.now() + this.#options.againAfterMs
        break
      case 'driver-failed': {
        const count = (mistakes.get(file.key) ?? 0) + 1
        mistakes.set(file.key, count)
        if (count < mistakesMax) break
        passed.add(file.key)
        this.#hears.unreadable?.('the driver makes a mistake with it')
        break
      }
    }
  }

  async #handed(file: FoundFile, content: string): Promise<void> {
    try {
      await this.#known.memory.add(file.key, content)
    } catch {
      // It is remembered until the end of the process, and saved with the next one.
    }
    if (this.#address.after === 'move') await this.#move(file, doneFolder)
  }

  /** A share that stumbles reads it the next time. */
  #cannotRead(file: FoundFile, why: string): void {
    const { told } = this.#known
    if (told.has(file.key)) return
    told.add(file.key)
    this.#hears.unreadable?.(why)
  }

  async #passOver(file: FoundFile, why: string): Promise<void> {
    this.#known.passed.add(file.key)
    this.#hears.unreadable?.(why)
    if (this.#address.after === 'move') await this.#move(file, unreadFolder)
  }

  #move(file: FoundFile, into: string): Promise<void> {
    return putAside(this.#address.path, file.path, into)
  }

  #end(why: Trouble | null): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#why = why
    this.#watcher?.close()
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (!this.#isLooking) this.#finish()
  }

  #finish(): void {
    this.#release()
    this.#hears.closed(this.#why)
    this.#finished.resolve()
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}

function folderTrouble(path: string, error: unknown): Trouble {
  if (error instanceof TooManyFiles) return linkTrouble('link-folder-too-full', { path })
  const why = codeOf(error)
  if (why.startsWith('link-') && error instanceof Error) return error as Trouble
  if (why === 'ENOENT' || why === 'ENOTDIR') return linkTrouble('link-no-folder', { path }, error)
  if (why === 'EACCES' || why === 'EPERM') {
    return linkTrouble('link-folder-denied', { path }, error)
  }
  return linkTrouble('link-folder-failed', { path, why }, error)
}
