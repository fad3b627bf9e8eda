/** Growing and reading byte strings of whole numbers, as the container uses them. */

/** Bytes of an unsigned number of 32 bits at most, in groups of seven bits. */
const groupsMax = 5

export class ByteWriter {
  readonly #bytes: number[] = []

  byte(value: number): void {
    this.#bytes.push(value & 0xff)
  }

  /** Four bytes, lowest first. */
  word(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.byte(value >>> shift)
  }

  /** Unsigned LEB128: seven bits a byte, lowest first, 0x80 set on all but the last byte. */
  unsigned(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.byte(0x80 | (rest % 0x80))
      rest = Math.floor(rest / 0x80)
    }
    this.byte(rest)
  }

  /** A number of 32 bits with its sign: 0, -1, 1, -2 … become 0, 1, 2, 3 …, then LEB128. */
  signed(value: number): void {
    this.unsigned(value >= 0 ? value * 2 : -value * 2 - 1)
  }

  finish(...more: readonly Uint8Array[]): Uint8Array {
    let length = this.#bytes.length
    for (const part of more) length += part.length
    const whole = new Uint8Array(length)
    whole.set(this.#bytes)
    let at = this.#bytes.length
    for (const part of more) {
      whole.set(part, at)
      at += part.length
    }
    return whole
  }
}

/** Reads the same. What is cut off or malformed answers 0 and is remembered in `failed`. */
export class ByteReader {
  readonly #bytes: Uint8Array
  #at = 0
  #failed = false

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get failed(): boolean {
    return this.#failed
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  byte(): number {
    const byte = this.#bytes[this.#at]
    if (byte === undefined) {
      this.#failed = true
      return 0
    }
    this.#at++
    return byte
  }

  word(): number {
    let value = 0
    for (let shift = 0; shift < 32; shift += 8) value |= this.byte() << shift
    return value >>> 0
  }

  unsigned(): number {
    let value = 0
    let factor = 1
    for (let group = 0; group < groupsMax; group++) {
      const byte = this.byte()
      value += (byte & 0x7f) * factor
      factor *= 0x80
      if (byte < 0x80) {
        if (value > 0xffff_ffff || (byte === 0 && group > 0)) this.#failed = true
        return this.#failed ? 0 : value
      }
    }
    this.#failed = true
    return 0
  }

  signed(): number {
    const value = this.unsigned()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  /** What is left but its last `count` bytes; nothing when there is less. */
  takeAllBut(count: number): Uint8Array {
    const end = this.#bytes.length - count
    if (end < this.#at) {
      this.#failed = true
      return this.#bytes.subarray(0, 0)
    }
    const part = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return part
  }
}
