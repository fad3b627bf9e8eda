/**
 * Writes into a DICOM file whose it is, as an order says, and keeps what was there in the Original
 * Attributes Sequence. Source: PS3.3 sections C.12.1.1.9 and 10.6, PS3.5 section 7.
 *
 *   file:    | head | … | PatientName, other | … | pixels … |
 *   splices:        ^ at, how many bytes go, which come
 *
 * A file becomes a list of places where bytes give way to others, so every byte elsewhere stays,
 * and memory does not grow with the file. The character set of the image stays too, since all its
 * other texts are written in it: what it cannot express is written in ASCII, or nothing is written.
 */
import type { ReadBytes } from '../packed-image/packed-image.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { characterSetOf, decodeText, encodeText, type CharacterSet } from './character-set.ts'
import type { Encoding } from './data-set.ts'
import { walkFile, type WalkedElement } from './file-walk.ts'
import { longForms } from './part10.ts'
import { identityTags } from './stated-identity.ts'
import { bytesOf, concat, trimPadding, viewOf } from './text.ts'

export interface Text {
  readonly tag: number
  readonly representation: string
  /** Empty: an element without value. */
  readonly text: string
}

export type Change =
  | Text
  /** A sequence with one item, its elements in the order of their tags. */
  | { readonly tag: number; readonly item: readonly Text[] }
  | { readonly tag: number; readonly removed: true }

/** What the Original Attributes Sequence says beside the values. */
export interface Attribution {
  /** Which system changed it, and who: LO, 64 characters at most. */
  readonly system: string
  /** From whom the image came. */
  readonly source: string
  /** DT, with the offset from UTC. */
  readonly dateTime: string
}

/** `removedBytes` of the file from `at` on give way to `inserted`. */
export interface Splice {
  readonly at: number
  readonly removedBytes: number
  readonly inserted: Uint8Array
}

export interface CoercionPlan {
  /** In the order of the file, none over another. Empty: the file says all of it already. */
  readonly splices: readonly Splice[]
  readonly sizeBytes: number
}

const originalAttributesTag = 0x0400_0561
const modifiedAttributesTag = 0x0400_0550
/** Each element that is changed is kept as it was, so none may be a flood. */
const originalLimitBytes = 65_536
const undefinedLength = 0xffff_ffff
const pieceBytes = 1_048_576

/** Longest values of the representations that are written (PS3.5 section 6.2), in characters. */
const charactersMax: { readonly [representation: string]: number } = {
  PN: 64,
  LO: 64,
  SH: 16,
  CS: 16,
  DA: 8,
  DT: 26,
  UI: 64,
}

/** Why nothing is written. Thrown and caught in this file only. */
class Refused extends Error {}

/** `changes` in any order, each tag once, none of group 0002 or with a value of pixels. */
export function planCoercion(
  read: ReadBytes,
  sizeBytes: number,
  changes: readonly Change[],
  attribution: Attribution,
): Decoded<CoercionPlan> {
  const wanted = [...changes].sort((one, other) => one.tag - other.tag)
  const found = new Found([...wanted.map(({ tag }) => tag), originalAttributesTag])
  const walked = walkFile(read, sizeBytes, (element) => found.see(element))
  if (!walked.ok) return walked
  try {
    const writer = new Writer(read, walked.value.encoding, found)
    const splices = writer.splices(wanted, attribution, sizeBytes)
    const grown = splices.reduce((sum, one) => sum + one.inserted.length - one.removedBytes, 0)
    return decoded({ splices, sizeBytes: sizeBytes + grown })
  } catch (error) {
    if (error instanceof Refused) return undecoded(error.message)
    throw error
  }
}

/** The file with what the plan changes, in pieces of some size. */
export function* coercedFile(
  read: ReadBytes,
  sizeBytes: number,
  splices: readonly Splice[],
): Generator<Uint8Array, void, void> {
  let at = 0
  for (const splice of [...splices, { at: sizeBytes, removedBytes: 0, inserted: noBytes }]) {
    while (at < splice.at) {
      const piece = read(at, Math.min(pieceBytes, splice.at - at))
      if (piece.length === 0) throw new RangeError('expected the whole file, found less')
      yield piece
      at += piece.length
    }
    if (splice.inserted.length > 0) yield splice.inserted
    at = splice.at + splice.removedBytes
  }
}

/** The elements that matter, and before what the others would stand. */
class Found {
  readonly #tags: readonly number[]
  readonly #elements = new Map<number, WalkedElement>()
  readonly #before = new Map<number, number>()
  readonly groupLengths = new Map<number, WalkedElement>()
  #next = 0

  constructor(tags: readonly number[]) {
    this.#tags = tags.toSorted((one, other) => one - other)
  }

  see(element: WalkedElement): void {
    const { tag, at } = element
    if ((tag & 0xffff) === 0) this.groupLengths.set(tag >>> 16, element)
    if (tag === identityTags.specificCharacterSet) this.#elements.set(tag, element)
    for (;;) {
      const wanted = this.#tags[this.#next]
      if (wanted === undefined || wanted > tag) return
      if (wanted === tag) this.#elements.set(tag, element)
      else this.#before.set(wanted, at)
      this.#next++
    }
  }

  get(tag: number): WalkedElement | null {
    return this.#elements.get(tag) ?? null
  }

  /** Where it belongs when it is not there; `end` when nothing stands behind it. */
  placeOf(tag: number, end: number): number {
    return this.#before.get(tag) ?? end
  }
}

type Placed = Splice & { readonly tag: number }

class Writer {
  readonly #read: ReadBytes
  readonly #encoding: Encoding
  readonly #found: Found

  constructor(read: ReadBytes, encoding: Encoding, found: Found) {
    this.#read = read
    this.#encoding = encoding
    this.#found = found
  }

  splices(
    changes: readonly Change[],
    attribution: Attribution,
    sizeBytes: number,
  ): readonly Splice[] {
    const set = this.#characterSet()
    const placed: Placed[] = []
    const originals: Uint8Array[] = []
    for (const change of changes) {
      const { tag } = change
      const element = this.#found.get(tag)
      if (this.#isSo(change, element, set)) continue
      if (element !== null) originals.push(this.#original(element))
      placed.push(this.#splice(tag, element, this.#changed(change, set), sizeBytes))
    }
    if (placed.length === 0) return []
    placed.push(...this.#kept(concat(originals), attribution, sizeBytes))
    placed.push(...this.#groupLengths(placed))
    return placed.sort((one, other) => one.at - other.at || one.tag - other.tag)
  }

  #splice(
    tag: number,
    element: WalkedElement | null,
    inserted: Uint8Array,
    sizeBytes: number,
  ): Placed {
    if (element === null) {
      return { tag, at: this.#found.placeOf(tag, sizeBytes), removedBytes: 0, inserted }
    }
    return { tag, at: element.at, removedBytes: element.end - element.at, inserted }
  }

  #characterSet(): CharacterSet {
    const element = this.#found.get(identityTags.specificCharacterSet)
    return characterSetOf(element === null ? null : this.#text(element, 'ascii'))
  }

  /** Nothing is to be done. A sequence is always written anew: it may name another request. */
  #isSo(change: Change, element: WalkedElement | null, set: CharacterSet): boolean {
    if ('removed' in change) return element === null
    if ('item' in change) return false
    if (element === null) return change.text === ''
    if (element.end - element.valueAt > originalLimitBytes) return false
    return this.#text(element, set) === decodeText(bytesOfText(change, set), set)
  }

  #text({ valueAt, end }: WalkedElement, set: CharacterSet): string {
    if (end - valueAt > originalLimitBytes) throw new Refused('a text that is too long')
    return trimPadding(decodeText(this.#bytes(valueAt, end), set))
  }

  #original({ at, end }: WalkedElement): Uint8Array {
    if (end - at > originalLimitBytes) throw new Refused('an element that is too long to be kept')
    return this.#bytes(at, end)
  }

  #bytes(from: number, to: number): Uint8Array {
    const bytes = this.#read(from, to - from)
    if (bytes.length !== to - from) throw new Refused('the file is shorter than it was')
    return bytes
  }

  #changed(change: Change, set: CharacterSet): Uint8Array {
    if ('removed' in change) return noBytes
    if ('text' in change) return this.#textElement(change, set)
    const elements = concat(change.item.map((text) => this.#textElement(text, set)))
    return this.#element(change.tag, 'SQ', this.#item(elements))
  }

  /** The item of what was, added to those that are there. */
  #kept(
    originals: Uint8Array,
    { system, source, dateTime }: Attribution,
    sizeBytes: number,
  ): readonly Placed[] {
    const tag = originalAttributesTag
    const write = (tag: number, representation: string, text: string): Uint8Array =>
      this.#textElement({ tag, representation, text }, 'ascii')
    const item = this.#item(
      concat([
        this.#element(modifiedAttributesTag, 'SQ', this.#item(originals)),
        write(0x0400_0562, 'DT', dateTime),
        write(0x0400_0563, 'LO', system),
        write(0x0400_0564, 'LO', source),
        write(0x0400_0565, 'CS', 'COERCE'),
      ]),
    )
    const there = this.#found.get(tag)
    if (there === null) return [this.#splice(tag, null, this.#element(tag, 'SQ', item), sizeBytes)]
    const { representation, isDelimited, valueAt, end } = there
    if (representation !== null && representation !== 'SQ') {
      throw new Refused('Original Attributes Sequence is none')
    }
    const delimiterBytes = 8
    if (isDelimited) return [{ tag, at: end - delimiterBytes, removedBytes: 0, inserted: item }]
    const length = this.#number(end - valueAt + item.length, 4)
    return [
      { tag, at: valueAt - 4, removedBytes: 4, inserted: length },
      { tag, at: end, removedBytes: 0, inserted: item },
    ]
  }

  /** Retired, and still written by old devices: they must stay true. */
  #groupLengths(placed: readonly Placed[]): readonly Placed[] {
    return [...this.#found.groupLengths].flatMap(([group, { tag, valueAt, end }]) => {
      const grown = placed
        .filter((one) => one.tag >>> 16 === group)
        .reduce((sum, one) => sum + one.inserted.length - one.removedBytes, 0)
      if (grown === 0) return []
      if (end - valueAt !== 4) throw new Refused('a group length that is none')
      const { little } = this.#encoding
      const length = viewOf(this.#bytes(valueAt, end)).getUint32(0, little) + grown
      if (length < 0) throw new Refused('a group length that is none')
      return [{ tag, at: valueAt, removedBytes: 4, inserted: this.#number(length, 4) }]
    })
  }

  #textElement(text: Text, set: CharacterSet): Uint8Array {
    const { tag, representation } = text
    const bytes = bytesOfText(text, set)
    const padding = representation === 'UI' ? 0 : 0x20
    const even = bytes.length % 2 === 0 ? bytes : concat([bytes, Uint8Array.of(padding)])
    return this.#element(tag, representation, even)
  }

  #element(tag: number, representation: string, value: Uint8Array): Uint8Array {
    const { explicit } = this.#encoding
    const long = longForms.has(representation)
    const length = this.#number(value.length, explicit && !long ? 2 : 4)
    const reserved = explicit && long ? Uint8Array.of(0, 0) : noBytes
    const named = explicit ? bytesOf(representation) : noBytes
    return concat([this.#tag(tag), named, reserved, length, value])
  }

  #item(elements: Uint8Array): Uint8Array {
    return concat([this.#tag(0xfffe_e000), this.#number(elements.length, 4), elements])
  }

  #tag(tag: number): Uint8Array {
    return concat([this.#number(tag >>> 16, 2), this.#number(tag & 0xffff, 2)])
  }

  #number(value: number, size: 2 | 4): Uint8Array {
    const max = size === 2 ? 0xffff : undefinedLength - 1
    if (value > max) throw new Refused('an element that is too long')
    const bytes = new Uint8Array(size)
    if (size === 2) viewOf(bytes).setUint16(0, value, this.#encoding.little)
    else viewOf(bytes).setUint32(0, value, this.#encoding.little)
    return bytes
  }
}

const noBytes = new Uint8Array()

/** Its words must not get into a message: they are data of a patient. */
function bytesOfText({ tag, representation, text }: Text, set: CharacterSet): Uint8Array {
  const name = tag.toString(16).padStart(8, '0')
  const most = charactersMax[representation]
  if (most === undefined) throw new Refused(`a value that cannot be written at ${name}`)
  // The limit of a name holds for each of its three groups.
  const groups = representation === 'PN' ? text.split('=') : [text]
  if (groups.some((one) => one.length > most)) throw new Refused(`too long a value at ${name}`)
  const bytes = encodeText(text, set)
  if (bytes === null) throw new Refused(`a value that its character set lacks at ${name}`)
  return bytes
}
