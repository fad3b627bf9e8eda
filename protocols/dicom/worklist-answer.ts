/**
 * One entry of the worklist as the answer to a query: the keys that were asked for, and nothing
 * else but the character set. Source: PS3.4 section K.4.1.1.3, PS3.5 sections 6.1 and 6.2.
 */
import { encodeText, withoutMarks } from './character-set.ts'
import { encodeIdentifier, type IdentifierElement } from './identifier.ts'
import { bytesOf } from './text.ts'
import {
  characterSetTag,
  type NumberAttribute,
  type TextAttribute,
  type TextRepresentation,
} from './worklist-attributes.ts'
import type { Key, WorklistQuery } from './worklist-query.ts'
import type { WorklistEntry } from './worklist.ts'

/** For names that Latin-1 does not hold. `ISO_IR 100`: they are written in letters near them. */
export type AnswerCharacterSet = 'ISO_IR 100' | 'ISO_IR 192'

export interface Asker {
  readonly callingAeTitle: string
  readonly characterSet: AnswerCharacterSet
}

const nobodysTitle = 'ANY'

/** Texts for people in characters; a longer one is cut, since some devices refuse the answer. */
const charactersMax: { readonly [R in TextRepresentation]?: number } = {
  LO: 64,
  LT: 10_240,
  PN: 64,
  SH: 16,
}

export function encodeWorklistAnswer(
  entry: WorklistEntry,
  query: WorklistQuery,
  asker: Asker,
  transferSyntaxUid: string,
): Uint8Array {
  const stationAeTitle =
    entry.stationAeTitle ?? query.stationAeTitle ?? (asker.callingAeTitle || nobodysTitle)
  const told = { ...entry, stationAeTitle }
  const isLatin = asker.characterSet === 'ISO_IR 100' || fitsLatin(told, query.keys)
  const set = isLatin ? 'ISO_IR 100' : 'ISO_IR 192'
  const elements = elementsOf(told, query.keys, set)
  const at = elements.findIndex(([tag]) => tag > characterSetTag)
  const before = at < 0 ? elements.length : at
  return encodeIdentifier(
    elements.toSpliced(before, 0, [characterSetTag, 'CS', set]),
    transferSyntaxUid,
  )
}

function fitsLatin(entry: WorklistEntry, keys: readonly Key[]): boolean {
  return keys.every((key) => {
    if (key.kind === 'sequence') return fitsLatin(entry, key.keys)
    const text = key.kind === 'value' ? key.attribute.of(entry) : null
    return typeof text !== 'string' || /^[\p{ASCII}\xa0-\xff]*$/u.test(text.normalize('NFC'))
  })
}

function elementsOf(
  entry: WorklistEntry,
  keys: readonly Key[],
  set: AnswerCharacterSet,
): readonly IdentifierElement[] {
  return keys.map((key): IdentifierElement => {
    if (key.kind === 'value') return valueElement(entry, key.attribute, set)
    if (key.kind === 'sequence') {
      const { tag, isThere } = key.attribute
      return [tag, 'SQ', isThere(entry) ? [elementsOf(entry, key.keys, set)] : []]
    }
    return key.representation === 'SQ' ? [key.tag, 'SQ', []] : [key.tag, key.representation, '']
  })
}

function valueElement(
  entry: WorklistEntry,
  attribute: TextAttribute | NumberAttribute,
  set: AnswerCharacterSet,
): IdentifierElement {
  const { tag, representation } = attribute
  if (representation === 'US') {
    const number = attribute.of(entry)
    return number === null ? [tag, 'US', ''] : [tag, 'US', number]
  }
  const text = attribute.of(entry)
  if (text === null || representation === 'UI') return [tag, representation, text ?? '']
  const values = attribute.isList === true ? text.split('\\') : [text]
  const clean = values.map((value) => cleaned(value, charactersMax[representation]))
  return [tag, representation, textBytes(clean.join('\\'), set)]
}

/** Control characters and backslashes mean something to DICOM, so they are none of a text. */
function cleaned(text: string, characters = Infinity): string {
  const clean = text
    .replace(/[\p{Cc}\\]/gu, ' ')
    .normalize('NFC')
    .trim()
  return clean.length <= characters ? clean : Array.from(clean).slice(0, characters).join('')
}

function textBytes(text: string, set: AnswerCharacterSet): Uint8Array {
  const values = text.split('\\').map((value) => {
    const bytes = encodeText(value, set === 'ISO_IR 192' ? 'utf-8' : 'latin-1')
    // Of a script without Latin letters a question mark is left for each.
    return bytes ?? bytesOf(withoutMarks(value).replace(/[^\x20-\x7e]/gu, '?'))
  })
  return values.reduce((all, value) => Uint8Array.of(...all, 0x5c, ...value))
}
