/**
 * Medical Device Encoding Rules of IEEE 11073-20601: how its types stand in bytes. Everything is
 * big endian, without tags and without padding between fields.
 *
 *   SEQUENCE            the fields, one after another
 *   SEQUENCE OF         count u16 | length u16 | elements
 *   CHOICE              tag u16 | length u16 | value
 *   OCTET STRING, ANY   length u16 | bytes        (texts are padded with 00 to an even length)
 *   BITS-16, BITS-32    the first bit of the list is the most significant one
 *
 * Source: published managers and agents of the standard (Antidote, the PHD stacks of Freescale and
 * Microchip), and recorded sessions.
 */
import { joinBytes, latin1Bytes, latin1Text, noBytes } from '../bytes/bytes.ts'

/**
 * Reads fields in order. Beyond the end everything is zero and empty, and `isWhole` tells, so that
 * a decoder asks once, at its end.
 */
export class MderReader {
  readonly #bytes: Uint8Array
  #at = 0
  #isWhole = true

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** False once a field did not fit. */
  get isWhole(): boolean {
    return this.#isWhole
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  take(length: number): Uint8Array {
    if (length > this.left) {
      this.#isWhole = false
      this.#at = this.#bytes.length
      return noBytes
    }
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  u8(): number {
    return this.#unsigned(1)
  }

  u16(): number {
    return this.#unsigned(2)
  }

  u32(): number {
    return this.#unsigned(4)
  }

  i16(): number {
    return (this.#unsigned(2) << 16) >> 16
  }

  /** OCTET STRING or ANY DEFINED BY. */
  octets(): Uint8Array {
    return this.take(this.u16())
  }

  /** A text without what it is padded with. */
  text(): string {
    return latin1Text(this.octets()).replace(/[\0 ]+$/, '')
  }

  /**
   * SEQUENCE OF. Bytes behind the last element, but within the length, are a padding that real
   * agents send. An element without a byte ends the list: a count alone can not make it long.
   */
  list<T>(element: (reader: MderReader) => T): readonly T[] {
    const count = this.u16()
    const inner = new MderReader(this.octets())
    const found: T[] = []
    while (found.length < count && inner.isWhole && inner.left > 0) found.push(element(inner))
    if (!inner.isWhole || found.length < count) this.#isWhole = false
    return found
  }

  #unsigned(length: number): number {
    let value = 0
    for (const byte of this.take(length)) value = value * 256 + byte
    return value
  }
}

export function u8(value: number): Uint8Array {
  return Uint8Array.of(value)
}

export function u16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value)
}

export function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}

/** OCTET STRING or ANY DEFINED BY. */
export function octets(...parts: readonly ArrayLike<number>[]): Uint8Array {
  const bytes = joinBytes(...parts)
  return joinBytes(u16(bytes.length), bytes)
}

/** A text, padded to an even length. */
export function text(characters: string): Uint8Array {
  return octets(latin1Bytes(characters), characters.length % 2 === 0 ? noBytes : u8(0))
}

/** SEQUENCE OF. */
export function list(elements: readonly Uint8Array[]): Uint8Array {
  return joinBytes(u16(elements.length), octets(...elements))
}

/** TYPE: a code within its partition of the nomenclature. */
export interface TypeCode {
  readonly partition: number
  readonly code: number
}

export function readType(reader: MderReader): TypeCode {
  return { partition: reader.u16(), code: reader.u16() }
}

export function encodeType({ partition, code }: TypeCode): Uint8Array {
  return joinBytes(u16(partition), u16(code))
}

/** partition * 65,536 + code: the number under which the rest of the world knows it. */
export function numberOf({ partition, code }: TypeCode): number {
  return partition * 65_536 + code
}

/** AVA type: the value of one attribute, not interpreted. */
export interface Attribute {
  readonly id: number
  readonly value: Uint8Array
}

export function readAttribute(reader: MderReader): Attribute {
  return { id: reader.u16(), value: reader.octets() }
}

export function encodeAttribute({ id, value }: Attribute): Uint8Array {
  return joinBytes(u16(id), octets(value))
}

/** The value of an attribute; null when it is not there, or there without a byte. */
export function attributeOf(attributes: readonly Attribute[], id: number): Uint8Array | null {
  const found = attributes.find((one) => one.id === id)
  return found === undefined || found.value.length === 0 ? null : found.value
}

/** What `read` makes of an attribute; null when it is absent or too short. */
export function readAttributeOf<T>(
  attributes: readonly Attribute[],
  id: number,
  read: (reader: MderReader) => T,
): T | null {
  const value = attributeOf(attributes, id)
  if (value === null) return null
  const reader = new MderReader(value)
  const found = read(reader)
  return reader.isWhole ? found : null
}
