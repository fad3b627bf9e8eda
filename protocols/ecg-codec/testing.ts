/** Signals for tests and benchmarks: what the codec must carry, whatever it compresses to. */

/** A small generator of whole numbers (Numerical Recipes, 32 bits), the same everywhere. */
export function generator(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 0x1_0000_0000) * below)
  }
}

const extremes = { low: -0x8000_0000, high: 0x7fff_ffff }

/** By name, each with leads of `count` samples. */
export function signals(count: number): ReadonlyMap<string, Int32Array[]> {
  const random = generator(7)
  const make = (leads: number, of: (at: number, lead: number) => number) =>
    Array.from({ length: leads }, (_, lead) =>
      Int32Array.from({ length: count }, (_, at) => of(at, lead)),
    )
  const walk = (leads: number, step: number) => {
    const values = Array.from({ length: leads }, () => 0)
    return make(leads, (_, lead) => {
      const value = (values[lead] ?? 0) + random(2 * step + 1) - step
      values[lead] = Math.max(-0x4000_0000, Math.min(0x4000_0000, value))
      return value | 0
    })
  }
  const beat = (at: number, lead: number) => {
    const phase = at % 180
    const spike = phase < 12 ? 300 - Math.abs(phase - 6) * 50 : 0
    return Math.floor(Math.abs(((at + 30 * lead) % 400) - 200) / 4) + spike + random(5)
  }
  return new Map([
    ['walk of one lead', walk(1, 4)],
    ['walk of 32 bits', walk(3, 0x1000_0000)],
    ['constant', make(2, () => -77)],
    ['square wave over all of 32 bits', make(2, (at) => (at & 32 ? extremes.low : extremes.high))],
    ['noise of 8 bits', make(2, () => random(256) - 128)],
    ['noise of 24 bits', make(2, () => random(0x100_0000) - 0x80_0000)],
    ['noise of 32 bits', make(2, () => random(0x1_0000_0000) - 0x8000_0000)],
    ['slow and small', make(2, (at, lead) => Math.floor(at / (40 + lead)) % 17)],
    ['saturated', make(2, (at) => Math.max(-100, Math.min(100, (at % 90) * 8 - 360)))],
    ['multiples of five', make(2, () => 5 * random(40))],
    ['mostly multiples of five', make(2, () => 5 * random(40) + (random(10) === 0 ? 1 : 0))],
    ['beats in four leads', make(4, beat)],
    ['a trace that falls flat', make(2, (at) => (at < 150 ? random(100) : 0))],
  ])
}

/**
 * A packet that came to harm: some bits flipped, bytes replaced, or cut off. The same seed does the
 * same harm.
 */
export function mutated(bytes: Uint8Array, seed: number): Uint8Array {
  const random = generator(seed)
  const copy = bytes.slice(0, random(4) === 0 ? random(bytes.length + 1) : bytes.length)
  if (copy.length === 0) return copy
  for (let left = 1 + random(4); left > 0; left--) {
    // Half of the harm is done to the head, which says most.
    const at = random(random(2) === 0 ? copy.length : Math.min(copy.length, 24))
    copy[at] = random(2) === 0 ? random(256) : (copy[at] ?? 0) ^ (1 << random(8))
  }
  return copy
}
