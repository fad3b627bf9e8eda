/** The messages that came last, whole, so that one that comes again is known. */

/** Longer messages make room for themselves: only the newest of any length is always kept. */
const charactersMax = 1_000_000

export class Recent {
  readonly #countMax: number
  #texts: readonly string[] = []

  constructor(countMax: number) {
    this.#countMax = countMax
  }

  has(text: string): boolean {
    return this.#texts.includes(text)
  }

  add(text: string): void {
    const kept = [text]
    let characters = text.length
    for (const older of this.#texts.toReversed()) {
      characters += older.length
      if (kept.length >= this.#countMax || characters > charactersMax) break
      kept.unshift(older)
    }
    this.#texts = kept
  }
}
