import dicomParser from 'dicom-parser'
import * as fc from 'fast-check'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  encodeDataSet,
  instance,
  ultrasoundImage,
  type Element,
  type Encoding,
} from '../../test/dicom/data-set.ts'
import { tool } from '../../test/dicom/dcmtk.ts'
import { coercedFile, planCoercion, type Change, type Splice } from './coercion.ts'
import { decodeFileHead, encodeFileHead } from './part10.ts'
import { concat } from './text.ts'
import { deflatedExplicitLittle, explicitBig, explicitLittle, implicitLittle } from './uids.ts'

const samples = join(import.meta.dirname, '..', '..', '..', 'shared', 'samples', 'dicom')
const names = { sopClassUid: ultrasoundImage, sopInstanceUid: '1.2.3.4.5.6' }

const changes: readonly Change[] = [
  { tag: 0x0008_0050, representation: 'SH', text: 'VAN02-000007' },
  { tag: 0x0010_0010, representation: 'PN', text: 'AMINAH^SITI' },
  { tag: 0x0010_0020, representation: 'LO', text: 'VAN02-000123' },
  { tag: 0x0010_0021, representation: 'LO', text: 'VAN-02' },
  { tag: 0x0010_0030, representation: 'DA', text: '19800229' },
  { tag: 0x0010_0040, representation: 'CS', text: 'F' },
  { tag: 0x0010_1002, removed: true },
  {
    tag: 0x0040_0275,
    item: [
      { tag: 0x0008_0050, representation: 'SH', text: 'VAN02-000007' },
      { tag: 0x0040_1001, representation: 'SH', text: 'VAN02-000007' },
    ],
  },
]
const attribution = {
  system: 'SIMPUL van-02 / Sari',
  source: 'us-1',
  dateTime: '20261124101500.000+0000',
}

const encodings: readonly (Encoding & { readonly syntax: string })[] = [
  { syntax: implicitLittle, explicit: false, little: true },
  { syntax: explicitLittle, explicit: true, little: true },
  { syntax: explicitBig, explicit: true, little: false },
].flatMap((one) => [one, { ...one, delimited: true }])

const before: readonly Element[] = [
  [0x0010_0010, 'PN', 'WRONG^NAME'],
  [0x0010_0020, 'LO', '0 '],
  [0x0010_0040, 'CS', ''],
  [0x0010_1002, 'SQ', [[[0x0010_0020, 'LO', 'OTHER']]]],
  [0x0040_0275, 'SQ', [[[0x0040_1001, 'SH', 'OTHER']]]],
]

function fileOf(more: readonly Element[], { syntax, ...encoding }: (typeof encodings)[number]) {
  const elements = [...instance(names), ...more].toSorted(([a], [b]) => a - b)
  const head = encodeFileHead({ ...names, transferSyntaxUid: syntax })
  return concat([head, encodeDataSet(elements, encoding)])
}

const readerOf = (file: Uint8Array) => (at: number, length: number) =>
  file.subarray(at, at + length)

function coerce(file: Uint8Array, wanted: readonly Change[] = changes) {
  const plan = planCoercion(readerOf(file), file.length, wanted, attribution)
  if (!plan.ok) return { reason: plan.reason, bytes: new Uint8Array(), splices: [] }
  const bytes = concat([...coercedFile(readerOf(file), file.length, plan.value.splices)])
  if (bytes.length !== plan.value.sizeBytes) throw new Error('the plan names another size')
  return { reason: null, bytes, splices: plan.value.splices }
}

/** What was inserted goes, and what went comes back. */
function undone(coerced: Uint8Array, splices: readonly Splice[], original: Uint8Array): Uint8Array {
  let shift = 0
  const inverse = splices.map(({ at, removedBytes, inserted }) => {
    const back = {
      at: at + shift,
      removedBytes: inserted.length,
      inserted: original.slice(at, at + removedBytes),
    }
    shift += inserted.length - removedBytes
    return back
  })
  return concat([...coercedFile(readerOf(coerced), coerced.length, inverse)])
}

const touched = new Set([
  'x00080050',
  'x00100010',
  'x00100020',
  'x00100021',
  'x00100030',
  'x00100040',
  'x00101002',
  'x00400275',
  'x04000561',
  'x00080000',
  'x00100000',
  'x00400000',
  'x04000000',
])

/** Bytes of each other element, as dicom-parser finds them. */
function others(file: Uint8Array): readonly string[] {
  const { elements, byteArray } = dicomParser.parseDicom(file)
  return Object.entries(elements)
    .filter(([tag]) => !touched.has(tag) && !tag.startsWith('x0002'))
    .map(([tag, { dataOffset, length }]) => {
      const value = byteArray.subarray(dataOffset, dataOffset + length)
      return `${tag} ${Buffer.from(value).toString('base64')}`
    })
}

t.test('coercion: an image says what its order says, in every encoding', async (t) => {
  for (const encoding of encodings) {
    const file = fileOf(before, encoding)
    const { bytes, reason, splices } = coerce(file)
    t.equal(reason, null)
    const set = dicomParser.parseDicom(bytes)
    t.strictSame(
      ['x00080050', 'x00100010', 'x00100020', 'x00100021', 'x00100030', 'x00100040'].map((tag) =>
        set.string(tag),
      ),
      ['VAN02-000007', 'AMINAH^SITI', 'VAN02-000123', 'VAN-02', '19800229', 'F'],
    )
    t.equal(set.elements['x00101002'], undefined)
    const kept = dicomParser.parseDicom(bytes).elements['x04000561']?.items?.[0]?.dataSet
    if (encoding.explicit) {
      const original = kept?.elements['x04000550']?.items?.[0]?.dataSet
      t.equal(original?.string('x00100010'), 'WRONG^NAME')
      t.equal(original?.string('x00100020'), '0')
      t.equal(original?.elements['x00100040']?.length, 0)
      t.equal(original?.elements['x00080050'], undefined, 'what was absent is not kept')
      t.ok(original?.elements['x00101002'])
      t.strictSame(
        ['x04000562', 'x04000563', 'x04000564', 'x04000565'].map((tag) => kept?.string(tag)),
        ['20261124101500.000+0000', 'SIMPUL van-02 / Sari', 'us-1', 'COERCE'],
      )
    }
    t.strictSame(others(bytes), others(file))
    t.equal(Buffer.compare(undone(bytes, splices, file), file), 0, 'undone')
    t.equal(coerce(bytes, changes.slice(0, -1)).splices.length, 0, 'nothing is left to do')
  }
})

t.test('coercion: dcmdump reads it without complaint', async (t) => {
  const folder = t.testdir()
  for (const [index, encoding] of encodings.entries()) {
    const path = join(folder, `${index}.dcm`)
    writeFileSync(path, coerce(coerce(fileOf(before, encoding)).bytes).bytes)
    const text = await tool('dcmdump', ['+L', path])
    t.notMatch(text, /^[WEF]: /m)
    t.match(text, /\(0010,0010\) PN \[AMINAH\^SITI\]/)
    t.match(text, /\(0400,0561\) SQ.*#=2/, 'each time adds an item')
    t.match(text, /\(0010,0010\) PN \[WRONG\^NAME\]/)
  }
})

t.test('coercion: group lengths of old devices stay true', async (t) => {
  const length = (bytes: number) => Uint8Array.of(bytes, 0, 0, 0)
  const encoding = { syntax: implicitLittle, explicit: false, little: true }
  const own: readonly Element[] = [
    [0x0010_0000, 'UL', length(20)],
    [0x0010_0010, 'PN', 'WRONG^PATIEN'],
    [0x0028_0000, 'UL', length(10)],
  ]
  const { bytes } = coerce(fileOf(own, encoding), changes.slice(1, 3))
  const set = dicomParser.parseDicom(bytes)
  t.equal(set.uint32('x00100000'), 8 + 'AMINAH^SITI '.length + 8 + 'VAN02-000123'.length)
  t.equal(set.uint32('x00280000'), 10)
})

t.test('coercion: nothing is written when the image says it already', async (t) => {
  const own: readonly Element[] = [
    [0x0010_0020, 'LO', 'VAN02-000123'],
    [0x0010_0040, 'CS', 'F '],
  ]
  const wanted: readonly Change[] = [
    { tag: 0x0010_0020, representation: 'LO', text: 'VAN02-000123' },
    { tag: 0x0010_0030, representation: 'DA', text: '' },
    { tag: 0x0010_0040, representation: 'CS', text: 'F' },
    { tag: 0x0010_1002, removed: true },
  ]
  for (const encoding of encodings) {
    const { reason, splices } = coerce(fileOf(own, encoding), wanted)
    t.strictSame({ reason, splices }, { reason: null, splices: [] })
  }
})

t.test('coercion: what the character set lacks is written in ASCII, or nothing is', async (t) => {
  const named = (set: string, text: string) => {
    const elements = instance(names).filter(([tag]) => tag !== 0x0008_0005)
    const all: readonly Element[] = [[0x0008_0005, 'CS', set], ...elements]
    const head = encodeFileHead({ ...names, transferSyntaxUid: explicitLittle })
    const file = concat([head, encodeDataSet(all, { explicit: true, little: true })])
    const coerced = coerce(file, [{ tag: 0x0010_0010, representation: 'PN', text }])
    if (coerced.reason !== null) return coerced.reason
    const { elements: found, byteArray } = dicomParser.parseDicom(coerced.bytes)
    const { dataOffset = 0, length = 0 } = found['x00100010'] ?? {}
    return Buffer.from(byteArray.subarray(dataOffset, dataOffset + length)).toString('latin1')
  }
  const lacking = 'a value that its character set lacks at 00100010'
  t.equal(named('ISO_IR 100', 'Müller^Zoë'), 'Müller^Zoë')
  t.equal(named('ISO_IR 192', 'Müller'), 'MÃ¼ller ')
  t.equal(named('', 'Müller^Zoë'), 'Muller^Zoe')
  t.equal(named('ISO_IR 100', 'Łukasz'), 'Lukasz')
  t.equal(named('ISO_IR 166', 'Zoë^Ny'), 'Zoe^Ny')
  t.equal(named('ISO_IR 100', 'Иван'), lacking)
  t.equal(named('GB18030', '王'), lacking)
  t.equal(named('', 'one\\two'), lacking)
  t.equal(named('', 'x'.repeat(65)), 'too long a value at 00100010')
})

t.test('coercion: a file that is not exactly what it should be is left alone', async (t) => {
  const good = fileOf(before, { syntax: explicitLittle, explicit: true, little: true })
  const head = (syntax: string) => encodeFileHead({ ...names, transferSyntaxUid: syntax })
  const explicit = (...elements: readonly Element[]) =>
    concat([head(explicitLittle), encodeDataSet(elements, { explicit: true, little: true })])
  const body = good.subarray(head(explicitLittle).length)
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ['no DICM at 128', new Uint8Array(300)],
    ['the data set is deflated', concat([head(deflatedExplicitLittle), body])],
    ['the transfer syntax is not known', concat([head('1.2.3'), body])],
    ['an element is longer than what holds it', good.subarray(0, -1)],
    ['the file ends inside an element', concat([good, Uint8Array.of(0, 0)])],
    [
      'no value representation',
      concat([head(explicitLittle), encodeDataSet(before, { explicit: false, little: true })]),
    ],
    [
      'the elements are not in the order of their tags',
      explicit([0x0010_0020, 'LO', ''], [0x0010_0010, 'PN', '']),
    ],
    [
      'the elements are not in the order of their tags',
      explicit([0x0010_0020, 'LO', ''], [0x0010_0020, 'LO', '']),
    ],
    [
      'file meta information in the data set',
      explicit([0x0008_0060, 'CS', 'US'], [0x0002_0010, 'UI', '1.2']),
    ],
    ['a group length that is none', explicit([0x0010_0000, 'LO', 'x'])],
    ['Original Attributes Sequence is none', explicit([0x0400_0561, 'OB', new Uint8Array(4)])],
    [
      'an element that is too long to be kept',
      explicit([0x0010_1002, 'SQ', Array.from({ length: 9_000 }, () => [])]),
    ],
  ]
  t.strictSame(
    cases.map(([, file]) => coerce(file).reason),
    cases.map(([reason]) => reason),
  )
})

t.test('coercion: memory does not grow with the file', async (t) => {
  const head = fileOf(before, { syntax: explicitLittle, explicit: true, little: true })
  // The pixels end the file: they are made to have two gigabytes.
  const sizeBytes = head.length - 64 + 2_000_000_000
  const start = head.slice()
  new DataView(start.buffer).setUint32(head.length - 68, 2_000_000_000, true)
  let readBytes = 0
  const plan = planCoercion(
    (at, length) => {
      readBytes += length
      const bytes = new Uint8Array(length)
      bytes.set(start.subarray(at, Math.min(at + length, start.length)))
      return bytes
    },
    sizeBytes,
    changes,
    attribution,
  )
  t.ok(plan.ok)
  t.ok(readBytes < 300_000, `${readBytes} bytes were read`)
})

t.test('coercion: whatever the bytes, it refuses or changes only what it says', async (t) => {
  const whole = encodings.map((encoding) => fileOf(before, encoding))
  const wrong: string[] = []
  fc.assert(
    fc.property(
      fc.nat({ max: whole.length - 1 }),
      fc.array(fc.tuple(fc.nat({ max: 1_000 }), fc.nat({ max: 255 })), { maxLength: 4 }),
      fc.nat({ max: 40 }),
      (which, edits, cut) => {
        const file = (whole[which] ?? new Uint8Array()).slice(0, cut === 0 ? undefined : -cut)
        for (const [at, value] of edits) if (at < file.length) file[at] = value
        const { reason, bytes, splices } = coerce(file)
        if (reason !== null) return
        if (Buffer.compare(undone(bytes, splices, file), file) !== 0) wrong.push('not undone')
      },
    ),
    { numRuns: 2_000 },
  )
  t.strictSame(wrong, [])
})

t.test('coercion: real images of many makers', async (t) => {
  const folders = ['us', 'xr', 'ts', 'other', 'charset'].filter((one) =>
    existsSync(join(samples, one)),
  )
  const wrong: string[] = []
  for (const folder of folders) {
    for (const name of readdirSync(join(samples, folder))) {
      const file = new Uint8Array(readFileSync(join(samples, folder, name)))
      const head = decodeFileHead(file)
      const { bytes, reason, splices } = coerce(file)
      if (reason !== null || !head.ok) {
        t.comment(`${folder}/${name}: ${reason}`)
        continue
      }
      if (Buffer.compare(undone(bytes, splices, file), file) !== 0) wrong.push(`${name} undone`)
      try {
        if (others(bytes).join() !== others(file).join()) wrong.push(`${name} others`)
      } catch {
        // dicom-parser does not read it, whether it was changed or not.
      }
    }
  }
  t.strictSame(wrong, [])
})
