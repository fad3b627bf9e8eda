/** What no real broker does on demand. The library is a script here. */
import t from 'tap'
import { fakeClock } from '../../gateway/clock/fake-clock.ts'
import { mqttBroker, mqttDefaults } from './broker.ts'
import { emptyStore, type MqttClient, type MqttConnectOptions, type MqttEvents } from './library.ts'

type Hears = { [E in keyof MqttEvents]?: MqttEvents[E] }

function stage() {
  const clock = fakeClock()
  const hears: Hears = {}
  const did: string[] = []
  const options: MqttConnectOptions<Uint8Array>[] = []
  const client: MqttClient<Uint8Array> = {
    stream: { destroy: () => did.push('stream destroyed') },
    outgoing: { 7: {}, 9: {} },
    on: (event: string, hear: unknown) => Object.assign(hears, { [event]: hear }),
    publish: (topic) => did.push(`publish ${topic}`),
    subscribe: (filters, _qos, done) => {
      did.push(`subscribe ${filters.join(' ')}`)
      done(new Error('Invalid topic'))
    },
    removeOutgoingMessage: (id) => did.push(`forget ${id}`),
    end: (force) => did.push(force ? 'end at once' : 'end'),
  }
  const library = {
    connect: (_url: string, given: MqttConnectOptions<Uint8Array>) => {
      options.push(given)
      return client
    },
    buffer: (bytes: Uint8Array) => bytes,
  }
  const broker = mqttBroker(library, clock, { ...mqttDefaults, url: 'mqtt://broker' })
  const closed: string[] = []
  const messages: string[] = []
  const will = { topic: 'will', payload: Uint8Array.of(1), retain: true }
  const connection = broker.connect(
    { clientId: 'van-02', keepaliveSeconds: 30, will },
    {
      opened: ({ receiveMaximum }) => void messages.push(`opened ${receiveMaximum}`),
      message: (topic) => void messages.push(topic),
      closed: (reason, _retriable, code) => void closed.push(`${code} ${reason}`),
    },
  )
  return { clock, hears, did, options, closed, messages, connection }
}

t.test(
  'broker door: the options that keep the library from queueing and reconnecting',
  async (t) => {
    const { options } = stage()
    t.match(options, [
      {
        protocolVersion: 5,
        clientId: 'van-02',
        clean: false,
        keepalive: 30,
        reconnectPeriod: 0,
        resubscribe: false,
        rejectUnauthorized: true,
        properties: { sessionExpiryInterval: 86_400, maximumPacketSize: 1024 * 1024 },
        will: { topic: 'will', qos: 1, retain: true, properties: { willDelayInterval: 30 } },
      },
    ])
  },
)

t.test('broker door: a message that overtakes the news of the connection opens it', async (t) => {
  const { hears, messages } = stage()
  hears.packetreceive?.({ cmd: 'connack', properties: { receiveMaximum: 3 } })
  hears.message?.('kept', Uint8Array.of(1))
  hears.connect?.({ properties: { receiveMaximum: 3 } })
  t.strictSame(messages, ['opened 3', 'kept'])
})

t.test(
  'broker door: a farewell forgets what has no answer, and does not wait for ever',
  async (t) => {
    const { clock, hears, did, closed, connection } = stage()
    hears.connect?.({})
    connection.close('farewell')
    t.strictSame(did, ['forget 7', 'forget 9', 'end'])
    await clock.advance(2_999)
    t.strictSame(closed, [])
    await clock.advance(1)
    t.strictSame(closed, ['asked null'])
    t.equal(did.at(-1), 'stream destroyed')
    hears.close?.()
    hears.error?.(new Error('late'))
    connection.publish('a', Uint8Array.of(1), { retain: false }, () => t.fail('closed'))
    connection.subscribe(['a'], () => t.fail('closed'))
    t.strictSame(closed, ['asked null'])
    t.equal(did.at(-1), 'stream destroyed')
  },
)

t.test('broker door: an attempt that is never answered ends by our own clock', async (t) => {
  const { clock, hears, did, closed } = stage()
  await clock.advance(30_000)
  t.strictSame(did, ['end at once'])
  hears.close?.()
  t.strictSame(closed, ['timeout The broker did not answer within 30 s.'])
  t.strictSame(clock.running(), [])
})

t.test('broker door: a subscription that the library refuses is a refusal', async (t) => {
  const { hears, connection } = stage()
  hears.connect?.({})
  const answers: (string | null)[] = []
  connection.subscribe(['#bad'], (refused) => answers.push(refused))
  t.strictSame(answers, ['Invalid topic'])
})

t.test('broker door: the empty store keeps nothing and answers at once', async (t) => {
  const store = emptyStore(() => 'empty')
  let answers = 0
  const done = (error?: Error) => {
    if (error === undefined) answers++
  }
  store.put({ messageId: 1 }, done).get({ messageId: 1 }, done).del({ messageId: 1 }, done)
  store.close(done)
  t.equal(answers, 4)
  t.equal(store.createStream(), 'empty')
})
