/**
 * A BMP read to its pixels, without loss. Source: Microsoft, "Bitmap Storage" and the structures
 * BITMAPCOREHEADER, BITMAPINFOHEADER, BITMAPV4HEADER and BITMAPV5HEADER.
 *
 *   | B M | size u32 | 0 0 | 0 0 | offset of the pixels u32 |                  little-endian
 *   | size of this header u32 | width i32 | height i32 | 1 | bits u16 | compression u32 |
 *   | size u32 | … | colours in the palette u32 | … | palette: blue, green, red, 0 | rows |
 *
 * The bottom row comes first, and each is filled up to four bytes. Run-length and other compressed
 * forms are refused.
 */
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { textOf, viewOf } from './text.ts'
import { paletteOf, tooLarge, type Picture } from './wrap-picture.ts'

const fileHeadBytes = 14
const coreHeadBytes = 12
const infoHeadBytes = 40
/** From this size on the header itself holds masks, with one for transparency. */
const maskedHeadBytes = 56
const plain = 0
const masked = 3
const maskedWithAlpha = 6

interface Header {
  readonly columns: number
  readonly rows: number
  readonly isTopDown: boolean
  readonly bits: number
  readonly pixelsAt: number
  readonly paletteAt: number
  readonly paletteStep: 3 | 4
  readonly paletteCount: number
  /** Red, green, blue, transparency; null: as the depth says. */
  readonly masks: readonly number[] | null
}

export function decodeBmp(bytes: Uint8Array): Decoded<Picture> {
  const header = headerOf(bytes)
  if (!header.ok) return header
  const { columns, rows, bits, pixelsAt } = header.value
  const why = tooLarge(columns, rows, 3)
  if (why !== null) return undecoded(why)
  const rowBytes = Math.ceil((columns * bits) / 32) * 4
  if (pixelsAt + rowBytes * rows > bytes.length) return undecoded('a BMP that is cut short')
  return bits <= 8
    ? indexed(bytes, header.value, rowBytes)
    : coloured(bytes, header.value, rowBytes)
}

function headerOf(bytes: Uint8Array): Decoded<Header> {
  if (textOf(bytes, 0, 2) !== 'BM' || bytes.length < fileHeadBytes + coreHeadBytes) {
    return undecoded('not a BMP')
  }
  const view = viewOf(bytes)
  const pixelsAt = view.getUint32(10, true)
  const size = view.getUint32(fileHeadBytes, true)
  if (size === coreHeadBytes) {
    const bits = view.getUint16(24, true)
    if (![1, 4, 8, 24].includes(bits)) return undecoded('a BMP of an unknown depth')
    return decoded({
      columns: view.getUint16(18, true),
      rows: view.getUint16(20, true),
      isTopDown: false,
      bits,
      pixelsAt,
      paletteAt: fileHeadBytes + coreHeadBytes,
      paletteStep: 3,
      paletteCount: bits <= 8 ? 2 ** bits : 0,
      masks: null,
    })
  }
  if (size < infoHeadBytes || fileHeadBytes + size > bytes.length) return undecoded('not a BMP')
  const height = view.getInt32(22, true)
  const bits = view.getUint16(28, true)
  const compression = view.getUint32(30, true)
  if (![1, 4, 8, 16, 24, 32].includes(bits)) return undecoded('a BMP of an unknown depth')
  const hasMasks = compression === masked || compression === maskedWithAlpha
  if (compression !== plain && (!hasMasks || bits < 16 || bits === 24)) {
    return undecoded('a compressed BMP')
  }
  const masksBehind = hasMasks && size === infoHeadBytes
  const masks = hasMasks ? masksAt(bytes, size, compression) : null
  if (hasMasks && masks === null) return undecoded('a BMP that is cut short')
  const used = view.getUint32(46, true)
  return decoded({
    columns: view.getInt32(18, true),
    rows: Math.abs(height),
    isTopDown: height < 0,
    bits,
    pixelsAt,
    paletteAt: fileHeadBytes + size + (masksBehind ? 12 : 0),
    paletteStep: 4,
    paletteCount: bits > 8 ? 0 : used === 0 ? 2 ** bits : used,
    masks,
  })
}

/** They stand at the same place, whether they belong to the header or follow it. */
function masksAt(bytes: Uint8Array, size: number, compression: number): readonly number[] | null {
  const from = fileHeadBytes + infoHeadBytes
  if (from + 16 > bytes.length) return null
  const view = viewOf(bytes)
  const hasAlpha = size >= maskedHeadBytes || compression === maskedWithAlpha
  return [0, 4, 8, 12].map((at) => (at < 12 || hasAlpha ? view.getUint32(from + at, true) : 0))
}

function indexed(bytes: Uint8Array, header: Header, rowBytes: number): Decoded<Picture> {
  const { columns, rows, bits, paletteAt, paletteStep, paletteCount } = header
  const end = paletteAt + paletteCount * paletteStep
  if (paletteCount > 2 ** bits || end > bytes.length) return undecoded('a BMP with a wrong palette')
  const colours = new Uint8Array(paletteCount * 3)
  for (let entry = 0; entry < paletteCount; entry++) {
    for (let i = 0; i < 3; i++) {
      colours[entry * 3 + i] = bytes[paletteAt + entry * paletteStep + 2 - i] ?? 0
    }
  }
  const palette = paletteOf(colours)
  const samples = palette.isGrey ? 1 : 3
  const pixels = new Uint8Array(columns * rows * samples)
  const mask = (1 << bits) - 1
  for (let line = 0; line < rows; line++) {
    const from = rowAt(header, line, rowBytes)
    for (let x = 0; x < columns; x++) {
      const bit = x * bits
      const index = ((bytes[from + (bit >> 3)] ?? 0) >> (8 - bits - (bit & 7))) & mask
      if (index >= paletteCount) return undecoded('a BMP with a colour outside of its palette')
      const to = (line * columns + x) * samples
      for (let i = 0; i < samples; i++) pixels[to + i] = colours[index * 3 + i] ?? 0
    }
  }
  return decoded({ columns, rows, samples, bits: 8, pixels })
}

/** One part of a colour within the bits of a pixel. */
interface Channel {
  readonly shift: number
  /** All ones of as many bits as it has. */
  readonly max: number
}

const fiveEach = [0x7c00, 0x03e0, 0x001f, 0] as const
const eightEach = [0x00ff_0000, 0x0000_ff00, 0x0000_00ff, 0] as const

function coloured(bytes: Uint8Array, header: Header, rowBytes: number): Decoded<Picture> {
  const { columns, rows, bits } = header
  const masks = header.masks ?? (bits === 16 ? fiveEach : eightEach)
  const channels = masks.map((mask) => channelOf(mask))
  const [red, green, blue, alpha] = channels
  if (red == null || green == null || blue == null || alpha === undefined) {
    return undecoded('a BMP with wrong masks')
  }
  const view = viewOf(bytes)
  const pixels = new Uint8Array(columns * rows * 3)
  let opaque = 0
  let clear = 0
  for (let line = 0; line < rows; line++) {
    const from = rowAt(header, line, rowBytes)
    for (let x = 0; x < columns; x++) {
      const at = from + (x * bits) / 8
      const to = (line * columns + x) * 3
      const value =
        bits === 32
          ? view.getUint32(at, true)
          : view.getUint16(at, true) + (bits === 24 ? (bytes[at + 2] ?? 0) * 65_536 : 0)
      pixels[to] = partOf(value, red)
      pixels[to + 1] = partOf(value, green)
      pixels[to + 2] = partOf(value, blue)
      if (alpha === null) continue
      const part = (value >>> alpha.shift) & alpha.max
      if (part === alpha.max) opaque++
      else if (part === 0) clear++
    }
  }
  // Writers that know nothing of transparency leave its bits at 0 everywhere.
  const count = columns * rows
  if (alpha !== null && opaque !== count && clear !== count) {
    return undecoded('a BMP that is transparent')
  }
  return decoded({ columns, rows, samples: 3, bits: 8, pixels })
}

function rowAt({ rows, isTopDown, pixelsAt }: Header, line: number, rowBytes: number): number {
  return pixelsAt + (isTopDown ? line : rows - 1 - line) * rowBytes
}

/** null for a mask without a bit. Masks with holes, or of more than eight bits, are none. */
function channelOf(mask: number): Channel | null | undefined {
  if (mask === 0) return null
  const shift = 31 - Math.clz32(mask & -mask)
  const max = mask >>> shift
  return max <= 255 && (max & (max + 1)) === 0 ? { shift, max } : undefined
}

/** Spread over eight bits so that the least is 0 and the most is 255; each value stays its own. */
function partOf(value: number, { shift, max }: Channel): number {
  return Math.round((((value >>> shift) & max) * 255) / max)
}
