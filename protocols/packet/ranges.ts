import type { SeqRange } from './messages.ts'

/** Ranges of one block, in ascending order. Two ranges never touch: they would be one. */
interface Block {
  readonly from: number[]
  readonly to: number[]
}

/** A block that grows beyond this is cut in two, so that inserting moves few numbers. */
const blockRangesMax = 256

/**
 * A set of sequence numbers, kept as intervals. `has`, `add` and the start of `missing` cost two
 * binary searches, whatever the order in which numbers come.
 */
export class RangeSet {
  readonly #blocks: Block[] = []
  #count = 0

  static of(ranges: Iterable<SeqRange>): RangeSet {
    const set = new RangeSet()
    for (const { from, to } of ranges) set.add(from, to)
    return set
  }

  /** How many numbers are in the set. */
  get count(): number {
    return this.#count
  }

  get rangeCount(): number {
    return this.#blocks.reduce((sum, block) => sum + block.from.length, 0)
  }

  /** The smallest number that is not in the set: everything below it is. */
  get firstMissing(): number {
    const first = this.#blocks[0]
    return first?.from[0] === 0 ? (first.to[0] ?? 0) + 1 : 0
  }

  /** null when the set is empty. */
  get highest(): number | null {
    return this.#blocks.at(-1)?.to.at(-1) ?? null
  }

  has(seq: number): boolean {
    const block = this.#blocks[this.#blockAt(seq)]
    return block !== undefined && (block.from[firstEndingAt(block, seq)] ?? Infinity) <= seq
  }

  /** Adds all numbers from `from` to `to`, both included. Answers how many were new. */
  add(from: number, to: number = from): number {
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || from > to) {
      throw new RangeError(`not a range of sequence numbers: ${from} to ${to}`)
    }
    // A range that ends just before `from` or begins just after `to` is joined, hence the ones.
    let start = from
    let end = to
    let known = 0
    let at = this.#blockAt(from - 1)
    let block = this.#blocks[at]
    if (block === undefined) {
      block = { from: [], to: [] }
      at = this.#blocks.push(block) - 1
    }
    const index = firstEndingAt(block, from - 1)
    // Swallows what overlaps or touches, into following blocks when the range is long.
    let swallowed = 0
    let next: Block | undefined = block
    while (next !== undefined) {
      const first: number = next === block ? index + swallowed : 0
      const nextFrom = next.from[first]
      const nextTo = next.to[first]
      if (nextFrom === undefined || nextTo === undefined) {
        next = this.#dropEmptyAfter(at)
        continue
      }
      if (nextFrom > to + 1) break
      known += nextTo - nextFrom + 1
      start = Math.min(start, nextFrom)
      end = Math.max(end, nextTo)
      if (next === block) {
        swallowed++
      } else {
        next.from.shift()
        next.to.shift()
      }
    }
    block.from.splice(index, swallowed, start)
    block.to.splice(index, swallowed, end)
    if (block.from.length > blockRangesMax) this.#cut(at)
    const fresh = end - start + 1 - known
    this.#count += fresh
    return fresh
  }

  /** All ranges, lowest first, or the lowest `limit` of them. */
  ranges(limit = Infinity): SeqRange[] {
    const found: SeqRange[] = []
    for (const block of this.#blocks) {
      for (const [index, from] of block.from.entries()) {
        if (found.length >= limit) return found
        found.push({ from, to: block.to[index] ?? from })
      }
    }
    return found
  }

  /** What is not in the set between `from` and `to`, both included: the lowest `limit` ranges. */
  missing(from: number, to: number, limit = Infinity): SeqRange[] {
    const found: SeqRange[] = []
    let next = from
    let at = this.#blockAt(from)
    let index = firstEndingAt(this.#blocks[at], from)
    while (next <= to && found.length < limit) {
      const block = this.#blocks[at]
      const rangeFrom = block?.from[index]
      const rangeTo = block?.to[index]
      if (rangeFrom === undefined || rangeTo === undefined) {
        if (at + 1 < this.#blocks.length) {
          at++
          index = 0
          continue
        }
        found.push({ from: next, to })
        break
      }
      if (rangeFrom > next) found.push({ from: next, to: Math.min(rangeFrom - 1, to) })
      next = rangeTo + 1
      index++
    }
    return found
  }

  /** What is not in the set below `seq`: the lowest `limit` ranges. */
  missingBelow(seq: number, limit = Infinity): SeqRange[] {
    return this.missing(0, seq - 1, limit)
  }

  /** Index of the first block that ends at or after `seq`; the last one when none does. */
  #blockAt(seq: number): number {
    let low = 0
    let high = this.#blocks.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#blocks[middle]?.to.at(-1) ?? 0) >= seq) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Removes the block after `at` when it has run empty. Answers the one that then stands there. */
  #dropEmptyAfter(at: number): Block | undefined {
    if (this.#blocks[at + 1]?.from.length === 0) this.#blocks.splice(at + 1, 1)
    return this.#blocks[at + 1]
  }

  #cut(at: number): void {
    const block = this.#blocks[at]
    if (block === undefined) return
    const half = blockRangesMax / 2
    this.#blocks.splice(at + 1, 0, { from: block.from.splice(half), to: block.to.splice(half) })
  }
}

/** Index of the first range that ends at or after `seq`; past the end when none does. */
function firstEndingAt(block: Block | undefined, seq: number): number {
  const ends = block?.to ?? []
  let low = 0
  let high = ends.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ends[middle] ?? 0) >= seq) high = middle
    else low = middle + 1
  }
  return low
}
