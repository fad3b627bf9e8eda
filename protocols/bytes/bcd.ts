/** Two decimal digits in a byte, the tens in its upper half. */

/** NaN for what is no number of two digits. */
export function fromBcd(byte: number): number {
  const [tens, ones] = [byte >> 4, byte & 0x0f]
  return tens > 9 || ones > 9 ? NaN : tens * 10 + ones
}

/** `number` is 0 to 99. */
export function toBcd(number: number): number {
  return (Math.trunc(number / 10) << 4) | (number % 10)
}
