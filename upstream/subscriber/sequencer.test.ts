import t from 'tap'
import { seededRandom } from '../../gateway/clock/seeded-random.ts'
import { shuffled } from '../testing/landing.ts'
import { TestVan } from '../testing/van.ts'
import { readPacket, type ReadPacket } from './read-packet.ts'
import { Sequencer } from './sequencer.ts'

const van = new TestVan('van-02')
const place = { van: 'van-02', epoch: van.epoch, stream: 'oxi-1/measurement' }
const packets = van
  .pulses(place.stream, 300)
  .map(({ bytes }) => readPacket(bytes, null))
  .filter((packet) => packet !== null)

function taken(sequencer: Sequencer): (number | string)[] {
  const out: (number | string)[] = []
  for (let one = sequencer.take(); one !== null; one = sequencer.take())
    out.push(
      one.kind === 'packet' ? one.packet.header.seq : `lost ${one.range.from}-${one.range.to}`,
    )
  return out
}

function offer(sequencer: Sequencer, seqs: readonly number[]): void {
  for (const seq of seqs) sequencer.offer(packets[seq] as ReadPacket)
}

t.test('sequencer: in order, once, and it says what is missing', async (t) => {
  const sequencer = new Sequencer(place, 0)
  offer(sequencer, [2, 0, 0, 5])
  t.strictSame(taken(sequencer), [0])
  t.strictSame(sequencer.missing(), { from: 1, to: 1 })
  offer(sequencer, [1, 0])
  t.strictSame(taken(sequencer), [1, 2])
  t.strictSame(sequencer.missing(), { from: 3, to: 4 })
  sequencer.declareLost([{ from: 3, to: 3 }])
  t.strictSame(taken(sequencer), ['lost 3-3'])
  t.strictSame(sequencer.skip(4), { from: 4, to: 4 })
  t.strictSame(taken(sequencer), [5])
  t.equal(sequencer.missing(), null)
  sequencer.exists(9)
  t.strictSame(sequencer.missing(), { from: 6, to: 9 })
})

t.test('sequencer: a loss does not hide what came all the same', async (t) => {
  const sequencer = new Sequencer(place, 3)
  sequencer.declareLost([{ from: 0, to: 8 }])
  offer(sequencer, [5, 10])
  t.strictSame(taken(sequencer), ['lost 3-4', 5, 'lost 6-8'])
  t.strictSame(sequencer.missing(), { from: 9, to: 9 })
})

t.test('sequencer: is bounded, and keeps what comes first', async (t) => {
  const sequencer = new Sequencer(place, 0)
  offer(sequencer, numbers(100, 299))
  t.strictSame(sequencer.missing(), { from: 0, to: 99 })
  offer(sequencer, numbers(0, 40))
  t.strictSame(taken(sequencer), numbers(0, 40))
  offer(sequencer, numbers(41, 99))
  t.strictSame(taken(sequencer).slice(-1), [104], 'five of those that came early had still a place')
  t.strictSame(sequencer.missing(), { from: 105, to: 299 })
})

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

for (const seed of [1, 2, 3, 4]) {
  t.test(
    `sequencer: any order comes out in order when what is missing is given (seed ${seed})`,
    async (t) => {
      const random = seededRandom(seed)
      const sequencer = new Sequencer(place, 0)
      const out: (number | string)[] = []
      for (const seq of shuffled(numbers(0, 299), random)) {
        offer(sequencer, [seq])
        out.push(...taken(sequencer))
      }
      for (let missing = sequencer.missing(); missing !== null; missing = sequencer.missing()) {
        offer(sequencer, numbers(missing.from, Math.min(missing.to, missing.from + 9)))
        out.push(...taken(sequencer))
      }
      t.strictSame(out, numbers(0, 299))
    },
  )
}
