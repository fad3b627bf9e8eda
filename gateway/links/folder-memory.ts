/**
 * Which files of a folder were handed over, so that neither a restart nor the same file under
 * another name doubles them. A line for each:
 *
 *     key: hash of name, size and time of change     content: hash of its bytes
 *
 * Names are not kept: they may be of patients.
 */
import type { LinesFile } from './lines-file.ts'

/** Of files that are gone, so many are remembered: a device may write them anew. */
const goneMax = 4_096

const hashes = /^([0-9a-f]{32}) ([0-9a-f]{32})$/

export class FolderMemory {
  readonly #file: LinesFile | null
  /** Content by key, the oldest first. */
  readonly #files = new Map<string, string>()
  readonly #contents = new Set<string>()
  /** What the disk has not taken yet. */
  #unsaved: string[] = []

  /** `file` null: nothing survives a restart. Rejects when it is there and cannot be read. */
  static async open(file: LinesFile | null): Promise<FolderMemory> {
    const memory = new FolderMemory(file)
    for (const line of (await file?.read()) ?? []) {
      const [, key, content] = hashes.exec(line) ?? []
      if (key !== undefined && content !== undefined) memory.#remember(key, content)
    }
    return memory
  }

  private constructor(file: LinesFile | null) {
    this.#file = file
  }

  knowsFile(key: string): boolean {
    return this.#files.has(key)
  }

  knowsContent(content: string): boolean {
    return this.#contents.has(content)
  }

  /** Resolves when it is on the disk. When the disk refuses, it is tried again with the next. */
  async add(key: string, content: string): Promise<void> {
    this.#remember(key, content)
    this.#unsaved.push(`${key} ${content}`)
    const lines = this.#unsaved
    await this.#file?.append(lines)
    this.#unsaved = this.#unsaved.slice(lines.length)
  }

  /** Forgets files that are gone, when there are many. */
  async tidy(present: ReadonlySet<string>): Promise<void> {
    const gone = [...this.#files.keys()].filter((key) => !present.has(key))
    if (gone.length <= 2 * goneMax) return
    for (const key of gone.slice(0, -goneMax)) this.#files.delete(key)
    this.#contents.clear()
    for (const content of this.#files.values()) this.#contents.add(content)
    await this.#file?.replace([...this.#files].map(([key, content]) => `${key} ${content}`))
    this.#unsaved = []
  }

  #remember(key: string, content: string): void {
    this.#files.delete(key)
    this.#files.set(key, content)
    this.#contents.add(content)
  }
}
