import t from 'tap'
import { encodeDataSet, type Element } from '../../test/dicom/data-set.ts'
import { itemsIn, numberIn, readDataSet, textIn, type DataSet } from './data-set.ts'
import { explicitBig, explicitLittle, implicitLittle } from './uids.ts'

const step = 0x0040_0100
const sequences: ReadonlySet<number> = new Set([step])

const elements: readonly Element[] = [
  [0x0010_0010, 'PN', 'Surya^Dewi'],
  [0x0010_21c0, 'US', 3],
  [
    step,
    'SQ',
    [
      [
        [0x0008_0060, 'CS', 'US'],
        [step, 'SQ', [[[0x0008_0060, 'CS', 'CR']]]],
      ],
      [],
    ],
  ],
]

function read(bytes: Uint8Array, syntax = explicitLittle): DataSet | string {
  const dataSet = readDataSet(bytes, syntax, sequences)
  return dataSet.ok ? dataSet.value : dataSet.reason
}

/** In hex, groups as they are written. */
function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
}

t.test('data set: reads each native syntax, with lengths and with delimiters', async (t) => {
  const syntaxes = [
    [implicitLittle, { explicit: false, little: true }],
    [explicitLittle, { explicit: true, little: true }],
    [explicitBig, { explicit: true, little: false }],
  ] as const
  for (const [syntax, encoding] of syntaxes) {
    for (const delimited of [false, true]) {
      const bytes = encodeDataSet(elements, { ...encoding, delimited })
      const dataSet = read(bytes, syntax)
      if (typeof dataSet === 'string') return void t.fail(dataSet)
      t.equal(textIn(dataSet, 0x0010_0010), 'Surya^Dewi')
      t.equal(numberIn(dataSet, 0x0010_21c0), 3)
      const name = dataSet.elements.get(0x0010_0010)
      t.equal(name?.representation, encoding.explicit ? 'PN' : null)
      const [item, empty] = itemsIn(dataSet, step)
      if (item === undefined) return void t.fail('no item')
      t.equal(textIn(item, 0x0008_0060), 'US')
      t.strictSame(
        itemsIn(item, step).map((one) => textIn(one, 0x0008_0060)),
        ['CR'],
      )
      t.equal(empty?.elements.size, 0)
      for (let end = 1; end < bytes.length; end++) read(bytes.subarray(0, end), syntax)
    }
  }
})

t.test('data set: nothing is read past the end of what holds it', async (t) => {
  const item = 'feff 00e0 0c000000 0800 6000 4353 0800 5553 2020'
  t.equal(
    read(hex(`4000 0001 5351 0000 14000000 ${item} 1000 1000 504e 0200 4120`)),
    'an element is cut short',
  )
  t.equal(read(hex('4000 0001 5351 0000 08000000 feff 00e0 ff000000')), 'an element is cut short')
  t.equal(read(hex('0800 6000 4353 0400 5553')), 'an element is cut short')
  t.equal(read(hex('0800 6000')), 'an element is cut short')
})

t.test('data set: a delimiter that is missing or not needed does no harm', async (t) => {
  const modality = (dataSet: DataSet | string): string | null => {
    if (typeof dataSet === 'string') return dataSet
    const [item] = itemsIn(dataSet, step)
    return item === undefined ? null : textIn(item, 0x0008_0060)
  }
  const head = '4000 0001 5351 0000'
  const value = '0800 6000 4353 0200 5553'
  const itemEnd = 'feff 0de0 00000000'
  const end = 'feff dde0 00000000'
  const cases = [
    `${head} ffffffff feff 00e0 ffffffff ${value} ${itemEnd} ${end}`,
    `${head} ffffffff feff 00e0 ffffffff ${value}`,
    `${head} ffffffff feff 00e0 0a000000 ${value} ${end}`,
    `${head} 12000000 feff 00e0 0a000000 ${value} ${end}`,
    `${head} 1a000000 feff 00e0 0a000000 ${value} ${end}`,
    `${head} 1a000000 feff 00e0 12000000 ${value} ${itemEnd}`,
  ]
  t.strictSame(
    cases.map((one) => modality(read(hex(one)))),
    cases.map(() => 'US'),
  )
})

t.test('data set: refuses what is none', async (t) => {
  t.equal(read(hex('0800 6000 0000 0200 5553')), 'an element without representation')
  t.equal(read(hex('feff 00e0 00000000')), 'an item outside of a sequence')
  t.equal(read(hex('feff 1ee0 00000000')), 'an item outside of a sequence')
  t.equal(
    read(hex('4000 0001 5351 0000 0a000000 0800 6000 4353 0200 5553')),
    'a sequence that holds no items',
  )
  const open = '4000 0001 5351 0000 ffffffff feff 00e0 ffffffff'
  t.equal(read(hex(open.repeat(17))), 'sequences too deep')
  t.equal(
    read(hex('feff 00e0 00000000'.repeat(3)), implicitLittle),
    'an item outside of a sequence',
  )
  const many = `4000 0001 ffffffff ${'feff 00e0 00000000'.repeat(100_001)}`
  t.equal(read(hex(many), implicitLittle), 'more than 100000 elements')
})
