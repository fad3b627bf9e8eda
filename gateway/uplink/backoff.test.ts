import t from 'tap'
import { seededRandom } from '../clock/seeded-random.ts'
import { Backoff } from './backoff.ts'

t.test('backoff: each pause lies between the shortest and three times the last', async (t) => {
  const backoff = new Backoff(seededRandom(3), 1_000, 60_000)
  let last = 1_000
  const pauses = Array.from({ length: 2_000 }, () => {
    const pause = backoff.nextMs()
    if (pause < 1_000 || pause > Math.min(60_000, last * 3)) t.fail(`${pause} after ${last}`)
    last = pause
    return pause
  })
  t.equal(Math.max(...pauses), 60_000)
  t.ok(new Set(pauses).size > 500, 'drawn, not counted')
  backoff.reset()
  t.ok(backoff.nextMs() <= 3_000)
})

t.test('backoff: two vans are not in step', async (t) => {
  const [one, same, other] = [1, 1, 2].map((seed) => {
    const backoff = new Backoff(seededRandom(seed), 1_000, 60_000)
    return Array.from({ length: 10 }, () => backoff.nextMs())
  })
  t.strictSame(one, same)
  t.notSame(one, other)
})

t.test('backoff: long when only a person can help', async (t) => {
  const backoff = new Backoff(seededRandom(3), 1_000, 60_000)
  for (let pause = 0; pause < 100; pause++) {
    const ms = backoff.longMs()
    t.ok(ms >= 20_000 && ms <= 60_000)
  }
})
