import t from 'tap'
import { deviceTimeOf, timeKey } from './device-time.ts'

t.test('device time: is a date that exists, or null', async (t) => {
  t.strictSame(deviceTimeOf(2024, 2, 29, 23, 59), {
    year: 2024,
    month: 2,
    day: 29,
    hour: 23,
    minute: 59,
    second: null,
  })
  t.match(deviceTimeOf(2025, 4, 30, 0, 0, 59), { second: 59 })
  t.ok(deviceTimeOf(2000, 2, 29, 0, 0))
  for (const [year, month, day, hour, minute, second] of [
    [2025, 2, 29, 0, 0, 0],
    [1900, 2, 29, 0, 0, 0],
    [2025, 4, 31, 0, 0, 0],
    [2025, 0, 1, 0, 0, 0],
    [2025, 13, 1, 0, 0, 0],
    [2025, 1, 0, 0, 0, 0],
    [2025, 1, 1, 24, 0, 0],
    [2025, 1, 1, 0, 60, 0],
    [2025, 1, 1, 0, 0, 60],
    [2025, 1, 1, Number.NaN, 0, 0],
    [2025, 1.5, 1, 0, 0, 0],
  ] as const) {
    t.equal(deviceTimeOf(year, month, day, hour, minute, second), null)
  }
})

t.test('device time: as a key', async (t) => {
  t.equal(timeKey(deviceTimeOf(2024, 2, 29, 23, 59)), '2024 2 29 23 59 -')
  t.equal(timeKey(deviceTimeOf(2024, 2, 29, 23, 59, 7)), '2024 2 29 23 59 7')
  t.equal(timeKey(null), 'no time')
})
