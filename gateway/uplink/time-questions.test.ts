import t from 'tap'
import {
  decodeTimeRequest,
  encodeTimeAnswer,
  type TimeRequest,
} from '../../protocols/packet/messages.ts'
import { timeRequestTopic } from '../../protocols/packet/topics.ts'
import {
  noMatchingSubscribers,
  notAuthorised,
  quotaExceeded,
} from '../../protocols/world/broker.ts'
import { seededRandom } from '../clock/seeded-random.ts'
import type { HeardTime } from './time-questions.ts'
import { stage, van, type Published, type ScriptConnection } from './uplink-testing.ts'

const utcMs = 1_800_000_000_000
const minuteMs = 60_000

/** An uplink that wants to know the time, at a broker that takes everything. */
function asking() {
  const heard: HeardTime[] = []
  const box = { knows: false }
  const made = stage({
    heardTime: (time) => void heard.push(time),
    stamp: () => ({
      atMs: made.clock.monotonicMs(),
      utcMs: box.knows ? utcMs : null,
      uncertaintyMs: box.knows ? 100 : null,
    }),
  })
  const { broker, clock, uplink } = made
  broker.answering = (published) => published.answer()
  const connect = async () => {
    broker.last.open()
    await clock.advance(0)
  }
  const questions = (connection = broker.last): readonly TimeRequest[] =>
    connection.published.filter(({ topic }) => topic === timeRequestTopic).map(requestOf)
  const counts = () => uplink.status().times
  return { ...made, heard, box, connect, questions, counts }
}

function requestOf({ payload }: Published): TimeRequest {
  const request = decodeTimeRequest(payload)
  if (!request.ok) throw new Error(request.reason)
  return request.value
}

function answer(connection: ScriptConnection, nonce: Uint8Array | undefined): void {
  const bytes = nonce ?? new Uint8Array(8)
  connection.down('time', encodeTimeAnswer({ nonce: bytes, utcMs, uncertaintyMs: 100 }))
}

/** Started, connected, with one question out. */
async function asked() {
  const made = asking()
  made.uplink.start()
  await made.connect()
  return made
}

t.test('time: is asked when a connection opens, and heard with both moments', async (t) => {
  const { clock, broker, uplink, heard, connect, questions, counts } = asking()
  uplink.start()
  await connect()
  t.equal(questions().length, 1)
  t.equal(questions()[0]?.van, van)
  const [question] = broker.last.published.filter(({ topic }) => topic === timeRequestTopic)
  t.equal(question?.retain, false)
  const atMs = clock.monotonicMs()
  await clock.advance(800)
  answer(broker.last, questions()[0]?.nonce)
  t.strictSame(heard, [
    { answer: { utcMs, uncertaintyMs: 100 }, asked: { atMs, answeredAtMs: atMs + 800 } },
  ])
  t.strictSame(counts(), { heard: 1, ignored: 0 })
})

t.test('time: is asked every 30 s while unknown, then every 10 min', async (t) => {
  const { clock, broker, box, questions } = await asked()
  await clock.advance(10 * minuteMs - 1)
  t.equal(questions().length, 20)
  await clock.advance(1)
  box.knows = true
  answer(broker.last, questions().at(-1)?.nonce)
  await clock.advance(10 * minuteMs - 1)
  t.equal(questions().length, 21)
  await clock.advance(1)
  t.equal(questions().length, 22)
  await clock.advance(60 * minuteMs)
  t.equal(questions().length, 28)
  const nonces = questions().map(({ nonce }) => Buffer.from(nonce).toString('hex'))
  t.equal(new Set(nonces).size, 28, 'no nonce comes twice')
})

t.test('time: an answer after 5 s is ignored, and one just before is not', async (t) => {
  const { clock, broker, heard, questions, counts } = await asked()
  await clock.advance(5_001)
  answer(broker.last, questions()[0]?.nonce)
  t.strictSame(heard, [])
  t.strictSame(counts(), { heard: 0, ignored: 1 })
  await clock.advance(30_000 - 5_001)
  t.equal(questions().length, 2)
  answer(broker.last, questions()[0]?.nonce)
  t.strictSame(counts(), { heard: 0, ignored: 2 }, 'the first question is over for good')
  await clock.advance(4_999)
  answer(broker.last, questions()[1]?.nonce)
  t.strictSame(counts(), { heard: 1, ignored: 2 })
})

t.test('time: only the nonce of the question counts, and only once', async (t) => {
  const { broker, heard, questions, counts } = await asked()
  answer(broker.last, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))
  t.strictSame(heard, [])
  answer(broker.last, questions()[0]?.nonce)
  answer(broker.last, questions()[0]?.nonce)
  t.equal(heard.length, 1)
  t.strictSame(counts(), { heard: 1, ignored: 2 })
})

t.test('time: an answer to a question of the connection before is ignored', async (t) => {
  const { clock, broker, uplink, heard, questions, counts } = await asked()
  const nonce = questions()[0]?.nonce
  broker.last.end('reset')
  await clock.advance(uplink.status().nextAttemptMs ?? 0)
  // What waited in the session comes first.
  broker.last.open()
  answer(broker.last, nonce)
  await clock.advance(0)
  answer(broker.last, nonce)
  t.strictSame(heard, [])
  t.strictSame(counts(), { heard: 0, ignored: 2 })
  answer(broker.last, questions()[0]?.nonce)
  t.equal(heard.length, 1)
})

t.test('time: hostile bytes are counted as bad, and the question stays out', async (t) => {
  const { broker, uplink, heard, questions, counts } = await asked()
  const random = seededRandom(5)
  const nonce = questions()[0]?.nonce ?? new Uint8Array()
  const good = encodeTimeAnswer({ nonce, utcMs, uncertaintyMs: 100 })
  for (let length = 0; length < good.length; length++) {
    broker.last.down('time', good.subarray(0, length))
  }
  for (let round = 0; round < 200; round++) {
    broker.last.down('time', random.bytes(random.below(80)))
  }
  t.equal(uplink.status().badMessages, good.length + 200)
  t.strictSame(counts(), { heard: 0, ignored: 0 })
  answer(broker.last, nonce)
  t.equal(heard.length, 1)
})

t.test('time: a landing that comes later is asked without waiting for 30 s', async (t) => {
  const { clock, broker, questions } = await asked()
  await clock.advance(1_000)
  broker.last.landing(true)
  await clock.advance(3_999)
  t.equal(questions().length, 1, 'the question that is out may still be answered')
  await clock.advance(1)
  t.equal(questions().length, 2)
  await clock.advance(10_000)
  broker.last.landing(false)
  broker.last.landing(true, 2_000)
  await clock.advance(0)
  t.equal(questions().length, 3)
})

t.test('time: a landing that comes and answers is not asked twice', async (t) => {
  const { clock, broker, box, questions } = await asked()
  broker.last.landing(true)
  box.knows = true
  answer(broker.last, questions()[0]?.nonce)
  await clock.advance(9 * minuteMs)
  broker.last.landing(true, 2_000)
  await clock.advance(1_000)
  t.equal(questions().length, 1)
})

t.test('time: a question that nobody hears is over at once', async (t) => {
  const { clock, broker, uplink, questions, connect } = asking()
  broker.answering = (published) => {
    const isQuestion = published.topic === timeRequestTopic
    if (isQuestion) published.answer(null, noMatchingSubscribers)
    else published.answer()
  }
  uplink.start()
  await connect()
  t.equal(questions().length, 1)
  broker.last.landing(true)
  await clock.advance(0)
  t.equal(questions().length, 2)
  await clock.advance(29_999)
  t.equal(questions().length, 2)
})

t.test('time: who may not ask is told so, while nobody else says the time', async (t) => {
  const made = asking()
  const { clock, broker, uplink, box, connect } = made
  broker.answering = (published) => {
    const isQuestion = published.topic === timeRequestTopic
    if (isQuestion) published.answer('not authorised (0x87)', notAuthorised)
    else published.answer()
  }
  uplink.start()
  await connect()
  t.strictSame(made.troubles(), ['uplink-no-time'])
  box.knows = true
  await clock.advance(30_000)
  t.strictSame(made.troubles(), [])
  broker.answering = (published) => published.answer('quota exceeded (0x97)', quotaExceeded)
  box.knows = false
  await clock.advance(10 * minuteMs)
  t.strictSame(made.troubles(), [], 'a full broker is not a forbidden one')
})

t.test('time: a broker that hangs up on the question is not asked for a while', async (t) => {
  const { clock, broker, uplink, questions, connect } = asking()
  broker.answering = (published) => {
    if (published.topic !== timeRequestTopic) published.answer()
  }
  uplink.start()
  const again = async () => {
    broker.last.end('reset')
    await clock.advance(uplink.status().nextAttemptMs ?? 0)
    await connect()
  }
  await connect()
  for (let death = 0; death < 3; death++) {
    t.equal(questions().length, 1, `connection ${death}`)
    await again()
  }
  const connection = broker.last
  await clock.advance(10 * minuteMs - 20_000)
  t.equal(questions().length, 0)
  await clock.advance(20_000)
  t.equal(questions(connection).length, 1)
  broker.answering = (published) => published.answer()
  await again()
  await clock.advance(10 * minuteMs)
  t.ok(questions().length > 0, 'also on the connection after it')
})

t.test('time: is not asked where no answer can be heard', async (t) => {
  const { clock, broker, uplink, questions, connect } = asking()
  uplink.start()
  broker.last.subscribeRefused = 'not authorised'
  await connect()
  await clock.advance(minuteMs)
  t.equal(questions().length, 0)
  broker.last.subscribeRefused = null
  await clock.advance(minuteMs)
  t.ok(questions().length > 0)
})

t.test('time: is not asked where nobody wants to know', async (t) => {
  const { clock, broker, uplink } = stage()
  broker.answering = (published) => published.answer()
  uplink.start()
  broker.last.open()
  await clock.advance(30 * minuteMs)
  t.strictSame(
    broker.last.published.filter(({ topic }) => topic === timeRequestTopic),
    [],
  )
})

t.test('time: nothing is asked and no timer runs after the goodbye', async (t) => {
  const { clock, broker, uplink, questions } = await asked()
  await clock.advance(30_000 - 1)
  await uplink.stop()
  t.strictSame(clock.running(), [])
  await clock.advance(minuteMs)
  t.equal(questions(broker.last).length, 1)
})
