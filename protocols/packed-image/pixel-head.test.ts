import t from 'tap'
import { encodeFileHead } from '../dicom/part10.ts'
import { explicitBig, explicitLittle, implicitLittle } from '../dicom/uids.ts'
import { readPixelHead, refusalOf, shapeOf } from './pixel-head.ts'

type Element = readonly [tag: number, form: string, value: Uint8Array]

function us(tag: number, value: number): Element {
  return [tag, 'US', Uint8Array.of(value & 255, value >> 8)]
}

function text(tag: number, form: string, value: string): Element {
  return [tag, form, Buffer.from(value.length % 2 === 0 ? value : `${value} `, 'latin1')]
}

function element([tag, form, value]: Element, isExplicit: boolean, length = value.length): Buffer {
  const isLong = ['OB', 'OW', 'SQ', 'UN'].includes(form)
  const head = Buffer.alloc(isExplicit && isLong ? 12 : 8)
  head.writeUInt16LE(tag >>> 16, 0)
  head.writeUInt16LE(tag & 0xffff, 2)
  if (!isExplicit) head.writeUInt32LE(length, 4)
  else {
    head.write(form, 4, 'latin1')
    if (isLong) head.writeUInt32LE(length, 8)
    else head.writeUInt16LE(length, 6)
  }
  return Buffer.concat([head, value])
}

const grey: readonly Element[] = [
  us(0x0028_0002, 1),
  text(0x0028_0004, 'CS', 'MONOCHROME2'),
  text(0x0028_0008, 'IS', '3'),
  us(0x0028_0010, 4),
  us(0x0028_0011, 5),
  us(0x0028_0100, 16),
  us(0x0028_0101, 12),
  us(0x0028_0102, 11),
  us(0x0028_0103, 0),
  text(0x0028_1050, 'DS', '600.5\\40'),
  text(0x0028_1051, 'DS', '1200\\80'),
]

interface Options {
  readonly syntax?: string
  readonly pixelBytes?: number
  readonly before?: Uint8Array
}

function fileOf(elements: readonly Element[], options: Options = {}): Uint8Array {
  const { syntax = explicitLittle, pixelBytes = 120, before = new Uint8Array() } = options
  const isExplicit = syntax !== implicitLittle
  const meta = { sopClassUid: '1.2', sopInstanceUid: '1.3', transferSyntaxUid: syntax }
  const pixels = new Uint8Array(pixelBytes)
  return new Uint8Array(
    Buffer.concat([
      encodeFileHead(meta),
      before,
      ...elements.map((one) => element(one, isExplicit)),
      element([0x7fe0_0010, 'OW', pixels], isExplicit),
    ]),
  )
}

function headOf(file: Uint8Array) {
  const answer = readPixelHead(file)
  if (!answer.ok) throw new Error(answer.reason)
  return answer.value
}

function withValue(tag: number, change: Element): readonly Element[] {
  return [...grey.filter(([one]) => one !== tag), change].sort(([one], [other]) => one - other)
}

t.test('pixel head: says where the pixels lie and what they mean', async (t) => {
  for (const syntax of [explicitLittle, implicitLittle]) {
    const file = fileOf(grey, { syntax })
    const head = headOf(file)
    t.equal(head.pixelOffset, file.length - 120)
    t.match(head, {
      transferSyntaxUid: syntax,
      pixelBytes: 120,
      photometric: 'MONOCHROME2',
      frames: 3,
      window: { center: 600.5, width: 1_200 },
      rescale: { slope: 1, intercept: 0 },
    })
    t.strictSame(shapeOf(head), {
      rows: 4,
      columns: 5,
      samples: 1,
      bitsAllocated: 16,
      bitsStored: 12,
      signed: 0,
    })
    t.equal(refusalOf(head), null)
  }
})

t.test('pixel head: sequences in front are passed, whatever lies in them', async (t) => {
  const inner = element(us(0x0028_0010, 999), true)
  const item = (length: number) => element([0xfffe_e000, '', new Uint8Array()], false, length)
  const end = (tag: number) => element([tag, '', new Uint8Array()], false)
  const open = 0xffff_ffff
  const nested = Buffer.concat([
    element([0x0008_1140, 'SQ', new Uint8Array()], true, open),
    item(open),
    element([0x0008_1115, 'SQ', new Uint8Array()], true, open),
    item(inner.length),
    inner,
    end(0xfffe_e0dd),
    end(0xfffe_e00d),
    end(0xfffe_e0dd),
  ])
  t.equal(headOf(fileOf(grey, { before: nested })).rows, 4)
  const deep = Buffer.concat(
    Array.from({ length: 40 }, () => [
      element([0x0008_1140, 'SQ', new Uint8Array()], true, open),
      item(open),
    ]).flat(),
  )
  t.match(readPixelHead(fileOf(grey, { before: deep })), { ok: false })
})

t.test('pixel head: what cannot be carried exactly is refused', async (t) => {
  const overlay = [...grey, us(0x6000_0100, 16)] as const
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ['overlays lie in the pixels', fileOf(overlay)],
    [
      'the photometric interpretation is another one',
      fileOf(withValue(0x0028_0004, text(0x0028_0004, 'CS', 'PALETTE COLOR'))),
    ],
    ['the samples of a pixel are not as many', fileOf(withValue(0x0028_0002, us(0x0028_0002, 3)))],
    [
      'the pixels have neither 8 nor 16 bits',
      fileOf(withValue(0x0028_0100, us(0x0028_0100, 32)), { pixelBytes: 240 }),
    ],
    ['the bits that are stored do not fit', fileOf(withValue(0x0028_0101, us(0x0028_0101, 17)))],
    [
      'the pixels do not lie in the lowest bits',
      fileOf(withValue(0x0028_0102, us(0x0028_0102, 15))),
    ],
    ['there are fewer pixels than it says', fileOf(grey, { pixelBytes: 118 })],
    [
      'the transfer syntax is not a native little-endian one',
      fileOf(grey, { syntax: '1.2.840.10008.1.2.4.50' }),
    ],
  ]
  for (const [reason, file] of cases) t.equal(refusalOf(headOf(file)), reason)
  t.match(readPixelHead(fileOf(grey, { syntax: explicitBig })), { ok: true }, 'said big, is little')
})

t.test('pixel head: cut and harmed files never throw', async (t) => {
  const file = fileOf(grey)
  for (let length = 0; length < file.length; length++) {
    readPixelHead(file.subarray(0, length))
  }
  for (let at = 0; at < file.length; at++) {
    const harmed = file.slice()
    harmed[at] = (harmed[at] ?? 0) ^ 0xa5
    readPixelHead(harmed)
  }
  t.pass('each is answered')
})
