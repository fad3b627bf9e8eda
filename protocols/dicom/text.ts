/**
 * Text as DICOM puts it into bytes. Everything that the upper layer and the command set need is
 * from the default repertoire (PS3.5 section 6.1), so a byte is a character; what a sender puts
 * beyond it survives unchanged, one byte one character.
 */

/** One character a byte. Ends are clipped to the buffer. */
export function textOf(bytes: Uint8Array, from = 0, to = bytes.length): string {
  let text = ''
  const end = Math.min(to, bytes.length)
  for (let at = Math.max(from, 0); at < end; at++) text += String.fromCharCode(bytes[at] ?? 0)
  return text
}

/** Characters above 255 become `?`, since there is no byte for them. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0x3f
    return code > 255 ? 0x3f : code
  })
}

/** Even length as PS3.5 section 7.1 wants it, with the padding of the value's representation. */
export function evenBytesOf(text: string, padding: '\0' | ' '): Uint8Array {
  return bytesOf(text.length % 2 === 0 ? text : text + padding)
}

/**
 * Senders pad with NUL, with spaces, with both, twice, and in front: none of it means anything in a
 * UID, a code string or an application entity title.
 */
export function trimPadding(text: string): string {
  return text.replace(/^[\0 ]+|[\0 ]+$/g, '')
}

/** For people and logs: what is not printable ASCII shows as `?`. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?')
}

/** All pieces in one new array. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const piece of pieces) length += piece.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

export { viewOf } from '../bytes/bytes.ts'
