/**
 * Where the pixels of a DICOM file lie, and what they mean. Source: PS3.5 section 7, PS3.3 section
 * C.7.6.3.
 *
 *   | preamble, DICM, group 0002 | elements … | 7FE0,0010 header | pixels | padding, elements … |
 *                                                               ^ pixelOffset
 *
 * It reads the beginning of a file that is whole, and believes nothing: whoever takes what it says
 * must compare the outcome with the file.
 */
import { decodeFileHead, longForms } from '../dicom/part10.ts'
import { textOf, trimPadding, viewOf } from '../dicom/text.ts'
import { explicitLittle, implicitLittle } from '../dicom/uids.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { frameBytesOf, type FrameShape } from './packed-image.ts'
import { paletteDataLimitBytes, paletteOf, type Palette } from './palette.ts'

/** The pixels of a file must begin within so many bytes. */
export const pixelHeadLimitBytes = 1_048_576

const pixelDataTag = 0x7fe0_0010
const undefinedLength = 0xffff_ffff
const elementsMax = 20_000
const depthMax = 16

export interface PixelHead {
  readonly transferSyntaxUid: string
  /** Where the value of the pixel data begins in the file. */
  readonly pixelOffset: number
  /** Length of the value; null when it is encapsulated. */
  readonly pixelBytes: number | null
  readonly rows: number
  readonly columns: number
  readonly samplesPerPixel: number
  /** As it stands, such as MONOCHROME2; empty when it is absent. */
  readonly photometric: string
  /** 0: the samples of a pixel lie together. Also when it is absent. */
  readonly planar: number
  readonly frames: number
  readonly bitsAllocated: number
  readonly bitsStored: number
  readonly highBit: number
  readonly isSigned: boolean
  /** Overlays lie in bits of the pixels that the image does not use. */
  readonly hasOverlayInPixels: boolean
  /** The first window of the data set; null without one. In values after the rescaling. */
  readonly window: { readonly center: number; readonly width: number } | null
  readonly rescale: { readonly slope: number; readonly intercept: number }
  /** What the pixels of a PALETTE COLOR image mean; null without one that can be read. */
  readonly palette: Palette | null
}

/** `bytes`: the first `pixelHeadLimitBytes` of the file, or all of a shorter one. */
export function readPixelHead(bytes: Uint8Array): Decoded<PixelHead> {
  const file = decodeFileHead(bytes)
  if (!file.ok) return file
  const { transferSyntaxUid, dataSetOffset } = file.value
  const walk = new Walk(bytes, dataSetOffset, transferSyntaxUid !== implicitLittle)
  const pixels = walk.run()
  if (!pixels.ok) return pixels
  const number = (tag: number, absent: number) => walk.number(tag) ?? absent
  const center = walk.decimal(tags.windowCenter)
  const width = walk.decimal(tags.windowWidth)
  const rows = number(tags.rows, 0)
  const columns = number(tags.columns, 0)
  const frames = walk.decimal(tags.frames) ?? 1
  if (rows === 0 || columns === 0) return undecoded('no rows or no columns')
  if (!Number.isSafeInteger(frames) || frames < 1) return undecoded('no number of frames')
  return decoded({
    transferSyntaxUid,
    ...pixels.value,
    rows,
    columns,
    frames,
    samplesPerPixel: number(tags.samplesPerPixel, 1),
    photometric: walk.text(tags.photometric) ?? '',
    planar: number(tags.planar, 0),
    bitsAllocated: number(tags.bitsAllocated, 0),
    bitsStored: number(tags.bitsStored, 0),
    highBit: number(tags.highBit, 0),
    isSigned: number(tags.isSigned, 0) === 1,
    hasOverlayInPixels: walk.hasOverlayInPixels,
    window: center === null || width === null ? null : { center, width },
    rescale: {
      slope: walk.decimal(tags.slope) ?? 1,
      intercept: walk.decimal(tags.intercept) ?? 0,
    },
    palette: paletteIn(walk, number(tags.isSigned, 0) === 1),
  })
}

function paletteIn(walk: Walk, isSigned: boolean): Palette | null {
  const [red, green, blue] = paletteTags.map(([descriptor, data]) => ({
    descriptor: walk.value(descriptor),
    data: walk.value(data),
  }))
  if (red === undefined || green === undefined || blue === undefined) return null
  return paletteOf(red, green, blue, isSigned)
}

/** Of one frame of native pixels. */
export function shapeOf(head: PixelHead): FrameShape {
  const { rows, columns, samplesPerPixel: samples, bitsAllocated, bitsStored, isSigned } = head
  return { rows, columns, samples, bitsAllocated, bitsStored, signed: isSigned ? 1 : 0 }
}

/**
 * Why the pixels cannot be carried in fewer bytes, or null. Only what every coder of ours takes:
 * native, one or three samples, 8 or 16 bits, nothing beside the image in its pixels.
 */
export function refusalOf(head: PixelHead): string | null {
  const { transferSyntaxUid, pixelBytes, photometric, samplesPerPixel, planar } = head
  const { bitsAllocated, bitsStored, highBit, hasOverlayInPixels } = head
  if (transferSyntaxUid !== implicitLittle && transferSyntaxUid !== explicitLittle) {
    return 'the transfer syntax is not a native little-endian one'
  }
  if (pixelBytes === null) return 'the pixels are encapsulated'
  const isGrey = photometric === 'MONOCHROME1' || photometric === 'MONOCHROME2'
  const isColour = photometric === 'RGB'
  if (!isGrey && !isColour) return 'the photometric interpretation is another one'
  if (samplesPerPixel !== (isColour ? 3 : 1)) return 'the samples of a pixel are not as many'
  if (isColour && (planar !== 0 || bitsStored !== 8 || head.isSigned)) {
    return 'the colours are no bytes that lie together'
  }
  if (bitsAllocated !== 8 && bitsAllocated !== 16) return 'the pixels have neither 8 nor 16 bits'
  if (bitsStored < 1 || bitsStored > bitsAllocated) return 'the bits that are stored do not fit'
  if (highBit !== bitsStored - 1) return 'the pixels do not lie in the lowest bits'
  if (hasOverlayInPixels) return 'overlays lie in the pixels'
  if (head.frames * frameBytesOf(shapeOf(head)) > pixelBytes)
    return 'there are fewer pixels than it says'
  return null
}

const tags = {
  samplesPerPixel: 0x0028_0002,
  photometric: 0x0028_0004,
  planar: 0x0028_0006,
  frames: 0x0028_0008,
  rows: 0x0028_0010,
  columns: 0x0028_0011,
  bitsAllocated: 0x0028_0100,
  bitsStored: 0x0028_0101,
  highBit: 0x0028_0102,
  isSigned: 0x0028_0103,
  windowCenter: 0x0028_1050,
  windowWidth: 0x0028_1051,
  intercept: 0x0028_1052,
  slope: 0x0028_1053,
} as const

/** Of red, green and blue: descriptor and data. */
const paletteTags = [
  [0x0028_1101, 0x0028_1201],
  [0x0028_1102, 0x0028_1202],
  [0x0028_1103, 0x0028_1203],
] as const

const valueLimitBytes = 256
const limits: ReadonlyMap<number, number> = new Map([
  ...Object.values(tags).map((tag) => [tag, valueLimitBytes] as const),
  ...paletteTags.flatMap(([descriptor, data]) => [
    [descriptor, valueLimitBytes] as const,
    [data, paletteDataLimitBytes] as const,
  ]),
])

type Pixels = Pick<PixelHead, 'pixelOffset' | 'pixelBytes'>

/** One pass over the elements. Little-endian; what is not is not read. */
class Walk {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #isExplicit: boolean
  readonly #values = new Map<number, Uint8Array>()
  #at: number
  #elements = 0
  #overlay = false

  constructor(bytes: Uint8Array, at: number, isExplicit: boolean) {
    this.#bytes = bytes
    this.#view = viewOf(bytes)
    this.#at = at
    this.#isExplicit = isExplicit
  }

  get hasOverlayInPixels(): boolean {
    return this.#overlay
  }

  /** Empty when it is absent, or too long. */
  value(tag: number): Uint8Array {
    return this.#values.get(tag) ?? new Uint8Array()
  }

  number(tag: number): number | null {
    const value = this.#values.get(tag)
    return value === undefined || value.length < 2 ? null : viewOf(value).getUint16(0, true)
  }

  text(tag: number): string | null {
    const value = this.#values.get(tag)
    return value === undefined ? null : trimPadding(textOf(value))
  }

  /** The first of several. */
  decimal(tag: number): number | null {
    const [first = ''] = this.text(tag)?.split('\\') ?? []
    const value = Number(first.trim())
    return first.trim() === '' || !Number.isFinite(value) ? null : value
  }

  run(): Decoded<Pixels> {
    for (;;) {
      const element = this.#element(this.#isExplicit)
      if (element === null) return undecoded('no pixels within reach')
      const { tag, length, from } = element
      if (tag === pixelDataTag) {
        const pixelBytes = length === undefinedLength ? null : length
        return decoded({ pixelOffset: from, pixelBytes })
      }
      if (length === undefinedLength) {
        const isExplicit = this.#isExplicit && element.form !== 'UN'
        if (!this.#skipItems(isExplicit, 1)) return undecoded('a sequence without an end')
      } else {
        this.#keep(tag, from, length)
        this.#at = from + length
      }
    }
  }

  #keep(tag: number, from: number, length: number): void {
    const end = from + length
    if (end > this.#bytes.length) return
    const value = this.#bytes.subarray(from, end)
    const isWanted = length <= (limits.get(tag) ?? -1)
    if (isWanted && !this.#values.has(tag)) this.#values.set(tag, value)
    // (60xx,0100): bits of the overlay's own plane. It is one, or the overlay lies in the pixels.
    const isOverlay = tag >>> 24 === 0x60 && (tag & 0xffff) === 0x0100
    if (isOverlay && length >= 2 && viewOf(value).getUint16(0, true) !== 1) this.#overlay = true
  }

  /** The next element, whose value begins at `from`. null: no more, or no element. */
  #element(isExplicit: boolean) {
    const at = this.#at
    this.#elements++
    if (at + 12 > this.#bytes.length || this.#elements > elementsMax) return null
    const view = this.#view
    const tag = view.getUint16(at, true) * 0x1_0000 + view.getUint16(at + 2, true)
    const isDelimiter = tag >= 0xfffe_0000 && tag < 0xffff_0000
    if (!isExplicit || isDelimiter) {
      this.#at = at + 8
      return { tag, length: view.getUint32(at + 4, true), from: at + 8, form: '' }
    }
    const form = textOf(this.#bytes, at + 4, at + 6)
    if (!/^[A-Z]{2}$/.test(form)) return null
    const isLong = longForms.has(form)
    const from = at + (isLong ? 12 : 8)
    this.#at = from
    const length = isLong ? view.getUint32(at + 8, true) : view.getUint16(at + 6, true)
    return { tag, length, from, form }
  }

  /** Through a sequence of undefined length. False when it has no end, or no form. */
  #skipItems(isExplicit: boolean, depth: number): boolean {
    for (;;) {
      const item = this.#element(isExplicit)
      if (item === null || depth > depthMax) return false
      if (item.tag === 0xfffe_e0dd) return true
      if (item.tag !== 0xfffe_e000) return false
      if (item.length !== undefinedLength) this.#at = item.from + item.length
      else if (!this.#skipElements(isExplicit, depth + 1)) return false
    }
  }

  #skipElements(isExplicit: boolean, depth: number): boolean {
    for (;;) {
      const element = this.#element(isExplicit)
      if (element === null) return false
      if (element.tag === 0xfffe_e00d) return true
      const { length, from, form } = element
      if (length !== undefinedLength) this.#at = from + length
      else if (!this.#skipItems(isExplicit && form !== 'UN', depth + 1)) return false
    }
  }
}
