/** UTF-8 (RFC 3629), for codecs that know no `TextDecoder`. */
import { textPiece } from './bytes.ts'

export interface Utf8Text {
  /** With U+FFFD for each byte that is none. */
  readonly text: string
  readonly isSound: boolean
}

const replacement = 0xfffd

/** The least code point that needs so many bytes: shorter ones written longer are refused. */
const leastOf = [0, 0, 0x80, 0x800, 0x1_0000] as const

export function utf8Text(bytes: Uint8Array): Utf8Text {
  let text = ''
  let codes: number[] = []
  let isSound = true
  for (let at = 0; at < bytes.length;) {
    const length = lengthAt(bytes, at)
    const code = length === 0 ? null : codeAt(bytes, at, length)
    if (code === null) {
      codes.push(replacement)
      isSound = false
      at++
    } else {
      codes.push(code)
      at += length
    }
    if (codes.length < textPiece) continue
    text += String.fromCodePoint(...codes)
    codes = []
  }
  return { text: text + String.fromCodePoint(...codes), isSound }
}

/** As many as the first byte announces; 0 for a byte that cannot be first. */
function lengthAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  if (first >= 0xc2 && first < 0xe0) return 2
  if (first >= 0xe0 && first < 0xf0) return 3
  return first >= 0xf0 && first < 0xf5 ? 4 : 0
}

function codeAt(bytes: Uint8Array, at: number, length: number): number | null {
  const first = bytes[at] ?? 0
  if (length === 1) return first
  let code = first & (0x7f >> length)
  for (let more = 1; more < length; more++) {
    const byte = bytes[at + more] ?? 0
    if ((byte & 0xc0) !== 0x80) return null
    code = (code << 6) | (byte & 0x3f)
  }
  const isSurrogate = code >= 0xd800 && code <= 0xdfff
  return code < (leastOf[length] ?? 0) || code > 0x10_ffff || isSurrogate ? null : code
}

/** A lone surrogate has no UTF-8: it becomes the replacement character. */
export function utf8Bytes(text: string): Uint8Array {
  const bytes: number[] = []
  for (const character of text.toWellFormed()) {
    const code = character.codePointAt(0) ?? 0
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), tail(code))
    else if (code < 0x1_0000) bytes.push(0xe0 | (code >> 12), tail(code >> 6), tail(code))
    else bytes.push(0xf0 | (code >> 18), tail(code >> 12), tail(code >> 6), tail(code))
  }
  return Uint8Array.from(bytes)
}

function tail(code: number): number {
  return 0x80 | (code & 0x3f)
}
