import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { noBrokerFaults } from '../../gateway/sim/broker.ts'
import { seededRandom } from '../../gateway/clock/seeded-random.ts'
import { decodeWatch } from '../../protocols/packet/messages.ts'
import type { Measurement } from '../../protocols/packet/record.ts'
import { openRestorer } from '../restoring/restorer.ts'
import { pulseStream, shuffled, testWallMs } from '../testing/landing.ts'
import { file, packed } from '../testing/packed.ts'
import { listener, startLanding, stopLanding } from '../testing/scene.ts'
import { scene, stage } from '../../test/hospital-stage.ts'
import { VanClient } from '../testing/van-client.ts'
import { hexOf, loss, pulse, TestVan, type TestPacket } from '../testing/van.ts'
import type { Item, Position } from './items.ts'
import { connect } from './subscriber.ts'
import type { Subscription } from './subscription.ts'

function shown(item: Item): string {
  if (item.kind === 'gap') return `${item.reason} ${item.from}-${item.to}`
  return item.kind === 'measurement' ? String(item.seq) : item.kind
}

/** Reads to the end in the background. */
function read(subscription: Subscription, seen: Item[] = []): Item[] {
  void subscription.each((item) => void seen.push(item))
  return seen
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => String(from + index))
}

function arrivalsOf(packets: readonly TestPacket[]) {
  return packets.map(({ topic, bytes }) => ({ topic, payload: bytes, wallMs: testWallMs }))
}

t.test('subscriber: live records in order, from now on', async (t) => {
  const { clock, van, subscriber, publish } = await stage(t, 1)
  const packets = van.pulses(pulseStream, 20, { visit: 'v-1' })
  await publish(packets.slice(0, 5))
  const subscription = subscriber.stream('van-02/*/measurement')
  const seen = read(subscription)
  await clock.advance(1_000)
  await publish(packets.slice(5))
  t.strictSame(seen.map(shown), numbers(5, 19))
  const { epoch } = van
  t.match(seen[0], {
    kind: 'measurement',
    van: 'van-02',
    epoch,
    stream: pulseStream,
    seq: 5,
    index: 0,
    visit: 'v-1',
    atMs: 5_000,
    utcMs: null,
    values: [{ value: 65 }],
  })
  t.strictSame(subscription.positions(), [{ van: 'van-02', epoch, stream: pulseStream, next: 20 }])
  subscription.stop()
  await publish(van.pulses(pulseStream, 1, {}, 30_000))
  t.equal(seen.length, 15)
})

t.test('subscriber: what the broker lost comes from the landing', async (t) => {
  const { clock, van, running, subscriber, publish } = await stage(t, 2)
  const seen = read(subscriber.stream('van-02/*/measurement'))
  await clock.advance(1_000)
  const packets = van.pulses(pulseStream, 30)
  running.store.commit(arrivalsOf(packets))
  await publish([...packets.slice(0, 5), packets[9]!, packets[8]!, packets[8]!, packets[20]!])
  await clock.advance(3_000)
  t.strictSame(seen.map(shown), numbers(0, 20))
  // Nothing follows the last nine: only the comparison with the landing shows them.
  await clock.advance(70_000)
  t.strictSame(seen.map(shown), numbers(0, 29))
})

t.test('subscriber: a declared loss is a gap at its place', async (t) => {
  const { clock, van, running, subscriber, publish } = await stage(t, 3)
  const seen = read(subscriber.stream('van-02/oxi-1/measurement'))
  await clock.advance(1_000)
  const packets = van.pulses(pulseStream, 10)
  const lost = van.records('van/losses', [loss(van.epoch, pulseStream, 3, 6)])
  running.store.commit(arrivalsOf([lost]))
  await publish([...packets.slice(0, 3), ...packets.slice(7)])
  await clock.advance(5_000)
  t.strictSame(seen.map(shown), [...numbers(0, 2), 'lost 3-6', ...numbers(7, 9)])
})

t.test('subscriber: patience ends, the gap is named, and the stream goes on', async (t) => {
  const { clock, van, running, subscriber, publish, place } = await stage(t, 4)
  const quick = read(subscriber.stream('van-02/*/measurement', { patienceMs: 3_000 }))
  const patient = read(subscriber.stream('van-02/*/measurement', { patienceMs: Infinity }))
  await clock.advance(1_000)
  const packets = van.pulses(pulseStream, 20)
  await publish([...packets.slice(0, 3), ...packets.slice(7, 10)])
  await clock.advance(8_000)
  const withGap = [...numbers(0, 2), 'not-here 3-6', ...numbers(7, 9)]
  t.strictSame(quick.map(shown), withGap)
  t.strictSame(patient.map(shown), numbers(0, 2))
  await publish(packets.slice(3, 7))
  await clock.advance(20_000)
  t.strictSame(quick.map(shown), withGap, 'what comes late does not come out of order')
  t.strictSame(patient.map(shown), numbers(0, 9))
  await stopLanding(place, running)
  await publish([...packets.slice(10, 12), ...packets.slice(15)])
  await clock.advance(60_000)
  t.strictSame(quick.map(shown), [
    ...withGap,
    ...numbers(10, 11),
    'landing-away 12-14',
    ...numbers(15, 19),
  ])
})

t.test('subscriber: a packet that is damaged on the way is fetched whole', async (t) => {
  const { clock, van, running, subscriber, publish } = await stage(t, 5)
  const seen = read(subscriber.stream('van-02/*/measurement'))
  await clock.advance(1_000)
  const packets = van.pulses(pulseStream, 5)
  running.store.commit(arrivalsOf(packets))
  const bytes = packets[2]!.bytes.slice()
  bytes[bytes.length - 5]! ^= 0x10
  await publish([...packets.slice(0, 2), { ...packets[2]!, bytes }, ...packets.slice(3)])
  await clock.advance(3_000)
  t.strictSame(seen.map(shown), numbers(0, 4))
  t.equal(subscriber.stats().damaged, 1)
})

t.test('subscriber: what nobody can read is named and does not stop the stream', async (t) => {
  const { clock, van, running, subscriber, publish } = await stage(t, 6)
  const seen = read(subscriber.stream('van-02/*/measurement', { from: 'beginning' }))
  await clock.advance(1_000)
  const strange = van.unreadable(pulseStream)
  van.pulses(pulseStream, 1)
  const rest = van.pulses(pulseStream, 3, {}, 10_000)
  running.store.commit(arrivalsOf([strange, ...rest]))
  await publish(rest)
  await clock.advance(5_000)
  t.strictSame(seen.map(shown), ['unreadable 0-0', ...numbers(1, 3)])
})

t.test('subscriber: from the beginning, whatever there is, and on from a position', async (t) => {
  const { clock, van, running, subscriber, publish } = await stage(t, 7)
  const packets = van.pulses(pulseStream, 300)
  const others = van.pulses('bp-1/measurement', 3)
  running.store.commit(arrivalsOf([...packets.slice(0, 290), ...others]))
  const subscription = subscriber.stream('*/*/measurement', { from: 'beginning' })
  const seen: Item[] = []
  let positions: readonly Position[] = []
  const reading = (async () => {
    for await (const item of subscription) {
      seen.push(item)
      positions = subscription.positions()
      if (seen.length === 100) return
    }
  })()
  await clock.advance(3_000)
  await reading
  const rest = read(
    subscriber.stream('*/*/measurement', { from: { positions, otherwise: 'beginning' } }),
  )
  await clock.advance(3_000)
  await publish(packets.slice(290))
  await clock.advance(3_000)
  const all = [...seen, ...rest]
  const of = (stream: string) =>
    all.filter((item) => 'stream' in item && item.stream === stream).map(shown)
  t.strictSame(of(pulseStream), numbers(0, 299))
  t.strictSame(of('bp-1/measurement'), numbers(0, 2))
})

function fifty(seq: number): Measurement[] {
  return Array.from({ length: 50 }, (_, index) => pulse(seq * 50 + index, 60))
}

t.test('subscriber: a slow reader needs no memory and misses nothing', async (t) => {
  const { clock, van, subscriber, place } = await stage(t, 8)
  const subscription = subscriber.stream('van-02/*/measurement', { from: 'beginning' })
  const packets = Array.from({ length: 200 }, (_, seq) => van.records(pulseStream, fifty(seq)))
  await clock.advance(1_000)
  const client = new VanClient(van, clock, place.broker)
  client.add(packets)
  await clock.advance(20_000)
  t.equal(client.keptCount, 0)
  t.ok(subscription.waiting <= 2_100, `${subscription.waiting} of 10,000 wait for the reader`)
  const seen: number[] = []
  const reading = (async () => {
    for await (const item of subscription) {
      if (item.kind !== 'measurement') throw new Error(shown(item))
      seen.push(item.atMs)
      if (seen.length % 500 === 0) await clock.sleep(100)
      if (seen.length === 10_000) return
    }
  })()
  await clock.advance(30_000)
  await reading
  t.strictSame(
    seen,
    Array.from({ length: 10_000 }, (_, index) => index),
  )
})

t.test('subscriber: a new journal is read from its beginning', async (t) => {
  const { clock, van, running, subscriber, publish } = await stage(t, 9)
  const seen = read(subscriber.stream('van-02/*/measurement'))
  await clock.advance(1_000)
  const packets = van.pulses(pulseStream, 3)
  running.store.commit(arrivalsOf(packets))
  await publish(packets.slice(1))
  const renewed = van.withNewEpoch('01890000-0000-7000-8000-0000000000ff')
  const fresh = renewed.pulses(pulseStream, 4)
  running.store.commit(arrivalsOf(fresh))
  await publish(fresh.slice(2))
  await clock.advance(3_000)
  t.strictSame(seen.map(shown), [...numbers(1, 2), ...numbers(0, 3)])
})

t.test('subscriber: UTC is corrected by the best clock fix of the boot', async (t) => {
  const { clock, van, running, subscriber, publish } = await stage(t, 10)
  const fix = (offsetMs: number, fixUncertaintyMs: number) =>
    van.records('van/clock', [
      {
        kind: 'clock',
        atMs: 9,
        utcMs: 9,
        uncertaintyMs: 1,
        source: 'device',
        simulated: false,
        offsetMs,
        fixUncertaintyMs,
        authority: 'ntp',
      },
    ])
  running.store.commit(arrivalsOf([fix(1_000_000, 500)]))
  const seen = read(subscriber.stream('van-02/*/measurement'))
  await clock.advance(2_000)
  const known = { utcMs: 77, uncertaintyMs: 20 }
  await publish([
    van.records(pulseStream, [pulse(100, 60)]),
    fix(1_000_040, 50),
    van.records(pulseStream, [pulse(200, 61), { ...pulse(300, 62), ...known }]),
    van.records(pulseStream, [pulse(100, 63)], { boot: '99999999-2222-4333-8444-555555555555' }),
  ])
  await clock.advance(1_000)
  const times = seen.map((item) =>
    item.kind === 'gap' ? null : [item.utcMs, item.uncertaintyMs, item.storedUtcMs],
  )
  t.strictSame(times, [
    [1_000_100, 500, null],
    [1_000_240, 50, null],
    [77, 20, 77],
    [null, null, null],
  ])
})

t.test(
  'subscriber: an object comes out bit for bit, from the landing or as it passes',
  async (t) => {
    const { clock, van, running, subscriber, publish, place } = await stage(t, 11)
    const bytes = seededRandom(5).bytes(200_000)
    const chunks = van.chunks('xray-1', bytes, 30_000)
    const folder = join(place.folder, 'here')
    await t.rejects(subscriber.object('../../etc/passwd', folder), RangeError)
    running.store.commit(arrivalsOf(chunks.slice(0, 3)))
    const path = subscriber.object(hexOf(bytes), folder)
    const twice = subscriber.object(hexOf(bytes), folder)
    await clock.advance(5_000)
    await publish(chunks.slice(3, 5))
    await stopLanding(place, running)
    const again = startLanding(place, van.trust)
    await clock.advance(5_000)
    again.store.commit(arrivalsOf(chunks.slice(5)))
    await clock.advance(20_000)
    t.strictSame(new Uint8Array(readFileSync(await path)), bytes)
    t.equal(await twice, await path)
    t.equal(await subscriber.object(hexOf(bytes), folder), await path, 'it is here already')
  },
)

t.test('subscriber: what travelled packed comes out as the file that was packed', async (t) => {
  const { clock, van, running, subscriber, place } = await stage(t, 17)
  await stopLanding(place, running)
  const restorer = openRestorer()
  t.teardown(() => restorer.stop())
  const { store } = startLanding(place, van.trust, {}, { restorer })
  const chunks = van.chunks('xray-1', packed(), 100)
  const itself = van.chunks('xray-1', file, 1_000)
  // Some of it came as itself: that part leads nowhere.
  store.commit(arrivalsOf([...itself.slice(0, 2), ...chunks]))
  const path = subscriber.object(hexOf(file), join(place.folder, 'here'))
  const rounds = new AbortController()
  void path.finally(() => rounds.abort())
  while (!rounds.signal.aborted) {
    await clock.advance(100)
    await turn()
  }
  t.strictSame(new Uint8Array(readFileSync(await path)), file)
})

t.test('subscriber: an object that nobody has is waited for until it is stopped', async (t) => {
  const { clock, subscriber, place } = await stage(t, 12)
  const stop = new AbortController()
  const hash = hexOf(Uint8Array.of(1))
  const stopped = t.rejects(
    subscriber.object(hash, join(place.folder, 'here'), stop.signal),
    /enough/,
  )
  await clock.advance(30_000)
  stop.abort(new Error('enough'))
  await clock.advance(10_000)
  await stopped
  const closed = t.rejects(subscriber.object(hash, join(place.folder, 'here')), /is closed/)
  await clock.advance(1_000)
  const closing = subscriber.close()
  await clock.advance(10_000)
  await Promise.all([closed, closing])
})

t.test('subscriber: watching asks the van for short packets, again and again', async (t) => {
  const { clock, subscriber, place } = await stage(t, 13)
  const topic = 'simpul/v1/van-02/down/watch'
  const { heard } = await listener(place, [topic])
  const stop = subscriber.watch('van-02', 'ecg-1/waveform', 250)
  await clock.advance(100_000)
  stop()
  await clock.advance(100_000)
  t.equal(heard.length, 4)
  const { value } = decodeWatch(heard[0]!.payload) as { value: object }
  t.strictSame(value, { stream: 'ecg-1/waveform', seconds: 60, packetMs: 250 })
  t.throws(() => subscriber.watch('van-02', 'ecg-1/waveform', 10), RangeError)
})

t.test('subscriber: closing ends every loop', async (t) => {
  const { clock, subscriber, publish, van } = await stage(t, 14)
  const subscription = subscriber.stream('*/*/*')
  const seen: Item[] = []
  const reading = (async () => {
    for await (const item of subscription) seen.push(item)
  })()
  await clock.advance(500)
  await publish(van.pulses(pulseStream, 2))
  const closing = subscriber.close()
  await clock.advance(5_000)
  await Promise.all([closing, reading])
  t.strictSame(seen.map(shown), ['0', '1'])
  t.throws(() => subscriber.stream('nonsense'), RangeError)
  for await (const item of subscriber.stream('*/*/*')) t.fail(shown(item))
})

for (const seed of [31, 32, 33, 34, 35, 36]) {
  t.test(`subscriber: in order and once through a broker that lies (seed ${seed})`, async (t) => {
    const place = scene(t, seed)
    const { clock, broker } = place
    const van = new TestVan('van-02')
    const random = seededRandom(`reader ${seed}`)
    let running = startLanding(place, van.trust)
    const subscriber = connect(place.world, { clientId: 'reader' })
    const client = new VanClient(van, clock, broker)
    const options = { from: 'beginning', patienceMs: Infinity } as const
    const seen = read(subscriber.stream('van-*/+/measurement', options))
    broker.setFaults({
      ...noBrokerFaults,
      forget: 80,
      duplicate: 100,
      delay: 200,
      delayMsMax: 3_000,
      acknowledgeNever: 10,
      closeAfterPublish: 3,
      refuseConnect: 100,
    })
    const packets = [...van.pulses(pulseStream, 150), ...van.pulses('bp-1/measurement', 60)]
    const left = shuffled(packets, random)
    for (let step = 0; step < 50; step++) {
      client.add(left.splice(0, 5))
      await clock.advance(1_000)
      if (random.below(15) === 0) broker.crash()
      if (random.below(12) > 0) continue
      running.kill()
      await clock.advance(random.below(5_000))
      running = startLanding(place, van.trust)
    }
    broker.setFaults(noBrokerFaults)
    await clock.advance(400_000)
    const of = (stream: string) =>
      seen.filter((item) => 'stream' in item && item.stream === stream).map(shown)
    t.strictSame(of(pulseStream), numbers(0, 149))
    t.strictSame(of('bp-1/measurement'), numbers(0, 59))
    // The van of these tests is no model; what counts is what landing and reader do.
    t.strictSame(
      broker.violations.filter((one) => !one.startsWith('van-')),
      [],
    )
  })
}
