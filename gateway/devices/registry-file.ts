/** The registry's file, replaced as a whole, so that a power cut leaves the old or the new one. */
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What the registry needs of a file. */
export interface RegistryFile {
  /** null when there is none yet. */
  read(): Promise<string | null>
  write(text: string): Promise<void>
  /** Keeps a file that cannot be read under another name, for whoever wants to know why. */
  setAside(): Promise<void>
}

export function registryFile(path: string): RegistryFile {
  return {
    async read() {
      try {
        return await readFile(path, 'utf8')
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
        throw error
      }
    },
    async write(text) {
      const temporary = `${path}.new`
      const file = await open(temporary, 'w', 0o600)
      try {
        await file.writeFile(text)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, path)
      await syncFolder(dirname(path))
    },
    setAside: () => rename(path, `${path}.damaged`),
  }
}

/** A rename is on the disk only when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
