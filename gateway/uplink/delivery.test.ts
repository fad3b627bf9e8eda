import t from 'tap'
import type { Outgoing, PacketClass } from '../journal/journal.ts'
import { Deliveries } from './delivery.ts'

const epoch = '01890000-0000-7000-8000-000000000001'
const ecg = 'ecg-1/waveform'
const times = { firstMs: 30_000, mostMs: 600_000 }

function packet(seq: number, packetClass: PacketClass = 5, id = seq + 100): Outgoing {
  return { id, epoch, stream: ecg, seq, class: packetClass, bytes: new Uint8Array(1) }
}

function acknowledge(deliveries: Deliveries, one: Outgoing, nowMs = 0): void {
  deliveries.sent(one)
  deliveries.acknowledged(one, false, nowMs)
}

t.test(
  'deliveries: a watched stream has packets of two classes, and both are read again',
  async (t) => {
    const deliveries = new Deliveries(times)
    acknowledge(deliveries, packet(0, 5, 40))
    acknowledge(deliveries, packet(1, 1, 41))
    const [rewind] = deliveries.overdue(0, 30_000)
    t.strictSame([...(rewind?.classes ?? [])], [5, 1])
    t.equal(rewind?.id, 40)
    t.strictSame(deliveries.overdue(0, 31_000), [], 'nothing is acknowledged any more')
    t.equal(deliveries.of(epoch, ecg, 0), 'sent')
  },
)

t.test('deliveries: the patience counts from when a receipt could be expected', async (t) => {
  const deliveries = new Deliveries(times)
  acknowledge(deliveries, packet(0), 0)
  t.strictSame(deliveries.overdue(1_000_000, 1_029_999), [])
  t.equal(deliveries.overdue(1_000_000, 1_030_000).length, 1)
})

t.test('deliveries: a receipt never says more than what was sent', async (t) => {
  const deliveries = new Deliveries(times)
  acknowledge(deliveries, packet(5))
  deliveries.receipted(epoch, ecg, [{ from: 0, to: 2 ** 52 }], 0)
  deliveries.receipted('other', ecg, [{ from: 0, to: 9 }], 0)
  t.equal(deliveries.of(epoch, ecg, 5), 'receipted')
  t.equal(deliveries.of(epoch, ecg, 6), 'stored')
  t.equal(deliveries.wants(packet(6), false, 0), true)
  t.equal(deliveries.wants(packet(5), false, 0), false)
  t.equal(deliveries.wants(packet(5), true, 0), true, 'but what is asked for again goes again')
  t.equal(deliveries.unreceiptedCount, 0)
})

t.test('deliveries: many packets aside are a stream that is refused', async (t) => {
  const deliveries = new Deliveries(times)
  for (let seq = 0; seq < 64; seq++) t.equal(deliveries.setAside(packet(seq), 0), 10_000)
  t.equal(deliveries.heldCount(0), 0)
  t.equal(deliveries.wants(packet(64), false, 0), true)
  deliveries.setAside(packet(64), 0)
  t.equal(deliveries.heldCount(0), 1)
  t.equal(deliveries.wants(packet(65), false, 0), false)
  t.strictSame(deliveries.pausesOver(9_999), [])
  const [rewind] = deliveries.pausesOver(10_000)
  t.equal(rewind?.id, 100)
  t.strictSame(deliveries.pausesOver(10_001), [], 'told once')
  t.equal(deliveries.setAside(packet(0), 10_001), 20_000, 'longer each time')
})

t.test('deliveries: what is too large waits for another connection', async (t) => {
  const deliveries = new Deliveries(times)
  t.strictSame(deliveries.newConnection(), [])
  deliveries.tooLarge(packet(7))
  deliveries.tooLarge(packet(3))
  t.equal(deliveries.wants(packet(3), false, 10 ** 9), false)
  const [rewind] = deliveries.newConnection()
  t.equal(rewind?.id, 103)
  t.equal(deliveries.wants(packet(3), false, 0), true)
})

t.test('deliveries: a copy on its way does not stand for the first', async (t) => {
  const deliveries = new Deliveries(times)
  deliveries.sent(packet(0))
  deliveries.returned(packet(0))
  // The hospital asks for it, and while that copy is on its way the backlog comes to it too.
  deliveries.sent(packet(0))
  t.equal(deliveries.wants(packet(0), false, 0), false)
  deliveries.acknowledged(packet(0), true, 0)
  const [rewind] = deliveries.pausesOver(0)
  t.equal(rewind?.id, packet(0).id, 'it is read again')
  t.equal(deliveries.wants(packet(0), false, 0), true)
})
