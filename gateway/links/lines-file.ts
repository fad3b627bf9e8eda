/** A file of lines that only grows, each on the disk before it counts. */
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface LinesFile {
  /** Whole lines, without their ends. One that a power cut has torn is none. */
  read(): Promise<readonly string[]>
  /** Resolves when they are on the disk. After a rejection some of them may be there. */
  append(lines: readonly string[]): Promise<void>
  /** All at once: after a power cut there are the old ones or the new ones. */
  replace(lines: readonly string[]): Promise<void>
}

export function linesFile(path: string): LinesFile {
  let isTorn = false
  return {
    async read() {
      const text = await textOf(path)
      const lines = text.split('\n')
      isTorn = lines.pop() !== ''
      return lines
    },
    async append(lines) {
      const file = await open(path, 'a', 0o600)
      try {
        // What comes next must not be taken for the rest of a torn line.
        await file.appendFile(`${isTorn ? '\n' : ''}${textFrom(lines)}`)
        isTorn = false
        await file.sync()
      } catch (error) {
        isTorn = true
        throw error
      } finally {
        await file.close()
      }
    },
    async replace(lines) {
      const temporary = `${path}.new`
      const file = await open(temporary, 'w', 0o600)
      try {
        await file.writeFile(textFrom(lines))
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, path)
      isTorn = false
      await syncFolder(dirname(path))
    },
  }
}

function textFrom(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

/** Empty when there is no file. */
async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
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
