/** What is ready for the reader: bounded, and it says when there is room again. */

const itemsMost = 2_000
const bytesMost = 8 * 1024 * 1024

interface Entry<T> {
  readonly item: T
  readonly bytes: number
  readonly taken: () => void
}

export class ReaderQueue<T> {
  readonly #roomAgain: () => void
  #entries: Entry<T>[] = []
  #bytes = 0
  #wasFull = false
  #ended = false
  #waiting: ((item: T | null) => void) | null = null

  constructor(roomAgain: () => void) {
    this.#roomAgain = roomAgain
  }

  get count(): number {
    return this.#entries.length
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Nothing should be pushed now: `roomAgain` is called when half of it has been read. */
  get full(): boolean {
    const full = this.#entries.length >= itemsMost || this.#bytes >= bytesMost
    if (full) this.#wasFull = true
    return full
  }

  /** `taken` is called when the reader has the item. */
  push(item: T, bytes: number, taken: () => void): void {
    if (this.#ended) return
    const waiting = this.#waiting
    if (waiting !== null) {
      this.#waiting = null
      taken()
      waiting(item)
      return
    }
    this.#entries.push({ item, bytes, taken })
    this.#bytes += bytes
  }

  /** null when it has ended. One reader at a time. */
  async next(): Promise<T | null> {
    const entry = this.#entries.shift()
    if (entry === undefined) {
      if (this.#ended) return null
      return new Promise((resolve) => {
        this.#waiting = resolve
      })
    }
    this.#bytes -= entry.bytes
    entry.taken()
    if (this.#wasFull && this.#entries.length <= itemsMost / 2 && this.#bytes <= bytesMost / 2) {
      this.#wasFull = false
      this.#roomAgain()
    }
    return entry.item
  }

  end(): void {
    this.#ended = true
    this.#entries = []
    this.#bytes = 0
    this.#waiting?.(null)
    this.#waiting = null
  }
}
