/**
 * Values without a model, for what modelling would only make longer. For each coded lead:
 *
 *   smallest value (zigzag LEB128), width of the rest in bits (0 to 32)
 *   then of each value what it is above the smallest, so many bits, lowest bit first
 *   zero bits up to a whole byte
 */
import { ByteReader, ByteWriter } from './bytes-io.ts'

const widthMax = 32

export function encodeRaw(values: Int32Array, leads: number): Uint8Array {
  const writer = new ByteWriter()
  const count = leads === 0 ? 0 : values.length / leads
  for (let lead = 0; lead < leads; lead++) {
    const part = values.subarray(lead * count, (lead + 1) * count)
    let low = part[0] ?? 0
    let high = low
    for (const value of part) {
      if (value < low) low = value
      if (value > high) high = value
    }
    let width = 0
    while (high - low >= 2 ** width) width++
    writer.signed(low)
    writer.byte(width)
    let held = 0
    let bits = 0
    for (const value of part) {
      held += (value - low) * 2 ** bits
      bits += width
      while (bits >= 8) {
        writer.byte(held % 0x100)
        held = Math.floor(held / 0x100)
        bits -= 8
      }
    }
    if (bits > 0) writer.byte(held)
  }
  return writer.finish()
}

/** null when the bytes are cut off, left over, or not what `encodeRaw` writes. */
export function decodeRaw(bytes: Uint8Array, leads: number, count: number): Int32Array | null {
  const reader = new ByteReader(bytes)
  const values = new Int32Array(leads * count)
  for (let lead = 0; lead < leads; lead++) {
    const low = reader.signed()
    const width = reader.byte()
    if (width > widthMax || reader.failed || Math.ceil((width * count) / 8) > reader.left) {
      return null
    }
    let held = 0
    let bits = 0
    for (let n = 0; n < count; n++) {
      while (bits < width) {
        held += reader.byte() * 2 ** bits
        bits += 8
      }
      const value = low + (held % 2 ** width)
      if (value !== (value | 0)) return null
      values[lead * count + n] = value
      held = Math.floor(held / 2 ** width)
      bits -= width
    }
    if (held !== 0) return null
  }
  return reader.failed || reader.left > 0 ? null : values
}
