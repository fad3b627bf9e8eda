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
