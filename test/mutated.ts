/** Changes good input a little, so that a codec is asked about what is nearly right. */

/** Whole numbers below `limit` from a fixed start, so that a failure comes again. */
export function dice(start: number): (limit: number) => number {
  let state = start
  return (limit) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % limit
  }
}

/** One to four bytes changed, cut out, doubled or put in. */
export function mutated(source: Uint8Array, below: (limit: number) => number): Uint8Array {
  const bytes = [...source]
  for (let count = 1 + below(4); count > 0; count--) {
    const at = below(bytes.length + 1)
    const how = below(6)
    if (how < 2) bytes[at] = below(256)
    else if (how === 2) bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8))
    else if (how === 3) bytes.splice(at, 1 + below(8))
    else if (how === 4) bytes.splice(at, 0, ...bytes.slice(at, at + 1 + below(8)))
    else bytes.splice(at, 0, below(256))
  }
  return Uint8Array.from(bytes)
}
