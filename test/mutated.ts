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
  let bytes = source
  for (let count = 1 + below(4); count > 0; count--) {
    const at = below(bytes.length + 1)
    const how = below(6)
    if (how < 2) bytes = spliced(bytes, at, 1, [below(256)])
    else if (how === 2) bytes = spliced(bytes, at, 1, [(bytes[at] ?? 0) ^ (1 << below(8))])
    else if (how === 3) bytes = spliced(bytes, at, 1 + below(8), [])
    else if (how === 4) bytes = spliced(bytes, at, 0, bytes.subarray(at, at + 1 + below(8)))
    else bytes = spliced(bytes, at, 0, [below(256)])
  }
  return bytes
}

function spliced(bytes: Uint8Array, at: number, left: number, put: ArrayLike<number>): Uint8Array {
  const behind = bytes.subarray(at + left)
  const whole = new Uint8Array(at + put.length + behind.length)
  whole.set(bytes.subarray(0, at))
  whole.set(put, at)
  whole.set(behind, at + put.length)
  return whole
}
