/**
 * Lets something happen in the middle of what a process does: at the n-th operation from now on.
 */
import type { Files } from '../journal/files.ts'
import type { JournalTools } from '../journal/seal-tools.ts'

/** Calls back once, within the n-th step after it was armed. Only the newest order counts. */
export class Countdown {
  #left: number | null = null
  #work: () => void = () => {}

  arm(steps: number, work: () => void): void {
    this.#left = steps
    this.#work = work
  }

  disarm(): void {
    this.#left = null
  }

  step(): void {
    if (this.#left === null) return
    this.#left--
    if (this.#left > 0) return
    this.#left = null
    this.#work()
  }
}

export interface Cuts {
  /** Operations on files and in sealing. */
  readonly operations: Countdown
  /** Operations on files, before they are done: what is armed here may throw. */
  readonly files: Countdown
}

/** All that a journal does with files, on a disk with so much room. */
export function cuttingFiles(files: Files, cuts: Cuts, freeBytes: () => number): Files {
  const step = (): void => {
    cuts.operations.step()
    cuts.files.step()
  }
  return {
    ...files,
    makeFolder(folder) {
      step()
      files.makeFolder(folder)
    },
    addFolder(folder) {
      step()
      files.addFolder(folder)
    },
    writeNew(path, bytes) {
      step()
      files.writeNew(path, bytes)
    },
    rename(from, to) {
      step()
      files.rename(from, to)
    },
    remove(path) {
      step()
      files.remove(path)
    },
    sync(path) {
      step()
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
      cuts.operations.step()
      return tools.sha256(bytes)
    },
    compress(bytes) {
      cuts.operations.step()
      return tools.compress(bytes)
    },
    sign(bytes) {
      cuts.operations.step()
      return tools.sign(bytes)
    },
  }
}
