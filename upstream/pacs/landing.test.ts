import { join } from 'node:path'
import mqtt from 'mqtt'
import t from 'tap'
import { startMosquitto } from '../../gateway/sim/mosquitto.ts'
import { mqttDefaults } from '../../protocols/mqtt/broker.ts'
import { FakeArchive } from '../../test/dicom/fake-archive.ts'
import { dicomTo, ultrasound, until } from '../../test/dicom/forwarding.ts'
import { runLanding } from '../run-landing.ts'
import { imagePackets } from '../testing/images.ts'
import { quiet } from '../testing/scene.ts'
import { TestVan } from '../testing/van.ts'
import { readForwardStatus } from './status.ts'

t.test('landing: an image that a van publishes is in the archive a moment later', async (t) => {
  const folder = t.testdir({ broker: {} })
  const broker = await startMosquitto({ folder: join(folder, 'broker') })
  t.teardown(() => broker.kill())
  const archive = new FakeArchive()
  const port = await archive.start()
  t.teardown(() => archive.stop())
  const url = `mqtt://127.0.0.1:${broker.port}`
  const own = join(folder, 'landing')
  const stop = new AbortController()
  let isConnected = false
  const landing = runLanding(
    {
      name: 'landing-1',
      folder: own,
      broker: { ...mqttDefaults, url, sessionExpirySeconds: 0, willDelaySeconds: 0 },
      trust: null,
      trustOnFirstUse: true,
      forward: { listen: null, destinations: [dicomTo('pacs', port)] },
      log: quiet,
      statsEveryMs: 20,
      stats: ({ connected }) => (isConnected = connected),
    },
    stop.signal,
  )
  t.ok(await until(() => isConnected))
  const van = new TestVan('van-02')
  const client = await mqtt.connectAsync(url, { protocolVersion: 5, clientId: 'van-02' })
  const state = van.state(true)
  await client.publishAsync(state.topic, Buffer.from(state.payload), { qos: 1, retain: true })
  const image = ultrasound(1, { pixelBytes: 300_000 })
  for (const { topic, bytes } of imagePackets(van, image)) {
    await client.publishAsync(topic, Buffer.from(bytes), { qos: 1 })
  }
  t.ok(await until(() => archive.kept.size === 1))
  const kept = archive.kept.get(image.sopInstanceUid)?.dataSet ?? new Uint8Array()
  t.equal(Buffer.compare(kept, image.dataSet), 0)
  t.ok(await until(() => readForwardStatus(own)[0]?.confirmed === 1))
  await client.endAsync()
  stop.abort()
  await landing
})
