import t from 'tap'
import type { Random } from '../../protocols/world/random.ts'
import { readBootId } from './boot-id.ts'
import { systemRandom } from './random.ts'
import { seededRandom } from './seeded-random.ts'

const sources: readonly (readonly [string, () => Random])[] = [
  ['system random', systemRandom],
  ['seeded random', () => seededRandom(1)],
]

const draws = (random: Random) => Array.from({ length: 4 }, () => random.below(1_000_000))

for (const [name, make] of sources) {
  t.test(`${name}: draws below the limit and reaches every number`, async (t) => {
    const random = make()
    const seen = new Set<number>()
    for (let draw = 0; draw < 500; draw++) seen.add(random.below(7))
    t.strictSame(
      [...seen].sort((one, other) => one - other),
      [0, 1, 2, 3, 4, 5, 6],
    )
    t.equal(random.below(1), 0)
    t.ok(Number.isInteger(random.below(2 ** 32)))
  })

  t.test(`${name}: refuses a limit that is none`, async (t) => {
    for (const limit of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN]) {
      t.throws(() => make().below(limit), RangeError)
    }
  })

  t.test(`${name}: gives as many bytes as asked for`, async (t) => {
    for (const count of [0, 1, 3, 4, 10, 33]) t.equal(make().bytes(count).length, count)
  })
}

t.test('seeded random: a seed repeats, on every machine', async (t) => {
  t.strictSame(draws(seededRandom(42)), draws(seededRandom(42)))
  t.notSame(draws(seededRandom(42)), draws(seededRandom(43)))
  t.notSame(draws(seededRandom(42)), draws(seededRandom('42 ')))
  t.strictSame(draws(seededRandom(42)), [599_838, 92_461, 593_153, 94_075])
})

t.test(
  'seeded random: a fork depends on the seed and the name, not on what was drawn',
  async (t) => {
    const fresh = seededRandom(7)
    const used = seededRandom(7)
    for (let draw = 0; draw < 100; draw++) used.below(10)
    const one = fresh.fork('links').bytes(16)
    t.strictSame(used.fork('links').bytes(16), one)
    t.notSame(fresh.fork('broker').bytes(16), one)
    t.notSame(fresh.fork('links').bytes(16), one, 'the second fork of a name is another one')
    t.notSame(seededRandom(8).fork('links').bytes(16), one)
  },
)

t.test('seeded random: forking does not disturb the source', async (t) => {
  const forked = seededRandom(7)
  forked.fork('links').below(100)
  t.equal(forked.below(1_000_000), seededRandom(7).below(1_000_000))
})

t.test('seeded random: every bit is set about half of the time', async (t) => {
  const random = seededRandom('bits')
  const counts = Array.from({ length: 32 }, () => 0)
  for (let draw = 0; draw < 4_000; draw++) {
    const word = random.below(2 ** 32)
    for (let bit = 0; bit < 32; bit++) counts[bit]! += (word >>> bit) & 1
  }
  for (const count of counts) t.ok(count > 1_800 && count < 2_200, `${count} of 4000`)
})

t.test("boot id: is the kernel's, and random where there is none", async (t) => {
  const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
  t.match(readBootId(), uuid)
  t.equal(readBootId(), readBootId())
  const folder = t.testdir({ odd: 'not a uuid\n' })
  t.match(readBootId(`${folder}/odd`), uuid)
  t.not(readBootId(`${folder}/none`), readBootId(`${folder}/none`))
})
