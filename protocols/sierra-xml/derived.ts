/**
 * Of III, aVR, aVL and aVF a Philips file holds only what their rule from I and II misses, so that
 * almost nothing is left to compress. Source: the open reader sierra-ecg-tools.
 */

/** From what is stored to the leads, in the order of the standard. */
export function withDerivedLeads(stored: readonly Int32Array[]): readonly Int32Array[] {
  const [one, two, third, right, left, foot, ...chest] = stored
  if (!one || !two || !third || !right || !left || !foot) return stored
  const iii = third.map((miss, at) => (two[at] ?? 0) - (one[at] ?? 0) - miss)
  return [one, two, iii, ...missedOf(one, two, iii, [right, left, foot]), ...chest]
}

/** From the leads to what is stored. */
export function withoutDerivedLeads(leads: readonly Int32Array[]): readonly Int32Array[] {
  const [one, two, iii, right, left, foot, ...chest] = leads
  if (!one || !two || !iii || !right || !left || !foot) return leads
  const third = iii.map((sample, at) => (two[at] ?? 0) - (one[at] ?? 0) - sample)
  return [one, two, third, ...missedOf(one, two, iii, [right, left, foot]), ...chest]
}

/** A lead is its rule less what is stored, so that one goes into the other in the same way. */
function missedOf(
  one: Int32Array,
  two: Int32Array,
  iii: Int32Array,
  [right, left, foot]: readonly [Int32Array, Int32Array, Int32Array],
): readonly Int32Array[] {
  return [
    right.map((value, at) => -half((one[at] ?? 0) + (two[at] ?? 0)) - value),
    left.map((value, at) => half((one[at] ?? 0) - (iii[at] ?? 0)) - value),
    foot.map((value, at) => half((two[at] ?? 0) + (iii[at] ?? 0)) - value),
  ]
}

/** Towards zero, as the maker divides. */
function half(sum: number): number {
  return Math.trunc(sum / 2)
}
