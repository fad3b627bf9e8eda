/** What lies in a folder and below it, and how a file of it is read, named and put aside. */
import { createHash } from 'node:crypto'
import { promises as fs } from 'node:fs'
import { basename, extname, join, relative } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'

export interface FoundFile {
  readonly path: string
  readonly sizeBytes: number
  readonly changedMs: number
  /** The same as long as name, size and time of change are. */
  readonly key: string
}

/** More are no exchange with a device, and a look at them would take too long. */
export const filesMax = 50_000
const depthMax = 8

/** Where stored files go, and those that brought nothing. */
export const doneFolder = 'simpul-done'
export const unreadFolder = 'simpul-unread'

/** So many files of one name may have been put aside. */
const namesakesMax = 1_000

/** Hashed in one go: the main thread is held for some 5 ms on a small box. */
const hashTurnBytes = 524_288

export class TooManyFiles extends Error {}

/**
 * Links are not followed, hidden files and what was put aside are passed over. Rejects when the
 * folder itself cannot be read, and with `TooManyFiles`.
 */
export async function filesIn(
  folder: string,
  endings: readonly string[],
): Promise<readonly FoundFile[]> {
  const found: FoundFile[] = []
  const walk = async (path: string, depth: number): Promise<void> => {
    for (const entry of await fs.readdir(path, { withFileTypes: true })) {
      const { name } = entry
      if (name.startsWith('.') || name === doneFolder || name === unreadFolder) continue
      const below = join(path, name)
      if (entry.isDirectory() && depth < depthMax) {
        await walk(below, depth + 1).catch(ignoreVanished)
      } else if (entry.isFile() && endings.includes(extname(name).toLowerCase())) {
        const file = await lookAt(folder, below)
        if (file !== null) found.push(file)
        if (found.length > filesMax) throw new TooManyFiles()
      }
    }
  }
  await walk(folder, 0)
  return found.sort(
    (one, other) => one.changedMs - other.changedMs || (one.path < other.path ? -1 : 1),
  )
}

function ignoreVanished(error: unknown): void {
  if (error instanceof TooManyFiles) throw error
  // A folder below that went away, or that we may not read, is not there for us.
}

/** null when it is gone. */
async function lookAt(folder: string, path: string): Promise<FoundFile | null> {
  try {
    const { size, mtimeMs } = await fs.lstat(path)
    const key = shortHash(Buffer.from(`${relative(folder, path)}\0${size}\0${mtimeMs}`))
    return { path, sizeBytes: size, changedMs: mtimeMs, key }
  } catch {
    return null
  }
}

/** null when it is not the file any more that was found. Rejects when it cannot be read. */
export async function readFound(
  folder: string,
  file: FoundFile,
  readFile: (path: string) => Promise<Uint8Array>,
): Promise<Uint8Array | null> {
  const bytes = await readFile(file.path)
  const now = await lookAt(folder, file.path)
  if (now?.key !== file.key || bytes.length !== file.sizeBytes) return null
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** 16 bytes in hex of the hash of a file. */
export async function contentHash(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256')
  for (let from = 0; from < bytes.length; from += hashTurnBytes) {
    if (from > 0) await nextTurn()
    hash.update(bytes.subarray(from, from + hashTurnBytes))
  }
  return hash.digest('hex').slice(0, 32)
}

export function shortHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32)
}

/** Never rejects: a file that cannot be moved stays, and is remembered all the same. */
export async function putAside(folder: string, path: string, into: string): Promise<void> {
  const target = join(folder, into)
  try {
    await fs.mkdir(target, { recursive: true })
    await fs.rename(path, await freeName(target, basename(path)))
  } catch {
    // A read-only card, for example.
  }
}

async function freeName(folder: string, name: string): Promise<string> {
  const ending = extname(name)
  const stem = name.slice(0, name.length - ending.length)
  for (let number = 1; number <= namesakesMax; number++) {
    const path = join(folder, number === 1 ? name : `${stem}-${number}${ending}`)
    const isTaken = await fs.lstat(path).then(
      () => true,
      () => false,
    )
    if (!isTaken) return path
  }
  throw new Error('too many files of one name')
}
