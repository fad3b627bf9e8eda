/**
 * Which files of a folder were handed over, so that neither a restart nor the same file under
 * another name doubles them. One line a file is appended and brought to the disk:
 *
 *     key: hash of name, size and time of change     content: hash of its bytes
 *
 * Names are not kept: they may be of patients.
 */
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Of files that are gone, so many are remembered: a device may write them anew. */
const goneMax = 4_096

const line = /^([0-9a-f]{32}) ([0-9a-f]{32})$/

export class FolderMemory {
  readonly #path: string | null
  /** Content by key, the oldest first. */
  readonly #files = new Map<string, string>()
  readonly #contents = new Set<string>()
  /** What the disk has not taken yet. */
  #unsaved = ''

  /** `path` null: nothing survives a restart. Rejects when the file is there and cannot be read. */
  static async open(path: string | null): Promise<FolderMemory> {
    const memory = new FolderMemory(path)
    if (path !== null) memory.#load(await textOf(path))
    return memory
  }

  private constructor(path: string | null) {
    this.#path = path
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
    this.#unsaved += `${key} ${content}\n`
    if (this.#path === null) return
    const text = this.#unsaved
    const file = await open(this.#path, 'a', 0o600)
    try {
      await file.appendFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    this.#unsaved = this.#unsaved.slice(text.length)
  }

  /** Forgets files that are gone, when there are many. */
  async tidy(present: ReadonlySet<string>): Promise<void> {
    const gone = [...this.#files.keys()].filter((key) => !present.has(key))
    if (gone.length <= 2 * goneMax) return
    for (const key of gone.slice(0, -goneMax)) this.#files.delete(key)
    this.#contents.clear()
    for (const content of this.#files.values()) this.#contents.add(content)
    if (this.#path === null) return
    const text = [...this.#files].map(([key, content]) => `${key} ${content}\n`).join('')
    await replaceFile(this.#path, text)
    this.#unsaved = ''
  }

  /** A line that a power cut has torn is none. */
  #load(text: string): void {
    for (const each of text.split('\n')) {
      const [, key, content] = line.exec(each) ?? []
      if (key !== undefined && content !== undefined) this.#remember(key, content)
    }
    // What comes next must not be taken for the rest of a torn line.
    if (text !== '' && !text.endsWith('\n')) this.#unsaved = '\n'
  }

  #remember(key: string, content: string): void {
    this.#files.delete(key)
    this.#files.set(key, content)
    this.#contents.add(content)
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
