/**
 * The file system as the journal uses it: few operations, synchronous, durable where it says so.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { codeOf } from './failures.ts'

export interface Files {
  /** null when there is no such file. */
  sizeOf(path: string): number | null
  /** Fewer bytes than asked for only at the end of the file. */
  read(path: string, offset: number, length: number): Uint8Array
  /** Names in a folder; none when it does not exist. */
  list(folder: string): readonly string[]
  /** With its parents, and waits until they are on the disk. Nothing happens when it is there. */
  makeFolder(folder: string): void
  /** In one that is there, without waiting for the disk. Nothing happens when it is there. */
  addFolder(folder: string): void
  /**
   * Makes a file that must not be there yet, readable by its owner only, and waits for the disk.
   */
  writeNew(path: string, bytes: Uint8Array): void
  rename(from: string, to: string): void
  /** Nothing happens when it is not there. Folders go with all they hold. */
  remove(path: string): void
  /** Waits until the bytes of a file, or the names in a folder, are on the disk. */
  sync(path: string): void
  /** What this user may still write on the disk that holds the folder. */
  freeBytes(folder: string): number
}

const folderMode = 0o750

export const nodeFiles: Files = {
  sizeOf(path) {
    return statSync(path, { throwIfNoEntry: false })?.size ?? null
  },
  read(path, offset, length) {
    const file = openSync(path, 'r')
    try {
      const bytes = new Uint8Array(length)
      let filled = 0
      while (filled < length) {
        const count = readSync(file, bytes, filled, length - filled, offset + filled)
        if (count === 0) break
        filled += count
      }
      return filled === length ? bytes : bytes.slice(0, filled)
    } finally {
      closeSync(file)
    }
  },
  list(folder) {
    try {
      return readdirSync(folder)
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return []
      throw error
    }
  },
  makeFolder(folder) {
    const first = mkdirSync(folder, { recursive: true, mode: folderMode })
    if (first === undefined) return
    const top = dirname(first)
    for (let above = dirname(folder); above.length >= top.length; above = dirname(above)) {
      sync(above)
      if (above === top) return
    }
  },
  addFolder(folder) {
    try {
      mkdirSync(folder, { mode: folderMode })
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
  },
  writeNew(path, bytes) {
    const file = openSync(path, 'wx', 0o600)
    try {
      let written = 0
      while (written < bytes.length) written += writeSync(file, bytes, written)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  },
  rename: renameSync,
  remove(path) {
    rmSync(path, { force: true, recursive: true })
  },
  sync,
  freeBytes(folder) {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  },
}

function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
