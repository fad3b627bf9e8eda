/**
 * What an MP4 says of the one clip in it. The file is kept byte for byte; this decides under which
 * transfer syntax it may travel. Source: ISO/IEC 14496-12 (boxes), 14496-15 (avcC, hvcC), ITU-T
 * H.264 annex A and H.265 annex A (profiles and levels), PS3.5 sections 8.2.7 to 8.2.11.
 *
 *   box: | size u32, 0: to the end | type, 4 letters | size u64 when it is 1 | boxes or data |
 *   ftyp · moov[ trak[ tkhd · mdia[ mdhd · hdlr · minf[ stbl[ stsd · stts · stsz ] ] ] ] ] · mdat
 *
 * It asks for the bytes that it wants to see: the clip itself may be too large for the memory.
 */
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { textOf, viewOf } from './text.ts'
import { sideMax } from './wrap-picture.ts'

const syntaxRoot = '1.2.840.10008.1.2.4.'
const boxesMax = 4_096
/** The tables of an hour of video are below two megabytes. */
const movieLimitBytes = 16_777_216
const brandLimitBytes = 1_024

export interface WantedBytes {
  readonly from: number
  readonly length: number
}

export interface VideoFacts {
  readonly columns: number
  readonly rows: number
  readonly frames: number
  /** On average, in milliseconds. */
  readonly frameTimeMs: number
  readonly transferSyntaxUid: string
  /** Words of the coding for people, for example `H.264 High@4.0`. */
  readonly coding: string
  readonly hasSound: boolean
  /** How far a player turns it clockwise, in degrees, which a DICOM viewer does not. */
  readonly turned: 0 | 90 | 180 | 270
}

interface Box {
  readonly type: string
  readonly data: Uint8Array
}

/** Answers what it wants to read, at most as much as there is, and takes those bytes. */
export function* readMp4(
  sizeBytes: number,
): Generator<WantedBytes, Decoded<VideoFacts>, Uint8Array> {
  let movie: Uint8Array | null = null
  let brands: Uint8Array | null = null
  let hasMedia = false
  let at = 0
  for (let count = 0; at < sizeBytes; count++) {
    if (count >= boxesMax) return undecoded('an MP4 of too many parts')
    if (at + 8 > sizeBytes) return undecoded(cutShort)
    const head = yield { from: at, length: Math.min(16, sizeBytes - at) }
    const type = textOf(head, 4, 8)
    if (at === 0 && type !== 'ftyp') return undecoded('not an MP4')
    const { headBytes, size } = extentOf(head, sizeBytes - at)
    if (size < headBytes || at + size > sizeBytes) return undecoded(cutShort)
    const inner = { from: at + headBytes, length: size - headBytes }
    if (type === 'moof') return undecoded('an MP4 in fragments, as for streaming')
    if (type === 'ftyp')
      brands = yield { ...inner, length: Math.min(inner.length, brandLimitBytes) }
    if (type === 'mdat') hasMedia = true
    if (type === 'moov') {
      if (inner.length > movieLimitBytes) return undecoded('an MP4 whose tables are too large')
      movie = yield inner
    }
    at += size
  }
  if (brands !== null && textOf(brands, 0, 4) === 'qt  ') {
    return undecoded('a QuickTime film, which DICOM does not hold')
  }
  if (movie === null || !hasMedia) return undecoded(cutShort)
  return factsOf(movie)
}

const cutShort = 'an MP4 that is cut short'

function extentOf(head: Uint8Array, left: number): { headBytes: number; size: number } {
  const view = viewOf(head)
  const size = view.getUint32(0)
  if (size === 0) return { headBytes: 8, size: left }
  if (size !== 1) return { headBytes: 8, size }
  if (head.length < 16) return { headBytes: 16, size: 0 }
  return { headBytes: 16, size: view.getUint32(8) * 2 ** 32 + view.getUint32(12) }
}

/** null when they do not fill what holds them. */
function boxesIn(bytes: Uint8Array): readonly Box[] | null {
  const boxes: Box[] = []
  for (let at = 0; at < bytes.length;) {
    // Some writers end a list with four zeros.
    if (at + 8 > bytes.length) return boxes
    const { headBytes, size } = extentOf(bytes.subarray(at, at + 16), bytes.length - at)
    if (size < headBytes || at + size > bytes.length || boxes.length >= boxesMax) return null
    boxes.push({
      type: textOf(bytes, at + 4, at + 8),
      data: bytes.subarray(at + headBytes, at + size),
    })
    at += size
  }
  return boxes
}

/** The first at the end of a way of types; null when there is none. */
function boxAt(bytes: Uint8Array, ...way: readonly string[]): Uint8Array | null {
  let found: Uint8Array | null = bytes
  for (const type of way) {
    found = boxesIn(found)?.find((box) => box.type === type)?.data ?? null
    if (found === null) return null
  }
  return found
}

function factsOf(movie: Uint8Array): Decoded<VideoFacts> {
  const tracks = (boxesIn(movie) ?? []).filter(({ type }) => type === 'trak')
  const kindOf = ({ data }: Box) => textOf(boxAt(data, 'mdia', 'hdlr') ?? data, 8, 12)
  const [clip, ...more] = tracks.filter((track) => kindOf(track) === 'vide')
  if (clip === undefined) return undecoded('an MP4 without pictures')
  if (more.length > 0) return undecoded('an MP4 of several films')
  const sounds = tracks.filter((track) => kindOf(track) === 'soun')
  const table = boxAt(clip.data, 'mdia', 'minf', 'stbl')
  const media = boxAt(clip.data, 'mdia', 'mdhd')
  const track = boxAt(clip.data, 'tkhd')
  if (table === null || media === null || track === null) return undecoded('an MP4 that is damaged')
  const times = timesOf(table, media)
  if (!times.ok) return times
  const entry = entryOf(table)
  if (!entry.ok) return entry
  const coding = codingOf(entry.value)
  if (!coding.ok) return coding
  const { columns, rows } = entry.value
  const turned = turnOf(track)
  return decoded({
    columns,
    rows,
    ...times.value,
    ...coding.value,
    hasSound: sounds.length > 0,
    turned,
  })
}

/** Every full box begins with a version and three bytes of flags. */
function timesOf(
  table: Uint8Array,
  media: Uint8Array,
): Decoded<{ readonly frames: number; readonly frameTimeMs: number }> {
  const wrong = undecoded('an MP4 whose times are damaged')
  const sizes = boxAt(table, 'stsz')
  const spans = boxAt(table, 'stts')
  if (sizes === null || spans === null || sizes.length < 12 || spans.length < 8) return wrong
  const scaleAt = media[0] === 1 ? 20 : 12
  if (media.length < scaleAt + 4) return wrong
  const scale = viewOf(media).getUint32(scaleAt)
  const frames = viewOf(sizes).getUint32(8)
  const view = viewOf(spans)
  const count = view.getUint32(4)
  if (spans.length < 8 + 8 * count) return wrong
  let timed = 0
  let ticks = 0
  for (let at = 8; at < 8 + 8 * count; at += 8) {
    const run = view.getUint32(at)
    timed += run
    ticks += run * view.getUint32(at + 4)
  }
  if (frames === 0 || timed !== frames || scale === 0 || ticks === 0) return wrong
  return decoded({ frames, frameTimeMs: (ticks * 1_000) / scale / frames })
}

interface Entry {
  readonly type: string
  readonly columns: number
  readonly rows: number
  /** Boxes of the entry. */
  readonly data: Uint8Array
}

/** Of a visual sample entry 78 bytes come before its boxes. */
const visualBytes = 78

function entryOf(table: Uint8Array): Decoded<Entry> {
  const description = boxAt(table, 'stsd')
  const entries = description === null ? null : boxesIn(description.subarray(8))
  const [entry, ...more] = entries ?? []
  if (entry === undefined || entry.data.length < visualBytes) {
    return undecoded('an MP4 that is damaged')
  }
  if (more.length > 0) return undecoded('an MP4 of several films')
  const view = viewOf(entry.data)
  const columns = view.getUint16(24)
  const rows = view.getUint16(26)
  if (columns === 0 || rows === 0 || columns > sideMax) return undecoded('an MP4 without pictures')
  return decoded({ type: entry.type, columns, rows, data: entry.data.subarray(visualBytes) })
}

type Coding = Pick<VideoFacts, 'transferSyntaxUid' | 'coding'>

function codingOf({ type, data }: Entry): Decoded<Coding> {
  if (type === 'avc1') return h264Coding(boxAt(data, 'avcC'))
  if (type === 'hvc1' || type === 'hev1') return h265Coding(boxAt(data, 'hvcC'))
  return undecoded(`an MP4 with a film in ${/^[\w.]{4}$/.test(type) ? type : 'something unknown'}`)
}

/**
 * The syntaxes name High Profile. What is coded in Main or Baseline would play everywhere, and is
 * refused all the same: it is not what its label would promise.
 */
function h264Coding(settings: Uint8Array | null): Decoded<Coding> {
  if (settings === null || settings.length < 7) return undecoded('an MP4 that is damaged')
  const [, profile = 0, , level = 0] = settings
  const name = profiles.get(profile) ?? `profile ${profile}`
  const coding = `H.264 ${name}@${(level / 10).toFixed(1)}`
  const number = profile !== 100 ? null : level <= 41 ? 102 : level === 42 ? 104 : null
  if (number === null) {
    return undecoded(`a film in ${coding}: DICOM holds High up to level 4.2`)
  }
  return decoded({ transferSyntaxUid: `${syntaxRoot}${number}`, coding })
}

const profiles: ReadonlyMap<number, string> = new Map([
  [66, 'Baseline'],
  [77, 'Main'],
  [88, 'Extended'],
  [100, 'High'],
  [110, 'High 10'],
  [122, 'High 4:2:2'],
  [244, 'High 4:4:4'],
])

/** `general_level_idc` is thirty times the level. */
const h265LevelMax = 153

function h265Coding(settings: Uint8Array | null): Decoded<Coding> {
  if (settings === null || settings.length < 23) return undecoded('an MP4 that is damaged')
  const profile = (settings[1] ?? 0) & 0x1f
  const level = settings[12] ?? 0
  const coding = `H.265 profile ${profile}@${(level / 30).toFixed(1)}`
  if (profile !== 1 || level > h265LevelMax) {
    return undecoded(`a film in ${coding}: DICOM holds Main up to level 5.1`)
  }
  return decoded({ transferSyntaxUid: `${syntaxRoot}107`, coding })
}

/** From the matrix of the track: its first two numbers, in 16.16, are a cosine and a sine. */
function turnOf(track: Uint8Array): VideoFacts['turned'] {
  const at = track[0] === 1 ? 52 : 40
  if (track.length < at + 8) return 0
  const view = viewOf(track)
  const cosine = Math.sign(view.getInt32(at))
  const sine = Math.sign(view.getInt32(at + 4))
  if (cosine === 0 && sine !== 0) return sine > 0 ? 90 : 270
  return cosine < 0 ? 180 : 0
}
