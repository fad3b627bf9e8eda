/** Files that are finished in one go, as `adopt` wants them: whole and hashed. */
import { createHash } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { troubleOf } from './failures.ts'

export interface WrittenFile {
  readonly path: string
  readonly sizeBytes: number
  /** Lower-case hex. */
  readonly sha256: string
}

export interface IncomingFiles {
  /** `adopt` waits for the disk. After a rejection (`Trouble`) no file is left. */
  write(bytes: Uint8Array): Promise<WrittenFile>
  /** Never rejects: what cannot be removed now is removed at the next start. */
  remove(path: string): Promise<void>
}

/** Hashed and written in one go: the main thread is held for some 5 ms on a small box. */
const pieceBytes = 524_288

/** `folder` is the journal's for incoming files, which is empty when it opens. */
export function incomingFiles(folder: string): IncomingFiles {
  let count = 0
  const remove = (path: string): Promise<void> => rm(path, { force: true }).catch(() => undefined)
  return {
    async write(bytes) {
      const path = `${folder}/document-${++count}`
      try {
        const sha256 = await writeFile(path, bytes)
        return { path, sizeBytes: bytes.length, sha256 }
      } catch (error) {
        await remove(path)
        throw troubleOf(error)
      }
    },
    remove,
  }
}

/** Answers its SHA-256. */
async function writeFile(path: string, bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256')
  const file = await open(path, 'wx', 0o600)
  try {
    for (let from = 0; from < bytes.length;) {
      const piece = bytes.subarray(from, from + pieceBytes)
      hash.update(piece)
      for (let written = 0; written < piece.length;) {
        written += (await file.write(piece, written)).bytesWritten
      }
      from += piece.length
    }
  } finally {
    await file.close()
  }
  return hash.digest('hex')
}
