import * as fc from 'fast-check'
import t from 'tap'
import { holds } from '../../test/wire/holds.ts'
import { decodeCbor, encodeCbor, isUtf8, nestingMax, utf8Length } from './cbor.ts'
import { fromHex, toHex } from './hex.ts'

function decodeHex(hex: string): unknown {
  const answer = decodeCbor(fromHex(hex) ?? new Uint8Array())
  return answer.ok ? answer.value : answer.reason
}

t.test('cbor: writes the shortest form and sorted keys', async (t) => {
  const cases: readonly (readonly [unknown, string])[] = [
    [23, '17'],
    [24, '1818'],
    [-1, '20'],
    [1.5, 'f93e00'],
    [0.1, 'fb3fb999999999999a'],
    [100_000.5, 'fa47c35040'],
    [-0, '00'],
    [2 ** 53, 'fa5a000000'],
    [Number.MAX_SAFE_INTEGER, '1b001fffffffffffff'],
    [
      new Map([
        ['b', 1],
        ['aa', 2],
        ['a', 3],
      ]),
      'a361610361620162616102',
    ],
    [
      new Map([
        [10, null],
        [9, true],
      ]),
      'a209f50af6',
    ],
    [Uint8Array.of(1, 2), '420102'],
  ]
  for (const [value, hex] of cases) t.equal(toHex(encodeCbor(value)), hex)
})

t.test('cbor: refuses every form but one', async (t) => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['integer too long', '1817', /more bytes than necessary/],
    ['length too long', '780161', /more bytes than necessary/],
    ['list without length', '9f01ff', /indefinite/],
    ['text without length', '7f6161ff', /indefinite/],
    ['tag', 'c100', /tag not supported/],
    ['undefined', 'f7', /undefined/],
    ['NaN', 'f97e00', /NaN/],
    ['another NaN', 'f97e01', /NaN/],
    ['infinity', 'f97c00', /Infinity/],
    ['integer beyond 2^53', '1bffffffffffffffff', /safe integer/],
    ['the same key twice', 'a2616101616102', /repeat map key of some text/],
    ['something behind the end', '0000', /too many/],
    ['nothing', '', /did not find/],
    ['broken UTF-8', '62c328', /UTF-8/],
    ['surrogates in UTF-8', '63eda080', /UTF-8/],
    ['half a list', '8201', /not enough/],
  ]
  for (const [name, hex, reason] of cases) t.match(decodeHex(hex), reason, name)
})

t.test('cbor: keeps a byte order mark that is part of a text', async (t) => {
  for (const text of ['\uFEFF', '\uFEFFa', `\uFEFF${'x'.repeat(300)}`, 'a\uFEFF']) {
    const answer = decodeCbor(encodeCbor(text))
    t.equal(answer.ok && answer.value, text)
  }
})

function nested(depth: number): string {
  return `${'81'.repeat(depth - 1)}80`
}

t.test('cbor: nests as deep as the limit and no deeper', async (t) => {
  t.type(decodeHex(nested(nestingMax)), Array)
  t.match(decodeHex(nested(nestingMax + 1)), /nesting of at most 8/)
  t.match(decodeHex('81'.repeat(200_000)), /nesting of at most 8/)
  // Closed lists do not count as depth.
  t.type(decodeHex(`9820${'8180'.repeat(32)}`), Array)
  t.type(decodeHex(`94${'a10080'.repeat(20)}`), Array)
})

t.test('cbor: counts items before it believes a length', async (t) => {
  t.match(decodeHex('9affffffff'), /not enough/)
  const many = new Uint8Array(300_005)
  many.set([0x9a, 0, 4, 0x93, 0xe0])
  const answer = decodeCbor(many)
  t.match(answer.ok ? null : answer.reason, /at most 250000 items/)
})

t.test('cbor: gives copies, also of a Buffer', async (t) => {
  const source = Buffer.from('420102', 'hex')
  const answer = decodeCbor(source)
  source.fill(0)
  t.strictSame(answer, { ok: true, value: Uint8Array.of(1, 2) })
})

t.test('cbor: knows UTF-8 as the platform does', async (t) => {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const near = fc.constantFrom(
    0x7f,
    0x80,
    0x8f,
    0x90,
    0x9f,
    0xa0,
    0xbf,
    0xc1,
    0xc2,
    0xe0,
    0xed,
    0xf0,
    0xf4,
    0xf5,
  )
  const property = fc.property(fc.array(fc.oneof(near, fc.nat(255)), { maxLength: 6 }), (list) => {
    const bytes = Uint8Array.from(list)
    try {
      const text = decoder.decode(bytes)
      return isUtf8(bytes) && (utf8Length(text) === bytes.length || bytes[0] === 0xef)
    } catch {
      return !isUtf8(bytes)
    }
  })
  holds(t, 'any bytes', property, { numRuns: 20_000 })
})
