/**
 * A PNG read to its pixels, without loss. Source: ISO/IEC 15948 (PNG specification, third edition).
 *
 *   | 89 P N G 0D 0A 1A 0A | chunks |
 *   chunk: | length u32 | type, 4 letters | data | CRC-32 over type and data |  big-endian
 *   IHDR:  | width u32 | height u32 | bits | colour | 0 | 0 | interlace |
 *   IDAT:  one zlib stream, cut into pieces; in it each row: | filter | samples |
 *
 * What DICOM has no place for is refused: a picture that is transparent somewhere, and one that
 * moves. Transparency that hides nothing is left away.
 */
import { crc32 } from '../bytes/crc32.ts'
import { joinBytes } from '../bytes/bytes.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { textOf, viewOf } from './text.ts'
import { paletteOf, tooLarge, type Palette, type Picture } from './wrap-picture.ts'

/** Inflates a zlib stream to at most `limitBytes`; null when it is none, or longer. */
export type Inflate = (deflated: Uint8Array, limitBytes: number) => Uint8Array | null

const signature = '\x89PNG\r\n\x1a\n'
const chunksMax = 100_000

const greyColour = 0
const trueColour = 2
const indexedColour = 3
const greyAlpha = 4
const trueAlpha = 6

/** Samples of a pixel, and the depths that are allowed (table 11.1). */
const colours: ReadonlyMap<number, { readonly channels: number; readonly bits: string }> = new Map([
  [greyColour, { channels: 1, bits: '1 2 4 8 16' }],
  [trueColour, { channels: 3, bits: '8 16' }],
  [indexedColour, { channels: 1, bits: '1 2 4 8' }],
  [greyAlpha, { channels: 2, bits: '8 16' }],
  [trueAlpha, { channels: 4, bits: '8 16' }],
])

interface Header {
  readonly columns: number
  readonly rows: number
  readonly bits: number
  readonly colour: number
  readonly channels: number
  readonly isInterlaced: boolean
}

interface Chunks {
  readonly header: Header
  readonly palette: Palette | null
  readonly transparency: Uint8Array | null
  readonly deflated: Uint8Array
}

/** Every so many-th pixel from a first one, in both directions. */
interface Pass {
  readonly x: number
  readonly y: number
  readonly stepX: number
  readonly stepY: number
}

const wholePicture: readonly Pass[] = [{ x: 0, y: 0, stepX: 1, stepY: 1 }]

/** Adam7 (section 8.2). */
const sevenPasses: readonly Pass[] = [
  { x: 0, y: 0, stepX: 8, stepY: 8 },
  { x: 4, y: 0, stepX: 8, stepY: 8 },
  { x: 0, y: 4, stepX: 4, stepY: 8 },
  { x: 2, y: 0, stepX: 4, stepY: 4 },
  { x: 0, y: 2, stepX: 2, stepY: 4 },
  { x: 1, y: 0, stepX: 2, stepY: 2 },
  { x: 0, y: 1, stepX: 1, stepY: 2 },
]

/** Some writers put a few bytes behind the last row. */
const surplusBytes = 65_536

export function decodePng(bytes: Uint8Array, inflate: Inflate): Decoded<Picture> {
  const chunks = readChunks(bytes)
  if (!chunks.ok) return chunks
  const { header, deflated } = chunks.value
  const passes = (header.isInterlaced ? sevenPasses : wholePicture)
    .map((pass) => ({ ...pass, ...extentOf(pass, header) }))
    .filter(({ width, height }) => width > 0 && height > 0)
  const expected = passes.reduce((sum, { height, rowBytes }) => sum + height * (1 + rowBytes), 0)
  const rows = inflate(deflated, expected + surplusBytes)
  if (rows === null || rows.length < expected) return undecoded('a PNG that is cut short')
  let at = 0
  for (const { height, rowBytes } of passes) {
    const size = height * (1 + rowBytes)
    const part = rows.subarray(at, at + size)
    if (!unfilter(part, rowBytes, pixelStep(header))) return undecoded('a PNG with unknown filter')
    at += size
  }
  return placed(chunks.value, passes, rows)
}

function readChunks(bytes: Uint8Array): Decoded<Chunks> {
  if (textOf(bytes, 0, 8) !== signature) return undecoded('not a PNG')
  const view = viewOf(bytes)
  const pieces: Uint8Array[] = []
  let header: Header | null = null
  let palette: Palette | null = null
  let transparency: Uint8Array | null = null
  let at = 8
  for (let count = 0; count < chunksMax; count++) {
    if (at + 12 > bytes.length) return undecoded('a PNG that is cut short')
    const length = view.getUint32(at)
    const type = textOf(bytes, at + 4, at + 8)
    const end = at + 12 + length
    if (end > bytes.length) return undecoded('a PNG that is cut short')
    const data = bytes.subarray(at + 8, end - 4)
    if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) {
      return undecoded('a PNG whose check sum is wrong')
    }
    if (header === null) {
      const read = type === 'IHDR' ? headerOf(data) : undecoded('a PNG without header')
      if (!read.ok) return read
      header = read.value
    } else if (type === 'PLTE') {
      if (data.length % 3 !== 0 || data.length > 768) return undecoded('a PNG with a wrong palette')
      palette = paletteOf(data)
    } else if (type === 'tRNS') {
      transparency = data
    } else if (type === 'IDAT') {
      pieces.push(data)
    } else if (type === 'acTL') {
      return undecoded('a PNG that moves')
    } else if (type === 'IEND') {
      if (header.colour === indexedColour && palette === null)
        return undecoded('a PNG palette lost')
      return decoded({ header, palette, transparency, deflated: joinBytes(...pieces) })
    } else if (/^[A-Z]/.test(type)) {
      return undecoded('a PNG with parts that nobody knows')
    }
    at = end
  }
  return undecoded('a PNG of too many parts')
}

function headerOf(data: Uint8Array): Decoded<Header> {
  if (data.length !== 13) return undecoded('a PNG with a wrong header')
  const view = viewOf(data)
  const columns = view.getUint32(0)
  const rows = view.getUint32(4)
  const [bits = 0, colour = 0, compression = 0, filter = 0, interlace = 0] = data.subarray(8)
  const known = colours.get(colour)
  const sound = known?.bits.split(' ').includes(String(bits)) ?? false
  if (known === undefined || !sound || compression !== 0 || filter !== 0 || interlace > 1) {
    return undecoded('a PNG with a wrong header')
  }
  const { channels } = known
  const why = tooLarge(columns, rows, Math.max(3, channels) * (bits === 16 ? 2 : 1))
  if (why !== null) return undecoded(why)
  return decoded({ columns, rows, bits, colour, channels, isInterlaced: interlace === 1 })
}

interface Extent {
  readonly width: number
  readonly height: number
  /** Without the byte of the filter. */
  readonly rowBytes: number
}

function extentOf({ x, y, stepX, stepY }: Pass, header: Header): Extent {
  const width = Math.ceil(Math.max(0, header.columns - x) / stepX)
  const height = Math.ceil(Math.max(0, header.rows - y) / stepY)
  return { width, height, rowBytes: Math.ceil((width * header.bits * header.channels) / 8) }
}

/** How far back the byte is that a filter calls the left one. */
function pixelStep({ bits, channels }: Header): number {
  return Math.max(1, (bits * channels) / 8)
}

/** In place (section 9). False when a row has a filter that does not exist. */
function unfilter(rows: Uint8Array, rowBytes: number, step: number): boolean {
  let above: Uint8Array = new Uint8Array(rowBytes)
  for (let at = 0; at < rows.length; at += 1 + rowBytes) {
    const row = rows.subarray(at + 1, at + 1 + rowBytes)
    const filter = rows[at] ?? 0
    if (filter > 4) return false
    if (filter === 1) {
      for (let i = step; i < rowBytes; i++) row[i] = (row[i] ?? 0) + (row[i - step] ?? 0)
    } else if (filter === 2) {
      for (let i = 0; i < rowBytes; i++) row[i] = (row[i] ?? 0) + (above[i] ?? 0)
    } else if (filter === 3) {
      for (let i = 0; i < rowBytes; i++) {
        const left = i < step ? 0 : (row[i - step] ?? 0)
        row[i] = (row[i] ?? 0) + ((left + (above[i] ?? 0)) >> 1)
      }
    } else if (filter === 4) {
      for (let i = 0; i < rowBytes; i++) {
        const left = i < step ? 0 : (row[i - step] ?? 0)
        const corner = i < step ? 0 : (above[i - step] ?? 0)
        row[i] = (row[i] ?? 0) + paeth(left, above[i] ?? 0, corner)
      }
    }
    above = row
  }
  return true
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner
  const toLeft = Math.abs(guess - left)
  const toUp = Math.abs(guess - up)
  const toCorner = Math.abs(guess - corner)
  if (toLeft <= toUp && toLeft <= toCorner) return left
  return toUp <= toCorner ? up : corner
}

/** Every pixel to its place, its bytes in the order of DICOM. */
function placed(
  { header, palette, transparency }: Chunks,
  passes: readonly (Pass & Extent)[],
  rows: Uint8Array,
): Decoded<Picture> {
  const { columns, bits, colour, channels } = header
  const isColour =
    colour === indexedColour
      ? palette?.isGrey !== true
      : colour === trueColour || colour === trueAlpha
  const samples = isColour ? 3 : 1
  const deep = bits === 16
  const pixels = new Uint8Array(columns * header.rows * samples * (deep ? 2 : 1))
  const put = putter({ header, palette, transparency, samples, pixels })
  let at = 0
  for (const { x, y, stepX, stepY, width, height, rowBytes } of passes) {
    for (let line = 0; line < height; line++) {
      const row = rows.subarray(at + 1, at + 1 + rowBytes)
      const start = (y + line * stepY) * columns + x
      for (let i = 0; i < width; i++) {
        const index = bits < 8 ? bitsAt(row, i, bits) : i * channels * (deep ? 2 : 1)
        if (!put(row, index, start + i * stepX)) return undecoded('a PNG that is transparent')
      }
      at += 1 + rowBytes
    }
  }
  return decoded({ columns, rows: header.rows, samples, bits: deep ? 16 : 8, pixels })
}

/** The value of a sample that is smaller than a byte. */
function bitsAt(row: Uint8Array, index: number, bits: number): number {
  const bit = index * bits
  return ((row[bit >> 3] ?? 0) >> (8 - bits - (bit & 7))) & ((1 << bits) - 1)
}

interface Placing {
  readonly header: Header
  readonly palette: Palette | null
  readonly transparency: Uint8Array | null
  readonly samples: 1 | 3
  readonly pixels: Uint8Array
}

/**
 * `at` is the value itself where it is smaller than a byte, else where its first byte stands.
 * Answers false when the pixel is transparent, or no colour of the palette.
 */
type Put = (row: Uint8Array, at: number, pixel: number) => boolean

function putter(placing: Placing): Put {
  const { bits, colour } = placing.header
  if (colour === indexedColour) return indexedPutter(placing)
  if (bits === 16) return deepPutter(placing)
  const { samples, pixels, transparency, header } = placing
  const key = keyOf(transparency, samples, header)
  if (bits < 8) {
    const scale = 255 / ((1 << bits) - 1)
    return (_, value, pixel) => {
      pixels[pixel] = value * scale
      return key === null || key[0] !== value
    }
  }
  const hasAlpha = header.channels > samples
  return (row, at, pixel) => {
    const to = pixel * samples
    for (let i = 0; i < samples; i++) pixels[to + i] = row[at + i] ?? 0
    if (hasAlpha) return row[at + samples] === 255
    return key === null || key.some((value, i) => value !== row[at + i])
  }
}

function indexedPutter({ header, palette, transparency, samples, pixels }: Placing): Put {
  const table = palette?.colours ?? new Uint8Array(0)
  return (row, at, pixel) => {
    const index = header.bits < 8 ? at : (row[at] ?? 0)
    const from = index * 3
    if (from >= table.length || (transparency?.[index] ?? 255) !== 255) return false
    for (let i = 0; i < samples; i++) pixels[pixel * samples + i] = table[from + i] ?? 0
    return true
  }
}

function deepPutter({ header, transparency, samples, pixels }: Placing): Put {
  const key = keyOf(transparency, samples, header)
  const hasAlpha = header.channels > samples
  return (row, at, pixel) => {
    const to = pixel * samples * 2
    let isKey = key !== null
    for (let i = 0; i < samples; i++) {
      const high = row[at + 2 * i] ?? 0
      const low = row[at + 2 * i + 1] ?? 0
      pixels[to + 2 * i] = low
      pixels[to + 2 * i + 1] = high
      if (key?.[i] !== high * 256 + low) isKey = false
    }
    const alphaAt = at + 2 * samples
    if (hasAlpha) return row[alphaAt] === 255 && row[alphaAt + 1] === 255
    return !isKey
  }
}

/** The one colour that is transparent (section 11.3.1.1); null when there is none. */
function keyOf(
  transparency: Uint8Array | null,
  samples: number,
  header: Header,
): readonly number[] | null {
  if (transparency === null || header.channels > samples) return null
  if (transparency.length < 2 * samples) return null
  const view = viewOf(transparency)
  return Array.from({ length: samples }, (_, i) => view.getUint16(2 * i))
}
