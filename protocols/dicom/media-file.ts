/**
 * What a file on a medium is, told from its beginning and never from its name.
 *
 *   | 128 bytes | D I C M | group 0002 | data set |      PS3.10 section 7.1
 *   | group 0002 | data set |                            written without the preamble
 *   | data set |                                         written without both
 *
 * A data set without a head is taken only where nothing about it must be guessed: an object of a
 * known class with its UIDs, in an encoding that the bytes show. In it compressed pixels are
 * refused, since only the missing head could say how they are compressed.
 */
import { joinBytes } from '../bytes/bytes.ts'
import { encodingAt, endOf, headAt, undefinedLength } from './element-walk.ts'
import { HeaderReader, type HeaderFindings } from './header-reader.ts'
import { mediaDirectoryUid } from './media-directory.ts'
import { decodeFileHead, type FileMeta } from './part10.ts'
import { bytesOf, textOf } from './text.ts'
import {
  deflatedExplicitLittle,
  explicitBig,
  explicitLittle,
  implicitLittle,
  isUid,
  storageKind,
  transferSyntaxes,
} from './uids.ts'

/** So much of the beginning is wanted; a shorter file whole. */
export const mediaHeadBytes = 65_536

export type PictureFormat = 'jpeg' | 'png' | 'bmp' | 'pdf' | 'mp4'

/** Why something that is DICOM cannot be taken. */
export type MediaRefusal =
  /** It has no UID, or names itself by something that is none. */
  | 'uid-invalid'
  /** A service or a directory, but nothing that is stored. */
  | 'not-stored'
  /** Nobody says how it is encoded. */
  | 'syntax-unknown'
  /** The file ends before its head does. */
  | 'cut-short'

export type MediaFlag =
  | 'header-unreadable'
  | 'no-study'
  | 'uid-mismatch'
  | 'transfer-syntax-mislabelled'
  /** The file ends before its pixels do. */
  | 'cut-short'

export type MediaFile =
  | {
      readonly kind: 'instance'
      readonly meta: FileMeta
      readonly dataSetOffset: number
      /** The file ends before its pixels do. */
      readonly isCut: boolean
    }
  | { readonly kind: 'directory' }
  | { readonly kind: 'refused'; readonly reason: MediaRefusal }
  | { readonly kind: 'picture'; readonly format: PictureFormat }
  | { readonly kind: 'other' }

const preamble = joinBytes(new Uint8Array(128), bytesOf('DICM'))

/** `bytes`: the first `mediaHeadBytes` of a file of `sizeBytes`. */
export function readMediaFile(bytes: Uint8Array, sizeBytes: number): MediaFile {
  if (textOf(bytes, 128, 132) === 'DICM') return readPart10(bytes, sizeBytes, 0)
  const format = pictureFormat(bytes)
  if (format !== null) return { kind: 'picture', format }
  if (bytes[0] === 2 && bytes[1] === 0 && bytes[3] === 0) {
    return readPart10(joinBytes(preamble, bytes), sizeBytes, preamble.length)
  }
  return readBare(bytes, sizeBytes, 0) ?? { kind: 'other' }
}

/** `added`: how many bytes of the head are not in the file. */
function readPart10(bytes: Uint8Array, sizeBytes: number, added: number): MediaFile {
  const head = decodeFileHead(bytes)
  if (!head.ok) {
    const start = head.reason === 'no transfer syntax' ? metaEnd(bytes) : null
    const bare = start === null ? null : readBare(bytes, sizeBytes + added, start)
    if (bare?.kind === 'instance') return { ...bare, dataSetOffset: bare.dataSetOffset - added }
    if (added > 0) return { kind: 'other' }
    const reason = head.reason === 'no transfer syntax' ? 'syntax-unknown' : 'cut-short'
    return bare ?? { kind: 'refused', reason }
  }
  const { dataSetOffset, transferSyntaxUid } = head.value
  if (head.value.sopClassUid === mediaDirectoryUid) return { kind: 'directory' }
  if (!isUid(transferSyntaxUid)) return { kind: 'refused', reason: 'syntax-unknown' }
  if (dataSetOffset >= bytes.length) return { kind: 'refused', reason: 'cut-short' }
  const found = beginningOf(bytes.subarray(dataSetOffset), transferSyntaxUid)
  const sopClassUid = head.value.sopClassUid || (found.sopClassUid ?? '')
  const sopInstanceUid = head.value.sopInstanceUid || (found.sopInstanceUid ?? '')
  if (!isUid(sopClassUid) || !isUid(sopInstanceUid)) {
    return { kind: 'refused', reason: 'uid-invalid' }
  }
  if (storageKind(sopClassUid) === 'none') return { kind: 'refused', reason: 'not-stored' }
  const meta = { sopClassUid, sopInstanceUid, transferSyntaxUid }
  const isCut = endsEarly(bytes, dataSetOffset, transferSyntaxUid, sizeBytes + added)
  return { kind: 'instance', meta, dataSetOffset: dataSetOffset - added, isCut }
}

/** null: nothing that is certainly a data set begins at `start`. */
function readBare(bytes: Uint8Array, sizeBytes: number, start: number): MediaFile | null {
  const dataSet = bytes.subarray(start)
  const encoding = encodingAt(dataSet, 0)
  const first = headAt(dataSet, 0, encoding)
  if (first === null || Math.floor(first.tag / 0x1_0000) !== 0x0008) return null
  const transferSyntaxUid = encoding.explicit
    ? encoding.little
      ? explicitLittle
      : explicitBig
    : implicitLittle
  const findings = beginningOf(dataSet, transferSyntaxUid)
  const { sopClassUid, sopInstanceUid, studyInstanceUid } = findings
  if (findings.unreadable !== null || findings.mislabelled) return null
  if (sopClassUid === null || sopInstanceUid === null || studyInstanceUid === null) return null
  if (storageKind(sopClassUid) !== 'standard') return null
  const pixels = pixelHead(bytes, start, transferSyntaxUid)
  const isWhole = sizeBytes <= bytes.length
  if (pixels === null && !isWhole) return null
  if (pixels?.length === undefinedLength) return { kind: 'refused', reason: 'syntax-unknown' }
  const meta = { sopClassUid, sopInstanceUid, transferSyntaxUid }
  const isCut = endsEarly(bytes, start, transferSyntaxUid, sizeBytes)
  return { kind: 'instance', meta, dataSetOffset: start, isCut }
}

/** What is cut off here may go on in the file: only what is wrong before it is told. */
function beginningOf(dataSet: Uint8Array, transferSyntaxUid: string): HeaderFindings {
  const reader = new HeaderReader(transferSyntaxUid)
  reader.push(dataSet)
  return reader.findings()
}

/**
 * What needs a person's eye, in the words of the network, so that it makes no difference how an
 * image came. `found` is of the whole data set.
 */
export function mediaFlags(
  meta: FileMeta,
  found: HeaderFindings,
  isCut: boolean,
): readonly MediaFlag[] {
  const flags: MediaFlag[] = []
  const { sopInstanceUid, sopClassUid, studyInstanceUid } = found
  if (found.unreadable !== null || sopInstanceUid === null) flags.push('header-unreadable')
  else if (studyInstanceUid === null) flags.push('no-study')
  const otherInstance = sopInstanceUid !== null && sopInstanceUid !== meta.sopInstanceUid
  const otherClass = sopClassUid !== null && sopClassUid !== meta.sopClassUid
  if (otherInstance || otherClass) flags.push('uid-mismatch')
  if (found.mislabelled) flags.push('transfer-syntax-mislabelled')
  if (isCut) flags.push('cut-short')
  return flags
}

/** False also where it cannot be told, as of compressed pixels. */
function endsEarly(
  bytes: Uint8Array,
  start: number,
  transferSyntaxUid: string,
  sizeBytes: number,
): boolean {
  if (transferSyntaxes.get(transferSyntaxUid)?.coding !== 'native') return false
  const pixels = pixelHead(bytes, start, transferSyntaxUid)
  if (pixels === null || pixels.length === undefinedLength) return false
  return pixels.valueAt + pixels.length > sizeBytes
}

/** More elements than that are in front of no pixels. */
const elementsMax = 100_000

/** The head of the pixels, or of whatever lies in their group; null when it is not in the bytes. */
function pixelHead(bytes: Uint8Array, start: number, transferSyntaxUid: string) {
  if (transferSyntaxUid === deflatedExplicitLittle) return null
  const encoding = encodingAt(bytes, start)
  let at = start
  for (let count = 0; count < elementsMax; count++) {
    const head = headAt(bytes, at, encoding)
    if (head === null) return null
    const group = Math.floor(head.tag / 0x1_0000)
    if (group === 0x7fe0 && head.tag % 0x1_0000 !== 0) return head
    const end = endOf(bytes, head, encoding)
    if (end === null || group > 0x7fe0) return null
    at = end
  }
  return null
}

/** Where group 0002 is over; null when it is not in the bytes. */
function metaEnd(bytes: Uint8Array): number | null {
  const encoding = { explicit: true, little: true }
  let at = preamble.length
  for (;;) {
    const head = headAt(bytes, at, encoding)
    if (head === null || Math.floor(head.tag / 0x1_0000) !== 0x0002) return at
    const end = endOf(bytes, head, encoding)
    if (end === null) return null
    at = end
  }
}

const fileTypes: readonly (readonly [at: number, text: string, format: PictureFormat])[] = [
  [0, '\xff\xd8\xff', 'jpeg'],
  [0, '\x89PNG\r\n\x1a\n', 'png'],
  [0, '%PDF-', 'pdf'],
  [4, 'ftyp', 'mp4'],
]

function pictureFormat(bytes: Uint8Array): PictureFormat | null {
  const found = fileTypes.find(([at, text]) => textOf(bytes, at, at + text.length) === text)
  if (found !== undefined) return found[2]
  // Two letters are little: the two reserved words behind the size are zero as well.
  const isBmp = textOf(bytes, 0, 2) === 'BM' && textOf(bytes, 6, 10) === '\0\0\0\0'
  return isBmp && bytes.length >= 26 ? 'bmp' : null
}
