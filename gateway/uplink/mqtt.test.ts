import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { Aedes } from 'aedes'
import t, { type Test } from 'tap'
import { noMatchingSubscribers } from '../../protocols/world/broker.ts'
import { startMosquitto } from '../sim/mosquitto.ts'
import { dial, door } from './mqtt-testing.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const words = (payload: Uint8Array | undefined) => new TextDecoder().decode(payload)

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** A server whose sockets are treated by `meet`, and closed at the end of the test. */
async function stranger(t: Test, meet: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    meet(socket)
  })
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return listening(server)
}

t.test('mqtt: mosquitto with MQTT 5', async (t) => {
  const mosquitto = await startMosquitto({
    folder: t.testdir(),
    lines: ['max_inflight_messages 7', 'max_packet_size 2000'],
  })
  t.teardown(() => mosquitto.kill())

  await t.test('says what the broker allows', async (t) => {
    const van = dial(door(mosquitto.port))
    t.strictSame(await van.opened, {
      protocol: '5',
      receiveMaximum: 7,
      maximumPacketBytes: 2000,
    })
    van.connection.close('farewell')
    t.strictSame(await van.closed, { reason: null, retriable: true, code: 'asked' })
  })

  await t.test('publishes, hears, and tells when nobody listens', async (t) => {
    const van = dial(door(mosquitto.port))
    await van.opened
    t.strictSame(await van.publish('simpul/lonely', bytes('a')), {
      refused: null,
      code: noMatchingSubscribers,
    })
    t.equal(await van.subscribe('simpul/+'), null)
    // A view into a larger memory, as a packet cut out of a buffer is.
    const inside = bytes('....payload....').subarray(4, 11)
    t.strictSame(await van.publish('simpul/heard', inside), { refused: null, code: undefined })
    await van.heard(1)
    t.equal(van.messages[0]?.topic, 'simpul/heard')
    t.equal(words(van.messages[0]?.payload), 'payload')
    van.connection.close('farewell')
    await van.closed
  })

  await t.test('sends the will when it dies, and none after a farewell', async (t) => {
    const settings = { willDelaySeconds: 0, sessionExpirySeconds: 0 }
    const watcher = dial(door(mosquitto.port, settings), { clientId: 'watcher' })
    await watcher.opened
    await watcher.subscribe('will/#')
    const will = (topic: string) => ({ topic, payload: bytes('gone'), retain: false })
    const polite = dial(door(mosquitto.port, settings), { will: will('will/polite') })
    await polite.opened
    // A farewell does not wait for an answer that may never come.
    polite.connection.publish('will/last', bytes('word'), { retain: false }, () => {
      t.fail('must not be heard after the farewell')
    })
    polite.connection.close('farewell')
    await polite.closed
    const killed = dial(door(mosquitto.port, settings), { will: will('will/killed') })
    await killed.opened
    killed.connection.close('destroy')
    t.equal((await killed.closed).code, 'asked')
    await watcher.heard(2)
    t.strictSame(
      watcher.messages.map((message) => message.topic),
      ['will/last', 'will/killed'],
    )
    watcher.connection.close('destroy')
    await watcher.closed
  })

  await t.test('keeps what comes for its subscription while it is away', async (t) => {
    const settings = { sessionExpirySeconds: 60 }
    const first = dial(door(mosquitto.port, settings), { clientId: 'kept' })
    await first.opened
    await first.subscribe('kept/down')
    first.connection.close('destroy')
    await first.closed
    const other = dial(door(mosquitto.port), { clientId: 'other' })
    await other.opened
    for (const text of ['one', 'two', 'three']) await other.publish('kept/down', bytes(text))
    const again = dial(door(mosquitto.port, settings), { clientId: 'kept' })
    await again.opened
    await again.heard(3)
    t.strictSame(
      again.messages.map((message) => words(message.payload)),
      ['one', 'two', 'three'],
    )
    for (const one of [other, again]) one.connection.close('destroy')
    await Promise.all([other.closed, again.closed])
  })

  await t.test('is pushed out by another connection with its name', async (t) => {
    const first = dial(door(mosquitto.port))
    await first.opened
    const second = dial(door(mosquitto.port))
    await second.opened
    // mosquitto 2.0 says nothing before it hangs up.
    t.match(await first.closed, { code: 'lost', retriable: true })
    second.connection.close('destroy')
    await second.closed
    t.equal(first.closedCount(), 1)
  })

  await t.test('hears the death of the broker, once', async (t) => {
    const van = dial(door(mosquitto.port))
    await van.opened
    await mosquitto.kill()
    t.match(await van.closed, { code: 'lost', retriable: true })
    t.equal(van.closedCount(), 1)
    const refused = dial(door(mosquitto.port))
    t.match(await refused.closed, { code: 'unreachable', retriable: true })
  })
})

t.test('mqtt: aedes, which speaks only 3.1.1', async (t) => {
  const aedes = await Aedes.createBroker()
  const versions: number[] = []
  aedes.preConnect = (_client, packet, done) => {
    versions.push((packet as unknown as { protocolVersion: number }).protocolVersion)
    done(null, true)
  }
  aedes.authenticate = (_client, name, _password, done) => {
    done(null, name !== 'nobody')
  }
  const server = createServer((socket) => void aedes.handle(socket))
  const port = await listening(server)
  t.teardown(() => {
    aedes.close()
    server.close()
  })

  await t.test('falls back in the same attempt, and remembers it', async (t) => {
    const broker = door(port)
    const van = dial(broker)
    t.strictSame(await van.opened, {
      protocol: '3.1.1',
      receiveMaximum: 20,
      maximumPacketBytes: 268_435_460,
    })
    t.strictSame(versions.splice(0), [5, 4])
    t.equal(await van.subscribe('a/b'), null)
    t.strictSame(await van.publish('a/b', bytes('x')), { refused: null, code: undefined })
    await van.heard(1)
    van.connection.close('farewell')
    await van.closed
    t.equal(van.closedCount(), 1)
  })

  await t.test('offers MQTT 5 only once in a row of attempts that fail', async (t) => {
    const broker = door(port, { userName: 'nobody', password: 'x' })
    for (const expected of [[5, 4], [4]]) {
      versions.length = 0
      const van = dial(broker)
      t.match(await van.closed, { code: 'credentials', retriable: false, reason: /authorised/ })
      t.strictSame(versions, expected)
    }
  })

  await t.test('can be told to speak one version only', async (t) => {
    versions.length = 0
    const old = dial(door(port, { protocols: ['3.1.1'] }))
    t.equal((await old.opened).protocol, '3.1.1')
    old.connection.close('destroy')
    await old.closed
    const fresh = dial(door(port, { protocols: ['5'] }))
    t.match(await fresh.closed, { code: 'protocol', retriable: false, reason: /version of MQTT/ })
    t.strictSame(versions, [4, 5])
  })
})

t.test('mqtt: whatever answers, an attempt closes exactly once', async (t) => {
  await t.test('nobody listens', async (t) => {
    const server = createServer()
    const port = await listening(server)
    server.close()
    await once(server, 'close')
    const van = dial(door(port))
    t.match(await van.closed, { code: 'unreachable', retriable: true, reason: /ECONNREFUSED/ })
    t.equal(van.closedCount(), 1)
  })

  await t.test('a name that nobody has', async (t) => {
    const van = dial(door(1, { url: 'mqtt://broker.invalid:1883' }))
    t.match(await van.closed, { code: 'name-unknown', retriable: true })
  })

  await t.test('a listener that never says a word', async (t) => {
    const port = await stranger(t, () => {})
    const van = dial(door(port, { connectTimeoutMs: 100 }))
    t.match(await van.closed, { code: 'timeout', retriable: true })
    t.equal(van.closedCount(), 1)
  })

  await t.test('one that hangs up at once', async (t) => {
    const port = await stranger(t, (socket) => socket.end())
    const van = dial(door(port))
    t.match(await van.closed, { code: 'lost', retriable: true, reason: /before it answered/ })
  })

  await t.test('one that speaks something else', async (t) => {
    const port = await stranger(t, (socket) => socket.write('SSH-2.0-OpenSSH_9.2p1\r\n'))
    const van = dial(door(port, { connectTimeoutMs: 2_000 }))
    t.match(await van.closed, { retriable: true })
    t.equal(van.closedCount(), 1)
  })

  await t.test('a second CONNACK, which the protocol forbids', async (t) => {
    const port = await stranger(t, (socket) => {
      socket.once('data', () => socket.write(Uint8Array.of(0x20, 3, 0, 0, 0, 0x20, 3, 0, 0, 0)))
    })
    const van = dial(door(port))
    t.match(await van.closed, { code: 'protocol', reason: /protocol error/ })
  })

  for (const [what, property] of [
    ['QoS 1', [0x24, 0]],
    ['retained messages', [0x25, 0]],
  ] as const) {
    await t.test(`a broker without ${what}`, async (t) => {
      const port = await stranger(t, (socket) => {
        socket.once('data', () => socket.write(Uint8Array.of(0x20, 5, 0, 0, 2, ...property)))
      })
      const van = dial(door(port))
      t.match(await van.closed, { code: 'protocol', retriable: false })
    })
  }

  for (const [said, code, retriable] of [
    [0x8e, 'taken-over', true],
    [0x95, 'packet-too-large', true],
    [0x97, 'busy', true],
    [0x87, 'credentials', false],
  ] as const) {
    await t.test(`a broker that takes its leave with a reason: ${code}`, async (t) => {
      const port = await stranger(t, (socket) => {
        socket.once('data', () => {
          socket.write(Uint8Array.of(0x20, 3, 0, 0, 0))
          socket.end(Uint8Array.of(0xe0, 1, said))
        })
      })
      const van = dial(door(port))
      await van.opened
      t.match(await van.closed, { code, retriable, reason: /^The broker says: / })
      t.equal(van.closedCount(), 1)
    })
  }

  await t.test('an address that is none', async (t) => {
    const van = dial(door(1, { url: 'broker' }))
    t.match(await van.closed, { code: 'settings', retriable: false })
    t.equal(van.closedCount(), 1)
  })

  await t.test('closed by its owner before anything happened', async (t) => {
    const port = await stranger(t, () => {})
    for (const how of ['farewell', 'destroy'] as const) {
      const van = dial(door(port))
      van.connection.close(how)
      van.connection.close(how)
      t.strictSame(await van.closed, { reason: null, retriable: true, code: 'asked' })
      t.equal(van.closedCount(), 1)
    }
  })

  await t.test('a farewell to somebody who no longer answers', async (t) => {
    const port = await stranger(t, (socket) => {
      socket.once('data', () => socket.write(Uint8Array.of(0x20, 3, 0, 0, 0)))
      socket.on('end', () => {})
    })
    const van = dial(door(port))
    await van.opened
    van.connection.publish('a', bytes('never answered'), { retain: false }, () => {
      t.fail('nothing was acknowledged')
    })
    van.connection.close('farewell')
    t.equal((await van.closed).code, 'asked')
  })
})
