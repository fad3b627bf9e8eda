import t from 'tap'
import { fakeClock, type FakeClock } from '../gateway/clock/fake-clock.ts'
import { seededRandom } from '../gateway/clock/seeded-random.ts'
import { createSimBroker, noBrokerFaults } from '../gateway/sim/broker.ts'
import { keepLink } from './link.ts'
import { quiet } from './testing/scene.ts'

function stage(receiveMaximum = 5) {
  const clock: FakeClock = fakeClock()
  const random = seededRandom(1)
  const limits = { receiveMaximum, maximumPacketBytes: 10_000, latencyMs: 10 }
  const broker = createSimBroker(clock, random, limits)
  const heard: string[] = []
  const world = { clock, random, broker, log: quiet }
  const options = { clientId: 'one', keepaliveSeconds: 30, will: null }
  const link = keepLink(world, options, {
    opened: () => {
      heard.push('opened')
      link.subscribe(['t/#'])
    },
    message: (topic, payload) => heard.push(`${topic} ${Buffer.from(payload).toString()}`),
    closed: () => heard.push('closed'),
  })
  return { clock, broker, link, heard }
}

t.test('link: publishes through the window of the broker, and answers come back', async (t) => {
  const { clock, broker, link } = stage()
  t.equal(link.publish('t/x', Buffer.from('early')), false)
  await clock.advance(1_000)
  let answered = 0
  for (let number = 0; number < 40; number++)
    link.publish('t/x', Buffer.from(String(number)), { answered: () => answered++ })
  await clock.advance(2_000)
  t.equal(answered, 40)
  t.strictSame(broker.violations, [])
})

t.test('link: what is too large or too much is refused, not queued', async (t) => {
  const { clock, link } = stage()
  await clock.advance(1_000)
  t.equal(link.payloadLimitBytes, 10_000 - 512)
  t.equal(link.publish('t/x', new Uint8Array(9_600)), false)
  let taken = 0
  while (link.publish('t/x', new Uint8Array(1))) taken += 1
  t.ok(taken > 1_000 && taken < 1_100, `${taken} taken`)
})

t.test('link: comes back by itself, with growing pauses', async (t) => {
  const { clock, broker, heard } = stage()
  await clock.advance(1_000)
  broker.crash()
  await clock.advance(5_000)
  t.strictSame(heard, ['opened', 'closed', 'opened'])
  broker.setFaults({ ...noBrokerFaults, refuseConnect: 1_000 })
  broker.crash()
  let attempts = 0
  const connect = broker.connect.bind(broker)
  Object.assign(broker, {
    connect: (...given: Parameters<typeof connect>) => {
      attempts += 1
      return connect(...given)
    },
  })
  await clock.advance(10 * 60_000)
  t.ok(attempts > 15 && attempts < 200, `${attempts} attempts in ten minutes`)
  broker.setFaults(noBrokerFaults)
  await clock.advance(60_000)
  t.equal(heard.at(-1), 'opened')
})

t.test(
  'link: an attempt that is never answered, and a dead connection, are given up',
  async (t) => {
    const { clock, broker, link, heard } = stage()
    broker.setFaults({ ...noBrokerFaults, connectNeverAnswers: 1_000 })
    broker.cutAll()
    await clock.advance(25_000)
    t.equal(link.open, false)
    broker.setFaults(noBrokerFaults)
    await clock.advance(60_000)
    t.equal(link.open, true)
    broker.setFaults({ ...noBrokerFaults, halfOpenAfterPublish: 1_000 })
    link.publish('t/x', Buffer.from('into nothing'))
    await clock.advance(1_000)
    broker.setFaults(noBrokerFaults)
    const before = heard.length
    await clock.advance(120_000)
    t.strictSame(heard.slice(before), ['closed', 'opened'])
  },
)

t.test('link: says farewell after what it was told to say', async (t) => {
  const { clock, link, broker } = stage(1)
  const heard: string[] = []
  const options = { clientId: 'two', keepaliveSeconds: 30, will: null }
  const other = broker.connect(options, {
    opened: () => other.subscribe(['t/#'], () => {}),
    message: (_topic, payload) => heard.push(Buffer.from(payload).toString()),
    closed: () => {},
  })
  await clock.advance(1_000)
  for (const word of ['a', 'b', 'c']) link.publish('t/x', Buffer.from(word))
  const closing = link.close(5_000)
  await clock.advance(6_000)
  await closing
  t.strictSame(heard, ['a', 'b', 'c'])
  t.equal(link.open, false)
  await clock.advance(60_000)
  t.equal(link.open, false)
})
