import t from 'tap'
import { seededRandom } from '../../gateway/clock/seeded-random.ts'
import { RangeSet } from '../../protocols/packet/ranges.ts'
import { rangesFromBlob, rangesToBlob, without, withoutNumbers } from './ranges-blob.ts'

t.test('ranges blob: any set comes back', async (t) => {
  const random = seededRandom(1)
  for (let round = 0; round < 200; round++) {
    const set = new RangeSet()
    let next = 0
    for (let count = random.below(20); count > 0; count--) {
      const from = next + random.below(2) * 2 ** random.below(31) + random.below(300)
      next = from + random.below(2) * 2 ** random.below(31) + random.below(200)
      set.add(from, next)
    }
    t.strictSame(rangesFromBlob(rangesToBlob(set)).ranges(), set.ranges())
  }
  const far = RangeSet.of([
    { from: 0, to: 0 },
    { from: 2 ** 53 - 2, to: 2 ** 53 - 2 },
  ])
  t.strictSame(rangesFromBlob(rangesToBlob(far)).ranges(), far.ranges())
  t.equal(rangesToBlob(new RangeSet()).length, 0)
  t.equal(rangesToBlob(RangeSet.of([{ from: 0, to: 99 }])).length, 2, 'a whole stream is short')
})

t.test('ranges blob: a damaged one is not believed', async (t) => {
  for (const bytes of [[0x80], [0, 0x80], [1], Array.from({ length: 12 }, () => 0xff)])
    t.throws(() => rangesFromBlob(Uint8Array.from(bytes)), RangeError)
})

t.test('ranges blob: taking numbers out', async (t) => {
  const set = RangeSet.of([
    { from: 0, to: 9 },
    { from: 20, to: 20 },
  ])
  const gone = RangeSet.of([
    { from: 0, to: 0 },
    { from: 4, to: 5 },
    { from: 20, to: 30 },
  ])
  const left = [
    { from: 1, to: 3 },
    { from: 6, to: 9 },
  ]
  t.strictSame(without(set, gone).ranges(), left)
  t.strictSame(withoutNumbers(set.ranges(), new Set([20, 5, 4, 0]), 10), left)
  t.strictSame(withoutNumbers(set.ranges(), new Set([5]), 2), [
    { from: 0, to: 4 },
    { from: 6, to: 9 },
  ])
})
