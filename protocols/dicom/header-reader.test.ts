import * as fc from 'fast-check'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  encodeDataSet,
  instance,
  ultrasoundImage,
  type Element,
} from '../../test/dicom/data-set.ts'
import { HeaderReader, type HeaderFindings } from './header-reader.ts'
import { decodeFileHead, encodeFileHead } from './part10.ts'
import { nobody } from './stated-identity.ts'
import { concat } from './text.ts'
import { deflatedExplicitLittle, explicitBig, explicitLittle, implicitLittle } from './uids.ts'

const samples = join(import.meta.dirname, '..', '..', '..', 'shared', 'samples', 'dicom')

function read(syntax: string, pieces: readonly Uint8Array[]): HeaderFindings {
  const reader = new HeaderReader(syntax)
  for (const piece of pieces) reader.push(piece)
  reader.end()
  return reader.findings()
}

function cutEvery(bytes: Uint8Array, size: number): readonly Uint8Array[] {
  const pieces = []
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size))
  return pieces
}

const elements = instance({ sopClassUid: ultrasoundImage, sopInstanceUid: '1.2.3.4.5.6' })
const expected: HeaderFindings = {
  sopClassUid: ultrasoundImage,
  sopInstanceUid: '1.2.3.4.5.6',
  studyInstanceUid: '1.2.3.4',
  seriesInstanceUid: '1.2.3.4.5',
  modality: 'US',
  identity: nobody,
  unreadable: null,
  mislabelled: false,
  metaInside: false,
}

const encodings = [
  { syntax: implicitLittle, explicit: false, little: true },
  { syntax: explicitLittle, explicit: true, little: true },
  { syntax: explicitBig, explicit: true, little: false },
] as const

t.test('header reader: finds the same in every encoding, cut at every size', async (t) => {
  for (const { syntax, ...encoding } of encodings) {
    for (const delimited of [false, true]) {
      const bytes = encodeDataSet(elements, { ...encoding, delimited })
      for (let size = 1; size <= 40; size++) {
        t.strictSame(read(syntax, cutEvery(bytes, size)), expected, `${syntax} cut at ${size}`)
      }
    }
  }
})

t.test('header reader: reads what is there, whatever the label says, and says so', async (t) => {
  for (const { syntax: label } of encodings) {
    for (const { syntax, ...encoding } of encodings) {
      const findings = read(label, [encodeDataSet(elements, encoding)])
      t.strictSame(
        findings,
        { ...expected, mislabelled: label !== syntax },
        `${syntax} as ${label}`,
      )
    }
  }
  const unheardOf = read('1.2.3.4.5', [encodeDataSet(elements, { explicit: true, little: true })])
  t.strictSame(unheardOf, expected)
})

t.test('header reader: stops when it has everything, and at the pixels', async (t) => {
  const bytes = encodeDataSet(elements, { explicit: true, little: true })
  const reader = new HeaderReader(explicitLittle)
  reader.push(bytes)
  t.equal(reader.done, true)
  const few = elements.filter(([tag]) => tag !== 0x0020_000e && tag !== 0x0020_000d)
  const stopped = new HeaderReader(explicitLittle)
  stopped.push(encodeDataSet(few, { explicit: true, little: true }).subarray(0, -60))
  t.equal(stopped.done, true)
  t.match(stopped.findings(), { studyInstanceUid: null, seriesInstanceUid: null, unreadable: null })
})

t.test(
  'header reader: takes elements out of order, repeated, padded and with group lengths',
  async (t) => {
    const odd: readonly Element[] = [
      [0x0020_000d, 'UI', ' 1.2.3.4 \0'],
      [0x0008_0000, 'UL', Uint8Array.of(4, 0, 0, 0)],
      [0x0008_0018, 'UI', '1.2.3.4.5.6 \0'],
      [0x0008_0018, 'UI', '9.9.9'],
      [0x0008_0016, 'UI', ultrasoundImage],
      [0x0020_000e, 'UI', '1.2.3.4.5\0\0\0'],
      [0x0008_0060, 'CS', 'US  '],
    ]
    t.strictSame(
      read(explicitLittle, [encodeDataSet(odd, { explicit: true, little: true })]),
      expected,
    )
  },
)

t.test('header reader: does not look for attributes inside sequences', async (t) => {
  const nested: readonly Element[] = [
    [
      0x0008_1140,
      'SQ',
      [
        [
          [0x0008_0018, 'UI', '6.6.6'],
          [0x0020_000d, 'UI', '7.7.7'],
        ],
      ],
    ],
    [0x0008_0018, 'UI', '1.2.3'],
  ]
  for (const { syntax, ...encoding } of encodings) {
    const findings = read(syntax, [encodeDataSet(nested, { ...encoding, delimited: true })])
    t.match(findings, { sopInstanceUid: '1.2.3', studyInstanceUid: null, unreadable: null })
  }
})

t.test('header reader: an unknown sequence is implicit inside', async (t) => {
  const inside = encodeDataSet([[0x0009_1002, 'LO', 'text']], { explicit: false, little: true })
  const bytes = concat([
    Uint8Array.from([9, 0, 1, 0x10, 0x55, 0x4e, 0, 0, 255, 255, 255, 255]),
    Uint8Array.from([0xfe, 0xff, 0x00, 0xe0, 255, 255, 255, 255]),
    inside,
    Uint8Array.from([0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0, 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]),
    encodeDataSet([[0x0020_000d, 'UI', '1.2.3.4']], { explicit: true, little: true }),
  ])
  t.match(read(explicitLittle, cutEvery(bytes, 3)), {
    studyInstanceUid: '1.2.3.4',
    unreadable: null,
  })
})

t.test('header reader: marks group 0002 and a preamble in front of the data set', async (t) => {
  const dataSet = encodeDataSet(elements, { explicit: false, little: true })
  const meta = {
    sopClassUid: ultrasoundImage,
    sopInstanceUid: '1.2',
    transferSyntaxUid: implicitLittle,
  }
  const head = encodeFileHead(meta)
  const wanted = { ...expected, metaInside: true }
  t.strictSame(read(implicitLittle, cutEvery(concat([head, dataSet]), 7)), wanted)
  t.strictSame(read(implicitLittle, [concat([head.subarray(132), dataSet])]), wanted)
})

const person: readonly Element[] = [
  [0x0008_0050, 'SH', 'VAN02-7 '],
  [0x0010_0010, 'PN', 'Müller^Jürgen'],
  [0x0010_0020, 'LO', 'VAN02-000123'],
  [0x0010_0030, 'DA', '19800229'],
  [0x0010_0040, 'CS', 'F'],
  [
    0x0040_0275,
    'SQ',
    [
      [
        [0x0008_0050, 'SH', 'VAN02-8'],
        [0x0032_1064, 'SQ', [[[0x0040_1001, 'SH', 'WRONG']]]],
        [0x0040_0009, 'SH', 'STEP'],
        [0x0040_1001, 'SH', 'REQUEST'],
      ],
      [[0x0040_0009, 'SH', 'SECOND']],
    ],
  ],
  [0x0040_0555, 'SQ', []],
]
const stated = {
  patientId: 'VAN02-000123',
  patientName: 'Müller^Jürgen',
  birthDate: '19800229',
  sex: 'F',
  accessionNumber: 'VAN02-7',
  requestedAccessionNumber: 'VAN02-8',
  requestedProcedureId: 'REQUEST',
  scheduledStepId: 'STEP',
}
const whoseItIs = [...elements, ...person].toSorted(([a], [b]) => a - b)

t.test('header reader: reads whose it is in every encoding, cut at every size', async (t) => {
  const found = encodings.flatMap(({ syntax, ...encoding }) =>
    [false, true].flatMap((delimited) => {
      const bytes = encodeDataSet(whoseItIs, { ...encoding, delimited })
      return Array.from({ length: 40 }, (_, size) => read(syntax, cutEvery(bytes, size + 1)))
    }),
  )
  const others = found.filter((one) => {
    return JSON.stringify(one) !== JSON.stringify({ ...expected, identity: stated })
  })
  t.strictSame(others, [])
})

t.test('header reader: a name is read in its character set', async (t) => {
  const named = (set: string, name: Uint8Array) => {
    const bytes = encodeDataSet(
      [
        [0x0008_0005, 'CS', set],
        [0x0010_0010, 'PN', name],
      ],
      { explicit: true, little: true },
    )
    return read(explicitLittle, [bytes]).identity.patientName
  }
  const utf8 = new TextEncoder()
  t.equal(named('ISO_IR 192', utf8.encode('Müller^Jürgen ')), 'Müller^Jürgen')
  t.equal(named('ISO_IR 100', Uint8Array.of(0x4d, 0xfc, 0x6c, 0x6c)), 'Müll')
  t.equal(named('', Uint8Array.of(0x4d, 0xfc, 0x6c, 0x6c)), 'Müll')
  t.equal(named('', utf8.encode('Müll ')), 'Müll')
  t.equal(named('ISO_IR 101', Uint8Array.of(0x4d, 0xfc, 0x6c, 0x6c)), 'M\ufffdll')
})

t.test('header reader: what is bad behind all that is needed costs nothing', async (t) => {
  const good = encodeDataSet(whoseItIs, { explicit: false, little: true, delimited: true })
  const cut = good.indexOf('STEP'.charCodeAt(0), good.length - 300)
  const whole = read(implicitLittle, [good.subarray(0, cut - 10)])
  t.match(whole, { unreadable: null, studyInstanceUid: '1.2.3.4', sopInstanceUid: '1.2.3.4.5.6' })
  t.equal(whole.identity.patientId, 'VAN02-000123')
  // The item says that it ends before its elements do.
  const long = encodeDataSet(
    [...elements.slice(0, -2), [0x0040_0275, 'SQ', [[[0x0040_1001, 'SH', 'REQUEST ']]]]],
    { explicit: false, little: true },
  )
  long[long.length - 20] = 12
  t.match(read(implicitLittle, [long]), { unreadable: null, identity: nobody })
})

t.test('header reader: says why it cannot read on', async (t) => {
  const deep = Uint8Array.from(
    Array.from({ length: 40 }, () => [
      8, 0, 0x40, 0x11, 255, 255, 255, 255, 254, 255, 0, 224, 255, 255, 255, 255,
    ]).flat(),
  )
  const good = encodeDataSet(elements, { explicit: true, little: true })
  const cases: readonly (readonly [string, string, Uint8Array])[] = [
    ['deflated', deflatedExplicitLittle, Uint8Array.of(1, 2, 3)],
    ['empty', explicitLittle, new Uint8Array()],
    ['begins with zeros', explicitLittle, new Uint8Array(200)],
    ['ends inside an element', explicitLittle, good.subarray(0, 60)],
    ['sequences too deep', implicitLittle, deep],
    ['no value representation', explicitLittle, concat([good.subarray(0, 18), new Uint8Array(8)])],
    [
      'a delimiter outside of a sequence',
      implicitLittle,
      Uint8Array.of(8, 0, 5, 0, 0, 0, 0, 0, 254, 255, 13, 224, 0, 0, 0, 0),
    ],
    [
      'no item in a sequence',
      implicitLittle,
      Uint8Array.of(8, 0, 64, 17, 255, 255, 255, 255, 8, 0, 0, 0, 0, 0, 0, 0),
    ],
  ]
  for (const [why, syntax, bytes] of cases) t.equal(read(syntax, [bytes]).unreadable, why)
})

t.test('header reader: what is not a UID is not taken for one', async (t) => {
  const strange: readonly Element[] = [
    [0x0008_0018, 'UI', '../../../etc'],
    [0x0008_0060, 'CS', 'A MODALITY LONGER THAN ANY'],
    [0x0020_000d, 'UI', '1'.repeat(70)],
    [0x0020_000e, 'UT', 'x'.repeat(5_000)],
  ]
  t.match(read(explicitLittle, [encodeDataSet(strange, { explicit: true, little: true })]), {
    sopInstanceUid: null,
    modality: null,
    studyInstanceUid: null,
    seriesInstanceUid: null,
    unreadable: null,
  })
})

t.test('header reader: gives up on endless elements without holding anything', async (t) => {
  const reader = new HeaderReader(implicitLittle)
  const chunk = new Uint8Array(65_536)
  for (let at = 0; at < chunk.length; at += 8) chunk[at] = 8
  let pushed = 0
  while (!reader.done && pushed < 64) {
    reader.push(chunk)
    pushed++
  }
  t.equal(reader.findings().unreadable, 'too many elements')
  t.ok(pushed < 20)
})

t.test('header reader: no bytes make it throw', async (t) => {
  const whole = [...encodeDataSet(elements, { explicit: true, little: true, delimited: true })]
  const place = fc.nat({ max: whole.length - 1 })
  const changes = fc.array(fc.tuple(place, fc.nat({ max: 255 })), { minLength: 1, maxLength: 8 })
  const syntaxes = fc.constantFrom(implicitLittle, explicitLittle, explicitBig, '1.2.3')
  fc.assert(
    fc.property(changes, syntaxes, fc.integer({ min: 1, max: 64 }), (changed, syntax, size) => {
      const bytes = [...whole]
      for (const [at, value] of changed) bytes[at] = value
      read(syntax, cutEvery(Uint8Array.from(bytes), size))
    }),
    { numRuns: 3_000 },
  )
  const noise = fc.uint8Array({ maxLength: 300 })
  fc.assert(fc.property(noise, syntaxes, (bytes, syntax) => void read(syntax, [bytes])))
  t.pass()
})

t.test('header reader: reads real images of many makers', async (t) => {
  const folders = ['us', 'xr', 'ts', 'other'].filter((one) => existsSync(join(samples, one)))
  for (const folder of folders) {
    for (const name of readdirSync(join(samples, folder))) {
      const bytes = readFileSync(join(samples, folder, name))
      const head = decodeFileHead(bytes)
      if (!head.ok || head.value.transferSyntaxUid === deflatedExplicitLittle) continue
      const { transferSyntaxUid, dataSetOffset } = head.value
      const findings = read(transferSyntaxUid, cutEvery(bytes.subarray(dataSetOffset), 16_378))
      t.match(findings, { unreadable: null, mislabelled: false, sopInstanceUid: /^[0-9.]+$/ }, name)
    }
  }
  t.pass('none is there when the samples are not')
})
