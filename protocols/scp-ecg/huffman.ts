/**
 * The codes of SCP-ECG for small numbers. Source: EN 1064:2005 section 5.5 and annex C.
 *
 *   section 2 | tables u16 = 19999: the default table |
 *             | tables u16 | (codes u16 | code …) … |
 *   code      | prefix bits u8 | whole bits u8 | mode u8 | base s16 | code u32, first bit lowest |
 *
 * Bits are sent with the highest of a byte first. Mode 0 switches to the table of which `base` is
 * the number. Bits behind the prefix are a number of their own, in two's complement.
 */
import { viewOf } from '../bytes/bytes.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'

const defaultTableMark = 19_999
const codeBytes = 9
const tablesMax = 20
const codesMax = 512
const prefixBitsMax = 32
const literalBitsMax = 16

interface Code {
  readonly prefixBits: number
  readonly literalBits: number
  /** The number of another table, or null for a sample. */
  readonly switchTo: number | null
  readonly base: number
}

/** By prefix length and prefix as one number. */
type Table = ReadonlyMap<number, Code>

/** The tables of a record; the first one begins every lead. */
export type HuffmanTables = readonly Table[]

function keyOf(bits: number, prefix: number): number {
  return bits * 2 ** prefixBitsMax + prefix
}

/** In the default table, so many ones begin a literal: a zero behind them means eight bits. */
const literalOnes = 9
/** The largest number with a code of its own. */
export const ownCodeMax = literalOnes - 1

function defaultTable(): Table {
  const table = new Map<number, Code>()
  const sample = { switchTo: null, literalBits: 0 } as const
  table.set(keyOf(1, 0), { ...sample, prefixBits: 1, base: 0 })
  for (let size = 1; size <= ownCodeMax; size++) {
    const ones = 2 ** size - 1
    const prefixBits = size + 2
    table.set(keyOf(prefixBits, ones * 4), { ...sample, prefixBits, base: size })
    table.set(keyOf(prefixBits, ones * 4 + 1), { ...sample, prefixBits, base: -size })
  }
  const prefixBits = literalOnes + 1
  const ones = 2 ** literalOnes - 1
  const literal = { switchTo: null, prefixBits, base: 0 } as const
  table.set(keyOf(prefixBits, ones * 2), { ...literal, literalBits: 8 })
  table.set(keyOf(prefixBits, ones * 2 + 1), { ...literal, literalBits: 16 })
  return table
}

export const defaultTables: HuffmanTables = [defaultTable()]

/** Content of section 2 that says: the default table. */
export function encodeDefaultTables(): Uint8Array {
  return Uint8Array.of(defaultTableMark & 0xff, defaultTableMark >> 8)
}

export function decodeTables(content: Uint8Array): Decoded<HuffmanTables> {
  if (content.length < 2) return undecoded('section 2 is empty')
  const view = viewOf(content)
  const count = view.getUint16(0, true)
  if (count === defaultTableMark) return decoded(defaultTables)
  if (count < 1 || count > tablesMax) return undecoded(`section 2 with ${count} tables`)
  const tables: Table[] = []
  let at = 2
  for (let number = 0; number < count; number++) {
    if (at + 2 > content.length) return undecoded('section 2 is cut short')
    const codes = view.getUint16(at, true)
    at += 2
    if (codes > codesMax || at + codes * codeBytes > content.length) {
      return undecoded(`section 2 has no room for a table of ${codes} codes`)
    }
    const table = new Map<number, Code>()
    for (let code = 0; code < codes; code++, at += codeBytes) {
      const read = decodeCode(viewOf(content.subarray(at, at + codeBytes)), count)
      if (read === null) return undecoded('section 2 has a code that cannot be')
      table.set(read.key, read.code)
    }
    tables.push(table)
  }
  return decoded(tables)
}

function decodeCode(
  view: DataView,
  tables: number,
): { readonly key: number; readonly code: Code } | null {
  const prefixBits = view.getUint8(0)
  const literalBits = view.getUint8(1) - prefixBits
  const isSwitch = view.getUint8(2) === 0
  const base = view.getInt16(3, true)
  if (prefixBits < 1 || prefixBits > prefixBitsMax) return null
  if (literalBits < 0 || literalBits > literalBitsMax) return null
  if (isSwitch && (base < 1 || base > tables)) return null
  let stored = view.getUint32(5, true)
  let prefix = 0
  for (let bit = 0; bit < prefixBits; bit++, stored = Math.floor(stored / 2)) {
    prefix = prefix * 2 + (stored % 2)
  }
  const switchTo = isSwitch ? base - 1 : null
  return { key: keyOf(prefixBits, prefix), code: { prefixBits, literalBits, switchTo, base } }
}

/** At most `count` numbers; fewer when the bits end or make no sense before. */
export function decodeHuffman(bytes: Uint8Array, tables: HuffmanTables, count: number): Int32Array {
  // No code is shorter than a bit.
  const values = new Int32Array(Math.min(count, bytes.length * 8))
  const bits = new BitReader(bytes)
  let table: Table = tables[0] ?? new Map()
  let length = 0
  while (length < values.length) {
    const code = nextCode(bits, table)
    if (code === null) break
    if (code.switchTo !== null) {
      table = tables[code.switchTo] ?? table
      continue
    }
    if (bits.left < code.literalBits) break
    values[length++] = code.base + bits.signed(code.literalBits)
  }
  return values.slice(0, length)
}

function nextCode(bits: BitReader, table: Table): Code | null {
  let prefix = 0
  for (let length = 1; length <= prefixBitsMax; length++) {
    if (bits.left === 0) return null
    prefix = prefix * 2 + bits.bit()
    const code = table.get(keyOf(length, prefix))
    if (code !== undefined) return code
  }
  return null
}

/** The highest bit of a byte first. */
class BitReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get left(): number {
    return 8 * this.#bytes.length - this.#at
  }

  bit(): number {
    const byte = this.#bytes[this.#at >> 3] ?? 0
    return (byte >> (7 - (this.#at++ & 7))) & 1
  }

  /** In two's complement; 0 bits are 0. */
  signed(length: number): number {
    let number = 0
    for (let taken = 0; taken < length; taken++) number = number * 2 + this.bit()
    return length > 0 && number >= 2 ** (length - 1) ? number - 2 ** length : number
  }
}

/** With the default table. Numbers beyond 16 bits are a mistake of the caller, so it throws. */
export function encodeHuffman(values: Int32Array): Uint8Array {
  const bits = new BitWriter()
  for (const value of values) {
    const size = Math.abs(value)
    if (value === 0) bits.put(0, 1)
    else if (size <= ownCodeMax) bits.put((2 ** size - 1) * 4 + (value < 0 ? 1 : 0), size + 2)
    else if (value >= -128 && value <= 127) {
      bits.put((2 ** literalOnes - 1) * 2, literalOnes + 1)
      bits.put(value, 8)
    } else if (value >= -32_768 && value <= 32_767) {
      bits.put((2 ** literalOnes - 1) * 2 + 1, literalOnes + 1)
      bits.put(value, 16)
    } else throw new RangeError('a difference of more than 16 bits')
  }
  return bits.bytes()
}

/** Fills the last byte with zeros. */
class BitWriter {
  readonly #bytes: number[] = []
  #held = 0
  #bits = 0

  put(value: number, length: number): void {
    for (let bit = length - 1; bit >= 0; bit--) {
      this.#held = (this.#held << 1) | ((value >> bit) & 1)
      if (++this.#bits < 8) continue
      this.#bytes.push(this.#held)
      this.#held = 0
      this.#bits = 0
    }
  }

  bytes(): Uint8Array {
    if (this.#bits > 0) this.put(0, 8 - this.#bits)
    return Uint8Array.from(this.#bytes)
  }
}
