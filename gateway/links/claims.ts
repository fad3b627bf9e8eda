/**
 * One owner for each port within this process. The kernel's lock alone would not do: a second
 * opener changes the line settings of the port before it meets the lock.
 */
import { linkTrouble } from '../errors/links.ts'

export class Claims {
  readonly #taken = new Set<string>()

  /** Throws `link-busy`. Call what is returned once, to let others have it. */
  take(key: string, path: string): () => void {
    if (this.#taken.has(key)) throw linkTrouble('link-busy', { path })
    this.#taken.add(key)
    return () => {
      this.#taken.delete(key)
    }
  }
}
