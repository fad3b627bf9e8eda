/** The model of one packet or one chain: numbers to bytes and back, state kept in between. */

/** `best` for whole strips, `live` for chains of short packets, `light` for slow boxes. */
export type Profile = 'light' | 'live' | 'best'

/** What an engine codes with, in the order of their number in a packet. */
export const profiles: readonly Profile[] = ['light', 'live', 'best']

export interface Engine {
  /** `values` holds `count` numbers of the first lead, then as many of the second … */
  encode(values: Int32Array, count: number): Uint8Array
  /** Bytes that no encoder wrote decode to some numbers too: their CRC tells. */
  decode(bytes: Uint8Array, count: number): Int32Array
}

export function createEngine(_profile: Profile, leads: number): Engine {
  return new RiceEngine(leads)
}

const unaryMax = 24
const wideBits = 36

class RiceEngine implements Engine {
  readonly #leads: number
  readonly #before: Float64Array
  readonly #mean: Float64Array

  constructor(leads: number) {
    this.#leads = leads
    this.#before = new Float64Array(leads * 2)
    this.#mean = new Float64Array(leads).fill(4)
  }

  encode(values: Int32Array, count: number): Uint8Array {
    const bits: number[] = []
    for (let at = 0; at < count; at++)
      for (let lead = 0; lead < this.#leads; lead++) {
        const value = values[lead * count + at] ?? 0
        const difference = value - this.#guess(lead)
        let rest = difference >= 0 ? difference * 2 : -difference * 2 - 1
        const width = this.#width(lead)
        const unary = Math.floor(rest / 2 ** width)
        for (let n = 0; n < Math.min(unary, unaryMax); n++) bits.push(1)
        if (unary < unaryMax) bits.push(0)
        for (let n = unary < unaryMax ? width : wideBits; n > 0; n--) {
          bits.push(rest % 2)
          rest = Math.floor(rest / 2)
        }
        this.#learn(lead, value, Math.abs(difference))
      }
    const bytes = new Uint8Array(Math.ceil(bits.length / 8))
    for (const [at, bit] of bits.entries())
      bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (bit << (at & 7))
    return bytes
  }

  decode(bytes: Uint8Array, count: number): Int32Array {
    let at = 0
    const bit = () => {
      const value = ((bytes[at >> 3] ?? 0) >> (at & 7)) & 1
      at++
      return value
    }
    const values = new Int32Array(this.#leads * count)
    for (let n = 0; n < count; n++)
      for (let lead = 0; lead < this.#leads; lead++) {
        const width = this.#width(lead)
        let unary = 0
        while (unary < unaryMax && bit() === 1) unary++
        let rest = 0
        const low = unary < unaryMax ? width : wideBits
        for (let place = 0; place < low; place++) rest += bit() * 2 ** place
        if (unary < unaryMax) rest += unary * 2 ** width
        const difference = rest % 2 === 0 ? rest / 2 : -(rest + 1) / 2
        const value = this.#guess(lead) + difference
        values[lead * count + n] = value
        this.#learn(lead, value | 0, Math.abs(difference))
      }
    return values
  }

  #guess(lead: number): number {
    return 2 * (this.#before[lead * 2] ?? 0) - (this.#before[lead * 2 + 1] ?? 0)
  }

  #width(lead: number): number {
    let width = 0
    while (2 ** width < (this.#mean[lead] ?? 0)) width++
    return width
  }

  #learn(lead: number, value: number, error: number): void {
    this.#before[lead * 2 + 1] = this.#before[lead * 2] ?? 0
    this.#before[lead * 2] = value
    this.#mean[lead] = ((this.#mean[lead] ?? 0) * 15 + error * 1.4) / 16
  }
}
