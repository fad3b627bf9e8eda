import t from 'tap'
import { noMatchingSubscribers } from '../../protocols/world/broker.ts'
import type { BrokerConnection, BrokerSession } from '../../protocols/world/broker.ts'
import { fakeClock, type FakeClock } from '../clock/fake-clock.ts'
import { seededRandom } from '../clock/seeded-random.ts'
import { createSimBroker, noBrokerFaults, type SimBroker, type SimBrokerOptions } from './broker.ts'

interface Stage {
  readonly clock: FakeClock
  readonly broker: SimBroker
}

function stage(options: Partial<SimBrokerOptions> = {}): Stage {
  const clock = fakeClock()
  const limits = { receiveMaximum: 20, maximumPacketBytes: 1_000, latencyMs: 20 }
  const broker = createSimBroker(clock, seededRandom(1), { ...limits, ...options })
  return { clock, broker }
}

interface Client {
  readonly connection: BrokerConnection
  readonly heard: string[]
  /** Reasons. */
  readonly closed: (string | null)[]
  readonly sessions: BrokerSession[]
  readonly answers: (string | null | number)[]
  say(topic: string, text: string, retain?: boolean): void
}

/** Connects, and subscribes as soon as it may. */
function client({ broker }: Stage, clientId: string, ...filters: readonly string[]): Client {
  const heard: string[] = []
  const closed: (string | null)[] = []
  const sessions: BrokerSession[] = []
  const answers: (string | null | number)[] = []
  const will = { topic: `gone/${clientId}`, payload: bytesOf('gone'), retain: true }
  const connection: BrokerConnection = broker.connect(
    { clientId, keepaliveSeconds: 10, will },
    {
      opened: (session) => {
        sessions.push(session)
        if (filters.length > 0) connection.subscribe(filters, () => {})
      },
      message: (topic, payload) => heard.push(`${topic} ${Buffer.from(payload).toString()}`),
      closed: (reason) => closed.push(reason),
    },
  )
  const say = (topic: string, text: string, retain = false): void =>
    connection.publish(topic, bytesOf(text), { retain }, (refused, code) =>
      answers.push(code ?? refused),
    )
  return { connection, heard, closed, sessions, answers, say }
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

t.test('sim broker: without faults everything arrives in its order', async (t) => {
  const scene = stage()
  const reader = client(scene, 'reader', 'a/+')
  const writer = client(scene, 'writer')
  await scene.clock.advance(1_000)
  for (let number = 0; number < 20; number++) writer.say('a/b', String(number))
  writer.say('other', 'nobody wants this')
  await scene.clock.advance(1_000)
  t.strictSame(
    reader.heard,
    Array.from({ length: 20 }, (_, number) => `a/b ${number}`),
  )
  t.strictSame(writer.answers.slice(-2), [null, noMatchingSubscribers])
  t.match(scene.broker.violations, [/more unacknowledged/])
})

t.test('sim broker: forgets, doubles, refuses and never answers when it is told to', async (t) => {
  const scene = stage()
  const reader = client(scene, 'reader', '#')
  const writer = client(scene, 'writer')
  await scene.clock.advance(1_000)
  const told = async (faults: object): Promise<void> => {
    scene.broker.setFaults({ ...noBrokerFaults, ...faults })
    writer.say('a', 'b')
    await scene.clock.advance(1_000)
  }
  await told({ forget: 1_000 })
  t.strictSame([reader.heard.length, writer.answers], [0, [null]])
  await told({ duplicate: 1_000 })
  t.equal(reader.heard.length, 2)
  await told({ refusePublish: 1_000 })
  t.equal(writer.answers.at(-1), 0x97)
  await told({ acknowledgeNever: 1_000 })
  t.equal(writer.answers.length, 3)
  await told({ closeAfterPublish: 1_000 })
  t.strictSame(writer.closed, ['reset'])
})

t.test('sim broker: a half-open connection ends when its keepalive is over', async (t) => {
  const scene = stage()
  const reader = client(scene, 'reader', 'gone/+')
  const writer = client(scene, 'writer')
  await scene.clock.advance(1_000)
  scene.broker.setFaults({ ...noBrokerFaults, halfOpenAfterPublish: 1_000 })
  writer.say('a', 'b')
  await scene.clock.advance(14_000)
  t.strictSame(writer.closed, [])
  writer.say('a', 'into the void')
  await scene.clock.advance(2_000)
  t.equal(writer.closed.length, 1)
  t.strictSame(reader.heard, ['gone/writer gone'])
})

t.test('sim broker: a stranded client hears nothing, and its will comes late', async (t) => {
  const scene = stage({ willDelayMs: 3_000 })
  const reader = client(scene, 'reader', 'gone/+')
  const writer = client(scene, 'writer')
  await scene.clock.advance(1_000)
  scene.broker.strandClient('writer')
  await scene.clock.advance(17_000)
  t.strictSame([reader.heard, writer.closed], [[], []])
  await scene.clock.advance(2_000)
  t.strictSame([reader.heard, writer.closed], [['gone/writer gone'], []])
  writer.say('a', 'a dead hand')
  await scene.clock.advance(1_000)
  t.strictSame(scene.broker.violations, [])
})

t.test('sim broker: who comes back in time leaves no will', async (t) => {
  const scene = stage({ willDelayMs: 3_000 })
  const reader = client(scene, 'reader', 'gone/+')
  client(scene, 'writer')
  await scene.clock.advance(1_000)
  scene.broker.dropClient('writer')
  client(scene, 'writer')
  await scene.clock.advance(10_000)
  t.strictSame(reader.heard, [])
})

t.test('sim broker: a second connection of a client pushes out the first', async (t) => {
  const scene = stage()
  const first = client(scene, 'writer')
  await scene.clock.advance(1_000)
  client(scene, 'writer')
  await scene.clock.advance(1_000)
  t.match(first.closed, [/taken over/])
})

t.test(
  'sim broker: keeps what comes for a client that is away, if it keeps sessions',
  async (t) => {
    for (const keepsSessions of [true, false]) {
      const scene = stage({ keepsSessions })
      client(scene, 'reader', 'a')
      const writer = client(scene, 'writer')
      await scene.clock.advance(1_000)
      scene.broker.dropClient('reader')
      writer.say('a', 'while away')
      await scene.clock.advance(1_000)
      const again = client(scene, 'reader')
      await scene.clock.advance(1_000)
      t.strictSame(again.heard, keepsSessions ? ['a while away'] : [])
    }
  },
)

t.test('sim broker: a crash forgets sessions and retained messages', async (t) => {
  const scene = stage({ keepsSessions: true })
  const writer = client(scene, 'writer')
  await scene.clock.advance(1_000)
  writer.say('a', 'retained', true)
  await scene.clock.advance(1_000)
  const before = client(scene, 'before', 'a')
  await scene.clock.advance(1_000)
  t.strictSame(before.heard, ['a retained'])
  scene.broker.crash()
  const after = client(scene, 'after', 'a')
  await scene.clock.advance(1_000)
  t.strictSame(after.heard, [])
  t.strictSame(writer.closed, ['connection reset'])
})

t.test('sim broker: says what it takes, and notices who gives more', async (t) => {
  const scene = stage({ protocol: '3.1.1', receiveMaximum: 3 })
  const small = client(scene, 'small')
  await scene.clock.advance(1_000)
  t.match(small.sessions, [{ protocol: '3.1.1', receiveMaximum: 3, maximumPacketBytes: 1_000 }])
  small.say('a', 'x'.repeat(1_001))
  await scene.clock.advance(1_000)
  t.strictSame(small.answers, [null], 'no codes in 3.1.1')
  scene.broker.setMaximumPacketBytes(2_000)
  const large = client(scene, 'large')
  await scene.clock.advance(1_000)
  large.say('a', 'x'.repeat(1_001))
  t.match(scene.broker.violations, [/^small sends more than the Maximum Packet Size/])
})

t.test('sim broker: an attempt may be refused, or never be answered', async (t) => {
  const scene = stage()
  scene.broker.setFaults({ ...noBrokerFaults, refuseConnect: 1_000 })
  const refused = client(scene, 'one')
  await scene.clock.advance(1_000)
  t.strictSame(refused.closed, ['server busy'])
  scene.broker.setFaults({ ...noBrokerFaults, connectNeverAnswers: 1_000 })
  const silent = client(scene, 'two')
  await scene.clock.advance(60_000)
  t.strictSame([silent.sessions, silent.closed], [[], []])
  silent.connection.close('destroy')
  t.strictSame(silent.closed, [null])
})
