/**
 * Packed objects, and the files that they carry. A packed object that is whole and right is not yet
 * what the van promised: no receipt covers its last chunk until the file has been restored, its
 * hash was compared, and it is on the disk under its own name.
 */
import { isPacked, magicBytes } from '../../protocols/packed-image/packed-image.ts'
import type { Restored } from '../restoring/restore-file.ts'
import type { Restorer } from '../restoring/restorer.ts'
import type { ObjectFiles, ObjectName } from './object-files.ts'

interface Packed extends ObjectName {
  readonly id: number
}

export interface Outcome<Row extends Packed> {
  readonly row: Row
  readonly restored: Restored
}

export class Carried<Row extends Packed> {
  readonly #files: ObjectFiles
  readonly #restorer: Restorer | null
  readonly #ready: () => void
  readonly #underWay = new Set<number>()
  /** Packed objects that cannot be restored by this program: the next start tries again. */
  readonly #vain = new Set<number>()
  #outcomes: Outcome<Row>[] = []

  /** `ready` is called when `next` has something. Without a restorer nothing is restored. */
  constructor(files: ObjectFiles, restorer: Restorer | null, ready: () => void) {
    this.#files = files
    this.#restorer = restorer
    this.#ready = ready
  }

  /** False: it is no packed object, and needs nothing more. */
  begin(row: Row): boolean {
    if (this.#restorer === null) return false
    const head = this.#files.read(row, 0, magicBytes)
    if (head === null || !isPacked(head)) return false
    if (this.#underWay.has(row.id)) return true
    this.#underWay.add(row.id)
    const target = this.#files.restoringPath(row)
    const packed = this.#files.wholePath(row.sha256)
    void this.#restorer.restore({ packed, target }).then((restored) => {
      this.#outcomes.push({ row, restored })
      this.#ready()
    })
    return true
  }

  get waiting(): boolean {
    return this.#outcomes.length > 0
  }

  /** Whether this object is not to be verified now. */
  has(id: number): boolean {
    return this.#underWay.has(id) || this.#vain.has(id)
  }

  /** What was restored, with its file in its place, or why it was not. */
  next(): Outcome<Row> | null {
    const [outcome] = this.#outcomes
    if (outcome === undefined) return null
    const { row, restored } = outcome
    if (restored.ok) this.#files.finishRestored(row, restored.sha256)
    this.#outcomes = this.#outcomes.slice(1)
    this.#underWay.delete(row.id)
    if (!restored.ok) this.#vain.add(row.id)
    return outcome
  }
}
