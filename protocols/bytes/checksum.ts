/** Check bytes of serial devices. Each is one byte over the bytes that it is given. */

/** All bytes combined by exclusive or: finds any odd number of flipped bits in one column. */
export function xorOf(bytes: Uint8Array): number {
  let check = 0
  for (const byte of bytes) check ^= byte
  return check
}

/** The low eight bits of the sum. */
export function sumOf(bytes: Uint8Array): number {
  let sum = 0
  for (const byte of bytes) sum = (sum + byte) & 0xff
  return sum
}

/** Whether the number of ones in a byte is odd. */
export function isOdd(byte: number): boolean {
  let odd = byte ^ (byte >> 4)
  odd ^= odd >> 2
  odd ^= odd >> 1
  return (odd & 1) === 1
}

/** A cyclic redundancy check of eight bits, with the polynomial as it is written without x^8. */
export function makeCrc8(rule: {
  readonly polynomial: number
  readonly isReflected: boolean
}): (bytes: Uint8Array) => number {
  const table = Uint8Array.from({ length: 256 }, (_, byte) => crc8OfByte(byte, rule))
  return (bytes) => {
    let check = 0
    for (const byte of bytes) check = table[check ^ byte] ?? 0
    return check
  }
}

function crc8OfByte(
  byte: number,
  rule: { readonly polynomial: number; readonly isReflected: boolean },
): number {
  let check = byte
  for (let bit = 0; bit < 8; bit++) {
    if (rule.isReflected) check = (check & 1) === 1 ? (check >> 1) ^ rule.polynomial : check >> 1
    else check = (check & 0x80) === 0 ? check << 1 : ((check << 1) & 0xff) ^ rule.polynomial
  }
  return check
}

/** CRC-8/SMBUS: x^8 + x^2 + x + 1, from 0, highest bit first. */
export const crc8Smbus = makeCrc8({ polynomial: 0x07, isReflected: false })

/** CRC-16/X-25: x^16 + x^12 + x^5 + 1 from all ones, lowest bit first, inverted at the end. */
export function crc16X25(bytes: Uint8Array): number {
  let check = 0xffff
  for (const byte of bytes) check = (check >> 8) ^ (crc16X25Table[(check ^ byte) & 0xff] ?? 0)
  return check ^ 0xffff
}

const crc16X25Table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let check = byte
  for (let bit = 0; bit < 8; bit++) check = (check & 1) === 1 ? (check >> 1) ^ 0x8408 : check >> 1
  return check
})
