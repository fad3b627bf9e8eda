/**
 * Reads a few attributes out of the head of a data set while it streams by.
 * Source: PS3.5 section 7.
 *
 *   implicit:        | group (2) | element (2) | length (4)                    | value |
 *   explicit, short: | group (2) | element (2) | VR (2) | length (2)           | value |
 *   explicit, long:  | group (2) | element (2) | VR (2) | 0 0 | length (4)     | value |
 *   in sequences:    | FFFE | E000 item, E00D end of item, E0DD end of sequence | length (4) |
 *
 * It looks at every element once, keeps only the wanted values, skips everything else without
 * holding it, and stops at the pixel data. It never throws and decides nothing: an image whose head
 * cannot be read is still an image. What it believes is the bytes, not the label: senders announce
 * one transfer syntax and send another.
 */
import { longForms } from './part10.ts'
import {
  identityTags,
  requestAttributesTag,
  requestTags,
  statedIdentity,
  type StatedIdentity,
} from './stated-identity.ts'
import { printable, textOf, trimPadding, viewOf } from './text.ts'
import {
  deflatedExplicitLittle,
  explicitBig,
  implicitLittle,
  isUid,
  transferSyntaxes,
} from './uids.ts'

/** Written as `group << 16 | element`. */
export const headerTags = {
  sopClassUid: 0x0008_0016,
  sopInstanceUid: 0x0008_0018,
  modality: 0x0008_0060,
  studyInstanceUid: 0x0020_000d,
  seriesInstanceUid: 0x0020_000e,
} as const

/** A value that is longer is not the value that is meant. */
const valueLimitBytes = 1_024
/** Enhanced multi-frame heads run to some ten thousand. Beyond it, somebody keeps us busy. */
const elementsMax = 100_000
const depthMax = 32
const undefinedLength = 0xffff_ffff
const pixelGroup = 0x7fe0
const metaGroup = 0x0002
const delimiterGroup = 0xfffe
const preambleBytes = 132

const shortForms = 'AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US'.split(' ')
const representations: ReadonlySet<string> = new Set([...shortForms, ...longForms])

interface Encoding {
  readonly explicit: boolean
  readonly little: boolean
}

const fileMeta: Encoding = { explicit: true, little: true }
const unknownSequence: Encoding = { explicit: false, little: true }

/**
 * `items`: in a sequence. `elements`: in an item. Where nothing is wanted inside, what has a length
 * is skipped and is no level.
 */
interface Level {
  readonly holds: 'items' | 'elements'
  readonly encoding: Encoding
  /** Where it ends in what was pushed; null: at its delimiter. */
  readonly endsAt: number | null
  /** The Request Attributes Sequence itself, or an item of it. */
  readonly isRequest: boolean
}

type Inside = Pick<Level, 'encoding' | 'isRequest'>

/** One that is being gathered. */
interface Value {
  readonly into: Map<number, Uint8Array>
  readonly tag: number
  readonly bytes: Uint8Array
  have: number
}

export interface HeaderFindings {
  readonly sopClassUid: string | null
  readonly sopInstanceUid: string | null
  readonly studyInstanceUid: string | null
  readonly seriesInstanceUid: string | null
  readonly modality: string | null
  readonly identity: StatedIdentity
  /**
   * Why reading stopped before all of it but the identity was known; null when the head was read to
   * its end, or as far as it was needed.
   */
  readonly unreadable: string | null
  /** The bytes are encoded otherwise than the transfer syntax says. */
  readonly mislabelled: boolean
  /** The sender put group 0002, which belongs into files, in front of the data set. */
  readonly metaInside: boolean
}

export class HeaderReader {
  readonly #declared: Encoding | null
  readonly #needed: ReadonlySet<number>
  readonly #wanted: ReadonlySet<number>
  readonly #found = new Map<number, Uint8Array>()
  readonly #request = new Map<number, Uint8Array>()
  readonly #levels: Level[] = []
  readonly #scratch = new Uint8Array(preambleBytes)
  #encoding: Encoding = fileMeta
  #place: 'start' | 'meta' | 'data-set' | 'done' = 'start'
  #have = 0
  #need = 8
  #skipBytes = 0
  /** Bytes that were taken in. */
  #position = 0
  #value: Value | null = null
  #elements = 0
  #unreadable: string | null = null
  #mislabelled = false
  #metaInside = false

  /** `more`: tags whose values are kept besides, for `text`. */
  constructor(transferSyntaxUid: string, more: readonly number[] = []) {
    this.#needed = more.length === 0 ? neededTags : new Set([...neededTags, ...more])
    this.#wanted = new Set([...this.#needed, ...optionalTags])
    this.#declared = encodingOf(transferSyntaxUid)
    if (transferSyntaxUid === deflatedExplicitLittle) this.#giveUp('deflated')
  }

  /** True when nothing that comes can change the findings. */
  get done(): boolean {
    return this.#place === 'done'
  }

  push(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length && this.#place !== 'done') {
      const left = bytes.length - at
      if (this.#skipBytes > 0) {
        const skipped = Math.min(this.#skipBytes, left)
        this.#skipBytes -= skipped
        this.#position += skipped
        at += skipped
      } else if (this.#value !== null) {
        at += this.#fill(this.#value, bytes.subarray(at))
      } else {
        const taken = Math.min(this.#need - this.#have, left)
        this.#scratch.set(bytes.subarray(at, at + taken), this.#have)
        this.#have += taken
        this.#position += taken
        at += taken
        if (this.#have === this.#need) this.#gathered()
      }
    }
  }

  /** The data set is over. */
  end(): void {
    if (this.#place === 'done') return
    if (this.#have === 0) this.#leaveEnded()
    const inside = this.#have > 0 || this.#skipBytes > 0 || this.#value !== null
    if (inside || this.#levels.length > 0) this.#giveUp('ends inside an element')
    else if (this.#place === 'start') this.#giveUp('empty')
    else this.#place = 'done'
  }

  findings(): HeaderFindings {
    const uid = (tag: number): string | null => {
      const text = this.text(tag)
      return text !== null && isUid(text) ? text : null
    }
    const modality = this.text(headerTags.modality)
    return {
      sopClassUid: uid(headerTags.sopClassUid),
      sopInstanceUid: uid(headerTags.sopInstanceUid),
      studyInstanceUid: uid(headerTags.studyInstanceUid),
      seriesInstanceUid: uid(headerTags.seriesInstanceUid),
      modality: modality !== null && modality.length <= 16 ? printable(modality) : null,
      identity: statedIdentity(this.#found, this.#request),
      unreadable: this.#unreadable,
      mislabelled: this.#mislabelled,
      metaInside: this.#metaInside,
    }
  }

  /** The value of a wanted tag without padding; null when it is absent or empty. */
  text(tag: number): string | null {
    const value = this.#found.get(tag)
    const text = value === undefined ? '' : trimPadding(textOf(value))
    return text === '' ? null : text
  }

  /** When all that is needed is there, a head that is bad behind it is none of our business. */
  #giveUp(reason: string): void {
    if (!this.#hasNeeded) this.#unreadable = reason
    this.#place = 'done'
  }

  get #hasNeeded(): boolean {
    for (const tag of this.#needed) if (!this.#found.has(tag)) return false
    return true
  }

  #await(bytes: number): void {
    this.#elements++
    this.#have = 0
    this.#need = bytes
  }

  #gathered(): void {
    if (this.#place === 'start') this.#start()
    else this.#header()
  }

  /** The first eight bytes, or the first 132 when they look like a preamble. */
  #start(): void {
    const view = viewOf(this.#scratch)
    if (this.#need === preambleBytes) {
      if (textOf(this.#scratch, 128, 132) !== 'DICM') return this.#giveUp('begins with zeros')
      this.#metaInside = true
      return this.#await(8)
    }
    const group = view.getUint16(0, true)
    if (group === 0 && !this.#metaInside) {
      this.#need = preambleBytes
      return
    }
    if (group === metaGroup) {
      this.#metaInside = true
      this.#place = 'meta'
      this.#encoding = fileMeta
      return this.#header()
    }
    this.#enterDataSet()
  }

  /** Takes the encoding from the bytes: a group is small, and two capital letters are a VR. */
  #enterDataSet(): void {
    const little = !(this.#scratch[0] === 0 && this.#scratch[1] !== 0)
    const explicit = representations.has(textOf(this.#scratch, 4, 6))
    const declared = this.#declared
    this.#encoding = { explicit, little }
    this.#mislabelled =
      declared !== null && (declared.explicit !== explicit || declared.little !== little)
    this.#place = 'data-set'
    this.#header()
  }

  #header(): void {
    if (this.#need === 8) this.#leaveEnded()
    const level = this.#levels.at(-1)
    if (this.#position > (level?.endsAt ?? this.#position)) {
      return this.#giveUp('an element that is longer than its item')
    }
    const { explicit, little } = level?.encoding ?? this.#encoding
    const view = viewOf(this.#scratch)
    const group = view.getUint16(0, little)
    const element = view.getUint16(2, little)
    if (this.#place === 'meta' && group !== metaGroup) return this.#enterDataSet()
    if (this.#elements > elementsMax) return this.#giveUp('too many elements')
    if (group === delimiterGroup) {
      return this.#delimiter(element, view.getUint32(4, little))
    }
    if (level?.holds === 'items') return this.#giveUp('no item in a sequence')
    if (level === undefined && this.#isBehind(group, element)) {
      this.#place = 'done'
      return
    }
    if (!explicit) return this.#element(group, element, view.getUint32(4, little), null)
    const representation = textOf(this.#scratch, 4, 6)
    if (!/^[A-Z]{2}$/.test(representation)) return this.#giveUp('no value representation')
    if (!longForms.has(representation)) {
      return this.#element(group, element, view.getUint16(6, little), representation)
    }
    if (this.#need === 8) this.#need = 12
    else this.#element(group, element, view.getUint32(8, little), representation)
  }

  /** Elements come in the order of their tags, though not from everybody. */
  #isBehind(group: number, element: number): boolean {
    if (group >= pixelGroup) return true
    return group * 0x1_0000 + element > requestAttributesTag && this.#hasNeeded
  }

  #leaveEnded(): void {
    const startedAt = this.#position - this.#have
    for (;;) {
      const endsAt = this.#levels.at(-1)?.endsAt ?? null
      if (endsAt === null || startedAt < endsAt) return
      this.#levels.pop()
    }
  }

  #element(group: number, element: number, length: number, representation: string | null): void {
    this.#await(8)
    const tag = group * 0x1_0000 + element
    const level = this.#levels.at(-1)
    const encoding = level?.encoding ?? this.#encoding
    const isTop = level === undefined && this.#place === 'data-set'
    const isRequest = isTop && tag === requestAttributesTag
    if (length === undefinedLength) {
      // An unknown sequence is implicit inside, whatever is around it (PS3.5 section 6.2.2).
      const inside = representation === 'UN' ? unknownSequence : encoding
      return this.#enter('items', length, { encoding: inside, isRequest })
    }
    if (isRequest && representation !== 'UN') {
      return this.#enter('items', length, { encoding, isRequest })
    }
    const left = (level?.endsAt ?? Infinity) - this.#position
    const inRequest = level?.isRequest === true && this.#levels.length === 2
    const into = isTop ? this.#found : this.#request
    const wanted = isTop ? this.#wanted.has(tag) : inRequest && requestWanted.has(tag)
    if (!wanted || length > Math.min(valueLimitBytes, left) || into.has(tag)) {
      this.#skipBytes = Math.min(length, left)
      return
    }
    const value = { into, tag, bytes: new Uint8Array(length), have: 0 }
    if (length === 0) this.#keep(value)
    else this.#value = value
  }

  #delimiter(element: number, length: number): void {
    this.#await(8)
    const level = this.#levels.at(-1)
    if (element === 0xe000 && level?.holds === 'items') {
      const isSkipped = length !== undefinedLength && !level.isRequest
      if (isSkipped) this.#skipBytes = Math.min(length, (level.endsAt ?? Infinity) - this.#position)
      else this.#enter('elements', length, level)
    } else if (
      (element === 0xe00d && level?.holds === 'elements') ||
      (element === 0xe0dd && level?.holds === 'items')
    ) {
      this.#levels.pop()
    } else {
      this.#giveUp('a delimiter outside of a sequence')
    }
  }

  #enter(holds: Level['holds'], length: number, { encoding, isRequest }: Inside): void {
    if (this.#levels.length >= depthMax) return this.#giveUp('sequences too deep')
    const around = this.#levels.at(-1)?.endsAt ?? null
    const end = length === undefinedLength ? Infinity : this.#position + length
    const endsAt = Math.min(end, around ?? Infinity)
    this.#levels.push({ holds, encoding, isRequest, endsAt: endsAt === Infinity ? null : endsAt })
  }

  #fill(value: Value, from: Uint8Array): number {
    const taken = Math.min(value.bytes.length - value.have, from.length)
    value.bytes.set(from.subarray(0, taken), value.have)
    value.have += taken
    this.#position += taken
    if (value.have === value.bytes.length) this.#keep(value)
    return taken
  }

  #keep({ into, tag, bytes }: Value): void {
    this.#value = null
    into.set(tag, bytes)
  }
}

const neededTags: ReadonlySet<number> = new Set(Object.values(headerTags))
const optionalTags: readonly number[] = Object.values(identityTags)
const requestWanted: ReadonlySet<number> = new Set(Object.values(requestTags))

/** null: nothing is known about this transfer syntax, so the bytes alone must tell. */
function encodingOf(transferSyntaxUid: string): Encoding | null {
  if (transferSyntaxUid === implicitLittle) return { explicit: false, little: true }
  if (transferSyntaxUid === explicitBig) return { explicit: true, little: false }
  return transferSyntaxes.has(transferSyntaxUid) ? { explicit: true, little: true } : null
}
