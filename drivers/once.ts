/** For results that a device says again: when it is asked again, or when a key is hit twice. */

/** More than any memory of a device that we read holds. */
const keysMax = 4_096

/** Knows what was said in this session. The oldest is forgotten first. */
export class Once {
  readonly #keys = new Set<string>()

  /** True the first time. */
  isNew(key: string): boolean {
    if (this.knows(key)) return false
    this.remember(key)
    return true
  }

  knows(key: string): boolean {
    return this.#keys.has(key)
  }

  remember(key: string): void {
    this.#keys.add(key)
    for (const oldest of this.#keys) {
      if (this.#keys.size <= keysMax) break
      this.#keys.delete(oldest)
    }
  }
}
