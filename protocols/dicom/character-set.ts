/**
 * Texts of persons in the character set of their data set. Source: PS3.3 section C.12.1.1.2, PS3.5
 * section 6.1.
 *
 * Everything is read, since a name that cannot be read well is compared and then differs. What is
 * written is certain: in a set that we know, or in ASCII, which all sets of DICOM begin with.
 */
import { latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { utf8Bytes, utf8Text } from '../bytes/utf8.ts'

/** `other`: sets of DICOM of which we read and write the ASCII part. */
export type CharacterSet = 'ascii' | 'latin-1' | 'utf-8' | 'other'

/** `named`: the value of Specific Character Set (0008,0005); null when it is absent or empty. */
export function characterSetOf(named: string | null): CharacterSet {
  const name = (named ?? '').trim().toUpperCase()
  if (name === '' || name === 'ISO_IR 6' || name === 'ISO 2022 IR 6') return 'ascii'
  if (name === 'ISO_IR 100' || name === 'ISO 2022 IR 100') return 'latin-1'
  return name === 'ISO_IR 192' ? 'utf-8' : 'other'
}

/** U+FFFD stands for what cannot be read. */
export function decodeText(bytes: Uint8Array, set: CharacterSet): string {
  if (set === 'latin-1') return latin1Text(bytes)
  const utf8 = utf8Text(bytes)
  if (set === 'utf-8' || utf8.isSound) return utf8.text
  // Senders forget to name their set: what is no UTF-8 is Latin-1 then.
  if (set === 'ascii') return latin1Text(bytes)
  return latin1Text(bytes).replace(/[\x80-\xff]/g, '\ufffd')
}

/**
 * Without padding. A set that lacks a character gets the nearest letters of ASCII; null when there
 * are none, or when the text has characters that mean something to DICOM.
 */
export function encodeText(text: string, set: CharacterSet): Uint8Array | null {
  if (/[\p{Cc}\\]/u.test(text)) return null
  const composed = text.normalize('NFC')
  if (set === 'utf-8') return utf8Bytes(composed)
  const written = set === 'latin-1' && !/[^\x20-\x7e\xa0-\xff]/.test(composed)
  const plain = written ? composed : asciiOf(composed)
  return plain === null ? null : latin1Bytes(plain)
}

/** Letters that are no letter of ASCII with a mark. */
const plainLetters: { readonly [letter: string]: string } = {
  ß: 'ss',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  Ø: 'O',
  đ: 'd',
  Đ: 'D',
  ð: 'd',
  Ð: 'D',
  ł: 'l',
  Ł: 'L',
  ı: 'i',
  þ: 'th',
  Þ: 'TH',
  '\u2018': "'",
  '\u2019': "'",
  '\u02bc': "'",
  '\u2013': '-',
  '\u00a0': ' ',
}

/** Without marks: É becomes E, ß becomes ss. What has no such letter stays. */
export function withoutMarks(text: string): string {
  const bare = text.normalize('NFD').replace(/\p{M}/gu, '')
  return Array.from(bare, (letter) => plainLetters[letter] ?? letter).join('')
}

function asciiOf(text: string): string | null {
  const plain = withoutMarks(text)
  return /^[\x20-\x7e]*$/.test(plain) ? plain : null
}
