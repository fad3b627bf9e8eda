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

/** A cyclic redundancy check of sixteen bits, with the polynomial as it is written without x^16. */
export function makeCrc16(rule: {
  readonly polynomial: number
  readonly start: number
  /** Lowest bit first; the polynomial is then written in that order too. */
  readonly isReflected: boolean
  readonly inverted: number
}): (bytes: Uint8Array) => number {
  const table = Uint16Array.from({ length: 256 }, (_, byte) => crc16OfByte(byte, rule))
  return (bytes) => {
    let check = rule.start
    for (const byte of bytes) {
      check = rule.isReflected
        ? (check >> 8) ^ (table[(check ^ byte) & 0xff] ?? 0)
        : ((check << 8) & 0xffff) ^ (table[(check >> 8) ^ byte] ?? 0)
    }
    return check ^ rule.inverted
  }
}

function crc16OfByte(
  byte: number,
  rule: { readonly polynomial: number; readonly isReflected: boolean },
): number {
  let check = rule.isReflected ? byte : byte << 8
  for (let bit = 0; bit < 8; bit++) {
    if (rule.isReflected) check = (check & 1) === 1 ? (check >> 1) ^ rule.polynomial : check >> 1
    else check = (check & 0x8000) === 0 ? check << 1 : ((check << 1) & 0xffff) ^ rule.polynomial
  }
  return check
}

/** CRC-16/X-25: x^16 + x^12 + x^5 + 1 from all ones, lowest bit first, inverted at the end. */
export const crc16X25 = makeCrc16({
  polynomial: 0x8408,
  start: 0xffff,
  isReflected: true,
  inverted: 0xffff,
})

/** CRC-16/MODBUS: x^16 + x^15 + x^2 + 1 from all ones, lowest bit first. */
export const crc16Modbus = makeCrc16({
  polynomial: 0xa001,
  start: 0xffff,
  isReflected: true,
  inverted: 0,
})

/** CRC-16/IBM-3740 (often called CCITT-FALSE): x^16 + x^12 + x^5 + 1 from all ones. */
export const crc16Ccitt = makeCrc16({
  polynomial: 0x1021,
  start: 0xffff,
  isReflected: false,
  inverted: 0,
})

/** CRC-16/XMODEM: x^16 + x^12 + x^5 + 1 from 0. */
export const crc16Xmodem = makeCrc16({
  polynomial: 0x1021,
  start: 0,
  isReflected: false,
  inverted: 0,
})
