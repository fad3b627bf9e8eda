/**
 * CRC-32C (Castagnoli): polynomial 0x1edc6f41, reflected, initial value and final xor all ones.
 * Over the ASCII digits 123456789 it is 0xe3069283. Source: RFC 3720, section 12.1, appendix B.4.
 */

const table = new Uint32Array(256)
for (let byte = 0; byte < 256; byte++) {
  let rest = byte
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0x82f6_3b78 : rest >>> 1
  table[byte] = rest
}

/** Continues `before`, which is the CRC of what came earlier, or 0 at the beginning. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  let state = ~before
  for (const byte of bytes) state = (state >>> 8) ^ (table[(state ^ byte) & 0xff] as number)
  return ~state >>> 0
}

/** The same over whole numbers, each as four bytes, lowest first. */
export function crc32cOfWords(words: Int32Array, before = 0): number {
  let state = ~before
  for (const word of words) {
    state ^= word
    for (let byte = 0; byte < 4; byte++) state = (state >>> 8) ^ (table[state & 0xff] as number)
  }
  return ~state >>> 0
}
