/** Everything that lies on a medium, within bounds. Nothing is opened, followed or executed. */
import { lstat, opendir, realpath } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { MediumGone, mediumError } from './source-file.ts'

export interface WalkLimits {
  readonly entriesMax: number
  readonly depthMax: number
}

/** A disc of the largest series holds ten thousand files; folders of discs are copied to sticks. */
export const walkLimits: WalkLimits = { entriesMax: 100_000, depthMax: 16 }

export interface WalkedFile {
  /** From the root of the medium. */
  readonly name: string
  readonly sizeBytes: number
}

export interface Walked {
  /** The real path of the medium. */
  readonly root: string
  /** The number of its file system. */
  readonly dev: number
  /** In the order of their names, so that a second run goes the same way. */
  readonly files: readonly WalkedFile[]
  /** Links, pipes and what else is no file. */
  readonly notFiles: number
  /** Folders that could not be read. */
  readonly unreadable: number
  /** There is more, or deeper, than is looked at. */
  readonly isIncomplete: boolean
}

/** What systems leave on sticks. What somebody has thrown away is among it. */
const passedOver = /^(?:\.|\$RECYCLE\.BIN$|RECYCLER$|System Volume Information$|__MACOSX$)/i

/** Rejects as the system does when the root itself cannot be read. */
export async function walk(folder: string, limits: WalkLimits = walkLimits): Promise<Walked> {
  const root = await realpath(folder)
  const { dev } = await lstat(root)
  const files: WalkedFile[] = []
  let entries = 0
  let notFiles = 0
  let unreadable = 0
  let isIncomplete = false

  const enter = async (path: string, depth: number): Promise<void> => {
    for await (const entry of await opendir(path)) {
      if (passedOver.test(entry.name)) continue
      if (++entries > limits.entriesMax) {
        isIncomplete = true
        return
      }
      const below = join(path, entry.name)
      // Some file systems do not say in the list what an entry is.
      const stat = await lstat(below).catch(() => null)
      if (stat === null) unreadable++
      else if (stat.isFile()) files.push({ name: relative(root, below), sizeBytes: stat.size })
      else if (!stat.isDirectory() || stat.dev !== dev) notFiles++
      else if (depth >= limits.depthMax) isIncomplete = true
      else await enter(below, depth + 1).catch(goOn)
    }
  }
  const goOn = (error: unknown): void => {
    const what = mediumError(error)
    if (what instanceof MediumGone) throw what
    unreadable++
  }
  await enter(root, 1)
  files.sort((one, other) => (one.name < other.name ? -1 : 1))
  return { root, dev, files, notFiles, unreadable, isIncomplete }
}

/** Where files are looked for that the directory of a medium names: without case and versions. */
export function folded(name: string): string {
  return name.toLowerCase().replace(/(?:\.?;\d+|\.)$/, '')
}

/** Whether what lies there is still the same medium. */
export async function isThere(root: string, dev: number): Promise<boolean> {
  const stat = await lstat(root).catch(() => null)
  return stat?.dev === dev
}
