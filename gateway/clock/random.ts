/** Randomness of the daemon: the system's cryptographic source. */
import { randomBytes, randomInt } from 'node:crypto'
import type { Random } from '../../protocols/world/random.ts'
import { assertDrawLimit } from './seeded-random.ts'

export function systemRandom(): Random {
  const random: Random = {
    below: (limit) => {
      assertDrawLimit(limit)
      return randomInt(limit)
    },
    bytes: (count) => new Uint8Array(randomBytes(count)),
    // No draw of this source says anything about another, so one serves all.
    fork: () => random,
  }
  return random
}
