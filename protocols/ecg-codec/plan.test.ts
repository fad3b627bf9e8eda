import t from 'tap'
import { latin1Bytes } from '../bytes/bytes.ts'
import { ByteReader, ByteWriter } from './bytes-io.ts'
import { crc32c, crc32cOfWords } from './crc32c.ts'
import { codedValues, makePlans, readPlans, restoreLeads, writePlans } from './plan.ts'
import type { LeadPlan } from './plan.ts'
import { decodeRaw, encodeRaw } from './raw.ts'
import { base64Bytes } from './base64.ts'
import { generator } from './testing.ts'

const random = generator(11)
const one = Int32Array.from({ length: 200 }, () => random(2_000) - 1_000)
const two = Int32Array.from({ length: 200 }, () => random(2_000) - 1_000)

function from(of: (first: number, second: number) => number): Int32Array {
  return one.map((first, at) => of(first, two[at] ?? 0))
}

function kinds(plans: readonly LeadPlan[]): string[] {
  return plans.map((plan) => plan.kind)
}

function there(samples: readonly Int32Array[]): readonly Int32Array[] | null {
  const writer = new ByteWriter()
  writePlans(writer, makePlans(samples))
  const reader = new ByteReader(writer.finish())
  const plans = readPlans(reader, samples.length)
  if (plans === null || reader.left > 0) return null
  return restoreLeads(plans, codedValues(plans, samples), samples[0]?.length ?? 0)
}

const roundings: Readonly<Record<string, (value: number) => number>> = {
  down: Math.floor,
  up: Math.ceil,
  'towards zero': Math.trunc,
  'away from zero': (value) => Math.sign(value) * Math.ceil(Math.abs(value)),
  'to the even neighbour': (value) => (Number.isInteger(value) ? value : 2 * Math.round(value / 2)),
}

for (const [name, rounded] of Object.entries(roundings))
  t.test(`plan: the limb leads of a maker who rounds ${name} cost nothing`, async (t) => {
    const samples = [
      one,
      two,
      from((a, b) => b - a),
      from((a, b) => -rounded((a + b) / 2)),
      from((a, b) => rounded((2 * a - b) / 2)),
      from((a, b) => rounded((2 * b - a) / 2)),
    ]
    const plans = makePlans(samples)
    t.strictSame(kinds(plans), ['plain', 'plain', 'derived', 'derived', 'derived', 'derived'])
    t.strictSame(there(samples), samples)
  })

t.test('plan: copies, negatives, other zeros and doubles are found', async (t) => {
  const samples = [
    one,
    two,
    one.slice(),
    two.map((value) => -value),
    one.map((value) => value + 512),
    from((a, b) => -a - b),
    from((a, b) => b - a - 7),
  ]
  t.strictSame(
    kinds(makePlans(samples)).slice(2),
    Array.from({ length: 5 }, () => 'derived'),
  )
  t.strictSame(there(samples), samples)
})

t.test('plan: lattices and flat leads', async (t) => {
  const samples = [
    one.map((value) => 5 * value),
    two.map((value) => 2 * value + 1),
    new Int32Array(200).fill(-0x8000_0000),
  ]
  t.strictSame(makePlans(samples), [
    { kind: 'lattice', step: 5, offset: 0 },
    { kind: 'lattice', step: 2, offset: 1 },
    { kind: 'constant', value: -0x8000_0000 },
  ])
  t.strictSame(there(samples), samples)
})

const scales = [
  { name: '4.88 microvolts, cut off', by: 4.88, rounded: Math.trunc },
  { name: '4.88 microvolts, to the nearest', by: 4.88, rounded: Math.round },
  { name: '2.5, down', by: 2.5, rounded: Math.floor },
  { name: '4882.8125 nanovolts', by: 4_882.8125, rounded: Math.round },
  { name: 'a seventh of 100', by: 100 / 7, rounded: Math.round },
]

for (const { name, by, rounded } of scales)
  t.test(`plan: a lead in steps of ${name} is coded as its steps`, async (t) => {
    const samples = [one.map((k) => rounded(k * by)), two.map((k) => rounded(k * by))]
    t.strictSame(kinds(makePlans(samples)), ['scaled', 'scaled'])
    t.strictSame(there(samples), samples)
    const spoiled = [(samples[0] ?? one).with(7, (samples[0]?.[7] ?? 0) + 1)]
    t.strictSame(kinds(makePlans(spoiled)), ['plain'])
  })

t.test('plan: an entry that is malformed is refused', async (t) => {
  const malformed: readonly (readonly number[])[] = [
    [9],
    [1, 1, 0],
    [1, 5, 5],
    [3, 8, 40, 0, 1],
    [0, 3, 8, 40, 0, 1],
    [0, 3, 13, 40, 0, 0],
    [0, 3, 8, 81, 0, 0],
    [0, 2, 0xff, 0xff, 0xff, 0xff, 0x1f],
    [0, 4, 3, 10, 1],
    [0, 4, 0, 3, 2],
    [0, 4, 0, 10, 0],
  ]
  for (const bytes of malformed) {
    t.equal(readPlans(new ByteReader(Uint8Array.from(bytes)), 2), null, bytes.join(' '))
  }
})

t.test('raw: any width comes back, and only what was written', async (t) => {
  const values = Int32Array.of(-0x8000_0000, 0x7fff_ffff, 0, 5, 5, 5, -1, 0, 1)
  const bytes = encodeRaw(values, 3)
  t.strictSame(decodeRaw(bytes, 3, 3), values)
  t.equal(decodeRaw(bytes.subarray(0, -1), 3, 3), null)
  t.equal(decodeRaw(Uint8Array.of(...bytes, 0), 3, 3), null)
  t.equal(decodeRaw(Uint8Array.of(0, 33, 0, 0, 0, 0, 0), 1, 1), null)
  t.equal(decodeRaw(Uint8Array.of(0, 3, 0xff), 1, 1), null, 'bits beyond the last value')
})

t.test('crc32c: is that of RFC 3720, over bytes and over words', async (t) => {
  const digits = latin1Bytes('123456789')
  t.equal(crc32c(digits), 0xe306_9283)
  t.equal(crc32c(digits.subarray(4), crc32c(digits.subarray(0, 4))), 0xe306_9283)
  const words = Int32Array.of(0x0403_0201, -2)
  t.equal(crc32cOfWords(words), crc32c(Uint8Array.of(1, 2, 3, 4, 0xfe, 0xff, 0xff, 0xff)))
})

t.test('base64: as in RFC 4648, whatever stands between', async (t) => {
  const text = 'Zm9v\nYmFy\n'
  t.strictSame(base64Bytes(text), latin1Bytes('foobar'))
  t.strictSame(base64Bytes('Zm8='), Uint8Array.of(0x66, 0x6f))
})
