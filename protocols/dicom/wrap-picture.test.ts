import t from 'tap'
import { bmpOf, chunk, inflate, pngOf, type PngToWrite } from '../../test/dicom/picture-files.ts'
import { bytesOf } from './text.ts'
import { decodeBmp } from './wrap-bmp.ts'
import { tooLarge, type Picture } from './wrap-picture.ts'
import { decodePng } from './wrap-png.ts'

const columns = 19
const rows = 13
/** Any picture, no two rows or channels of it the same. */
const some = (x: number, y: number, channel: number): number =>
  (x * 7919 + y * 104_729 + channel * 1_299_709) & 0xffff
const size = { columns, rows }

/** All pixels, from what each sample is. */
function picture(
  samples: 1 | 3,
  bits: 8 | 16,
  sample: (x: number, y: number, channel: number) => number,
): Picture {
  const values: number[] = []
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (let channel = 0; channel < samples; channel++) values.push(sample(x, y, channel))
    }
  }
  const pixels =
    bits === 8
      ? Uint8Array.from(values)
      : Uint8Array.from(values.flatMap((value) => [value & 0xff, value >> 8]))
  return { columns, rows, samples, bits, pixels }
}

const low = (bits: number) => (x: number, y: number, channel: number) =>
  some(x, y, channel) & (2 ** bits - 1)

t.test('png: every depth and colour comes out as it went in', async (t) => {
  const opaque =
    (channels: number, bits: number) =>
    (x: number, y: number, channel: number): number =>
      channel === channels ? 2 ** bits - 1 : low(bits)(x, y, channel)
  const palette = Array.from({ length: 48 }, (_, index) => (index * 37) & 0xff)
  const grey = Array.from({ length: 48 }, (_, index) => Math.floor(index / 3) * 17)
  const indexed = { ...size, bits: 4, colour: 3, sample: low(4) } as const
  const cases: readonly (readonly [string, PngToWrite, Picture])[] = [
    ...([1, 2, 4, 8] as const).map((bits) => {
      const scale = 255 / (2 ** bits - 1)
      const wanted = picture(1, 8, (x, y, channel) => low(bits)(x, y, channel) * scale)
      return [`grey ${bits}`, { ...size, bits, colour: 0, sample: low(bits) }, wanted] as const
    }),
    ['grey 16', { ...size, bits: 16, colour: 0, sample: some }, picture(1, 16, some)],
    ['colours 8', { ...size, bits: 8, colour: 2, sample: low(8) }, picture(3, 8, low(8))],
    ['colours 16', { ...size, bits: 16, colour: 2, sample: some }, picture(3, 16, some)],
    [
      'palette',
      { ...indexed, palette },
      picture(3, 8, (x, y, channel) => palette[low(4)(x, y, 0) * 3 + channel] ?? 0),
    ],
    [
      'palette of greys',
      { ...indexed, palette: grey },
      picture(1, 8, (x, y) => grey[low(4)(x, y, 0) * 3] ?? 0),
    ],
    [
      'transparency that hides nothing',
      { ...size, bits: 8, colour: 6, sample: opaque(3, 8) },
      picture(3, 8, low(8)),
    ],
    [
      'grey of 16 bits with such',
      { ...size, bits: 16, colour: 4, sample: opaque(1, 16) },
      picture(1, 16, low(16)),
    ],
    [
      'a colour that hides, and does not occur',
      { ...size, bits: 8, colour: 0, sample: () => 7, transparency: [0, 8] },
      picture(1, 8, () => 7),
    ],
  ]
  for (const [name, png, wanted] of cases) {
    for (const isInterlaced of [false, true]) {
      const found = decodePng(pngOf({ ...png, isInterlaced }), inflate)
      t.strictSame(found, { ok: true, value: wanted }, `${name} ${isInterlaced}`)
    }
  }
})

t.test('png: refuses what would lose something', async (t) => {
  const plain: PngToWrite = { ...size, bits: 8, colour: 2, sample: low(8) }
  const grey = { ...plain, colour: 0, sample: () => 7 } as const
  const reasonOf = (bytes: Uint8Array) => {
    const found = decodePng(bytes, inflate)
    return found.ok ? null : found.reason
  }
  t.equal(reasonOf(pngOf({ ...plain, colour: 6 })), 'a PNG that is transparent')
  t.equal(reasonOf(pngOf({ ...grey, transparency: [0, 7] })), 'a PNG that is transparent')
  const hidden = { ...grey, colour: 3, sample: () => 1, palette: [1, 2, 3, 4, 5, 6] } as const
  t.equal(reasonOf(pngOf({ ...hidden, transparency: [255, 254] })), 'a PNG that is transparent')
  t.equal(reasonOf(pngOf({ ...hidden, sample: () => 2 })), 'a PNG that is transparent')
  t.equal(reasonOf(pngOf({ ...plain, more: chunk('acTL', bytesOf('')) })), 'a PNG that moves')
  const strange = chunk('NEWx', bytesOf(''))
  t.equal(reasonOf(pngOf({ ...plain, more: strange })), 'a PNG with parts that nobody knows')
  t.equal(reasonOf(pngOf({ ...plain, filter: () => 5 })), 'a PNG with unknown filter')
  t.equal(reasonOf(pngOf({ ...plain, columns: 65_536, rows: 0 })), 'a picture without pixels')
  const whole = pngOf(plain)
  const cuts = Array.from({ length: whole.length }, (_, length) => whole.subarray(0, length))
  t.strictSame(
    cuts.filter((bytes) => reasonOf(bytes) === null),
    [],
    'wherever it is cut',
  )
  whole[40] = (whole[40] ?? 0) ^ 1
  t.equal(reasonOf(whole), 'a PNG whose check sum is wrong')
})

t.test('bmp: every depth comes out as it went in', async (t) => {
  const colours = Array.from({ length: 64 }, (_, at) => (at % 4 === 3 ? 0 : (at * 29) & 0xff))
  const greys = [0, 0, 0, 0, 255, 255, 255, 0]
  const rgb = (x: number, y: number, channel: number): number => low(8)(x, y, channel)
  const packed = (x: number, y: number): number =>
    rgb(x, y, 0) * 65_536 + rgb(x, y, 1) * 256 + rgb(x, y, 2)
  const cases = [
    ['1', { bits: 1, pixel: (x: number, y: number) => low(1)(x, y, 0), palette: greys }],
    ['4', { bits: 4, pixel: (x: number, y: number) => low(4)(x, y, 0), palette: colours }],
    ['24', { bits: 24, pixel: packed }],
    ['32', { bits: 32, pixel: packed }],
    ['opaque', { bits: 32, pixel: (x: number, y: number) => packed(x, y) + 0xff00_0000 }],
  ] as const
  const masks = [0x00ff_0000, 0x0000_ff00, 0x0000_00ff, 0xff00_0000]
  for (const [name, what] of cases) {
    const wanted =
      name === '1'
        ? picture(1, 8, (x, y) => low(1)(x, y, 0) * 255)
        : name === '4'
          ? picture(3, 8, (x, y, channel) => colours[low(4)(x, y, 0) * 4 + 2 - channel] ?? 0)
          : picture(3, 8, rgb)
    for (const isTopDown of [false, true]) {
      const masked = name === 'opaque' ? { masks } : {}
      const found = decodeBmp(bmpOf({ ...size, ...what, ...masked, isTopDown }))
      t.strictSame(found, { ok: true, value: wanted }, `${name} ${isTopDown}`)
    }
  }
  const five = decodeBmp(bmpOf({ ...size, bits: 16, pixel: (x) => (x & 31) * 1_024 }))
  const spread = picture(3, 8, (x, _, channel) => (channel === 0 ? Math.round((x * 255) / 31) : 0))
  t.strictSame(five, { ok: true, value: spread }, 'five bits a colour')
})

t.test('bmp: refuses what would lose something', async (t) => {
  const plain = { ...size, bits: 32, pixel: () => 0x8000_0000 } as const
  const masks = [0x00ff_0000, 0x0000_ff00, 0x0000_00ff, 0xff00_0000]
  t.match(decodeBmp(bmpOf({ ...plain, masks })), { reason: 'a BMP that is transparent' })
  const compressed = bmpOf({ ...size, bits: 8, pixel: () => 0, palette: [0, 0, 0, 0] })
  new DataView(compressed.buffer).setUint32(30, 1, true)
  t.match(decodeBmp(compressed), { reason: 'a compressed BMP' })
  const outside = bmpOf({ ...size, bits: 8, pixel: () => 1, palette: [0, 0, 0, 0] })
  t.match(decodeBmp(outside), { reason: 'a BMP with a colour outside of its palette' })
  const whole = bmpOf(plain)
  const cuts = Array.from({ length: whole.length }, (_, length) => whole.subarray(0, length))
  t.strictSame(
    cuts.filter((bytes) => decodeBmp(bytes).ok),
    [],
    'wherever it is cut',
  )
})

t.test('pictures: no more pixels than the box has memory for', async (t) => {
  t.equal(tooLarge(65_535, 341, 3), null)
  t.equal(tooLarge(65_536, 1, 3), 'a side longer than 65535 pixels')
  t.equal(tooLarge(8_192, 8_192, 3), 'too many pixels')
  const bomb = pngOf({ columns: 1, rows: 1, bits: 8, colour: 0, sample: () => 0 })
  const view = new DataView(bomb.buffer)
  view.setUint32(16, 60_000)
  view.setUint32(20, 60_000)
  t.match(decodePng(bomb, inflate), { ok: false })
})
