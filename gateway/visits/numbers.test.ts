import t from 'tap'
import { seededRandom } from '../clock/seeded-random.ts'
import { Numbers, numberCharactersMax, tagOf } from './numbers.ts'

const clock = { wallMs: () => 1_790_000_000_000 as never }

t.test('numbers: say which van gave them', async (t) => {
  const tags = ['van-02', 'klinik-keliling-12', 'banten', '-', '7', 'van-1234', 'x'.repeat(32)]
  t.strictSame(tags.map(tagOf), ['V02', 'K12', 'BANT', 'VAN', '7', 'V234', 'XXXX'])
})

t.test('numbers: are as long as they may be, and differ', async (t) => {
  const numbers = new Numbers('van-02', clock, seededRandom(1))
  const given = Array.from({ length: 2_000 }, () => [
    numbers.patientId(() => false),
    numbers.accession(() => false),
    numbers.studyUid(),
    numbers.token(),
  ]).flat()
  t.equal(new Set(given).size, given.length)
  const [patientId = '', accession = ''] = given
  t.strictSame([patientId.length, accession.length], [numberCharactersMax, numberCharactersMax])
})

t.test('numbers: do not repeat in another start of the same box', async (t) => {
  const first = new Numbers('van-02', clock, seededRandom(1)).accession(() => false)
  const second = new Numbers('van-02', clock, seededRandom(2)).accession(() => false)
  t.not(first, second)
})

t.test('numbers: chance that does not work is a trouble, not a number twice', async (t) => {
  const numbers = new Numbers('van-02', clock, seededRandom(1))
  t.throws(() => numbers.accession(() => true), { code: 'visits-numbers-ran-out' })
})
