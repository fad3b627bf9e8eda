/** A cable that loses, doubles and delays bytes. What comes out of it comes out in order. */
import type { Clock } from '../../protocols/world/clock.ts'
import type { Random } from '../../protocols/world/random.ts'

/** Probabilities are per thousand, for each piece that is said; times are in ms. */
export interface WireFaults {
  /** Some bytes in the middle are gone. */
  readonly lose: number
  /** One byte comes twice. */
  readonly double: number
  /** From some byte on everything comes later. */
  readonly delay: number
  readonly delayMsMax: number
  /** It arrives in two pieces, which harms nobody. */
  readonly cut: number
}

export const noWireFaults: WireFaults = { lose: 0, double: 0, delay: 0, delayMsMax: 0, cut: 0 }

const lostBytesMax = 6

export class Wire {
  readonly #clock: Clock
  readonly #random: Random
  readonly #deliver: (bytes: Uint8Array) => void
  #faults: WireFaults
  /** What is on its way behind a delay. */
  readonly #late: Uint8Array[] = []
  #isHeld = false

  constructor(
    clock: Clock,
    random: Random,
    faults: WireFaults,
    deliver: (bytes: Uint8Array) => void,
  ) {
    this.#clock = clock
    this.#random = random
    this.#faults = faults
    this.#deliver = deliver
  }

  setFaults(faults: WireFaults): void {
    this.#faults = faults
  }

  /** Whether it arrives as it was said, and at once. */
  say(bytes: Uint8Array): boolean {
    if (bytes.length === 0) return true
    const { lose, double, delay, delayMsMax, cut } = this.#faults
    const isLost = this.#happens(lose)
    const isDoubled = this.#happens(double)
    let said = bytes
    if (isLost) said = this.#without(said)
    if (isDoubled && said.length > 0) said = this.#doubled(said)
    const isDelayed = this.#happens(delay)
    const place =
      isDelayed || this.#happens(cut) ? this.#random.below(said.length + 1) : said.length
    const isClean = !isLost && !isDoubled && !isDelayed && !this.#isHeld
    this.#pass(said.subarray(0, place))
    if (isDelayed) this.#holdFor(1 + this.#random.below(delayMsMax))
    this.#pass(said.subarray(place))
    return isClean
  }

  #happens(perThousand: number): boolean {
    return perThousand > 0 && this.#random.below(1000) < perThousand
  }

  #pass(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    if (this.#isHeld) this.#late.push(bytes.slice())
    else this.#deliver(bytes.slice())
  }

  #holdFor(ms: number): void {
    if (this.#isHeld) return
    this.#isHeld = true
    this.#clock.after('wire', ms, () => {
      this.#isHeld = false
      for (const bytes of this.#late.splice(0)) this.#deliver(bytes)
    })
  }

  #without(bytes: Uint8Array): Uint8Array {
    const from = this.#random.below(bytes.length)
    const count = 1 + this.#random.below(lostBytesMax)
    return Uint8Array.from([...bytes.subarray(0, from), ...bytes.subarray(from + count)])
  }

  #doubled(bytes: Uint8Array): Uint8Array {
    const at = this.#random.below(bytes.length)
    return Uint8Array.from([...bytes.subarray(0, at + 1), ...bytes.subarray(at)])
  }
}
