import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import t from 'tap'
import type { Test } from 'tap'
import { holds } from '../../test/wire/holds.ts'
import type { SeqRange } from './messages.ts'
import { RangeSet } from './ranges.ts'

/** What a RangeSet promises, from a plain set of numbers. */
function rangesOf(numbers: Iterable<number>): SeqRange[] {
  const found: { from: number; to: number }[] = []
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = found.at(-1)
    if (last?.to === number - 1) last.to = number
    else found.push({ from: number, to: number })
  }
  return found
}

function span(from: number, to: number): number[] {
  return Array.from({ length: Math.max(to - from + 1, 0) }, (_, index) => from + index)
}

function compare(t: Test, set: RangeSet, naive: ReadonlySet<number>, top: number): void {
  const ranges = rangesOf(naive)
  t.strictSame(set.ranges(), ranges)
  t.strictSame(set.ranges(3), ranges.slice(0, 3))
  t.equal(set.count, naive.size)
  t.equal(set.rangeCount, ranges.length)
  t.equal(set.highest, ranges.at(-1)?.to ?? null)
  t.equal(set.firstMissing, span(0, top).find((seq) => !naive.has(seq)) ?? top + 1)
  const missing = rangesOf(span(0, top).filter((seq) => !naive.has(seq)))
  t.strictSame(set.missingBelow(top + 1), missing)
  t.strictSame(set.missingBelow(top + 1, 2), missing.slice(0, 2))
}

const step = fc.tuple(fc.nat(400), fc.oneof(fc.nat(3), fc.nat(60)))

t.test('ranges: agrees with a plain set after every step', async (t) => {
  const steps = fc.array(step, { maxLength: 60 })
  const property = fc.property(steps, fc.nat(400), fc.nat(200), (steps, low, width) => {
    const set = new RangeSet()
    const naive = new Set<number>()
    for (const [from, length] of steps) {
      const before = naive.size
      for (const seq of span(from, from + length)) naive.add(seq)
      if (set.add(from, from + length) !== naive.size - before) return false
    }
    const gaps = span(low, low + width).filter((seq) => !naive.has(seq))
    return (
      span(0, 470).every((seq) => set.has(seq) === naive.has(seq)) &&
      set.count === naive.size &&
      isDeepStrictEqual(set.ranges(), rangesOf(naive)) &&
      isDeepStrictEqual(set.missing(low, low + width), rangesOf(gaps))
    )
  })
  holds(t, 'any steps', property, { numRuns: 1_000 })
})

t.test('ranges: agrees with a plain set when blocks are cut and swallowed', async (t) => {
  const far = fc.tuple(fc.nat(9_000), fc.oneof({ weight: 99, arbitrary: fc.nat(2) }, fc.nat(4_000)))
  const property = fc.property(
    fc.array(far, { minLength: 1_000, maxLength: 2_000, size: 'max' }),
    (steps) => {
      const set = new RangeSet()
      const naive = new Set<number>()
      for (const [from, length] of steps) {
        set.add(from, from + length)
        for (const seq of span(from, from + length)) naive.add(seq)
      }
      return set.count === naive.size && isDeepStrictEqual(set.ranges(), rangesOf(naive))
    },
  )
  holds(t, 'any steps', property, { numRuns: 60 })
})

/** A generator that needs no seed of the clock: 32-bit xorshift. */
function shuffled(count: number): number[] {
  const numbers = span(0, count - 1)
  let state = 0x9e37_79b9
  for (let index = count - 1; index > 0; index--) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    const other = (state >>> 0) % (index + 1)
    const kept = numbers[index]!
    numbers[index] = numbers[other]!
    numbers[other] = kept
  }
  return numbers
}

t.test('ranges: holds with thousands of ranges in many blocks', async (t) => {
  const set = new RangeSet()
  const naive = new Set<number>()
  for (const [count, seq] of shuffled(4_000).entries()) {
    set.add(seq * 2)
    naive.add(seq * 2)
    if (count % 1_000 === 999) compare(t, set, naive, 8_001)
  }
  t.equal(set.add(101, 7_001), 3_451)
  for (const seq of span(101, 7_001)) naive.add(seq)
  compare(t, set, naive, 8_001)
  t.equal(set.add(0, 20_000), 20_001 - naive.size)
  t.strictSame(set.ranges(), [{ from: 0, to: 20_000 }])
  t.strictSame(set.missing(5, 20_003), [{ from: 20_001, to: 20_003 }])
})

t.test('ranges: 200,000 numbers in any order take milliseconds, not minutes', async (t) => {
  const count = 200_000
  const orders = {
    ascending: span(0, count - 1),
    descending: span(0, count - 1).toReversed(),
    'every second first': [...span(0, count - 1)].sort((a, b) => (a % 2) - (b % 2) || a - b),
    'every second from above': [...span(0, count - 1)].sort((a, b) => (a % 2) - (b % 2) || b - a),
    shuffled: shuffled(count),
  }
  for (const [name, order] of Object.entries(orders)) {
    const set = new RangeSet()
    const before = process.cpuUsage()
    for (const seq of order) {
      set.add(seq)
      if (!set.has(seq)) throw new Error(`${name}: ${seq} is gone`)
    }
    // Our own time, whatever else runs on this machine.
    const ms = process.cpuUsage(before).user / 1_000
    t.strictSame(set.ranges(), [{ from: 0, to: count - 1 }], name)
    t.ok(ms < 2_000, `${name} within 2 s`)
    t.comment(`${name}: ${Math.round(ms)} ms`)
  }
})

t.test('ranges: reaches up to the greatest sequence number', async (t) => {
  const top = Number.MAX_SAFE_INTEGER
  const set = RangeSet.of([{ from: top, to: top }])
  t.strictSame(set.missing(top - 2, top), [{ from: top - 2, to: top - 1 }])
  t.equal(set.add(0, top), top)
  t.strictSame(set.ranges(), [{ from: 0, to: top }])
  t.strictSame(set.missing(0, top), [])
})

t.test('ranges: refuses what is no range of sequence numbers', async (t) => {
  const set = new RangeSet()
  for (const [from, to] of [
    [-1, 3],
    [4, 3],
    [0.5, 1],
    [0, Infinity],
    [NaN, NaN],
  ] as const) {
    t.throws(() => set.add(from, to), RangeError)
  }
  t.equal(set.count, 0)
  t.equal(set.firstMissing, 0)
  t.equal(set.highest, null)
  t.strictSame(set.missingBelow(0), [])
  t.strictSame(set.missing(2, 4, 0), [])
})
