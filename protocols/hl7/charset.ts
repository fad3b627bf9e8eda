/**
 * The character set of a message, MSH-18. The header up to there is ASCII in all sets that devices
 * use, so that it can be looked for in the bytes.
 *
 * Source: HL7 table 0211.
 */
import { latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { utf8Bytes, utf8Text } from '../bytes/utf8.ts'

export interface DecodedText {
  readonly text: string
  /** False when bytes are none of the set, or the set is none that we know: texts may be wrong. */
  readonly isSound: boolean
}

const utf8Names = ['UNICODE UTF-8', 'UTF-8', 'UTF8', 'UNICODE']
const latin1Names = ['8859/1', 'ISO-8859-1', 'ISO IR100']

export function textOfMessage(bytes: Uint8Array): DecodedText {
  const latin1 = latin1Text(bytes)
  const [header = ''] = latin1.split(/[\r\n]/, 1)
  const field = header.charAt(3)
  const named = (field === '' ? [] : header.split(field))[17] ?? ''
  const [set = ''] = named.split('~', 1)
  const name = set.trim().toUpperCase()
  if (latin1Names.includes(name)) return { text: latin1, isSound: true }
  const utf8 = utf8Text(bytes)
  if (utf8Names.includes(name)) return utf8
  // Nothing said: what is UTF-8 throughout is hardly by chance; else a byte is a character.
  if (utf8.isSound) return utf8
  return { text: latin1, isSound: false }
}

/** Characters that Latin-1 does not have become `?`. */
export function bytesOfMessage(text: string, set: 'UNICODE UTF-8' | '8859/1'): Uint8Array {
  if (set === 'UNICODE UTF-8') return utf8Bytes(text)
  return latin1Bytes(
    Array.from(text, (one) => (one.length > 1 || one > '\u00ff' ? '?' : one)).join(''),
  )
}
