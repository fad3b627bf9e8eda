/** What the npm package mqtt does to many messages, and what we do to be spared. */
import mqtt from 'mqtt'
import t from 'tap'
import { startMosquitto } from '../sim/mosquitto.ts'
import { dial, door, realUplink } from './mqtt-testing.ts'
import { labelOf, MemoryJournal } from './uplink-testing.ts'

const bp = 'bp-1/measurement'

t.test('uplink: 66,000 packets made while the broker was away all arrive', async (t) => {
  const mosquitto = await startMosquitto({
    folder: t.testdir(),
    lines: ['max_inflight_messages 512', 'max_queued_messages 0'],
  })
  t.teardown(() => mosquitto.kill())
  await mosquitto.kill()
  const journal = new MemoryJournal()
  const uplink = realUplink(mosquitto.port, journal)
  t.teardown(() => uplink.stop())
  for (let packet = 0; packet < 66_000; packet++) journal.seal(bp, 2, 32)
  await mosquitto.start()
  const direct = dial(door(mosquitto.port), { clientId: 'direct' })
  await direct.opened
  await direct.subscribe('simpul/v1/+/up/#')
  uplink.start()
  await direct.heard(66_000)
  t.equal(new Set(direct.messages.map(({ payload }) => labelOf(payload))).size, 66_000)
  t.equal(direct.messages.length, 66_000, 'each once')
  t.match(uplink.status(), { sent: 66_000, window: { countLimit: 512 } })
  direct.connection.close('destroy')
  await direct.closed
})

t.test('mqtt library: hands out no message id that is in use', async (t) => {
  const ids = new mqtt.UniqueMessageIdProvider()
  const inUse: number[] = []
  let twice = 0
  for (let count = 0; count < 140_000; count++) {
    const id = ids.allocate() ?? 0
    if (id === 0 || inUse.includes(id)) twice++
    inUse.push(id)
    if (inUse.length <= 64) continue
    // The oldest is answered, now and then one from the middle.
    const [answered = 0] = inUse.splice(count % 7 === 0 ? 32 : 0, 1)
    ids.deallocate(answered)
  }
  t.equal(twice, 0)
})

t.test('mqtt library: its own queue still loses what is more than 65,535', async (t) => {
  // Why the journal is the queue. When this fails, the library has changed: read its notes again.
  const client = mqtt.connect({ host: '127.0.0.1', port: 9, reconnectPeriod: 0 })
  await new Promise<void>((resolve) => {
    client.on('close', resolve)
  })
  for (let message = 0; message < 66_000; message++) {
    client.publish('a', `${message}`, { qos: 1 })
  }
  let kept = 0
  for await (const packet of client.outgoingStore.createStream()) if (packet !== null) kept++
  t.equal(kept, 65_535)
  client.end(true)
})
