/** Randomness comes from outside, in whole numbers, so that a seed repeats a run on any machine. */
export interface Random {
  /** A whole number, 0 <= n < limit. `limit` is at most 2^32. */
  below(limit: number): number
  bytes(count: number): Uint8Array
  /** An independent source whose draws do not disturb this one. */
  fork(name: string): Random
}
