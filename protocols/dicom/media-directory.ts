/**
 * The directory of a medium, a file called DICOMDIR. Source: PS3.10 section 8.6, PS3.3 annex F.
 *
 *   | preamble, DICM, group 0002 | (0004,1200) first record of the root | … | (0004,1220) records |
 *   record: | FFFE E000 | length | (0004,1400) next | (0004,1420) lower | (0004,1430) type |
 *           | (0004,1500) folders and file, apart by backslashes | (0004,1511) instance |
 *
 * Records are linked by their offsets from the beginning of the file, and vendors get them wrong:
 * missing, counted from somewhere else, of a file that was edited afterwards. So every record is
 * found by its place; the links only say what is below what, and where they say nothing the order
 * does. Nothing of it is believed further than that: what is on the medium, the medium says itself.
 */
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import type { Encoding } from './data-set.ts'
import {
  encodingAt,
  endOf,
  headAt,
  itemEndTag,
  itemTag,
  sequenceEndTag,
  undefinedLength,
} from './element-walk.ts'
import { decodeFileHead } from './part10.ts'
import { textOf, trimPadding, viewOf } from './text.ts'
import { isUid } from './uids.ts'

/** The class of a directory, which is no image (PS3.4 annex I). */
export const mediaDirectoryUid = '1.2.840.10008.1.3.10'

/** A disc of the largest series has some ten thousand records of 500 bytes. */
export const directoryLimitBytes = 67_108_864
const recordsMax = 200_000
/** The standard allows eight, of eight characters (PS3.10 section 8.2). */
const componentsMax = 16
const componentCharactersMax = 64

const tags = {
  firstRecord: 0x0004_1200,
  records: 0x0004_1220,
  next: 0x0004_1400,
  inUse: 0x0004_1410,
  lower: 0x0004_1420,
  type: 0x0004_1430,
  file: 0x0004_1500,
  classInFile: 0x0004_1510,
  instanceInFile: 0x0004_1511,
  syntaxInFile: 0x0004_1512,
  study: 0x0020_000d,
  series: 0x0020_000e,
} as const

export interface ListedFile {
  /** Folders from the root of the medium, and the name of the file. Never `..`, never a slash. */
  readonly path: readonly string[]
  /** `IMAGE`, `SR DOCUMENT` and others: what the directory calls the record. */
  readonly type: string
  /** null, like all below: the directory does not say, or says no UID. */
  readonly sopClassUid: string | null
  readonly sopInstanceUid: string | null
  readonly transferSyntaxUid: string | null
  readonly studyInstanceUid: string | null
  readonly seriesInstanceUid: string | null
}

/** How often each was seen. */
export interface DirectoryFindings {
  /** Records in use to which no link leads, but for the first. */
  readonly unlinked: number
  /** Links that lead to no record. */
  readonly wrongOffsets: number
  /** Links to a record that another one leads to: a circle, or two parents. */
  readonly linkedTwice: number
  /** Places where the records could not be followed. */
  readonly damaged: number
  /** Names of files that lead out of the medium, or are none. */
  readonly unsafeNames: number
}

export interface MediaDirectory {
  /** In the order of their records. */
  readonly files: readonly ListedFile[]
  readonly findings: DirectoryFindings
}

interface DirectoryRecord {
  readonly at: number
  readonly inUse: boolean
  readonly type: string
  readonly values: ReadonlyMap<number, Uint8Array>
  readonly next: number
  readonly lower: number
}

/** Study and series that a record belongs to. */
interface Place {
  readonly study: string | null
  readonly series: string | null
}

const nowhere: Place = { study: null, series: null }

export function decodeMediaDirectory(bytes: Uint8Array): Decoded<MediaDirectory> {
  const head = decodeFileHead(bytes)
  if (!head.ok) return undecoded(head.reason)
  if (head.value.sopClassUid !== mediaDirectoryUid) return undecoded('not a media directory')
  const start = head.value.dataSetOffset
  const encoding = encodingAt(bytes, start)
  const top = topElements(bytes, start, encoding)
  if (top.recordsAt === null) return undecoded('no directory records')
  const { records, damaged } = recordsFrom(bytes, top.recordsAt, encoding)
  const links = followed(records, top.first)
  const { files, unsafeNames } = filesOf(records, links.places)
  const { unlinked, wrongOffsets, linkedTwice } = links
  return decoded({ files, findings: { unlinked, wrongOffsets, linkedTwice, damaged, unsafeNames } })
}

function topElements(
  bytes: Uint8Array,
  start: number,
  encoding: Encoding,
): { readonly first: number; readonly recordsAt: number | null } {
  let first = 0
  for (let at = start; ;) {
    const head = headAt(bytes, at, encoding)
    if (head === null) return { first, recordsAt: null }
    if (head.tag === tags.records) return { first, recordsAt: head.valueAt }
    const end = endOf(bytes, head, encoding)
    if (end === null) return { first, recordsAt: null }
    if (head.tag === tags.firstRecord) {
      first = numberOf(bytes.subarray(head.valueAt, end), encoding.little)
    }
    at = end
  }
}

/** The length of the sequence is not believed: records go on as long as there are any. */
function recordsFrom(
  bytes: Uint8Array,
  from: number,
  encoding: Encoding,
): { readonly records: readonly DirectoryRecord[]; readonly damaged: number } {
  const records: DirectoryRecord[] = []
  let damaged = 0
  for (let at = from; at < bytes.length && records.length < recordsMax;) {
    const head = headAt(bytes, at, encoding)
    if (head?.tag === itemTag) {
      const { record, end, whole } = recordAt(bytes, at, encoding)
      if (record !== null) records.push(record)
      if (!whole) damaged++
      at = whole ? end : nextItem(bytes, end, encoding.little)
    } else if (head?.tag === itemEndTag) {
      at = head.valueAt
    } else if (head?.tag === sequenceEndTag) {
      break
    } else {
      damaged++
      at = nextItem(bytes, at + 1, encoding.little)
    }
  }
  return { records, damaged }
}

/** The length when there is none. */
function nextItem(bytes: Uint8Array, from: number, little: boolean): number {
  const view = viewOf(bytes)
  for (let at = from; at + 8 <= bytes.length; at++) {
    const isItem = little
      ? view.getUint32(at, true) === 0xe000_fffe
      : view.getUint32(at, false) === itemTag
    if (isItem) return at
  }
  return bytes.length
}

const kept: ReadonlySet<number> = new Set(Object.values(tags))

function recordAt(
  bytes: Uint8Array,
  at: number,
  encoding: Encoding,
): { readonly record: DirectoryRecord | null; readonly end: number; readonly whole: boolean } {
  const { little } = encoding
  const item = headAt(bytes, at, encoding)
  const from = item?.valueAt ?? at + 8
  const length = item?.length ?? 0
  const limit = length === undefinedLength ? bytes.length : Math.min(bytes.length, from + length)
  // Nothing inside is looked for beyond it: else each record could cost a walk through the file.
  const within = bytes.subarray(0, limit)
  const values = new Map<number, Uint8Array>()
  let whole = length === undefinedLength || from + length <= bytes.length
  let end = from
  while (end < limit) {
    const head = headAt(within, end, encoding)
    if (head?.tag === itemEndTag) {
      end = head.valueAt
      break
    }
    const next = head === null ? null : endOf(within, head, encoding)
    if (head === null || next === null) {
      whole = false
      break
    }
    if (kept.has(head.tag)) values.set(head.tag, bytes.subarray(head.valueAt, next))
    end = next
  }
  const number = (tag: number, absent: number): number => {
    const value = values.get(tag)
    return value === undefined ? absent : numberOf(value, little)
  }
  const type = wordsOf(values.get(tags.type))
  if (type === '') return { record: null, end, whole }
  const inUse = number(tags.inUse, 0xffff) !== 0
  const next = number(tags.next, 0)
  const lower = number(tags.lower, 0)
  return { record: { at, inUse, type, values, next, lower }, end, whole }
}

interface Links {
  readonly places: ReadonlyMap<DirectoryRecord, Place>
  readonly unlinked: number
  readonly wrongOffsets: number
  readonly linkedTwice: number
}

/**
 * Goes along the links, each record once, so that a circle ends where it began. It begins wherever
 * no link leads to, since where the root begins is as often wrong as anything else; what such a
 * record belongs to, the order of the records says.
 */
function followed(records: readonly DirectoryRecord[], first: number): Links {
  const byOffset = new Map(records.map((record) => [record.at, record]))
  const places = new Map<DirectoryRecord, Place>()
  const inOrder = placesInOrder(records)
  let wrongOffsets = first === 0 || byOffset.has(first) ? 0 : 1
  let linkedTwice = 0
  const follow = (start: DirectoryRecord): void => {
    const place = start.at === first ? nowhere : (inOrder.get(start) ?? nowhere)
    const open: { readonly record: DirectoryRecord; readonly place: Place }[] = []
    const visit = (offset: number, at: Place): void => {
      const record = byOffset.get(offset)
      if (offset === 0) return
      if (record === undefined) wrongOffsets++
      else if (places.has(record)) linkedTwice++
      else {
        places.set(record, at)
        open.push({ record, place: at })
      }
    }
    visit(start.at, place)
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      visit(next.record.next, next.place)
      visit(next.record.lower, placeBelow(next.record, next.place))
    }
  }
  const targets = new Set(records.flatMap(({ next, lower }) => [next, lower]))
  const starts = records.filter(({ at }) => !targets.has(at))
  for (const start of starts) follow(start)
  for (const record of records) if (!places.has(record)) follow(record)
  const unlinked = starts.filter(({ at, inUse }) => inUse && at !== first).length
  return { places, unlinked, wrongOffsets, linkedTwice }
}

function placesInOrder(records: readonly DirectoryRecord[]): ReadonlyMap<DirectoryRecord, Place> {
  let place = nowhere
  return new Map(
    records.map((record) => {
      const before = place
      place = placeBelow(record, place)
      return [record, before]
    }),
  )
}

function placeBelow({ type, values }: DirectoryRecord, above: Place): Place {
  if (type === 'PATIENT') return nowhere
  if (type === 'STUDY') return { study: uidOf(values.get(tags.study)), series: null }
  if (type === 'SERIES') return { ...above, series: uidOf(values.get(tags.series)) }
  return above
}

function filesOf(
  records: readonly DirectoryRecord[],
  places: ReadonlyMap<DirectoryRecord, Place>,
): { readonly files: readonly ListedFile[]; readonly unsafeNames: number } {
  const files: ListedFile[] = []
  let unsafeNames = 0
  for (const record of records.filter(({ inUse }) => inUse)) {
    const { type, values } = record
    const place = places.get(record) ?? nowhere
    const name = values.get(tags.file)
    if (name === undefined || name.length === 0) continue
    const path = pathOf(name)
    if (path === null) {
      unsafeNames++
      continue
    }
    files.push({
      path,
      type,
      sopClassUid: uidOf(values.get(tags.classInFile)),
      sopInstanceUid: uidOf(values.get(tags.instanceInFile)),
      transferSyntaxUid: uidOf(values.get(tags.syntaxInFile)),
      studyInstanceUid: place.study,
      seriesInstanceUid: place.series,
    })
  }
  return { files, unsafeNames }
}

/** null when it is no name of a file below the root. Some write slashes, or begin with one. */
function pathOf(value: Uint8Array): readonly string[] | null {
  const path = textOf(value)
    .split(/[\\/]/)
    .map((part) => trimPadding(part))
    .filter((part) => part !== '' && part !== '.')
  const sound = path.every(
    // oxlint-disable-next-line no-control-regex -- they are what is refused
    (part) => part !== '..' && part.length <= componentCharactersMax && !/[\x00-\x1f]/.test(part),
  )
  return sound && path.length >= 1 && path.length <= componentsMax ? path : null
}

/** UL or US, by its length; 0 when it is neither. */
function numberOf(value: Uint8Array, little: boolean): number {
  if (value.length === 2) return viewOf(value).getUint16(0, little)
  return value.length === 4 ? viewOf(value).getUint32(0, little) : 0
}

function wordsOf(value: Uint8Array | undefined): string {
  return value === undefined ? '' : trimPadding(textOf(value)).slice(0, 16)
}

function uidOf(value: Uint8Array | undefined): string | null {
  const text = value === undefined ? '' : trimPadding(textOf(value))
  return isUid(text) ? text : null
}
