/**
 * Randomness that a seed repeats on any machine: sfc32 (Chris Doty-Humphrey, PractRand), four words
 * of 32 bits in integer arithmetic only.
 */
import type { Random } from '../../protocols/world/random.ts'

const drawLimitMax = 2 ** 32

/** Rounds after seeding, as PractRand does, until every bit of the seed has reached every word. */
const warmUpRounds = 15

export function seededRandom(seed: number | string): Random {
  return sourceOf(wordsOf(`seed ${seed}`))
}

export function assertDrawLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > drawLimitMax) {
    throw new RangeError(`cannot draw below ${limit}`)
  }
}

type Words = readonly [number, number, number]

function sourceOf(seed: Words): Random {
  let [a, b, c] = seed
  let counter = 1
  const forks = new Map<string, number>()

  /** 32 random bits, as an unsigned number. */
  const draw = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return sum >>> 0
  }
  for (let round = 0; round < warmUpRounds; round++) draw()

  return {
    below(limit) {
      assertDrawLimit(limit)
      // Draws above the last whole multiple would favour small numbers.
      const fair = drawLimitMax - (drawLimitMax % limit)
      for (;;) {
        const drawn = draw()
        if (drawn < fair) return drawn % limit
      }
    },
    bytes(count) {
      const bytes = new Uint8Array(count)
      for (let index = 0; index < count; index += 4) {
        const word = draw()
        for (let part = 0; part < 4 && index + part < count; part++) {
          bytes[index + part] = word >>> (8 * part)
        }
      }
      return bytes
    },
    fork(name) {
      // From the seed and not from the state: what was drawn before does not matter.
      const nth = forks.get(name) ?? 0
      forks.set(name, nth + 1)
      return sourceOf(wordsOf(`${seed.join(' ')} fork ${nth} ${name}`))
    },
  }
}

/** Three words from a text: FNV-1a from three starting points, each mixed as murmur3 ends. */
function wordsOf(text: string): Words {
  const hash = (start: number): number => {
    let word = start | 0
    for (let index = 0; index < text.length; index++) {
      word = Math.imul(word ^ text.charCodeAt(index), 0x01000193)
    }
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35)
    return word ^ (word >>> 16)
  }
  return [hash(0x811c9dc5), hash(0x9e3779b9), hash(0x6a09e667)]
}
