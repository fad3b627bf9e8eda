import * as fc from 'fast-check'
import t from 'tap'
import {
  dateRange,
  isUniversal,
  matchesPattern,
  nameMatcher,
  rangeMatcher,
  textMatcher,
  timeRange,
  uidMatcher,
} from './key-matching.ts'

/** The values that a key finds. */
function found(matches: (value: string | null) => boolean, values: readonly (string | null)[]) {
  return values.filter((value) => matches(value))
}

t.test('key: an empty one and stars ask for everything', async (t) => {
  t.strictSame(['', '*', '**', '?', 'A*', ' '].filter(isUniversal), ['', '*', '**'])
})

const written = new Map([
  ['*', '.*'],
  ['?', '.'],
  ['.', '\\.'],
])

t.test('key: a pattern is found where a regular expression finds it', async (t) => {
  const letters = fc.array(fc.constantFrom('A', 'B', '.'), { maxLength: 8 })
  const pattern = fc.array(fc.constantFrom('A', 'B', '.', '*', '?'), { maxLength: 8 })
  fc.assert(
    fc.property(letters, pattern, (value, wanted) => {
      const source = wanted.map((one) => written.get(one) ?? one).join('')
      const expected = new RegExp(`^${source}$`).test(value.join(''))
      return matchesPattern(value.join(''), wanted.join('')) === expected
    }),
    { numRuns: 2_000 },
  )
  t.pass()
})

t.test('key: a pattern of many stars costs no more than its length', async (t) => {
  const value = 'A'.repeat(10_000)
  t.equal(matchesPattern(value, `${'*A'.repeat(100)}*B`), false)
})

t.test('key: texts are found by their case, and without their padding', async (t) => {
  const values = ['US-1', 'us-1', ' US-1 ', 'US-10', null]
  t.strictSame(found(textMatcher('US-1', true), values), ['US-1', ' US-1 '])
  t.strictSame(found(textMatcher(' US-1 ', false), values), ['US-1', 'us-1', ' US-1 '])
  t.strictSame(found(textMatcher('US-1*', true), values), ['US-1', ' US-1 ', 'US-10'])
  t.strictSame(found(textMatcher('US-1?', true), values), ['US-10'])
  t.strictSame(found(textMatcher('*', true), values), values)
  t.strictSame(found(textMatcher('CR\\US-10', true), values), ['US-10'])
  t.strictSame(found(textMatcher('CR\\', true), values), values)
  t.strictSame(found(textMatcher('A'.repeat(257), true), ['A'.repeat(257)]), [])
})

t.test('key: names are found by what they have in common', async (t) => {
  const values = [
    'Surya^Dewi',
    'SURYA^BUDI^^Dr',
    'Suryani',
    "Sjafrié^Ni'mah",
    'Yamada^T=山田',
    null,
  ]
  const cases: readonly (readonly [key: string, names: readonly (string | null)[]])[] = [
    ['surya', ['Surya^Dewi', 'SURYA^BUDI^^Dr']],
    ['SURYA*', ['Surya^Dewi', 'SURYA^BUDI^^Dr', 'Suryani']],
    ['Surya^', ['Surya^Dewi', 'SURYA^BUDI^^Dr']],
    ['Surya^D*', ['Surya^Dewi']],
    [' surya ^ dewi ^^', ['Surya^Dewi']],
    ['^Budi', ['SURYA^BUDI^^Dr']],
    ['^^^dr', ['SURYA^BUDI^^Dr']],
    ['*dewi', ['Surya^Dewi']],
    ['*', values],
    ['SJAFRIE^NI?MAH', ["Sjafrié^Ni'mah"]],
    ['yamada', ['Yamada^T=山田']],
    ['yamada=山田', ['Yamada^T=山田']],
    ['nobody', []],
  ]
  for (const [key, names] of cases) t.strictSame(found(nameMatcher(key), values), names, key)
})

t.test('key: UIDs are found in a list, and never by wildcards', async (t) => {
  const values = ['1.2.3', '1.2.33', null]
  t.strictSame(found(uidMatcher('1.2.3\0'), values), ['1.2.3'])
  t.strictSame(found(uidMatcher('1.2.33\\1.2.3 '), values), ['1.2.3', '1.2.33'])
  t.strictSame(found(uidMatcher('1.2.*'), values), [])
})

t.test('key: dates are single, or between two, or open at an end', async (t) => {
  const days = ['20251231', '20260101', '20260105', '20260107', '20260108', null]
  const inside = (key: string): readonly (string | null)[] | null => {
    const range = dateRange(key)
    return range === null ? null : found(rangeMatcher(range), days)
  }
  t.strictSame(inside('20260101-20260107'), ['20260101', '20260105', '20260107'])
  t.strictSame(inside('20260101 - 20260107'), ['20260101', '20260105', '20260107'])
  t.strictSame(inside('-20260101'), ['20251231', '20260101'])
  t.strictSame(inside('20260107-'), ['20260107', '20260108'])
  t.strictSame(inside('20260105'), ['20260105'])
  t.strictSame(inside('2026.01.05'), ['20260105'])
  t.strictSame(inside('20260107-20260101'), [])
  t.strictSame(inside('-'), days.slice(0, 5))
  const none = ['today', '202601', '2026*', '20260101-20260102-20260103', '20260101-x', 'x-']
  t.strictSame(none.map(inside), [null, null, null, null, null, null])
})

t.test('key: a time means all seconds that it does not say', async (t) => {
  const times = ['095959', '100000', '100030', '105959', '110000', null]
  const inside = (key: string): readonly (string | null)[] | null => {
    const range = timeRange(key)
    return range === null ? null : found(rangeMatcher(range), times)
  }
  t.strictSame(inside('10'), ['100000', '100030', '105959'])
  t.strictSame(inside('1000'), ['100000', '100030'])
  t.strictSame(inside('100000.000000'), ['100000'])
  t.strictSame(inside('10:00:30'), ['100030'])
  t.strictSame(inside('1000-11'), ['100000', '100030', '105959', '110000'])
  t.strictSame(inside('-1000'), ['095959', '100000', '100030'])
  t.strictSame(['1', '100', '10:', 'noon', '10-11-12'].map(inside), [null, null, null, null, null])
})
