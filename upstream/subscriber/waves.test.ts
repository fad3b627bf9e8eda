import t, { type Test } from 'tap'
import type { Waveform } from '../../protocols/packet/record.ts'
import { testWallMs } from '../testing/landing.ts'
import { loss, type TestVan, wave, type TestPacket } from '../testing/van.ts'
import { stage } from '../../test/hospital-stage.ts'
import type { Item } from './items.ts'
import type { Subscription } from './subscription.ts'

const stream = 'ecg-1/waveform'

/** Packets of half a second; a key at each number of `keys`. */
function chain(van: TestVan, count: number, keys: readonly number[]): readonly TestPacket[] {
  return Array.from({ length: count }, (_, at) => van.waves(stream, [wave(at)], keys.includes(at)))
}

function arrivals(packets: readonly TestPacket[]) {
  return packets.map(({ topic, bytes }) => ({ topic, payload: bytes, wallMs: testWallMs }))
}

function read(subscription: Subscription): Item[] {
  const seen: Item[] = []
  void subscription.each((item) => void seen.push(item))
  return seen
}

/** Packets that were read as they were recorded, and gaps in words. */
function shown(t: Test, items: readonly Item[]): readonly (number | string)[] {
  return items.map((item) => {
    if (item.kind === 'gap') return `${item.reason} ${item.from}-${item.to}`
    t.strictSame((item as Waveform).samples, wave(item.seq).samples, `samples of ${item.seq}`)
    t.equal((item as Waveform).firstSample, item.seq * 50)
    return item.seq
  })
}

t.test('subscriber: who comes later reads the chain from its key', async (t) => {
  const { clock, van, subscriber, publish } = await stage(t, 1)
  const packets = chain(van, 8, [0])
  await publish(packets.slice(0, 5))
  const seen = read(subscriber.stream(`van-02/${stream}`))
  await clock.advance(1_000)
  await publish(packets.slice(5))
  await clock.advance(1_000)
  t.strictSame(shown(t, seen), [5, 6, 7])
})

t.test('subscriber: says which packets a wave waits for', async (t) => {
  const { clock, van, running, subscriber, publish } = await stage(t, 2)
  const packets = chain(van, 6, [0, 4])
  const subscription = subscriber.stream(`van-02/${stream}`, { patienceMs: 60_000 })
  const seen = read(subscription)
  await clock.advance(1_000)
  running.kill()
  await publish(packets.slice(2, 3))
  await clock.advance(2_000)
  const { epoch } = van
  const place = { kind: 'gap', van: 'van-02', epoch, stream }
  t.strictSame(subscription.waits(), [{ ...place, from: 0, to: 1, reason: 'without-key' }])
  t.strictSame(seen, [])
})

t.test('subscriber: a lost packet damages its chain, and nothing behind it', async (t) => {
  const { clock, van, running, subscriber, publish } = await stage(t, 3)
  const packets = chain(van, 10, [0, 6])
  const lost = van.records('van/losses', [loss(van.epoch, stream, 2, 2)])
  const kept = packets.filter((_, at) => at !== 2)
  running.store.commit(arrivals([...kept, lost]))
  const subscription = subscriber.stream(`van-02/${stream}`, { from: 'beginning' })
  const seen = read(subscription)
  await clock.advance(5_000)
  await publish(packets.slice(9))
  await clock.advance(5_000)
  t.strictSame(shown(t, seen), [
    0,
    1,
    'lost 2-2',
    'without-key 3-3',
    'without-key 4-4',
    'without-key 5-5',
    6,
    7,
    8,
    9,
  ])
  t.strictSame(subscription.waits(), [])
})

t.test('landing: a feed reads a chain from its key again after a start', async (t) => {
  const { van, running } = await stage(t, 4)
  const packets = chain(van, 130, [0, 100])
  running.store.commit(arrivals(packets))
  const feed = running.landing.feed('export')
  const first = await feed.next()
  t.equal(first.value?.items.length, 64)
  await feed.next()
  // Another life begins in the middle of the first chain.
  const again = running.store.feed('export')
  const items = again.take()?.items ?? []
  t.equal(items.length, 64)
  for (const item of items) {
    if (item.kind !== 'packet') throw new Error('lost')
    t.equal(item.unread, null)
    t.strictSame((item.records[0] as Waveform).samples, wave(item.seq).samples)
  }
})
