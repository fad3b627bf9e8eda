/** Waiting for the disk in Node's pool of threads, while the thread that asks goes on. */
import { closeSync, fsync, openSync } from 'node:fs'

let done: (() => void)[] = []

/**
 * Resolves when the bytes of the files, and the names in the folders, are on the disk. All are
 * begun at once, which a file system with a journal answers with one commit of it. Those that are
 * done at about the same time are told in one go, so that what follows can be shared.
 */
export async function syncAside(paths: readonly string[]): Promise<void> {
  try {
    await Promise.all(paths.map(syncOne))
  } finally {
    await new Promise<void>((resolve) => {
      done.push(resolve)
      if (done.length > 1) return
      setImmediate(() => {
        const now = done
        done = []
        for (const tell of now) tell()
      })
    })
  }
}

function syncOne(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const file = openSync(path, 'r')
    fsync(file, (error) => {
      closeSync(file)
      if (error === null) resolve()
      else reject(error)
    })
  })
}
