/** Writes that have not been answered. When the link ends, all of them must be. */
export class Pending {
  readonly #rejects = new Set<(error: Error) => void>()

  /** `start` is given the function that says how it went: null, or what went wrong. */
  promise(start: (done: (error: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#rejects.add(reject)
      start((error) => {
        this.#rejects.delete(reject)
        if (error === null) resolve()
        else reject(error)
      })
    })
  }

  fail(error: Error): void {
    for (const reject of this.#rejects) reject(error)
    this.#rejects.clear()
  }
}
