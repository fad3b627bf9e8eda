/**
 * Slows down guessing. Every attempt at the claim code or the passphrase takes a token from the
 * bucket of its address and from one bucket for all; a right one gives its token back.
 */
import { isIPv6 } from 'node:net'
import type { Clock, MonotonicMs } from '../../protocols/world/clock.ts'
import { elapsedMs } from '../../protocols/world/clock.ts'

interface Pace {
  readonly burst: number
  readonly refillMs: number
}

const ofOneAddress: Pace = { burst: 5, refillMs: 30_000 }
// Wide enough that one rude neighbour on the van's network cannot lock the technician out.
const ofAll: Pace = { burst: 60, refillMs: 5_000 }
const addressesMax = 256

interface Bucket {
  tokens: number
  filledMs: MonotonicMs
}

export type Attempt =
  | { readonly kind: 'go'; readonly succeeded: () => void }
  | { readonly kind: 'wait'; readonly seconds: number }

export class Attempts {
  readonly #clock: Clock
  readonly #all: Bucket
  readonly #byAddress = new Map<string, Bucket>()

  constructor(clock: Clock) {
    this.#clock = clock
    this.#all = { tokens: ofAll.burst, filledMs: clock.monotonicMs() }
  }

  attempt(address: string): Attempt {
    const now = this.#clock.monotonicMs()
    const own = this.#bucketOf(networkOf(address), now)
    fill(own, ofOneAddress, now)
    fill(this.#all, ofAll, now)
    const waitMs = Math.max(untilNextMs(own, ofOneAddress, now), untilNextMs(this.#all, ofAll, now))
    if (waitMs > 0) return { kind: 'wait', seconds: Math.ceil(waitMs / 1_000) }
    own.tokens -= 1
    this.#all.tokens -= 1
    return {
      kind: 'go',
      succeeded: () => {
        own.tokens = ofOneAddress.burst
        this.#all.tokens = Math.min(ofAll.burst, this.#all.tokens + 1)
      },
    }
  }

  #bucketOf(network: string, now: MonotonicMs): Bucket {
    const known = this.#byAddress.get(network)
    if (known !== undefined) return known
    // The oldest goes; whoever rotates through more addresses than this meets the bucket for all.
    for (const oldest of this.#byAddress.keys()) {
      if (this.#byAddress.size < addressesMax) break
      this.#byAddress.delete(oldest)
    }
    const bucket = { tokens: ofOneAddress.burst, filledMs: now }
    this.#byAddress.set(network, bucket)
    return bucket
  }
}

/** One host may use a whole /64 of IPv6 addresses. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  return mapped?.[1] ?? prefix64(address)
}

function prefix64(address: string): string {
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::')
  const groups = head.split(':')
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':')
    while (groups.length + after.length < 8) groups.push('0')
    groups.push(...after)
  }
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group === '' ? '0' : group, 16).toString(16))
    .join(':')
}

function fill(bucket: Bucket, pace: Pace, now: MonotonicMs): void {
  const count = Math.floor(elapsedMs(bucket.filledMs, now) / pace.refillMs)
  bucket.tokens = Math.min(pace.burst, bucket.tokens + count)
  bucket.filledMs = (bucket.filledMs + count * pace.refillMs) as MonotonicMs
}

function untilNextMs(bucket: Bucket, pace: Pace, now: MonotonicMs): number {
  return bucket.tokens >= 1 ? 0 : pace.refillMs - elapsedMs(bucket.filledMs, now)
}
