/**
 * A set of whole numbers as bytes in a database column. Ranges are in ascending order; each is its
 * distance from the end of the one before (from 0 for the first) and its length minus one:
 *
 *   varint gap | varint length-1 | varint gap | varint length-1 | ...       LEB128, 7 bits a byte
 */
import type { SeqRange } from '../../protocols/packet/messages.ts'
import { RangeSet } from '../../protocols/packet/ranges.ts'

export function rangesToBlob(set: RangeSet): Uint8Array {
  const bytes: number[] = []
  let next = 0
  for (const { from, to } of set.ranges()) {
    putVarint(bytes, from - next)
    putVarint(bytes, to - from)
    next = to + 1
  }
  return Uint8Array.from(bytes)
}

/** Throws a RangeError for bytes that `rangesToBlob` did not make: the database is damaged. */
export function rangesFromBlob(bytes: Uint8Array): RangeSet {
  const set = new RangeSet()
  let next = 0
  let at = 0
  while (at < bytes.length) {
    const gap = takeVarint(bytes, at)
    const length = takeVarint(bytes, gap.end)
    const from = next + gap.value
    set.add(from, from + length.value)
    next = from + length.value + 1
    at = length.end
  }
  return set
}

/** The same set without some numbers. */
export function without(set: RangeSet, gone: RangeSet): RangeSet {
  const kept = new RangeSet()
  for (const range of set.ranges()) {
    for (const { from, to } of gone.missing(range.from, range.to)) kept.add(from, to)
  }
  return kept
}

/** The lowest `limit` of `ranges` that remain when single numbers are taken out. */
export function withoutNumbers(
  ranges: readonly SeqRange[],
  gone: ReadonlySet<number>,
  limit: number,
): readonly SeqRange[] {
  if (gone.size === 0) return ranges.slice(0, limit)
  const left: SeqRange[] = []
  const sorted = [...gone].toSorted((a, b) => a - b)
  for (const range of ranges) {
    let from = range.from
    for (const number of sorted) {
      if (number < from || number > range.to) continue
      if (number > from) left.push({ from, to: number - 1 })
      from = number + 1
    }
    if (from <= range.to) left.push({ from, to: range.to })
  }
  return left.slice(0, limit)
}

function putVarint(bytes: number[], value: number): void {
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
}

function takeVarint(bytes: Uint8Array, start: number): { value: number; end: number } {
  let value = 0
  let scale = 1
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    value += (byte & 0x7f) * scale
    if (!Number.isSafeInteger(value)) break
    if (byte < 0x80) return { value, end: at + 1 }
    scale *= 0x80
  }
  throw new RangeError('a set of numbers is damaged')
}
