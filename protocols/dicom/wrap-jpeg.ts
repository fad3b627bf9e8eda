/**
 * What a JPEG says of itself, from its markers alone: it is kept byte for byte. Source: ITU-T T.81
 * annex B; JFIF 1.02; Exif 2.32 section 4.6.4; which transfer syntax: PS3.5 section A.4.1.
 *
 *   | FF D8 | segments | FF DA | coded samples | … | FF D9 |
 *   segment: | FF | marker | length u16, itself included | data |           big-endian
 *   SOFn:    | bits | rows u16 | columns u16 | components | of each: id, sampling, table |
 */
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { textOf, viewOf } from './text.ts'
import type { WrapTime } from './wrap-facts.ts'
import { tooLarge } from './wrap-picture.ts'

const syntaxRoot = '1.2.840.10008.1.2.4.'
const segmentsMax = 10_000

const startOfImage = 0xd8
const endOfImage = 0xd9
const startOfScan = 0xda
const defineLines = 0xdc
const exifTag = 0xe1
const adobeTag = 0xee
const jfifTag = 0xe0

export interface JpegFacts {
  readonly columns: number
  readonly rows: number
  readonly samples: 1 | 3
  readonly bitsStored: number
  readonly transferSyntaxUid: string
  /** YBR_FULL_422 is how DICOM calls what JPEG codes in YCbCr, however often it has the colours. */
  readonly photometric: 'MONOCHROME2' | 'RGB' | 'YBR_FULL_422'
  readonly isLossy: boolean
  /** How the camera was held, 1 to 8 as Exif counts; 1 is upright, null: it does not say. */
  readonly orientation: number | null
  /** By the clock of the camera; null: it does not say. */
  readonly takenAt: WrapTime | null
}

interface Frame {
  readonly process: number
  readonly bits: number
  readonly columns: number
  readonly rows: number
  /** What the file calls them. */
  readonly components: readonly number[]
}

/** What else the segments say. */
interface Seen {
  frame: Frame | null
  isJfif: boolean
  /** 0: no transformation of colours. null: no Adobe segment. */
  adobe: number | null
  exif: Exif | null
  /** Of the first scan: in lossless processes which neighbour predicts. */
  predictor: number | null
}

export function readJpeg(bytes: Uint8Array): Decoded<JpegFacts> {
  if (bytes[0] !== 0xff || bytes[1] !== startOfImage) return undecoded('not a JPEG')
  const seen: Seen = {
    frame: null,
    isJfif: false,
    adobe: null,
    exif: null,
    predictor: null,
  }
  let at = 2
  for (let count = 0; count < segmentsMax; count++) {
    if (bytes[at] !== 0xff) return undecoded('a JPEG that is damaged')
    while (bytes[at + 1] === 0xff) at++
    const marker = bytes[at + 1]
    if (marker === endOfImage) return factsOf(seen)
    if (marker === undefined || at + 4 > bytes.length) return undecoded(cutShort)
    const length = viewOf(bytes).getUint16(at + 2)
    const end = at + 2 + length
    if (length < 2 || marker < 0xc0 || marker === startOfImage) {
      return undecoded('a JPEG that is damaged')
    }
    if (end > bytes.length) return undecoded(cutShort)
    const why = read(marker, bytes.subarray(at + 4, end), seen)
    if (why !== null) return undecoded(why)
    if (marker !== startOfScan) {
      at = end
      continue
    }
    const next = scanEnd(bytes, end)
    if (next === null) return undecoded(cutShort)
    at = next
  }
  return undecoded('a JPEG of too many parts')
}

const cutShort = 'a JPEG that is cut short'

/** null: go on. Else why it is not taken. */
function read(marker: number, data: Uint8Array, seen: Seen): string | null {
  if (isFrame(marker)) {
    if (seen.frame !== null) return 'a JPEG of several layers'
    seen.frame = frameOf(marker, data)
    return seen.frame === null ? 'a JPEG that is damaged' : null
  }
  if (marker === defineLines) return 'a JPEG that says its height at the end'
  if (marker === startOfScan) {
    if (seen.frame === null) return 'a JPEG that is damaged'
    seen.predictor ??= data[1 + 2 * (data[0] ?? 0)] ?? null
  } else if (marker === jfifTag) {
    seen.isJfif ||= textOf(data, 0, 5) === 'JFIF\0'
  } else if (marker === adobeTag && textOf(data, 0, 5) === 'Adobe') {
    seen.adobe = data[11] ?? null
  } else if (marker === exifTag && textOf(data, 0, 6) === 'Exif\0\0') {
    seen.exif ??= exifIn(data.subarray(6))
  }
  return null
}

/** SOF0 to SOF15; between them stand DHT, JPG and DAC. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
}

function frameOf(marker: number, data: Uint8Array): Frame | null {
  const count = data[5] ?? 0
  if (data.length < 6 + 3 * count) return null
  const view = viewOf(data)
  const components = Array.from({ length: count }, (_, i) => data[6 + 3 * i] ?? 0)
  const rows = view.getUint16(1)
  const columns = view.getUint16(3)
  return { process: marker - 0xc0, bits: data[0] ?? 0, rows, columns, components }
}

/** Where the marker stands that ends the coded samples; null when none does. */
function scanEnd(bytes: Uint8Array, from: number): number | null {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1]
    if (next === undefined) return null
    // A stuffed byte, a restart marker, or filling before a marker.
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at
  }
  return null
}

/** What a camera says. */
interface Exif {
  readonly orientation: number | null
  readonly takenAt: WrapTime | null
}

const orientationTag = 0x0112
const exifListTag = 0x8769
const takenAtTag = 0x9003

/** Exif is a TIFF: byte order, 42, offset of a list of entries of 12 bytes, and lists in them. */
function exifIn(tiff: Uint8Array): Exif {
  const little = textOf(tiff, 0, 2) === 'II'
  if (tiff.length < 8 || (!little && textOf(tiff, 0, 2) !== 'MM')) return silent
  const view = viewOf(tiff)
  /** Where the value of an entry begins, or the offset of it; null when it is not in the list. */
  const entryAt = (list: number, tag: number): number | null => {
    const count = list + 2 <= tiff.length ? view.getUint16(list, little) : 0
    for (let entry = 0; entry < count; entry++) {
      const at = list + 2 + entry * 12
      if (at + 12 > tiff.length) return null
      if (view.getUint16(at, little) === tag) return at + 8
    }
    return null
  }
  const first = view.getUint32(4, little)
  const orientationAt = entryAt(first, orientationTag)
  const orientation = orientationAt === null ? 0 : view.getUint16(orientationAt, little)
  const moreAt = entryAt(first, exifListTag)
  const takenAt = moreAt === null ? null : entryAt(view.getUint32(moreAt, little), takenAtTag)
  const text = takenAt === null ? '' : textFrom(tiff, view.getUint32(takenAt, little))
  return {
    orientation: orientation >= 1 && orientation <= 8 ? orientation : null,
    takenAt: timeOf(text),
  }
}

const silent: Exif = { orientation: null, takenAt: null }

function textFrom(bytes: Uint8Array, at: number): string {
  return textOf(bytes, at, at + 19)
}

/** `2026:11:24 08:20:00`, by the clock of the camera; null when it is no time. */
function timeOf(text: string): WrapTime | null {
  const found = /^((?:19|20)\d\d):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(text)
  const [, year = '', month = '', day = '', hour = '', minute = '', second = ''] = found ?? []
  const isTime =
    month >= '01' && month <= '12' && day >= '01' && day <= '31' && hour < '24' && minute < '60'
  if (found === null || !isTime || second >= '60') return null
  return { date: year + month + day, time: hour + minute + second }
}

function factsOf(seen: Seen): Decoded<JpegFacts> {
  const { frame, exif } = seen
  if (frame === null || seen.predictor === null) return undecoded('a JPEG without a picture')
  const { columns, rows, bits, components } = frame
  if (rows === 0) return undecoded('a JPEG that says its height at the end')
  // It is not decoded here, so only the sides count.
  const why = tooLarge(columns, rows, 0)
  if (why !== null) return undecoded(why)
  const samples = components.length
  if (samples !== 1 && samples !== 3) return undecoded(`a JPEG of ${samples} colours`)
  const coding = codingOf(frame, seen.predictor)
  if (!coding.ok) return coding
  return decoded({
    columns,
    rows,
    samples,
    bitsStored: bits,
    ...coding.value,
    photometric: samples === 1 ? 'MONOCHROME2' : coloursOf(seen, components),
    ...(exif ?? silent),
  })
}

function codingOf(
  { process, bits, components }: Frame,
  predictor: number,
): Decoded<{ readonly transferSyntaxUid: string; readonly isLossy: boolean }> {
  const lossy = (number: number) =>
    decoded({ transferSyntaxUid: `${syntaxRoot}${number}`, isLossy: true })
  if (process === 3) {
    const deepest = components.length === 1 ? 16 : 8
    if (bits < 8 || bits > deepest) return undecoded(`a JPEG of ${bits} bits`)
    const number = predictor === 1 ? 70 : 57
    return decoded({ transferSyntaxUid: `${syntaxRoot}${number}`, isLossy: false })
  }
  if (bits !== 8 && (bits !== 12 || process === 0)) return undecoded(`a JPEG of ${bits} bits`)
  if (bits === 12 && components.length > 1) return undecoded('a JPEG in colours of 12 bits')
  if (process === 0) return lossy(50)
  if (process === 1) return lossy(51)
  if (process === 2) return lossy(55)
  return undecoded('a JPEG coded in a way that no viewer reads')
}

/** As decoders guess: what JFIF and Adobe say, else the names of the components. */
function coloursOf(
  { isJfif, adobe, frame }: Seen,
  components: Frame['components'],
): JpegFacts['photometric'] {
  const names = String.fromCharCode(...components)
  // Lossless JPEG transforms no colours unless somebody says so.
  const isRgb = !isJfif && (adobe === null ? names === 'RGB' || frame?.process === 3 : adobe === 0)
  return isRgb ? 'RGB' : 'YBR_FULL_422'
}
