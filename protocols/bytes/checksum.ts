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
