/**
 * Byte stuffing as in HDLC: inside a frame the bytes that mean something else are sent as 7D and
 * the byte with bit 5 flipped.
 */
const escape = 0x7d
const flipped = 0x20

/** `reserved` are the bytes that must not occur in a frame; the escape is one of them. */
export function stuff(bytes: Iterable<number>, reserved: readonly number[]): number[] {
  const stuffed: number[] = []
  for (const byte of bytes) {
    if (byte === escape || reserved.includes(byte)) stuffed.push(escape, byte ^ flipped)
    else stuffed.push(byte)
  }
  return stuffed
}

/** null when the escape is the last byte. */
export function unstuff(stuffed: Uint8Array): Uint8Array | null {
  const bytes: number[] = []
  let isEscaped = false
  for (const byte of stuffed) {
    if (!isEscaped && byte === escape) isEscaped = true
    else {
      bytes.push(isEscaped ? byte ^ flipped : byte)
      isEscaped = false
    }
  }
  return isEscaped ? null : Uint8Array.from(bytes)
}
