import t from 'tap'
import {
  formatAge,
  formatAgeOf,
  formatBytes,
  formatClock,
  formatCount,
  formatDate,
  formatDay,
  formatDuration,
  formatFixed,
  formatSecond,
  formatSeconds,
  formatShare,
  formatUncertainty,
  formatValue,
} from './format.ts'

const wib = { name: 'WIB', offsetMinutes: 420 }

t.test('format: a value keeps its digits and gets a comma in Indonesian', async (t) => {
  t.equal(formatValue(36.7, 'id'), '36,7')
  t.equal(formatValue(36.7, 'en'), '36.7')
  t.equal(formatValue(120, 'id'), '120')
  t.equal(formatValue(0, 'id'), '0')
  t.equal(formatValue(-0.5, 'id'), '-0,5')
  t.equal(formatValue(72.45, 'id'), '72,45')
  t.equal(formatValue(0.1 + 0.2, 'en'), '0.3', 'the tail of a float is not a digit of the device')
  t.equal(formatFixed(72.5, 2, 'id'), '72,50')
})

t.test('format: counts have a separator for thousands, another in each language', async (t) => {
  t.equal(formatCount(999, 'id'), '999')
  t.equal(formatCount(1_234, 'id'), '1.234')
  t.equal(formatCount(1_234_567, 'en'), '1,234,567')
})

t.test('format: sizes have at most three digits', async (t) => {
  const sizes = [
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1,0 kB'],
    [9_940, '9,9 kB'],
    [9_960, '10 kB'],
    [999_499, '999 kB'],
    [999_600, '1,0 MB'],
    [32_000_000_000, '32 GB'],
    [2e15, '2000 TB'],
  ] as const
  for (const [bytes, text] of sizes) t.equal(formatBytes(bytes, 'id'), text)
  t.equal(formatBytes(1_500, 'en'), '1.5 kB')
})

t.test('format: a small share is not rounded to nothing', async (t) => {
  t.equal(formatShare(0, 'id'), '0,0%')
  t.equal(formatShare(0.0004, 'id'), '< 0,1%')
  t.equal(formatShare(0.023, 'en'), '2.3%')
  t.equal(formatShare(0.5, 'en'), '50%')
})

t.test('format: durations have one or two units and are rounded down', async (t) => {
  const second = 1_000
  const durations = [
    [-5, '0 dtk'],
    [0, '0 dtk'],
    [59_999, '59 dtk'],
    [60 * second, '1 mnt'],
    [3_599 * second, '59 mnt'],
    [3_600 * second, '1 jam'],
    [7_500 * second, '2 jam 5 mnt'],
    [86_400 * second, '1 hari'],
    [3 * 86_400 * second + 7_200 * second, '3 hari 2 jam'],
    [12 * 86_400 * second + 7_200 * second, '12 hari'],
    [1_500 * 86_400 * second, '1.500 hari'],
  ] as const
  for (const [ms, text] of durations) t.equal(formatDuration(ms, 'id'), text)
  t.equal(formatDuration(7_500 * second, 'en'), '2 h 5 min')
  t.equal(formatSeconds(340, 'id'), '0,3 dtk')
  t.equal(formatAge(400, 'id'), 'baru saja')
  t.equal(formatAge(12_000, 'id'), '12 dtk lalu')
  t.equal(formatAge(12_000, 'en'), '12 s ago')
})

t.test('format: an uncertainty is a bound, so it is rounded up', async (t) => {
  t.equal(formatUncertainty(0.2, 'id'), '1 ms')
  t.equal(formatUncertainty(38.1, 'id'), '39 ms')
  t.equal(formatUncertainty(1_501, 'id'), '1,6 dtk')
  t.equal(formatUncertainty(61_001, 'id'), '1 mnt')
  t.equal(formatUncertainty(12_001, 'en'), '13 s')
})

t.test('format: times are those of the van, whatever zone the tablet has', async (t) => {
  const utc = Date.UTC(2026, 2, 5, 17, 3, 9)
  t.equal(formatSecond(utc, wib), '00:03:09')
  t.equal(formatClock(utc, wib), '00:03 WIB')
  t.equal(formatDate(utc, wib, 'id'), '06-03-2026')
  t.equal(formatDate(utc, wib, 'en'), '6 Mar 2026')
  t.equal(formatClock(utc, { name: 'WIT', offsetMinutes: 540 }), '02:03 WIT')
  t.equal(formatDate(Date.UTC(2026, 11, 31, 18), wib, 'id'), '01-01-2027')
})

t.test('format: a day, and the age that a birth date makes', async (t) => {
  t.equal(formatDay('1990-08-07', 'id'), '07-08-1990')
  t.equal(formatDay('1990-08-07', 'en'), '7 Aug 1990')
  const ages: readonly (readonly [string, string])[] = [
    ['1990-08-17', '35 th'],
    ['1990-04-12', '36 th'],
    ['2024-04-12', '2 th'],
    ['2024-04-13', '23 bln'],
    ['2026-03-12', '1 bln'],
    ['2026-03-13', '30 hari'],
    ['2026-04-12', '0 hari'],
  ]
  t.strictSame(
    ages.map(([born]) => formatAgeOf(born, '2026-04-12', 'id')),
    ages.map(([, age]) => age),
  )
})
