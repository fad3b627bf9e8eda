import t from 'tap'
import { encodeDataSet, type Element as Written } from '../../test/dicom/data-set.ts'
import { entries, entry, usualKeys } from '../../test/dicom/worklist.ts'
import { latin1Text } from '../bytes/bytes.ts'
import { utf8Text } from '../bytes/utf8.ts'
import { itemsIn, readDataSet, textIn, type DataSet } from './data-set.ts'
import { encodeIdentifier, type IdentifierElement } from './identifier.ts'
import { explicitBig, explicitLittle, implicitLittle } from './uids.ts'
import { encodeWorklistAnswer, type Asker } from './worklist-answer.ts'
import { worklistSequences } from './worklist-attributes.ts'
import { readWorklistQuery, type WorklistQuery } from './worklist-query.ts'
import type { WorklistEntry } from './worklist.ts'

const us1: Asker = { callingAeTitle: 'US_1', characterSet: 'ISO_IR 100' }

function parsed(bytes: Uint8Array, syntax = explicitLittle): DataSet {
  const dataSet = readDataSet(bytes, syntax, worklistSequences)
  if (!dataSet.ok) throw new Error(dataSet.reason)
  return dataSet.value
}

function query(keys: readonly IdentifierElement[], syntax = explicitLittle): WorklistQuery {
  const read = readWorklistQuery(parsed(encodeIdentifier(keys, syntax), syntax))
  if (!read.ok) throw new Error(read.reason)
  return read.value
}

function refusal(keys: readonly IdentifierElement[]): string {
  const read = readWorklistQuery(parsed(encodeIdentifier(keys, explicitLittle)))
  return read.ok ? '' : read.reason
}

/** Keys of a step. */
function step(...keys: readonly IdentifierElement[]): readonly IdentifierElement[] {
  return [[0x0040_0100, 'SQ', [keys]]]
}

/** Accession numbers of those that match. */
function found(keys: readonly IdentifierElement[], list: readonly WorklistEntry[]) {
  return list.filter(query(keys).matches).map((one) => one.accessionNumber)
}

/** An answer as tag and text, a sequence as the answers in it. */
type Told = readonly (readonly [tag: string, value: string | readonly Told[]])[]

function told(dataSet: DataSet): Told {
  return [...dataSet.elements].map(([tag, { bytes, items }]) => [
    tag.toString(16).padStart(8, '0'),
    items === null ? latin1Text(bytes).replace(/[\0 ]+$/, '') : items.map(told),
  ])
}

function answer(
  one: WorklistEntry,
  keys: readonly IdentifierElement[],
  asker = us1,
  syntax = explicitLittle,
): Told {
  return told(parsed(encodeWorklistAnswer(one, query(keys, syntax), asker, syntax), syntax))
}

const monday = entry({ accessionNumber: 'mon' })
const list = [
  monday,
  entry({
    accessionNumber: 'tue',
    patientName: "Sjafrié^Ni'mah",
    birthDate: null,
    modality: 'DX',
    stationAeTitle: 'DX_1',
    scheduledStart: { date: '20260213', time: '180000' },
    code: { value: '36643-5', scheme: 'LN', meaning: 'XR Chest 2 Views' },
  }),
  entry({ accessionNumber: 'wed', scheduledStart: { date: '20260214', time: '070000' } }),
]

t.test('worklist: keys without a value find everything', async (t) => {
  for (const keys of [usualKeys, step([0x0008_0060, 'CS', '']), step([0x0040_0001, 'AE', '*'])]) {
    t.strictSame(found(keys, list), ['mon', 'tue', 'wed'])
  }
})

t.test('worklist: each key with a value chooses', async (t) => {
  const cases: readonly (readonly [readonly IdentifierElement[], readonly string[]])[] = [
    [[[0x0008_0050, 'SH', 'tue']], ['tue']],
    [[[0x0008_0050, 'SH', 'TUE']], []],
    [[[0x0010_0010, 'PN', 'SURYA*']], ['mon', 'wed']],
    [[[0x0010_0010, 'PN', 'sjafrie^']], ['tue']],
    [[[0x0010_0030, 'DA', '19890623']], ['mon', 'wed']],
    [[[0x0020_000d, 'UI', '2.25.17\\2.25.18']], ['mon', 'tue', 'wed']],
    [step([0x0008_0060, 'CS', 'DX']), ['tue']],
    [step([0x0008_0060, 'CS', 'CR\\DX']), ['tue']],
    [step([0x0040_0002, 'DA', '20260213']), ['tue']],
    [step([0x0040_0002, 'DA', '20260213-']), ['tue', 'wed']],
    [step([0x0040_0003, 'TM', '0900-1000']), ['mon']],
    [[[0x0032_1064, 'SQ', [[[0x0008_0100, 'SH', '36643-5']]]]], ['tue']],
    [step([0x0040_0008, 'SQ', [[[0x0008_0104, 'LO', '*chest*']]]]), []],
    [step([0x0040_0008, 'SQ', [[[0x0008_0104, 'LO', '*Chest*']]]]), ['tue']],
    [
      [[0x0010_0020, 'LO', 'VAN02-000017'], ...step([0x0008_0060, 'CS', 'us'])],
      ['mon', 'wed'],
    ],
  ]
  for (const [keys, names] of cases) t.strictSame(found(keys, list), names, JSON.stringify(keys))
})

t.test('worklist: two ranges are one period, a day and a range are not', async (t) => {
  const between = (date: string, time: string): readonly (string | null)[] =>
    found(step([0x0040_0002, 'DA', date], [0x0040_0003, 'TM', time]), list)
  t.strictSame(between('20260212-20260214', '1000-0800'), ['tue', 'wed'])
  t.strictSame(between('20260212-', '1000-'), ['tue', 'wed'])
  t.strictSame(between('-20260213', '-1800'), ['mon', 'tue'])
  t.strictSame(between('20260212-20260214', '18'), ['tue'])
  t.strictSame(between('20260213', '1700-1900'), ['tue'])
})

t.test('worklist: what any station may do is for the one that asks', async (t) => {
  const station = (title: string): readonly IdentifierElement[] => step([0x0040_0001, 'AE', title])
  t.strictSame(found(station('US_1'), list), ['mon', 'wed'])
  t.strictSame(found(station('dx_1'), list), ['mon', 'tue', 'wed'])
  const title = (asked: string, asker = us1): unknown => answer(monday, station(asked), asker)[1]
  const step1 = (name: string): unknown => ['00400100', [[['00400001', name]]]]
  t.strictSame(title(''), step1('US_1'))
  t.strictSame(title('*'), step1('US_1'))
  t.strictSame(title('OTHER'), step1('OTHER'))
  t.strictSame(title('', { ...us1, callingAeTitle: '' }), step1('ANY'))
  const dx = list[1] ?? monday
  t.strictSame(answer(dx, station('D*'))[1], step1('DX_1'))
})

t.test('worklist: an answer has the keys that were asked for, and the character set', async (t) => {
  const keys: readonly IdentifierElement[] = [
    [0x0008_0000, 'UL', '\x04\0\0\0'],
    [0x0008_0005, 'CS', 'ISO_IR 100'],
    [0x0008_0050, 'SH', ''],
    [0x0008_1110, 'SQ', []],
    [0x0009_0010, 'LO', 'ACME 1.0'],
    [0x0009_1001, 'UN', ''],
    [0x0010_0010, 'PN', '*'],
    [0x0010_1030, 'DS', ''],
    [0x0010_21c0, 'US', ''],
    [0x0032_1064, 'SQ', []],
    [
      0x0040_0100,
      'SQ',
      [
        [
          [0x0008_0060, 'CS', ''],
          [0x0040_0011, 'SH', ''],
        ],
      ],
    ],
  ]
  const one = entry({ weightKg: 61.5, pregnancy: 3 })
  const expected: Told = [
    ['00080005', 'ISO_IR 100'],
    ['00080050', 'VAN02-000017-1'],
    ['00081110', []],
    ['00090010', ''],
    ['00091001', ''],
    ['00100010', 'Surya^Dewi'],
    ['00101030', '61.5'],
    ['001021c0', '\x03'],
    ['00321064', []],
    [
      '00400100',
      [
        [
          ['00080060', 'US'],
          ['00400011', ''],
        ],
      ],
    ],
  ]
  t.strictSame(answer(one, keys), expected)
  t.strictSame(answer(one, keys, us1, implicitLittle), expected)
  const big = answer(one, keys, us1, explicitBig)
  t.strictSame(big[7], ['001021c0', '\0\x03'])
  t.strictSame(big.toSpliced(7, 1), expected.toSpliced(7, 1))
})

t.test('worklist: a sequence without items asks for all that it holds', async (t) => {
  const coded = entry({ code: { value: '1', scheme: 'LN', meaning: 'Abdomen' } })
  const code: Told = [
    ['00080100', '1'],
    ['00080102', 'LN'],
    ['00080104', 'Abdomen'],
  ]
  const whole: Told = [
    ['00080060', 'US'],
    ['00400001', 'US_1'],
    ['00400002', '20260212'],
    ['00400003', '093000'],
    ['00400006', ''],
    ['00400007', 'Antenatal ultrasound'],
    ['00400008', [code]],
    ['00400009', 'SPS17'],
    ['00400010', ''],
    ['00400020', 'SCHEDULED'],
  ]
  for (const items of [[], [[]]]) {
    const keys: readonly IdentifierElement[] = [[0x0040_0100, 'SQ', items]]
    t.strictSame(answer(coded, keys)[1], ['00400100', [whole]])
    const codes: readonly IdentifierElement[] = [[0x0032_1064, 'SQ', items]]
    t.strictSame(answer(coded, codes)[1], ['00321064', [code]])
    t.strictSame(answer(monday, codes)[1], ['00321064', []])
  }
})

t.test('worklist: what no modality can do without is never empty', async (t) => {
  const keys: readonly IdentifierElement[] = [
    [0x0010_0010, 'PN', ''],
    [0x0010_0020, 'LO', ''],
    [0x0020_000d, 'UI', ''],
    ...step(
      [0x0008_0060, 'CS', ''],
      [0x0040_0001, 'AE', ''],
      [0x0040_0002, 'DA', ''],
      [0x0040_0003, 'TM', ''],
      [0x0040_0009, 'SH', ''],
    ),
    [0x0040_1001, 'SH', ''],
  ]
  const flat = (values: Told): readonly unknown[] =>
    values.flatMap(([, value]) => (typeof value === 'string' ? [value] : value.flatMap(flat)))
  t.notOk(flat(answer(monday, keys)).includes(''))
})

t.test('worklist: a key whose value cannot choose is said', async (t) => {
  t.equal(query([[0x0010_1030, 'DS', '60']]).hasUnmatched, true)
  t.equal(query([[0x0032_1030, 'LO', 'why']]).hasUnmatched, true, 'a retired one')
  t.equal(query([[0x0009_1001, 'LO', 'x']]).hasUnmatched, true)
  t.equal(query([[0x0009_0010, 'LO', 'ACME 1.0']]).hasUnmatched, false)
  t.equal(query([[0x0010_21c0, 'US', 0]]).hasUnmatched, false)
  t.equal(query([[0x0032_1030, 'LO', '  ']]).hasUnmatched, false)
  t.equal(query([...usualKeys, [0x0040_1004, 'LO', '']]).hasUnmatched, false)
})

t.test('worklist: no query, no dates, more keys than there can be', async (t) => {
  t.equal(refusal([]), 'no keys')
  t.equal(refusal([[0x0008_0005, 'CS', 'ISO_IR 100']]), 'no keys')
  t.equal(refusal(step([0x0040_0002, 'DA', 'today'])), 'a date that is none')
  t.equal(refusal(step([0x0040_0003, 'TM', '9'])), 'a time that is none')
  const many = Array.from({ length: 513 }, (_, at): IdentifierElement => [
    0x0011_1000 + at,
    'LO',
    '',
  ])
  t.equal(refusal(many), 'more keys than a worklist has')
})

t.test('worklist: names beyond Latin-1 as the device understands them', async (t) => {
  const name = (patientName: string, characterSet: Asker['characterSet']): readonly string[] => {
    const keys = query([[0x0010_0010, 'PN', '']])
    const asker = { ...us1, characterSet }
    const bytes = encodeWorklistAnswer(entry({ patientName }), keys, asker, explicitLittle)
    const dataSet = parsed(bytes)
    const text = dataSet.elements.get(0x0010_0010)?.bytes ?? new Uint8Array()
    const set = textIn(dataSet, 0x0008_0005) ?? ''
    return [set, set === 'ISO_IR 192' ? utf8Text(text).text : latin1Text(text)]
  }
  t.strictSame(name('Sjafrié^A', 'ISO_IR 100'), ['ISO_IR 100', 'Sjafrié^A '])
  t.strictSame(name('Sjafrié^A', 'ISO_IR 192'), ['ISO_IR 100', 'Sjafrié^A '])
  t.strictSame(name('Đorđević^Č', 'ISO_IR 100'), ['ISO_IR 100', 'Dordevic^C'])
  t.strictSame(name('Đorđević^Č', 'ISO_IR 192'), ['ISO_IR 192', 'Đorđević^Č'])
  t.strictSame(name('山田^T', 'ISO_IR 100'), ['ISO_IR 100', '??^T'])
  t.strictSame(name('山田^T', 'ISO_IR 192'), ['ISO_IR 192', '山田^T'])
  t.strictSame(name('a\\b\nc', 'ISO_IR 100'), ['ISO_IR 100', 'a b c '])
  t.strictSame(name('x'.repeat(80), 'ISO_IR 100'), ['ISO_IR 100', 'x'.repeat(64)])
})

t.test('worklist: other ids of the patient stay several', async (t) => {
  const one = entry({ otherPatientIds: ['00-12', '7'] })
  t.strictSame(answer(one, [[0x0010_1000, 'LO', '']])[1], ['00101000', '00-12\\7'])
})

/** Of a Samsung ultrasound, read off the log of a server that it asked. */
const samsung: readonly Written[] = [
  [0x0008_0050, 'SH', ''],
  [0x0008_0090, 'PN', ''],
  [
    0x0008_1110,
    'SQ',
    [
      [
        [0x0008_1150, 'UI', ''],
        [0x0008_1155, 'UI', ''],
      ],
    ],
  ],
  [0x0010_0010, 'PN', ''],
  [0x0010_0020, 'LO', ''],
  [0x0010_0030, 'DA', ''],
  [0x0010_0040, 'CS', ''],
  [0x0010_2160, 'SH', ''],
  [0x0010_21b0, 'LT', ''],
  [0x0010_21c0, 'US', ''],
  [0x0010_21d0, 'DA', ''],
  [0x0010_4000, 'LT', ''],
  [0x0020_000d, 'UI', ''],
  [0x0032_1032, 'PN', ''],
  [0x0032_1033, 'LO', ''],
  [0x0032_1060, 'LO', ''],
  [0x0032_1064, 'SQ', []],
  [0x0038_0300, 'LO', ''],
  [
    0x0040_0100,
    'SQ',
    [
      [
        [0x0008_0060, 'CS', 'US'],
        [0x0032_1070, 'LO', ''],
        [0x0040_0001, 'AE', ''],
        [0x0040_0002, 'DA', '20260212'],
        [0x0040_0003, 'TM', ''],
        [
          0x0040_0008,
          'SQ',
          [
            [
              [0x0008_0100, 'SH', ''],
              [0x0008_0102, 'SH', ''],
              [0x0008_0103, 'SH', ''],
              [0x0008_0104, 'LO', ''],
            ],
          ],
        ],
        [0x0040_0009, 'SH', ''],
        [0x0040_0012, 'LO', ''],
        [0x0040_0020, 'CS', ''],
        [0x0040_0400, 'LT', ''],
      ],
    ],
  ],
  [0x0040_1001, 'SH', ''],
  [0x0040_1010, 'PN', ''],
  [0x0040_1400, 'LT', ''],
]

t.test('worklist: the query of an ultrasound of today, in each encoding', async (t) => {
  const encodings = [
    [implicitLittle, { explicit: false, little: true }],
    [explicitLittle, { explicit: true, little: true, delimited: true }],
    [explicitBig, { explicit: true, little: false, delimited: true }],
  ] as const
  for (const [syntax, encoding] of encodings) {
    const read = readWorklistQuery(parsed(encodeDataSet(samsung, encoding), syntax))
    if (!read.ok) return void t.fail(read.reason)
    t.strictSame(
      list.filter(read.value.matches).map((one) => one.accessionNumber),
      ['mon'],
    )
    const bytes = encodeWorklistAnswer(monday, read.value, us1, syntax)
    const asked = samsung.map(([tag]) => tag)
    const dataSet = parsed(bytes, syntax)
    t.strictSame([...dataSet.elements.keys()], [0x0008_0005, ...asked])
    t.strictSame(itemsIn(dataSet, 0x0008_1110), [])
    const [item] = itemsIn(dataSet, 0x0040_0100)
    t.equal(item === undefined ? null : textIn(item, 0x0040_0009), 'SPS17')
  }
})

t.test('worklist: five hundred entries are looked through', async (t) => {
  t.strictSame(found([[0x0010_0020, 'LO', 'P49?']], entries(500)).length, 10)
})
