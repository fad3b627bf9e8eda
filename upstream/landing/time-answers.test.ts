import t from 'tap'
import { fakeClock } from '../../gateway/clock/fake-clock.ts'
import { seededRandom } from '../../gateway/clock/seeded-random.ts'
import {
  decodeTimeAnswer,
  encodeTimeRequest,
  type TimeAnswer,
} from '../../protocols/packet/messages.ts'
import { downTopic } from '../../protocols/packet/topics.ts'
import type { Link } from '../link.ts'
import { TimeAnswers, type Utc } from './time-answers.ts'

const nonce = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)

function desk() {
  const clock = fakeClock()
  const state: { utc: Utc | null; takes: boolean } = {
    utc: { utcMs: 1_800_000_000_000, uncertaintyMs: 100 },
    takes: true,
  }
  const said: { topic: string; payload: Uint8Array; retain: boolean }[] = []
  const link: Link = {
    open: true,
    payloadLimitBytes: 1_000,
    publish(topic, payload, options) {
      if (state.takes) said.push({ topic, payload, retain: options?.retain === true })
      return state.takes
    },
    subscribe() {},
    async close() {},
  }
  const times = new TimeAnswers(
    clock,
    () => state.utc,
    () => link,
  )
  const ask = (van: string) => times.ask(encodeTimeRequest({ van, nonce }))
  const answers = (): readonly TimeAnswer[] =>
    said.map(({ payload }) => {
      const answer = decodeTimeAnswer(payload)
      if (!answer.ok) throw new Error(answer.reason)
      return answer.value
    })
  return { clock, state, said, times, ask, answers }
}

t.test(
  'time answers: repeat the nonce, on the topic of the van, and are not retained',
  async (t) => {
    const { said, ask, answers, times } = desk()
    ask('van-02')
    t.match(said, [{ topic: downTopic('van-02', 'time'), retain: false }])
    t.strictSame(answers(), [{ nonce, utcMs: 1_800_000_000_000, uncertaintyMs: 100 }])
    t.strictSame(times.counts, { served: 1, refused: 0 })
  },
)

t.test('time answers: are whole milliseconds, and never surer than the clock', async (t) => {
  const { state, ask, answers } = desk()
  state.utc = { utcMs: 1_800_000_000_000.4, uncertaintyMs: 20.2 }
  ask('van-02')
  t.match(answers(), [{ utcMs: 1_800_000_000_000, uncertaintyMs: 21 }])
})

t.test('time answers: one van is answered once a second, whatever others ask', async (t) => {
  const { clock, ask, times, said } = desk()
  ask('van-02')
  ask('van-02')
  ask('van-03')
  t.strictSame(times.counts, { served: 2, refused: 1 })
  await clock.advance(999)
  ask('van-02')
  t.equal(times.counts.refused, 2)
  await clock.advance(1)
  ask('van-02')
  t.strictSame(times.counts, { served: 3, refused: 2 })
  t.equal(said.length, 3)
})

t.test('time answers: a crowd of names is answered in part, and room comes back', async (t) => {
  const { clock, ask, times } = desk()
  for (let van = 0; van < 2_000; van++) ask(`van-${van}`)
  t.strictSame(times.counts, { served: 500, refused: 1_500 })
  await clock.advance(1_000)
  ask('van-1999')
  t.strictSame(times.counts, { served: 501, refused: 1_500 })
})

t.test('time answers: a machine that is not sure says nothing', async (t) => {
  const { state, ask, times, said } = desk()
  const sure = state.utc
  state.utc = null
  ask('van-02')
  t.strictSame(said, [])
  state.utc = sure
  ask('van-02')
  t.strictSame(times.counts, { served: 1, refused: 1 })
})

t.test('time answers: what the connection does not take was not said', async (t) => {
  const { state, ask, times } = desk()
  state.takes = false
  ask('van-02')
  t.strictSame(times.counts, { served: 0, refused: 1 })
})

t.test('time answers: hostile bytes are counted, and nothing is said', async (t) => {
  const { times, said } = desk()
  const random = seededRandom(3)
  const good = encodeTimeRequest({ van: 'van-02', nonce })
  for (let length = 0; length < good.length; length++) times.ask(good.subarray(0, length))
  for (let round = 0; round < 200; round++) times.ask(random.bytes(random.below(60)))
  t.strictSame(times.counts, { served: 0, refused: good.length + 200 })
  t.strictSame(said, [])
})
