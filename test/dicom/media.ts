/** Directories of media for tests, built record by record as vendors build them, and worse. */
import { mediaDirectoryUid } from '../../protocols/dicom/media-directory.ts'
import { encodeFileHead } from '../../protocols/dicom/part10.ts'
import { bytesOf, concat } from '../../protocols/dicom/text.ts'
import { explicitBig, explicitLittle, implicitLittle } from '../../protocols/dicom/uids.ts'
import { encodeDataSet, type Element, type Encoding } from './data-set.ts'

export interface ToList {
  readonly type: string
  /** Numbers of records in the list; null: none. */
  readonly next: number | null
  readonly lower: number | null
  readonly elements?: readonly Element[]
  /** Left out of the record, as some writers do. */
  readonly isWithoutLinks?: boolean
  readonly isInactive?: boolean
}

/** How it is written; all of it exists. */
export interface DirectoryStyle extends Encoding {
  /** Added to every offset: some writers count from the data set. */
  readonly shift?: number
  /** The number of the first record of the root. */
  readonly first?: number
}

const plain: DirectoryStyle = { explicit: true, little: true }

export function imageRecord(path: string, uid: string, next: number | null = null): ToList {
  return {
    type: 'IMAGE',
    next,
    lower: null,
    elements: [
      [0x0004_1500, 'CS', path],
      [0x0004_1510, 'UI', '1.2.840.10008.5.1.4.1.1.6.1'],
      [0x0004_1511, 'UI', uid],
      [0x0004_1512, 'UI', explicitLittle],
    ],
  }
}

/** A patient with one study of one series of these images. */
export function oneSeries(images: readonly ToList[]): readonly ToList[] {
  return [
    { type: 'PATIENT', next: null, lower: 1, elements: [[0x0010_0010, 'PN', 'Doe^A']] },
    { type: 'STUDY', next: null, lower: 2, elements: [[0x0020_000d, 'UI', '1.2.3']] },
    { type: 'SERIES', next: null, lower: 3, elements: [[0x0020_000e, 'UI', '1.2.3.4']] },
    ...images,
  ]
}

export function directoryFile(
  records: readonly ToList[],
  style: DirectoryStyle = plain,
): Uint8Array {
  const syntax = !style.explicit ? implicitLittle : style.little ? explicitLittle : explicitBig
  const head = encodeFileHead({
    sopClassUid: mediaDirectoryUid,
    sopInstanceUid: '1.2.3.4.5.6',
    transferSyntaxUid: syntax,
  })
  // Their offsets do not change their lengths, so the first pass finds where each begins.
  const lengths = records.map((record) => recordBytes(record, style, () => 0).length)
  const before = encodeDataSet([[0x0004_1200, 'UL', long(0, style)]], style).length
  const sequenceHead = style.explicit ? 12 : 8
  const start = head.length + before + sequenceHead
  const at = (number: number | null): number =>
    number === null
      ? 0
      : start + lengths.slice(0, number).reduce((sum, one) => sum + one, 0) + (style.shift ?? 0)
  const items = concat(records.map((record) => recordBytes(record, style, at)))
  const root = records.length === 0 ? null : (style.first ?? 0)
  const top = encodeDataSet([[0x0004_1200, 'UL', long(at(root), style)]], style)
  return concat([head, top, sequenceOf(items, style)])
}

function recordBytes(
  record: ToList,
  style: DirectoryStyle,
  at: (number: number | null) => number,
): Uint8Array {
  const links: readonly Element[] = [
    [0x0004_1400, 'UL', long(at(record.next), style)],
    [0x0004_1410, 'US', record.isInactive === true ? 0 : 0xffff],
    [0x0004_1420, 'UL', long(at(record.lower), style)],
  ]
  const elements: readonly Element[] = [
    ...(record.isWithoutLinks === true ? [] : links),
    [0x0004_1430, 'CS', record.type],
    ...(record.elements ?? []),
  ]
  const body = encodeDataSet(elements, style)
  if (style.delimited !== true) return concat([mark(0xe000, body.length, style), body])
  return concat([mark(0xe000, 0xffff_ffff, style), body, mark(0xe00d, 0, style)])
}

function sequenceOf(items: Uint8Array, style: DirectoryStyle): Uint8Array {
  const delimited = style.delimited === true
  const length = delimited ? 0xffff_ffff : items.length
  const group = number16(0x0004, style)
  const element = number16(0x1220, style)
  const representation = style.explicit ? concat([bytesOf('SQ'), new Uint8Array(2)]) : bytesOf('')
  const end = delimited ? mark(0xe0dd, 0, style) : bytesOf('')
  return concat([group, element, representation, long(length, style), items, end])
}

function mark(element: number, length: number, style: Encoding): Uint8Array {
  return concat([number16(0xfffe, style), number16(element, style), long(length, style)])
}

function number16(value: number, { little }: Encoding): Uint8Array {
  const bytes = new Uint8Array(2)
  new DataView(bytes.buffer).setUint16(0, value, little)
  return bytes
}

function long(value: number, { little }: Encoding): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, little)
  return bytes
}
