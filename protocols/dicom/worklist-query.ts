/**
 * A query of the worklist: what is asked for, and which entries match. Source: PS3.4 sections
 * C.2.2.2 and K.6.1.2.2.
 *
 * Every key is asked for. One that has a value chooses as well, if it is of those that can: all
 * texts, dates, times and UIDs of the table, at the top and in the steps.
 */
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { characterSetOf, decodeText, type CharacterSet } from './character-set.ts'
import { itemsIn, textIn, type DataSet, type Element } from './data-set.ts'
import {
  dateRange,
  isUniversal,
  nameMatcher,
  rangeMatcher,
  textMatcher,
  timeRange,
  uidMatcher,
  type Matcher,
  type Range,
} from './key-matching.ts'

import { trimPadding } from './text.ts'
import {
  characterSetTag,
  startDateTag,
  startTimeTag,
  stationAeTitleTag,
  worklistAttributes,
  type Attribute,
  type NumberAttribute,
  type SequenceAttribute,
  type TextAttribute,
} from './worklist-attributes.ts'
import type { WorklistEntry } from './worklist.ts'

/** Real queries have some forty. */
const keysMax = 512

export type Key =
  | { readonly kind: 'value'; readonly attribute: TextAttribute | NumberAttribute }
  /** In the order of their tags. */
  | {
      readonly kind: 'sequence'
      readonly attribute: SequenceAttribute
      readonly keys: readonly Key[]
    }
  /** Answered without a value. */
  | { readonly kind: 'unknown'; readonly tag: number; readonly representation: string }

export interface WorklistQuery {
  /** In the order of their tags. */
  readonly keys: readonly Key[]
  readonly matches: (entry: WorklistEntry) => boolean
  /** A key has a value by which we cannot choose. */
  readonly hasUnmatched: boolean
  /** The station that is asked for; null when it is any, or several. */
  readonly stationAeTitle: string | null
}

/** Refuses what is no query of a worklist, or asks for dates and times that are none. */
export function readWorklistQuery(dataSet: DataSet): Decoded<WorklistQuery> {
  const reader = new QueryReader(characterSetOf(textIn(dataSet, characterSetTag)))
  const keys = reader.keys(dataSet, worklistAttributes)
  return reader.query(keys)
}

class QueryReader {
  readonly #set: CharacterSet
  readonly #criteria: ((entry: WorklistEntry) => boolean)[] = []
  readonly #ranges = new Map<number, Range>()
  #stationAeTitle: string | null = null
  #count = 0
  #hasUnmatched = false
  #refused: string | null = null

  constructor(set: CharacterSet) {
    this.#set = set
  }

  keys(dataSet: DataSet, attributes: readonly Attribute[]): readonly Key[] {
    const keys: Key[] = []
    for (const tag of [...dataSet.elements.keys()].toSorted((one, other) => one - other)) {
      const element = dataSet.elements.get(tag)
      // Lengths of groups and the character set are of the query, not of what is asked for.
      if (element === undefined || (tag & 0xffff) === 0 || tag === characterSetTag) continue
      if (++this.#count > keysMax) {
        this.#refused = 'more keys than a worklist has'
        return []
      }
      keys.push(this.#key(tag, element, dataSet, attributes))
    }
    return keys
  }

  query(keys: readonly Key[]): Decoded<WorklistQuery> {
    this.#choosePeriod()
    if (this.#refused !== null) return undecoded(this.#refused)
    if (keys.length === 0) return undecoded('no keys')
    const criteria = this.#criteria
    return decoded({
      keys,
      matches: (entry) => criteria.every((matches) => matches(entry)),
      hasUnmatched: this.#hasUnmatched,
      stationAeTitle: this.#stationAeTitle,
    })
  }

  #key(tag: number, element: Element, dataSet: DataSet, attributes: readonly Attribute[]): Key {
    const attribute = attributes.find((one) => one.tag === tag)
    if (attribute === undefined) {
      // Who made a private block is said by a value that is no condition.
      const isCreator = ((tag >>> 16) & 1) === 1 && (tag & 0xffff) <= 0xff
      if (saysSomething(element.bytes) && !isCreator) this.#hasUnmatched = true
      const isSequence = element.items !== null
      return { kind: 'unknown', tag, representation: representationOf(element, isSequence) }
    }
    if (attribute.representation === 'SQ') return this.#sequence(attribute, dataSet)
    if (element.items === null) this.#condition(attribute, element.bytes)
    return { kind: 'value', attribute }
  }

  /** Without an item, or with an empty one, everything that it can hold is asked for. */
  #sequence(attribute: SequenceAttribute, dataSet: DataSet): Key {
    const [item] = itemsIn(dataSet, attribute.tag)
    if (item === undefined || item.elements.size === 0) return everythingIn(attribute)
    const before = this.#criteria.length
    const keys = this.keys(item, attribute.attributes)
    // Nothing in an item that is not there matches a key that chooses.
    if (this.#criteria.length > before) this.#criteria.push(attribute.isThere)
    return { kind: 'sequence', attribute, keys }
  }

  #condition(attribute: TextAttribute | NumberAttribute, bytes: Uint8Array): void {
    if (attribute.representation === 'US' || attribute.representation === 'DS') {
      if (saysSomething(bytes)) this.#hasUnmatched = true
      return
    }
    const key = trimPadding(decodeText(bytes, this.#set))
    if (isUniversal(key)) return
    const { tag, of } = attribute
    const matches = this.#matcher(attribute, key)
    if (matches === null) return
    if (tag !== stationAeTitleTag) return void this.#criteria.push((entry) => matches(of(entry)))
    // What any station may do is also for the one that is asked for.
    this.#criteria.push(({ stationAeTitle }) => stationAeTitle === null || matches(stationAeTitle))
    if (/^[\x20-\x7e]{1,16}$/.test(key) && !/[*?\\]/.test(key)) this.#stationAeTitle = key
  }

  #matcher({ tag, representation }: TextAttribute, key: string): Matcher | null {
    switch (representation) {
      case 'UI':
        return uidMatcher(key)
      case 'PN':
        return nameMatcher(key)
      case 'DA':
      case 'TM':
        return this.#rangeMatcher(tag, representation, key)
      default:
        return textMatcher(key, representation !== 'AE' && representation !== 'CS')
    }
  }

  #rangeMatcher(tag: number, representation: 'DA' | 'TM', key: string): Matcher | null {
    const range = representation === 'DA' ? dateRange(key) : timeRange(key)
    if (range === null) {
      this.#refused ??= representation === 'DA' ? 'a date that is none' : 'a time that is none'
      return null
    }
    if (tag !== startDateTag && tag !== startTimeTag) return rangeMatcher(range)
    this.#ranges.set(tag, range)
    return null
  }

  /**
   * Two ranges are one period, from the first time of the first day to the last of the last: see
   * Scheduled Procedure Step Start Time in PS3.4 table K.6-1.
   */
  #choosePeriod(): void {
    const date = this.#ranges.get(startDateTag)
    const time = this.#ranges.get(startTimeTag)
    if (date?.isRange === true && time?.isRange === true) {
      const matches = rangeMatcher({
        from: date.from === null ? null : date.from + (time.from ?? '000000'),
        to: date.to === null ? null : date.to + (time.to ?? '235959'),
        isRange: true,
      })
      this.#criteria.push(({ scheduledStart }) =>
        matches(scheduledStart.date + scheduledStart.time),
      )
      return
    }
    if (date !== undefined) {
      const matches = rangeMatcher(date)
      this.#criteria.push(({ scheduledStart }) => matches(scheduledStart.date))
    }
    if (time !== undefined) {
      const matches = rangeMatcher(time)
      this.#criteria.push(({ scheduledStart }) => matches(scheduledStart.time))
    }
  }
}

/** Some libraries write a number that is not asked for as 0, and a text as a space. */
function saysSomething(value: Uint8Array): boolean {
  return value.some((byte) => byte !== 0 && byte !== 0x20)
}

function everythingIn(attribute: SequenceAttribute): Key {
  const keys = attribute.attributes.map((one) =>
    one.representation === 'SQ' ? everythingIn(one) : ({ kind: 'value', attribute: one } as const),
  )
  return { kind: 'sequence', attribute, keys }
}

function representationOf({ representation }: Element, isSequence: boolean): string {
  return isSequence ? 'SQ' : (representation ?? 'UN')
}
