import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { fakeClock, type FakeClock } from '../../gateway/clock/fake-clock.ts'
import { seededRandom } from '../../gateway/clock/seeded-random.ts'
import { incarnation } from '../../gateway/sim/incarnation.ts'
import { createSimBroker, noBrokerFaults, type SimBroker } from '../../gateway/sim/broker.ts'
import {
  decodeLandingState,
  decodeReplayAnswer,
  decodeTimeAnswer,
  encodeReplayRequest,
  encodeTimeRequest,
  type ReplayAnswer,
  type ReplayRequest,
} from '../../protocols/packet/messages.ts'
import { decodePacket } from '../../protocols/packet/packet.ts'
import {
  downTopic,
  landingStateTopic,
  replayRequestTopic,
  replayTopic,
  timeRequestTopic,
} from '../../protocols/packet/topics.ts'
import { ask, pulseStream, rangesOf, shuffled } from '../testing/landing.ts'
import { listener, quiet, startLanding, stopLanding, type Scene } from '../testing/scene.ts'
import { keyOf, VanClient } from '../testing/van-client.ts'
import { hexOf, image, loss, TestVan, type TestPacket } from '../testing/van.ts'
import type { UpstreamLogFields } from '../world.ts'
import type { FeedBatch } from './feed.ts'
import { receiptEveryMs } from './receipts.ts'
import { clockUncertaintyMs } from './time-answers.ts'

interface SimScene extends Scene {
  readonly clock: FakeClock
  readonly broker: SimBroker
}

function scene(t: Test, seed: number | string): SimScene {
  const clock = fakeClock()
  const random = seededRandom(seed)
  const limits = { receiveMaximum: 20, maximumPacketBytes: 1_048_576, latencyMs: 20 }
  const broker = createSimBroker(clock, random.fork('broker'), limits)
  const world = { clock, random: random.fork('landing'), broker, log: quiet }
  return { clock, broker, world, folder: t.testdir(), life: () => incarnation(clock) }
}

t.test('landing: names a van whose key is not registered, once', async (t) => {
  const stage = scene(t, 1)
  const named: (string | undefined)[] = []
  const log = {
    ...quiet,
    warn: (_message: string, fields: UpstreamLogFields = {}) => void named.push(fields.van),
  }
  const running = startLanding({ ...stage, world: { ...stage.world, log } }, new Map())
  await stage.clock.advance(1_000)
  const van = new TestVan('van-02')
  const client = new VanClient(van, stage.clock, stage.broker)
  await stage.clock.advance(1_000)
  client.add(van.pulses(pulseStream, 10))
  await stage.clock.advance(60_000)
  t.strictSame(named, ['van-02'])
  t.equal(client.keptCount, 10)
  running.landing.setTrust(van.trust)
  await stage.clock.advance(60_000)
  t.equal(client.keptCount, 0, 'what it had sent before is taken')
  t.strictSame(named, ['van-02'])
  await stopLanding(stage, running)
})

t.test('landing: stores, then says so, and the van forgets', async (t) => {
  const stage = scene(t, 1)
  const van = new TestVan('van-02')
  const running = startLanding(stage, van.trust)
  await stage.clock.advance(1_000)
  const client = new VanClient(van, stage.clock, stage.broker)
  await stage.clock.advance(1_000)
  client.add(van.pulses(pulseStream, 100))
  await stage.clock.advance(3_000)
  t.equal(client.keptCount, 0)
  t.strictSame(rangesOf(running.store, van, pulseStream), [{ from: 0, to: 99 }])
  t.match(running.landing.stats(), { connected: true, stored: 100, waiting: 0, dropped: 0 })
  t.ok(client.receipts.length <= 3_000 / receiptEveryMs + 1, `${client.receipts.length} receipts`)
  await stopLanding(stage, running)
  t.strictSame(stage.broker.violations, [])
})

t.test('landing: one packet alone is receipted at once', async (t) => {
  const stage = scene(t, 2)
  const van = new TestVan('van-02')
  const running = startLanding(stage, van.trust)
  const client = new VanClient(van, stage.clock, stage.broker)
  await stage.clock.advance(2_000)
  client.add(van.pulses(pulseStream, 1))
  // Three hops of 20 to 40 ms, and no pause in between.
  await stage.clock.advance(170)
  t.equal(client.keptCount, 0)
  await stopLanding(stage, running)
})

t.test('landing: its presence is retained, and its will says when it is gone', async (t) => {
  const stage = scene(t, 3)
  const van = new TestVan('van-02')
  const running = startLanding(stage, van.trust)
  await stage.clock.advance(1_000)
  const { heard } = await listener(stage, [landingStateTopic])
  const states = () =>
    heard.map(({ payload }) => {
      const state = decodeLandingState(payload)
      return state.ok && state.value.online
    })
  t.strictSame(states(), [true])
  stage.broker.cutAll()
  await stage.clock.advance(40_000)
  const again = await listener(stage, [landingStateTopic])
  t.strictSame(again.heard.length, 1, 'back after the cut')
  stage.broker.crash()
  await stage.clock.advance(60_000)
  const afterCrash = await listener(stage, [landingStateTopic])
  t.strictSame(afterCrash.heard.length, 1, 'asserted again at a broker that forgot everything')
  await stopLanding(stage, running)
  const last = decodeLandingState(afterCrash.heard.at(-1)?.payload ?? new Uint8Array())
  t.match(last, { ok: true, value: { online: false, landing: 'landing-1' } })
})

t.test('landing: a van that comes back hears its receipts, also from a new landing', async (t) => {
  const stage = scene(t, 4)
  const van = new TestVan('van-02')
  const first = startLanding(stage, van.trust)
  await stage.clock.advance(500)
  const packets = van.pulses(pulseStream, 10)
  first.store.commit(packets.map(({ topic, bytes }) => ({ topic, payload: bytes, wallMs: 1 })))
  await stopLanding(stage, first)
  const second = startLanding(stage, van.trust)
  await stage.clock.advance(500)
  const client = new VanClient(van, stage.clock, stage.broker)
  for (const packet of packets) client.hidden.add(keyOf(packet))
  client.add(packets)
  await stage.clock.advance(2_000)
  t.equal(client.keptCount, 0, 'nothing had to be sent again')
  t.equal(second.landing.stats().stored, 0)
  await stopLanding(stage, second)
})

t.test('landing: a hole is asked for, with patience and less and less often', async (t) => {
  const stage = scene(t, 5)
  const van = new TestVan('van-02')
  const running = startLanding(stage, van.trust)
  const client = new VanClient(van, stage.clock, stage.broker)
  await stage.clock.advance(2_000)
  const packets = van.pulses(pulseStream, 20)
  for (const packet of packets.slice(5, 9)) client.hidden.add(keyOf(packet))
  client.add(packets)
  await stage.clock.advance(4_000)
  t.strictSame(client.backfills, [])
  await stage.clock.advance(4_000)
  const asked = { epoch: van.epoch, stream: pulseStream, from: 5, to: 8 }
  t.strictSame(client.backfills, [asked])
  t.strictSame(rangesOf(running.store, van, pulseStream), [{ from: 0, to: 19 }])
  t.equal(client.keptCount, 0)

  // A van that does not answer is asked again after growing pauses.
  const more = van.pulses(pulseStream, 10, {}, 50_000)
  running.store.commit(
    more.slice(5).map(({ topic, bytes }) => ({ topic, payload: bytes, wallMs: 1 })),
  )
  await stage.clock.advance(10 * 60_000)
  const asks = client.backfills.length - 1
  t.ok(asks >= 4 && asks <= 8, `asked ${asks} times in ten minutes`)
  await stopLanding(stage, running)
})

t.test('landing: a loss that the van declares ends the asking', async (t) => {
  const stage = scene(t, 6)
  const van = new TestVan('van-02')
  const running = startLanding(stage, van.trust)
  const client = new VanClient(van, stage.clock, stage.broker)
  await stage.clock.advance(2_000)
  const packets = van.pulses(pulseStream, 20)
  client.add([...packets.slice(0, 5), ...packets.slice(9)])
  client.add([van.records('van/losses', [loss(van.epoch, pulseStream, 5, 8)])])
  await stage.clock.advance(120_000)
  t.strictSame(client.backfills, [])
  await stopLanding(stage, running)
})

async function replayed(stage: SimScene, request: Omit<ReplayRequest, 'replyTo'>) {
  const { heard, connection } = await listener(stage, [replayTopic('listener')])
  const answers: ReplayAnswer[] = []
  let next: number | null = request.from
  while (next !== null) {
    const payload = encodeReplayRequest({ ...request, from: next, replyTo: 'listener' })
    connection.publish(replayRequestTopic, payload, { retain: false }, () => {})
    await stage.clock.advance(500)
    const answer = decodeReplayAnswer(heard.shift()?.payload ?? new Uint8Array())
    if (!answer.ok) throw new Error(answer.reason)
    answers.push(answer.value)
    next = answer.value.more ? lastOf(answer.value) + 1 : null
  }
  connection.close('farewell')
  return answers
}

function lastOf({ packets, lost }: ReplayAnswer): number {
  const packet = decodePacket(packets.at(-1) ?? new Uint8Array())
  return Math.max(packet.ok ? packet.value.header.seq : -1, lost.at(-1)?.to ?? -1)
}

t.test('landing: answers replays from the database in bounded pieces', async (t) => {
  const stage = scene(t, 7)
  const van = new TestVan('van-02')
  const running = startLanding(stage, van.trust)
  await stage.clock.advance(1_000)
  const packets = van.pulses(pulseStream, 150)
  const bytes = seededRandom(7).bytes(900_000)
  const chunks = van.chunks('xray-1', bytes, 60_000)
  const lost = van.records('van/losses', [loss(van.epoch, pulseStream, 40, 49)])
  const sent = [...packets.slice(0, 40), ...packets.slice(50), ...chunks, lost]
  running.store.commit(sent.map(({ topic, bytes }) => ({ topic, payload: bytes, wallMs: 1 })))
  const { epoch } = van
  const request = { van: 'van-02', epoch, stream: pulseStream, from: 0, to: 1_000 }
  const answers = await replayed(stage, request)
  const found = answers.flatMap((answer) => answer.packets)
  t.strictSame(
    found.map((packet) => Buffer.from(packet).toString('hex')),
    [...packets.slice(0, 40), ...packets.slice(50)].map(({ bytes }) =>
      Buffer.from(bytes).toString('hex'),
    ),
  )
  t.strictSame(
    answers.flatMap((answer) => answer.lost),
    [{ from: 40, to: 49 }],
  )
  t.ok(answers.length > 2, `${answers.length} answers`)

  const objects = await replayed(stage, { ...request, stream: 'xray-1/object' })
  t.strictSame(
    objects.flatMap((answer) => answer.packets).map((packet) => hexOf(packet)),
    chunks.map(({ bytes }) => hexOf(bytes)),
  )
  t.ok(objects.length >= 3, `${objects.length} answers`)
  t.match(await replayed(stage, { ...request, stream: 'oxi-9/event' }), [
    { packets: [], lost: [], more: false },
  ])
  await stopLanding(stage, running)
})

t.test('landing: tells a van what time it is, at once and by its own clock', async (t) => {
  const stage = scene(t, 16)
  const van = new TestVan('van-02')
  const running = startLanding(stage, van.trust)
  await stage.clock.advance(1_000)
  const topic = downTopic('van-02', 'time')
  const { heard, connection } = await listener(stage, [topic])
  const nonce = Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1)
  const askedMs = stage.clock.wallMs()
  const request = encodeTimeRequest({ van: 'van-02', nonce })
  connection.publish(timeRequestTopic, request, { retain: false }, () => {})
  connection.publish(timeRequestTopic, request.subarray(1), { retain: false }, () => {})
  // Four hops of 20 to 40 ms.
  await stage.clock.advance(160)
  t.equal(heard.length, 1)
  const answer = decodeTimeAnswer(heard[0]!.payload)
  if (!answer.ok) throw new Error(answer.reason)
  t.strictSame(answer.value.nonce, nonce)
  t.equal(answer.value.uncertaintyMs, clockUncertaintyMs)
  t.ok(answer.value.utcMs >= askedMs + 40 && answer.value.utcMs <= askedMs + 80)
  t.match(running.landing.stats(), { timesTold: 1, timesRefused: 1 })
  const late = await listener(stage, [topic])
  t.strictSame(late.heard, [], 'nothing is retained')
  await stopLanding(stage, running)
})

t.test(
  'landing: what comes when the inbox is full is dropped, counted, and comes again',
  async (t) => {
    const stage = scene(t, 8)
    const van = new TestVan('van-02')
    const inbox = { count: 5, bytes: 1_000_000 }
    const running = startLanding(stage, van.trust, { inbox })
    const client = new VanClient(van, stage.clock, stage.broker)
    await stage.clock.advance(2_000)
    client.add(van.pulses(pulseStream, 200))
    await stage.clock.advance(120_000)
    t.equal(client.keptCount, 0)
    t.ok(running.landing.stats().dropped > 0, `${running.landing.stats().dropped} dropped`)
    t.strictSame(rangesOf(running.store, van, pulseStream), [{ from: 0, to: 199 }])
    await stopLanding(stage, running)
  },
)

t.test('landing: a store that fails for a while loses nothing', async (t) => {
  const stage = scene(t, 9)
  const van = new TestVan('van-02')
  const { failingDatabase, OperationFailed } = await import('../testing/failing-database.ts')
  const { openDatabase } = await import('./database.ts')
  let full = false
  const database = (path: string) =>
    failingDatabase(openDatabase(path), () => {
      if (full) throw new OperationFailed('SQLITE_FULL')
    })
  const running = startLanding(stage, van.trust, {}, { database })
  const client = new VanClient(van, stage.clock, stage.broker)
  await stage.clock.advance(2_000)
  full = true
  client.add(van.pulses(pulseStream, 30))
  await stage.clock.advance(60_000)
  t.equal(client.keptCount, 30)
  t.ok(running.landing.stats().storeFailures >= 5)
  full = false
  await stage.clock.advance(40_000)
  t.equal(client.keptCount, 0)
  t.strictSame(rangesOf(running.store, van, pulseStream), [{ from: 0, to: 29 }])
  await stopLanding(stage, running)
})

t.test('landing: learns a key from the first state, and takes what came before it', async (t) => {
  const stage = scene(t, 10)
  const van = new TestVan('van-02')
  const running = startLanding(stage, van.trust, {}, { trust: new Map(), trustOnFirstUse: true })
  await stage.clock.advance(1_000)
  const { connection } = await listener(stage, [])
  for (const { topic, bytes } of van.pulses(pulseStream, 5))
    connection.publish(topic, bytes, { retain: false }, () => {})
  await stage.clock.advance(1_000)
  t.match(running.landing.stats(), { stored: 0, quarantined: 5 })
  const state = van.state(true)
  connection.publish(state.topic, state.payload, { retain: true }, () => {})
  await stage.clock.advance(1_000)
  t.strictSame(rangesOf(running.store, van, pulseStream), [{ from: 0, to: 4 }])
  await stopLanding(stage, running)
})

t.test('landing: hostile messages never stop the stream', async (t) => {
  const stage = scene(t, 11)
  const van = new TestVan('van-02')
  const running = startLanding(stage, van.trust)
  const client = new VanClient(van, stage.clock, stage.broker)
  await stage.clock.advance(2_000)
  const random = seededRandom(12)
  const { connection } = await listener(stage, [])
  const packets = van.pulses(pulseStream, 60)
  const topics = [
    packets[0]!.topic,
    'simpul/v1/van-02/state',
    'simpul/v1/van-02/up/a/b/c/d',
    'simpul/v1/landing/up/oxi-1/event',
    replayRequestTopic,
    landingStateTopic,
  ]
  for (let round = 0; round < 60; round++) {
    const damaged = packets[round]!.bytes.slice()
    damaged[random.below(damaged.length)]! ^= 1 + random.below(255)
    const payload = round % 2 === 0 ? damaged : random.bytes(random.below(200))
    const topic = topics[random.below(topics.length)]!
    connection.publish(topic, payload, { retain: false }, () => {})
    client.add([packets[round]!])
    await stage.clock.advance(100)
  }
  await stage.clock.advance(60_000)
  t.equal(client.keptCount, 0)
  t.strictSame(rangesOf(running.store, van, pulseStream), [{ from: 0, to: 59 }])
  await stopLanding(stage, running)
  const values = ask(stage.folder, 'SELECT value FROM measurement_value ORDER BY packet_id')
  t.equal(values.length, 60)
})

function numbers(from: number, to: number): string[] {
  return range(from, to).map(String)
}

t.test('landing: passes each record on once and in order, also after a restart', async (t) => {
  const stage = scene(t, 13)
  const van = new TestVan('van-02')
  const packets = van.pulses(pulseStream, 40)
  const lossRecord = van.records('van/losses', [loss(van.epoch, pulseStream, 10, 11)])
  const sent = shuffled(
    [...packets.slice(0, 10), ...packets.slice(12), lossRecord],
    seededRandom(1),
  )
  const seen: string[] = []
  let batches = 0
  for (const part of [sent.slice(0, 20), sent.slice(20)]) {
    const running = startLanding(stage, van.trust)
    running.store.commit(part.map(({ topic, bytes }) => ({ topic, payload: bytes, wallMs: 1 })))
    const reading = (async () => {
      for await (const { stream, items } of running.landing.feed('fhir')) {
        batches += 1
        for (const item of items)
          if (stream === pulseStream)
            seen.push(item.kind === 'lost' ? `lost ${item.from}-${item.to}` : String(item.seq))
      }
    })()
    await stage.clock.advance(2_000)
    await stopLanding(stage, running)
    await reading
  }
  t.strictSame(seen, [...numbers(0, 9), 'lost 10-11', ...numbers(12, 39)])
  t.ok(batches >= 2)
})

function arrive(packets: readonly TestPacket[]) {
  return packets.map(({ topic, bytes }) => ({ topic, payload: bytes, wallMs: 1 }))
}

function seqsOf(next: IteratorResult<FeedBatch, void>): number[] {
  const items = next.value?.items ?? []
  return items.map((item) => (item.kind === 'lost' ? -1 : item.seq))
}

t.test('landing: a consumer that is cut off gets its last batch again', async (t) => {
  const stage = scene(t, 14)
  const van = new TestVan('van-02')
  const first = startLanding(stage, van.trust)
  first.store.commit(arrive(van.pulses(pulseStream, 100)))
  const feed = first.landing.feed('pacs')
  t.strictSame(seqsOf(await feed.next()), range(0, 63))
  t.strictSame(seqsOf(await feed.next()), range(64, 99))
  first.kill()
  const second = startLanding(stage, van.trust)
  const again = second.landing.feed('pacs')
  t.strictSame(seqsOf(await again.next()), range(64, 99), 'and nothing before it')
  const other = second.landing.feed('fhir')
  t.strictSame(seqsOf(await other.next()), range(0, 63))
  const waiting = again.next()
  await stopLanding(stage, second)
  t.equal((await waiting).done, true)
})

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

for (const seed of [21, 22, 23, 24, 25, 26]) {
  t.test(`landing: all of it arrives once through a broker that lies (seed ${seed})`, async (t) => {
    const stage = scene(t, seed)
    const van = new TestVan('van-02')
    const random = seededRandom(`faults ${seed}`)
    const bytes = random.bytes(20_000)
    const packets = [
      ...van.pulses(pulseStream, 150, { signed: true }),
      ...van.pulses('oxi-2/measurement', 100),
      van.records('xray-1/image', [image(500, bytes, 1_000)]),
      ...van.chunks('xray-1', bytes, 1_000),
    ]
    stage.broker.setFaults({
      ...noBrokerFaults,
      forget: 60,
      duplicate: 100,
      delay: 200,
      delayMsMax: 3_000,
      acknowledgeNever: 10,
      closeAfterPublish: 3,
      refuseConnect: 100,
      connectNeverAnswers: 50,
    })
    let running = startLanding(stage, van.trust)
    const client = new VanClient(van, stage.clock, stage.broker)
    const left = shuffled(packets, random)
    for (let step = 0; step < 60; step++) {
      client.add(left.splice(0, 6))
      await stage.clock.advance(1_000)
      if (random.below(12) === 0) stage.broker.crash()
      if (random.below(10) > 0) continue
      running.kill()
      running = startLanding(stage, van.trust)
    }
    stage.broker.setFaults(noBrokerFaults)
    await stage.clock.advance(300_000)
    t.equal(client.keptCount, 0)
    t.strictSame(rangesOf(running.store, van, pulseStream), [{ from: 0, to: 149 }])
    t.strictSame(rangesOf(running.store, van, 'oxi-2/measurement'), [{ from: 0, to: 99 }])
    const path = running.store.objectPath(hexOf(bytes))
    t.ok(path !== null && Buffer.compare(readFileSync(path), bytes) === 0)
    await stopLanding(stage, running)
    t.strictSame(ask(stage.folder, 'SELECT count(*) FROM measurement'), [[250]])
    t.strictSame(ask(stage.folder, 'SELECT code, detail FROM alarm'), [])
    t.strictSame(ask(stage.folder, 'SELECT reason FROM quarantine'), [])
    t.strictSame(
      stage.broker.violations.filter((one) => !one.startsWith('van-')),
      [],
    )
  })
}
