/** Plain helpers over byte arrays, for codecs that know neither `Buffer` nor `TextEncoder`. */

export const noBytes = new Uint8Array(0)

export function joinBytes(...parts: readonly ArrayLike<number>[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Text to bytes, one a character. A character above U+00FF is a mistake of ours, so it throws. */
export function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code > 0xff) {
      throw new RangeError(`not a byte: ${String.fromCodePoint(text.codePointAt(at) ?? code)}`)
    }
    bytes[at] = code
  }
  return bytes
}

/**
 * So many characters are made in one go: a long text in single ones takes thirty times its size.
 */
export const textPiece = 8_192

/** Up to here a character after the other is faster than all of them in one call. */
const shortText = 24

/** Bytes to text, one character a byte. Never fails. */
export function latin1Text(bytes: Uint8Array): string {
  let text = ''
  if (bytes.length <= shortText) {
    for (const byte of bytes) text += String.fromCharCode(byte)
    return text
  }
  for (let at = 0; at < bytes.length; at += textPiece) {
    // Not spread: that makes a list of numbers first, and takes seven times as long.
    text += Reflect.apply(String.fromCharCode, null, bytes.subarray(at, at + textPiece))
  }
  return text
}

/** Where behind the first byte the next frame may begin, or the length. */
export function nextByte(bytes: Uint8Array, isBeginning: (byte: number) => boolean): number {
  for (let at = 1; at < bytes.length; at++) if (isBeginning(bytes[at] ?? 0)) return at
  return bytes.length
}

/** A view for reading numbers at any offset. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
