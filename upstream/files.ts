/** The few file operations that objects need, each of which may be the last before a cut. */
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'

export interface Files {
  /** Writes all bytes at the offset. Answers whether the file was made by it. */
  writeAt(path: string, offset: number, bytes: Uint8Array): boolean
  /** null when the file is not there or ends before. */
  readAt(path: string, offset: number, size: number): Uint8Array | null
  /** null when it is not there. */
  size(path: string): number | null
  /** Returns when the content is on the disk. */
  syncFile(path: string): void
  /** Returns when the names in the folder are on the disk. */
  syncFolder(path: string): void
  rename(from: string, to: string): void
  /** Answers whether it was made by it. The parent must be there. */
  makeFolder(path: string): boolean
  list(folder: string): readonly string[]
  remove(path: string): void
}

export const realFiles: Files = {
  writeAt(path, offset, bytes) {
    const made = !existsSync(path)
    withFile(path, constants.O_RDWR | constants.O_CREAT, (file) => {
      let done = 0
      while (done < bytes.length)
        done += writeSync(file, bytes, done, bytes.length - done, offset + done)
    })
    return made
  },
  readAt(path, offset, size) {
    if (!existsSync(path)) return null
    return withFile(path, constants.O_RDONLY, (file) => {
      const bytes = new Uint8Array(size)
      let done = 0
      while (done < size) {
        const count = readSync(file, bytes, done, size - done, offset + done)
        if (count === 0) return null
        done += count
      }
      return bytes
    })
  },
  size: (path) =>
    existsSync(path) ? withFile(path, constants.O_RDONLY, (file) => fstatSync(file).size) : null,
  syncFile: (path) => withFile(path, constants.O_RDWR, fsyncSync),
  syncFolder: (path) => withFile(path, constants.O_RDONLY, fsyncSync),
  rename: renameSync,
  makeFolder(path) {
    if (existsSync(path)) return false
    mkdirSync(path)
    return true
  },
  list: (folder) => (existsSync(folder) ? readdirSync(folder) : []),
  remove: (path) => rmSync(path, { force: true }),
}

function withFile<T>(path: string, flags: number, work: (file: number) => T): T {
  const file = openSync(path, flags, 0o640)
  try {
    return work(file)
  } finally {
    closeSync(file)
  }
}
