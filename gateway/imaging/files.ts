/** The disk as the imaging node needs it. A door, so that a test can fill it at the n-th write. */
import { constants, type FileHandle } from 'node:fs/promises'
import { open, statfs, unlink } from 'node:fs/promises'

export interface Files {
  /** A new file for writing; rejects when the name is taken. */
  create(path: string): Promise<OpenFile>
  /** Resolves also when there is no such file. */
  remove(path: string): Promise<void>
  /** Room on the disk of `folder` that a daemon without privileges may use, in bytes. */
  freeBytes(folder: string): Promise<number>
}

export interface OpenFile {
  /** Appends all of it, in order. */
  write(pieces: readonly Uint8Array[]): Promise<void>
  /** Resolves when everything written is on the disk itself. */
  sync(): Promise<void>
  close(): Promise<void>
}

export const realFiles: Files = {
  async create(path) {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL
    return openFile(await open(path, flags, 0o640))
  },
  async remove(path) {
    try {
      await unlink(path)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
    }
  },
  async freeBytes(folder) {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  },
}

/** The system's error code, for example `ENOSPC`; empty when it is not a system error. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(error))
}

function openFile(handle: FileHandle): OpenFile {
  return {
    async write(pieces) {
      let left = pieces
      while (left.length > 0) {
        // The kernel may take less than it was given, for example when the disk fills up.
        const { bytesWritten } = await handle.writev(left)
        left = after(left, bytesWritten)
      }
    },
    sync: () => handle.datasync(),
    close: () => handle.close(),
  }
}

function after(pieces: readonly Uint8Array[], written: number): readonly Uint8Array[] {
  let left = written
  for (const [index, piece] of pieces.entries()) {
    if (left < piece.length) return [piece.subarray(left), ...pieces.slice(index + 1)]
    left -= piece.length
  }
  return []
}
