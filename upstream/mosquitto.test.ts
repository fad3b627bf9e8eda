import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import mqtt from 'mqtt'
import t from 'tap'
import { startMosquitto } from '../gateway/sim/mosquitto.ts'
import { mqttDefaults } from '../protocols/mqtt/broker.ts'
import { decodeReceipt } from '../protocols/packet/messages.ts'
import { openMqttBroker } from './mqtt.ts'
import { realClock, realRandom } from './real-world.ts'
import { isClean, readReport } from './report.ts'
import { LandingInUse, runLanding } from './run-landing.ts'
import type { Item } from './subscriber/items.ts'
import { connect } from './subscriber/subscriber.ts'
import { pulseStream } from './testing/landing.ts'
import { quiet } from './testing/scene.ts'
import { hexOf, image, TestVan } from './testing/van.ts'

/** Waits in small steps, for what no event tells. */
async function until(true_: () => boolean, withinMs = 100_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!true_()) {
    if (performance.now() > deadline) throw new Error(`it did not happen within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

t.test('mosquitto: a van publishes, the landing stores and receipts, a reader reads', async (t) => {
  const folder = t.testdir({ broker: {}, objects: {} })
  const broker = await startMosquitto({ folder: join(folder, 'broker') })
  const url = `mqtt://127.0.0.1:${broker.port}`
  const settings = { ...mqttDefaults, url, sessionExpirySeconds: 0, willDelaySeconds: 0 }
  const landingFolder = join(folder, 'landing')
  const stop = new AbortController()
  const options = {
    name: 'landing-1',
    folder: landingFolder,
    broker: settings,
    trust: null,
    trustOnFirstUse: true,
    log: quiet,
  }
  const landing = runLanding(options, stop.signal)
  const world = {
    clock: realClock,
    random: realRandom,
    broker: openMqttBroker(realClock, settings),
    log: quiet,
  }
  const subscriber = connect(world, { clientId: 'reader' })
  const seen: Item[] = []
  const reading = (async () => {
    const all = { from: 'beginning', patienceMs: Infinity } as const
    for await (const item of subscriber.stream('van-02/*/*', all)) seen.push(item)
  })()
  mkdirSync(landingFolder, { recursive: true })
  await until(() => subscriber.stats().landingOnline === true)
  await t.rejects(runLanding(options, stop.signal), LandingInUse)

  const van = new TestVan('van-02')
  const bytes = realRandom.bytes(150_000)
  const packets = [
    ...van.pulses(pulseStream, 300),
    van.records('xray-1/image', [image(1, bytes, 65_536)]),
    ...van.chunks('xray-1', bytes, 65_536),
  ]
  const receipted = new Map<string, number>()
  const client = await mqtt.connectAsync(url, { protocolVersion: 5, clientId: 'van-02' })
  client.on('message', (_topic, payload) => {
    const receipt = decodeReceipt(new Uint8Array(payload))
    for (const { stream, ranges } of receipt.ok ? receipt.value.receipts : [])
      receipted.set(
        stream,
        ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0),
      )
  })
  await client.subscribeAsync('simpul/v1/van-02/down/#', { qos: 1 })
  const state = van.state(true)
  await client.publishAsync(state.topic, Buffer.from(state.payload), { qos: 1, retain: true })
  const publish = (part: typeof packets) =>
    Promise.all(
      part.map(({ topic, bytes }) => client.publishAsync(topic, Buffer.from(bytes), { qos: 1 })),
    )
  /** Sends again as a van does: the landing may not have come back to the broker yet. */
  const publishUntil = async (part: typeof packets, done: () => boolean) => {
    for (let attempt = 0; attempt < 20 && !done(); attempt++) {
      await publish(part)
      await until(done, 1_000).catch(() => {})
    }
    t.ok(done(), 'receipted')
  }
  await publishUntil(packets.slice(0, 200), () => receipted.get(pulseStream) === 200)

  // The broker loses everything that it acknowledged; the van sends all of it again.
  await broker.kill()
  await broker.start()
  await until(() => client.connected && subscriber.stats().connected)
  await client.subscribeAsync('simpul/v1/van-02/down/#', { qos: 1 })
  await client.publishAsync(state.topic, Buffer.from(state.payload), { qos: 1, retain: true })
  await until(() => subscriber.stats().landingOnline === true)
  await publishUntil(
    packets,
    () => receipted.get(pulseStream) === 300 && receipted.get('xray-1/object') === 3,
  )

  const path = await subscriber.object(hexOf(bytes), join(folder, 'objects'))
  t.strictSame(new Uint8Array(readFileSync(path)), bytes)
  await until(() => seen.length === 301)
  t.strictSame(
    seen.filter((item) => item.kind === 'measurement').map((item) => item.atMs),
    Array.from({ length: 300 }, (_, index) => index * 1000),
  )
  await client.endAsync()
  await subscriber.close()
  await reading
  stop.abort()
  await landing
  await broker.kill()
  t.equal(isClean(readReport(landingFolder)), true)
})
