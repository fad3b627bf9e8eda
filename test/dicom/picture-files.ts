/** Pictures for tests: PNG and BMP written here, JPEG and MP4 as FFmpeg and Pillow made them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync, inflateSync } from 'node:zlib'
import { crc32 } from '../../protocols/bytes/crc32.ts'
import { bytesOf, concat } from '../../protocols/dicom/text.ts'
import type { Inflate } from '../../protocols/dicom/wrap-png.ts'

/** `baseline.jpg`, `progressive.jpg`, `grey-turned.jpg`, `high.mp4`, `baseline.mp4`. */
export function pictureFile(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(import.meta.dirname, 'pictures', name)))
}

export const inflate: Inflate = (deflated, limitBytes) => {
  try {
    return new Uint8Array(inflateSync(deflated, { maxOutputLength: limitBytes }))
  } catch {
    return null
  }
}

export interface PngToWrite {
  readonly columns: number
  readonly rows: number
  readonly bits: 1 | 2 | 4 | 8 | 16
  /** 0 grey, 2 colours, 3 palette, 4 grey with transparency, 6 colours with it. */
  readonly colour: 0 | 2 | 3 | 4 | 6
  /** The value of a sample of a pixel. */
  readonly sample: (x: number, y: number, channel: number) => number
  readonly isInterlaced?: boolean
  readonly palette?: readonly number[]
  readonly transparency?: readonly number[]
  /** Filter of each row, from its number; default: each in turn. */
  readonly filter?: (row: number) => number
  readonly more?: Uint8Array
  /** Default: as PNG has it. */
  readonly deflate?: (lines: Uint8Array) => Uint8Array
}

const channelsOf = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

export function pngOf(picture: PngToWrite): Uint8Array {
  const { columns, rows, bits, colour, isInterlaced = false, palette, transparency } = picture
  const header = new Uint8Array(13)
  const view = new DataView(header.buffer)
  view.setUint32(0, columns)
  view.setUint32(4, rows)
  header.set([bits, colour, 0, 0, isInterlaced ? 1 : 0], 8)
  const passes = isInterlaced ? adam7 : ([[0, 0, 1, 1]] as const)
  const lines = concat(passes.flatMap((pass) => linesOf(picture, pass)))
  return concat([
    bytesOf('\x89PNG\r\n\x1a\n'),
    chunk('IHDR', header),
    palette === undefined
      ? chunk('tEXt', bytesOf('a\0b'))
      : chunk('PLTE', Uint8Array.from(palette)),
    transparency === undefined ? bytesOf('') : chunk('tRNS', Uint8Array.from(transparency)),
    picture.more ?? bytesOf(''),
    ...cut((picture.deflate ?? deflateSync)(lines)).map((piece) => chunk('IDAT', piece)),
    chunk('IEND', bytesOf('')),
  ])
}

export function chunk(type: string, data: Uint8Array): Uint8Array {
  const typed = concat([bytesOf(type), data])
  return concat([big(data.length), typed, big(crc32(typed))])
}

/** With the check sums that belong to what its chunks hold. */
export function withCheckSums(png: Uint8Array): Uint8Array {
  const bytes = png.slice()
  const view = new DataView(bytes.buffer)
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 8 + view.getUint32(at)
    if (end + 4 > bytes.length) break
    view.setUint32(end, crc32(bytes.subarray(at + 4, end)))
    at = end + 4
  }
  return bytes
}

function cut(bytes: Uint8Array): readonly Uint8Array[] {
  return [bytes.subarray(0, 7), bytes.subarray(7)]
}

function linesOf(
  picture: PngToWrite,
  [x0, y0, stepX, stepY]: readonly [number, number, number, number],
): readonly Uint8Array[] {
  const { columns, rows, bits, colour, sample } = picture
  const channels = channelsOf[colour]
  const width = Math.ceil(Math.max(0, columns - x0) / stepX)
  const step = Math.max(1, (bits * channels) / 8)
  const lines: Uint8Array[] = []
  let above = new Uint8Array(Math.ceil((width * channels * bits) / 8))
  for (let y = width > 0 ? y0 : rows; y < rows; y += stepY) {
    const line = new Uint8Array(above.length)
    for (let i = 0; i < width * channels; i++) {
      const value = sample(x0 + Math.floor(i / channels) * stepX, y, i % channels)
      if (bits === 16) line.set([value >> 8, value & 0xff], i * 2)
      else
        line[(i * bits) >> 3] =
          (line[(i * bits) >> 3] ?? 0) | (value << (8 - bits - ((i * bits) & 7)))
    }
    const filter = (picture.filter ?? ((row: number) => row % 5))(lines.length)
    lines.push(filtered(line, above, step, filter))
    above = line
  }
  return lines
}

function filtered(line: Uint8Array, above: Uint8Array, step: number, filter: number): Uint8Array {
  const out = new Uint8Array(line.length + 1)
  out[0] = filter
  for (const [i, value] of line.entries()) {
    const left = i < step ? 0 : (line[i - step] ?? 0)
    const up = above[i] ?? 0
    const corner = i < step ? 0 : (above[i - step] ?? 0)
    const near = [left, up, corner].toSorted((a, b) => {
      const guess = left + up - corner
      return Math.abs(guess - a) - Math.abs(guess - b)
    })
    const guesses = [0, left, up, (left + up) >> 1, near[0] ?? 0]
    out[i + 1] = value - (guesses[filter] ?? 0)
  }
  return out
}

function big(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff)
}

export interface BmpToWrite {
  readonly columns: number
  readonly rows: number
  readonly bits: 1 | 4 | 8 | 16 | 24 | 32
  /** The bits of a pixel. */
  readonly pixel: (x: number, y: number) => number
  /** Blue, green, red, 0 of each. */
  readonly palette?: readonly number[]
  readonly isTopDown?: boolean
  /** Red, green, blue, transparency. */
  readonly masks?: readonly number[]
}

export function bmpOf(picture: BmpToWrite): Uint8Array {
  const { columns, rows, bits, pixel, palette = [], isTopDown = false, masks } = picture
  const headBytes = masks === undefined ? 40 : 56
  const pixelsAt = 14 + headBytes + palette.length
  const rowBytes = Math.ceil((columns * bits) / 32) * 4
  const bytes = new Uint8Array(pixelsAt + rowBytes * rows)
  const view = new DataView(bytes.buffer)
  bytes.set(bytesOf('BM'))
  view.setUint32(2, bytes.length, true)
  view.setUint32(10, pixelsAt, true)
  view.setUint32(14, headBytes, true)
  view.setInt32(18, columns, true)
  view.setInt32(22, isTopDown ? -rows : rows, true)
  view.setUint16(26, 1, true)
  view.setUint16(28, bits, true)
  view.setUint32(30, masks === undefined ? 0 : 3, true)
  view.setUint32(46, palette.length / 4, true)
  for (const [index, mask] of (masks ?? []).entries()) view.setUint32(54 + index * 4, mask, true)
  bytes.set(palette, 14 + headBytes)
  for (let y = 0; y < rows; y++) {
    const from = pixelsAt + (isTopDown ? y : rows - 1 - y) * rowBytes
    for (let x = 0; x < columns; x++) {
      const value = pixel(x, y)
      const at = from + ((x * bits) >> 3)
      if (bits < 8) bytes[at] = (bytes[at] ?? 0) | (value << (8 - bits - ((x * bits) & 7)))
      else for (let i = 0; i < bits / 8; i++) bytes[at + i] = (value >>> (8 * i)) & 0xff
    }
  }
  return bytes
}
