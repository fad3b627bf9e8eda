/**
 * Samples of one lead as bytes: the first value, then the difference of each to the one before it.
 *
 *   difference d -> zigzag z = d >= 0 ? 2d : -2d - 1 -> LEB128, 1 to 5 bytes
 *   LEB128: 7 bits a byte, lowest first, 0x80 set on all but the last byte
 *
 * Values are 32 bits wide, so that a difference has 33 bits. Only the shortest form is read.
 * Source: our own; LEB128 as in DWARF 5, section 7.6, zigzag as in Protocol Buffers.
 */

/** Bytes that one sample takes at most: 5 times 7 bits hold the 34 bits of a zigzag difference. */
export const sampleBytesMax = 5

export function encodeSamples(samples: Int32Array): Uint8Array {
  const bytes = new Uint8Array(samples.length * sampleBytesMax)
  let length = 0
  let before = 0
  for (const sample of samples) {
    const difference = sample - before
    before = sample
    let rest = difference >= 0 ? difference * 2 : difference * -2 - 1
    while (rest >= 0x80) {
      bytes[length++] = 0x80 | (rest % 0x80)
      rest = Math.floor(rest / 0x80)
    }
    bytes[length++] = rest
  }
  return bytes.slice(0, length)
}

/** null when the bytes are cut off, not the shortest form, or lead out of 32 bits. */
export function decodeSamples(bytes: Uint8Array): Int32Array | null {
  const samples = new Int32Array(countSamples(bytes))
  let before = 0
  let index = 0
  for (let count = 0; count < samples.length; count++) {
    let zigzag = 0
    let factor = 1
    let byte = 0x80
    for (let width = 1; byte >= 0x80; width++) {
      if (width > sampleBytesMax) return null
      byte = bytes[index++] ?? 0
      zigzag += (byte & 0x7f) * factor
      factor *= 0x80
      if (byte === 0 && width > 1) return null
    }
    before += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2
    if (before < -0x8000_0000 || before > 0x7fff_ffff) return null
    samples[count] = before
  }
  // What is left over is a sample without its last byte.
  return index === bytes.length ? samples : null
}

function countSamples(bytes: Uint8Array): number {
  let count = 0
  for (const byte of bytes) if (byte < 0x80) count++
  return count
}
