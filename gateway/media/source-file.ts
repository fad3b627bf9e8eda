/**
 * A file on a medium, opened so that it can only be read, only be a file, and only lie on that
 * medium: no link leads out of it, and a pipe that somebody left there holds nobody.
 */
import { constants, open, readlink, type FileHandle } from 'node:fs/promises'
import { sep } from 'node:path'

export interface SourceFile {
  readonly sizeBytes: number
  /** As many bytes as there are, at most the length of `into`. */
  read(into: Uint8Array, from: number): Promise<number>
  close(): Promise<void>
}

export class NotAFile extends Error {
  constructor() {
    super('it is no file, or does not lie on the medium')
    this.name = 'NotAFile'
  }
}

/** The medium does not answer any more: it was pulled out, or it is broken. */
export class MediumGone extends Error {
  constructor(cause: unknown) {
    super('the medium does not answer', { cause })
    this.name = 'MediumGone'
  }
}

const goneCodes: ReadonlySet<string> = new Set(['EIO', 'ENODEV', 'ENXIO', 'ESTALE', 'ENOTCONN'])

/** The error, or what it means when the whole medium is concerned. */
export function mediumError(error: unknown): unknown {
  const isGone = error instanceof Error && 'code' in error && goneCodes.has(String(error.code))
  return isGone ? new MediumGone(error) : error
}

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants
const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY

/** `root` is the real path of the medium. Rejects with `NotAFile`, `MediumGone`, or otherwise. */
export async function openSource(path: string, root: string): Promise<SourceFile> {
  const file = await open(path, flags).catch((error: unknown) => {
    throw mediumError(error)
  })
  try {
    const { size } = await checked(file, root)
    return {
      sizeBytes: size,
      async read(into, from) {
        let have = 0
        while (have < into.length) {
          const { bytesRead } = await file
            .read(into, have, into.length - have, from + have)
            .catch((error: unknown) => {
              throw mediumError(error)
            })
          if (bytesRead === 0) break
          have += bytesRead
        }
        return have
      },
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function checked(file: FileHandle, root: string) {
  const stat = await file.stat()
  if (!stat.isFile()) throw new NotAFile()
  // A folder on the way may have become a link since it was listed.
  const real = await readlink(`/proc/self/fd/${file.fd}`)
  if (root !== sep && !real.startsWith(root + sep)) throw new NotAFile()
  return stat
}

/** The first bytes of it, at most so many. */
export async function beginningOf(file: SourceFile, lengthBytes: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.min(lengthBytes, file.sizeBytes))
  return bytes.subarray(0, await file.read(bytes, 0))
}
