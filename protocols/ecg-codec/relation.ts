/**
 * Leads that are an exact function of two others: every value is
 *
 *   constant + rounded((a * first + b * second) / 2)
 *
 * with a and b from -4 to 4 and one of five ways to round. So are III = II - I (a = -2, b = 2),
 * aVR = -(I + II) / 2, aVL = I - II / 2 and aVF = II - I / 2 of most makers, who differ only in how
 * they round; a copy or the negative of another lead; and a lead with another zero.
 *
 *   relation  rounding (3 bits) | zero constant (bit 3) | 0000
 *             (a + 4) * 9 + b + 4        one byte
 *             first, second              one byte each: places of the leads
 *             constant                   zigzag LEB128, only when bit 3 is 0
 *
 * Rounding: 0 down, 1 up, 2 towards zero, 3 away from zero, 4 to the even neighbour.
 */
import type { ByteReader, ByteWriter } from './bytes-io.ts'

export interface Relation {
  readonly a: number
  readonly b: number
  readonly first: number
  readonly second: number
  readonly rounding: number
  readonly constant: number
}

const factorMax = 4
const factors = factorMax * 2 + 1
const roundings = 5
const constantFlag = 0x08
const int32Min = -0x8000_0000
const int32Max = 0x7fff_ffff

/** In halves: which sums of two leads are tried. */
const tried: readonly (readonly [a: number, b: number])[] = [
  [-2, 2],
  [-1, -1],
  [2, -1],
  [-1, 2],
  [-2, -2],
  [4, -2],
  [-2, 4],
  [1, 1],
  [2, 2],
  [2, -2],
  [1, -1],
  [-1, 1],
  [-2, 1],
  [1, -2],
]

function rounded(halves: number, rounding: number): number {
  const down = Math.floor(halves / 2)
  if (down * 2 === halves) return down
  switch (rounding) {
    case 0:
      return down
    case 1:
      return down + 1
    case 2:
      return halves < 0 ? down + 1 : down
    case 3:
      return halves < 0 ? down : down + 1
    default:
      return down % 2 === 0 ? down : down + 1
  }
}

/** null when there is none, or when a source is missing. */
export function findRelation(
  lead: Int32Array,
  samples: readonly Int32Array[],
  sources: readonly number[],
): Relation | null {
  for (const [place, second] of sources.entries()) {
    for (const [a, b] of [
      [0, 2],
      [0, -2],
    ] as const) {
      const found = tryRelation(lead, samples, { a, b, first: second, second })
      if (found !== null) return found
    }
    for (const first of sources.slice(0, place))
      for (const [a, b] of tried) {
        const found = tryRelation(lead, samples, { a, b, first, second })
        if (found !== null) return found
      }
  }
  return null
}

function tryRelation(
  lead: Int32Array,
  samples: readonly Int32Array[],
  sum: Pick<Relation, 'a' | 'b' | 'first' | 'second'>,
): Relation | null {
  const isHalf = sum.a % 2 !== 0 || sum.b % 2 !== 0
  for (let rounding = 0; rounding < (isHalf ? roundings : 1); rounding++) {
    const relation = { ...sum, rounding, constant: 0 }
    const constant = (lead[0] ?? 0) - valueAt(relation, samples, 0)
    if (constant < int32Min || constant > int32Max) continue
    const whole = { ...relation, constant }
    if (lead.every((value, at) => value === valueAt(whole, samples, at))) return whole
  }
  return null
}

function valueAt(relation: Relation, samples: readonly Int32Array[], at: number): number {
  const first = samples[relation.first]?.[at] ?? 0
  const second = samples[relation.second]?.[at] ?? 0
  const halves = relation.a * first + relation.b * second
  return relation.constant + rounded(halves, relation.rounding)
}

/** null when a value leaves 32 bits. */
export function applyRelation(
  relation: Relation,
  leads: readonly Int32Array[],
  count: number,
): Int32Array | null {
  const derived = new Int32Array(count)
  for (let at = 0; at < count; at++) {
    const value = valueAt(relation, leads, at)
    if (value < int32Min || value > int32Max) return null
    derived[at] = value
  }
  return derived
}

export function writeRelation(writer: ByteWriter, relation: Relation): void {
  writer.byte(relation.rounding | (relation.constant === 0 ? constantFlag : 0))
  writer.byte((relation.a + factorMax) * factors + relation.b + factorMax)
  writer.byte(relation.first)
  writer.byte(relation.second)
  if (relation.constant !== 0) writer.signed(relation.constant)
}

/** null when malformed. Whether the leads exist is for the caller to say. */
export function readRelation(reader: ByteReader): Relation | null {
  const flags = reader.byte()
  const rounding = flags & 0x07
  const sum = reader.byte()
  const first = reader.byte()
  const second = reader.byte()
  if (flags >= constantFlag * 2 || rounding >= roundings || sum >= factors * factors) return null
  const constant = flags & constantFlag ? 0 : reader.signed()
  if (constant !== (constant | 0)) return null
  const a = Math.floor(sum / factors) - factorMax
  const b = (sum % factors) - factorMax
  return reader.failed ? null : { a, b, first, second, rounding, constant }
}
