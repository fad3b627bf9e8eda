/**
 * The characters of an XML file. Source: XML 1.0 (fifth edition), section 4.3.3 and appendix F: a
 * byte order mark decides, then the declaration, and without both it is UTF-8.
 */
import { latin1Text, textPiece, viewOf } from '../bytes/bytes.ts'
import { utf8Text } from '../bytes/utf8.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'

/** A declaration stands within so many bytes. */
const declarationBytes = 200

export function xmlText(bytes: Uint8Array): Decoded<string> {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return utf16Text(bytes.subarray(2), true)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return utf16Text(bytes.subarray(2), false)
  if (bytes[0] === 0x3c && bytes[1] === 0) return utf16Text(bytes, true)
  if (bytes[0] === 0 && bytes[1] === 0x3c) return utf16Text(bytes, false)
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  const rest = hasMark ? bytes.subarray(3) : bytes
  const name = hasMark ? 'utf-8' : declaredEncoding(rest)
  switch (name) {
    case 'utf-8':
    case 'us-ascii': {
      const { text, isSound } = utf8Text(rest)
      return isSound ? decoded(text) : undecoded('not in the encoding that it declares')
    }
    case 'iso-8859-1':
    case 'windows-1252':
      return decoded(latin1Text(rest))
    default:
      return undecoded('an encoding other than UTF-8, UTF-16 and ISO 8859-1')
  }
}

function declaredEncoding(bytes: Uint8Array): string {
  const start = latin1Text(bytes.subarray(0, declarationBytes))
  const found = /^<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']/.exec(start)
  return found?.[1]?.toLowerCase() ?? 'utf-8'
}

function utf16Text(bytes: Uint8Array, isLittle: boolean): Decoded<string> {
  if (bytes.length % 2 !== 0) return undecoded('half a character of UTF-16 at the end')
  const view = viewOf(bytes)
  let text = ''
  for (let from = 0; from < bytes.length; from += 2 * textPiece) {
    const codes: number[] = []
    const end = Math.min(from + 2 * textPiece, bytes.length)
    for (let at = from; at < end; at += 2) codes.push(view.getUint16(at, isLittle))
    text += String.fromCharCode(...codes)
  }
  return decoded(text)
}
