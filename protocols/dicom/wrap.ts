/**
 * A file that is no DICOM, made one: a photo, a screen, a letter, a clip, with the names of the
 * visit and the order that it belongs to. Source: PS3.3 sections A.8.1 (Secondary Capture), A.32.4
 * (VL Photographic), A.32.5 to A.32.7 (Video), A.45.1 (Encapsulated PDF), C.7, C.8.6, C.8.12, C.24.
 *
 *   | preamble, DICM, group 0002 | data set up to its last value | the file | padding, end |
 *     ───────────── head ──────────────────────────────────────── body ── tail ─────────
 *
 * What is given is not touched: JPEG, PDF and MP4 go in byte for byte, so that only the head and
 * the tail are made here and a clip never lies in the memory. An attribute that nobody knows is
 * empty where the standard wants it there, and absent where it does not: nothing is invented.
 */
import type { WrapSubject, WrapPurpose, WrapDetails } from './wrap-facts.ts'
import { joinBytes } from '../bytes/bytes.ts'
import { encodeFileHead, type FileMeta } from './part10.ts'
import { explicitLittle } from './uids.ts'
import { instanceElements, subjectElements, type Elements } from './wrap-identity.ts'
import type { JpegFacts } from './wrap-jpeg.ts'
import type { VideoFacts } from './wrap-mp4.ts'
import type { Picture } from './wrap-picture.ts'
import { dataSetOf, number, sequence, text, type WrapElement } from './wrap-elements.ts'

const storageRoot = '1.2.840.10008.5.1.4.1.1.'

export const wrapClasses = {
  secondaryCapture: `${storageRoot}7`,
  photographic: `${storageRoot}77.1.4`,
  videoEndoscopic: `${storageRoot}77.1.1.1`,
  videoPhotographic: `${storageRoot}77.1.4.1`,
  encapsulatedPdf: `${storageRoot}104.1`,
} as const

/** What goes before and behind the body in the file. */
export interface Envelope extends FileMeta {
  readonly head: Uint8Array
  readonly tail: Uint8Array
}

const endOfPixels = Uint8Array.of(0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0)
const emptyOffsets = Uint8Array.of(0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0)

/**
 * The body is the JPEG itself, `sizeBytes` long. When it was taken, the camera says where nobody
 * else does.
 */
export function wrapJpeg(
  facts: JpegFacts,
  sizeBytes: number,
  subject: WrapSubject,
  said: WrapDetails,
): Envelope {
  const details = { ...said, takenAt: said.takenAt ?? facts.takenAt }
  const { transferSyntaxUid, bitsStored, isLossy, samples, columns, rows, photometric } = facts
  const bits = bitsStored > 8 ? 16 : 8
  const image = { columns, rows, samples, bits, bitsStored, photometric } as const
  const nativeBytes = (columns * rows * samples * bits) / 8
  const lossy = isLossy ? lossyElements(nativeBytes / sizeBytes, 'ISO_10918_1') : []
  const sopClassUid = pictureClass(details.purpose, bits)
  const elements = [
    ...pictureElements(sopClassUid, details),
    ...pixelElements(image),
    ...lossy,
    ...(isLossy ? [] : [text(0x0028_2110, 'CS', '00')]),
    ...turnElements(turnOf(facts.orientation)),
  ]
  const names = { sopClassUid, transferSyntaxUid }
  return encapsulated(names, elements, sizeBytes, subject, details)
}

/** The body are the pixels of the picture, and a zero when their number is odd. */
export function wrapPixels(picture: Picture, subject: WrapSubject, details: WrapDetails): Envelope {
  const { bits, samples, pixels } = picture
  const sopClassUid = pictureClass(details.purpose, bits)
  const photometric = samples === 1 ? 'MONOCHROME2' : 'RGB'
  const elements = [
    ...pictureElements(sopClassUid, details),
    ...pixelElements({ ...picture, bitsStored: bits, photometric }),
    text(0x0028_2110, 'CS', '00'),
  ]
  const odd = pixels.length % 2
  const names = { sopClassUid, transferSyntaxUid: explicitLittle }
  // Bytes lie in words from their lower end on, so both representations give the same bytes.
  const opening = longHead(0x7fe0_0010, bits === 16 ? 'OW' : 'OB', pixels.length + odd)
  return enveloped(names, elements, opening, new Uint8Array(odd), subject, details)
}

/** A film must say what it shows (PS3.3 table C.8-77), and this much is known. */
const wholeBody: Elements = [
  text(0x0008_0100, 'SH', '38266002'),
  text(0x0008_0102, 'SH', 'SCT'),
  text(0x0008_0104, 'LO', 'Entire body'),
]

/** The body is the MP4 itself, `sizeBytes` long. */
export function wrapVideo(
  facts: VideoFacts,
  sizeBytes: number,
  subject: WrapSubject,
  details: WrapDetails,
): Envelope {
  const { columns, rows, frames, frameTimeMs, transferSyntaxUid } = facts
  const { purpose } = details
  const sopClassUid =
    purpose === 'endoscopy' ? wrapClasses.videoEndoscopic : wrapClasses.videoPhotographic
  const method = transferSyntaxUid.endsWith('.107') ? 'ISO_23008_2' : 'ISO_14496_10'
  const ratio = (columns * rows * 3 * frames) / sizeBytes
  const elements = [
    ...pictureElements(sopClassUid, details),
    ...pixelElements({
      columns,
      rows,
      samples: 3,
      bits: 8,
      bitsStored: 8,
      photometric: 'YBR_PARTIAL_420',
    }),
    sequence(0x0008_2218, wholeBody),
    text(0x0018_1063, 'DS', decimal(frameTimeMs)),
    number(0x0018_0040, 'IS', Math.max(1, Math.round(1_000 / frameTimeMs))),
    number(0x0028_0008, 'IS', frames),
    // The attribute that says how the frames follow each other: Frame Time.
    number(0x0028_0009, 'AT', 0x0018_1063),
    ...lossyElements(ratio, method),
    ...turnElements(facts.turned),
  ]
  return encapsulated({ sopClassUid, transferSyntaxUid }, elements, sizeBytes, subject, details)
}

/** The body is the PDF itself, `sizeBytes` long. */
export function wrapPdf(sizeBytes: number, subject: WrapSubject, details: WrapDetails): Envelope {
  const odd = sizeBytes % 2
  const { purpose, description, takenAt } = details
  const elements = [
    text(0x0008_002a, 'DT', takenAt === null ? '' : takenAt.date + takenAt.time),
    text(0x0008_0060, 'CS', 'DOC'),
    text(0x0008_0064, 'CS', purpose === 'scan' ? 'SD' : 'WSD'),
    ...captureDevice(details),
    // It holds what it holds: nobody looked whether the name of the patient is among it.
    text(0x0028_0301, 'CS', 'YES'),
    text(0x0042_0010, 'ST', description),
    sequence(0x0040_a043),
  ]
  const names = { sopClassUid: wrapClasses.encapsulatedPdf, transferSyntaxUid: explicitLittle }
  const opening = longHead(0x0042_0011, 'OB', sizeBytes + odd)
  const behind = [text(0x0042_0012, 'LO', 'application/pdf'), number(0x0042_0015, 'UL', sizeBytes)]
  const tail = joinBytes(new Uint8Array(odd), dataSetOf(behind, false))
  return enveloped(names, elements, opening, tail, subject, details)
}

/** Visible light objects hold eight bits a sample (PS3.3 section C.8.12.1.1.1). */
function pictureClass(purpose: WrapPurpose, bits: number): string {
  const isPhoto = purpose === 'photo' || purpose === 'endoscopy'
  return isPhoto && bits === 8 ? wrapClasses.photographic : wrapClasses.secondaryCapture
}

function pictureElements(sopClassUid: string, details: WrapDetails): Elements {
  const { purpose, takenAt } = details
  const isCapture = sopClassUid === wrapClasses.secondaryCapture
  const { videoEndoscopic, videoPhotographic } = wrapClasses
  const isFilm = sopClassUid === videoEndoscopic || sopClassUid === videoPhotographic
  const conversion = { photo: 'DI', endoscopy: 'DI', screen: 'WSD', scan: 'SD' }[purpose]
  return [
    text(0x0008_0008, 'CS', isCapture ? 'DERIVED\\SECONDARY' : 'ORIGINAL\\PRIMARY'),
    text(0x0008_002a, 'DT', takenAt === null ? '' : takenAt.date + takenAt.time),
    text(0x0008_0060, 'CS', isCapture ? 'OT' : purpose === 'endoscopy' ? 'ES' : 'XC'),
    text(0x0020_0020, 'CS', ''),
    // Of paired parts it says which; nobody has said. A film says that it shows the whole body.
    ...(isFilm ? [] : [text(0x0020_0060, 'CS', '')]),
    text(0x0028_0301, 'CS', purpose === 'photo' || purpose === 'endoscopy' ? 'NO' : 'YES'),
    ...(isCapture
      ? [text(0x0008_0064, 'CS', conversion), ...captureDevice(details), ...captureTime(details)]
      : [sequence(0x0040_0555)]),
  ]
}

/** What made it DICOM, in the words of the Secondary Capture. */
function captureDevice({ software }: WrapDetails): Elements {
  return [text(0x0018_1016, 'LO', 'Simpul'), text(0x0018_1019, 'LO', software)]
}

function captureTime({ wrappedAt }: WrapDetails): Elements {
  if (wrappedAt === null) return []
  return [text(0x0018_1012, 'DA', wrappedAt.date), text(0x0018_1014, 'TM', wrappedAt.time)]
}

interface PixelFacts {
  readonly columns: number
  readonly rows: number
  readonly samples: 1 | 3
  readonly bits: 8 | 16
  readonly bitsStored: number
  readonly photometric: string
}

function pixelElements(facts: PixelFacts): Elements {
  const { columns, rows, samples, bits, bitsStored, photometric } = facts
  return [
    number(0x0028_0002, 'US', samples),
    text(0x0028_0004, 'CS', photometric),
    ...(samples === 3 ? [number(0x0028_0006, 'US', 0)] : []),
    number(0x0028_0010, 'US', rows),
    number(0x0028_0011, 'US', columns),
    number(0x0028_0100, 'US', bits),
    number(0x0028_0101, 'US', bitsStored),
    number(0x0028_0102, 'US', bitsStored - 1),
    number(0x0028_0103, 'US', 0),
  ]
}

function lossyElements(ratio: number, method: string): Elements {
  return [
    text(0x0028_2110, 'CS', '01'),
    text(0x0028_2112, 'DS', decimal(ratio)),
    text(0x0028_2114, 'CS', method),
  ]
}

/** Exif counts eight ways to hold a camera; four of them mirror, which no camera does. */
function turnOf(orientation: number | null): 0 | 90 | 180 | 270 {
  if (orientation === 6 || orientation === 5) return 90
  if (orientation === 3 || orientation === 4) return 180
  return orientation === 8 || orientation === 7 ? 270 : 0
}

/** A viewer does not look into the file for it, so a person is told. */
function turnElements(degrees: 0 | 90 | 180 | 270): Elements {
  const words = `Taken turned: to see it upright, turn it ${degrees} degrees clockwise`
  return degrees === 0 ? [] : [text(0x0020_4000, 'LT', words)]
}

function encapsulated(
  names: Pick<FileMeta, 'sopClassUid' | 'transferSyntaxUid'>,
  elements: Elements,
  sizeBytes: number,
  subject: WrapSubject,
  details: WrapDetails,
): Envelope {
  const odd = sizeBytes % 2
  const item = Uint8Array.of(0xfe, 0xff, 0x00, 0xe0, ...littleEndian(sizeBytes + odd))
  const head = longHead(0x7fe0_0010, 'OB', 0xffff_ffff)
  const opening = joinBytes(head, emptyOffsets, item)
  const tail = joinBytes(new Uint8Array(odd), endOfPixels)
  return enveloped(names, elements, opening, tail, subject, details)
}

function enveloped(
  names: Pick<FileMeta, 'sopClassUid' | 'transferSyntaxUid'>,
  elements: Elements,
  opening: Uint8Array,
  tail: Uint8Array,
  subject: WrapSubject,
  details: WrapDetails,
): Envelope {
  const { sopInstanceUid } = details
  const common: readonly WrapElement[] = [
    text(0x0008_0016, 'UI', names.sopClassUid),
    text(0x0008_0018, 'UI', sopInstanceUid),
    ...subjectElements(subject),
    ...instanceElements(details),
  ]
  const meta = { ...names, sopInstanceUid }
  const dataSet = dataSetOf([...common, ...elements], true)
  return { ...meta, head: joinBytes(encodeFileHead(meta), dataSet, opening), tail }
}

function longHead(tag: number, representation: 'OB' | 'OW', length: number): Uint8Array {
  return Uint8Array.of(
    ...littleEndian(tag >>> 16).slice(0, 2),
    ...littleEndian(tag & 0xffff).slice(0, 2),
    representation.charCodeAt(0),
    representation.charCodeAt(1),
    0,
    0,
    ...littleEndian(length),
  )
}

function littleEndian(value: number): readonly number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24]
}

/** A decimal string holds sixteen characters. */
function decimal(value: number): string {
  return String(Number(value.toPrecision(9))).slice(0, 16)
}
