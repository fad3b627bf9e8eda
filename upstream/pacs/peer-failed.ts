/** The way to a destination failed, or the destination itself: nothing is wrong with the images. */

export type FailureCode =
  | 'unreachable'
  | 'secrets'
  | 'rejected'
  | 'aborted'
  | 'cut'
  | 'silent'
  | 'broken'
  | 'refused'
  | 'stopped'

export class PeerFailed extends Error {
  readonly code: FailureCode
  /** What the destination said or did, without anything from the images. */
  readonly words: string

  constructor(code: FailureCode, words: string, cause?: unknown) {
    super(`${code}: ${words}`, cause === undefined ? {} : { cause })
    this.name = 'PeerFailed'
    this.code = code
    this.words = words
  }
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
