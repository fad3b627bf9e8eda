/** Ends a life in the middle of what it does: at the n-th operation from now, before it is done. */
import type { Files } from '../journal/files.ts'
import type { JournalTools } from '../journal/seal-tools.ts'

export class Cuts {
  #left: number | null = null
  #cut: (() => void) | null = null

  /** `cut` is called within the operation. Only the newest order counts. */
  arm(operations: number, cut: () => void): void {
    this.#left = operations
    this.#cut = cut
  }

  disarm(): void {
    this.#left = null
    this.#cut = null
  }

  step(): void {
    if (this.#left === null) return
    this.#left--
    if (this.#left > 0) return
    const cut = this.#cut
    this.disarm()
    cut?.()
  }
}

/** All that a journal does with files, on a disk with so much room. */
export function cuttingFiles(files: Files, cuts: Cuts, freeBytes: () => number): Files {
  return {
    ...files,
    makeFolder(folder) {
      cuts.step()
      files.makeFolder(folder)
    },
    writeNew(path, bytes) {
      cuts.step()
      files.writeNew(path, bytes)
    },
    rename(from, to) {
      cuts.step()
      files.rename(from, to)
    },
    remove(path) {
      cuts.step()
      files.remove(path)
    },
    sync(path) {
      cuts.step()
      files.sync(path)
    },
    freeBytes,
  }
}

/** Sealing happens within a transaction, so this is where one is cut. */
export function cuttingTools(tools: JournalTools, cuts: Cuts): JournalTools {
  return {
    ...tools,
    sha256(bytes) {
      cuts.step()
      return tools.sha256(bytes)
    },
    compress(bytes) {
      cuts.step()
      return tools.compress(bytes)
    },
    sign(bytes) {
      cuts.step()
      return tools.sign(bytes)
    },
  }
}
