import t from 'tap'
import type { Outgoing, PacketClass } from '../journal/journal.ts'
import { Cursors } from './cursors.ts'
import { SendQueue } from './queue.ts'

let lastId = 0

function packet(packetClass: PacketClass, bytes = 100, id = ++lastId): Outgoing {
  const name = { epoch: '', stream: `class-${packetClass}`, seq: id }
  return { id, ...name, class: packetClass, bytes: new Uint8Array(bytes) }
}

function queueOf(...packets: readonly Outgoing[]): SendQueue {
  const queue = new SendQueue()
  for (const one of packets) queue.push({ packet: one, again: false })
  return queue
}

function drain(queue: SendQueue): readonly PacketClass[] {
  const order: PacketClass[] = []
  for (let next = queue.peek(); next !== null; next = queue.peek()) {
    order.push(next.packet.class)
    queue.shift()
  }
  return order
}

t.test('queue: the best class first, and within it the oldest', async (t) => {
  const queue = queueOf(packet(5), packet(2, 100, 7), packet(0), packet(2, 100, 8), packet(1))
  t.equal(queue.worstClass, 5)
  t.match(queue, { count: 5, bytes: 500, low: true, full: false })
  const ids: number[] = []
  for (let next = queue.peek(); next !== null; next = queue.peek()) {
    if (next.packet.class === 2) ids.push(next.packet.id)
    queue.shift()
  }
  t.strictSame(ids, [7, 8])
  t.match(queue, { count: 0, bytes: 0, worstClass: null })
  queue.shift()
  t.equal(queue.count, 0)
})

t.test(
  'queue: an eighth of the bytes for the last class, none of it from emergencies',
  async (t) => {
    const live = Array.from({ length: 80 }, () => packet(2, 1_000))
    const order = drain(queueOf(...live, ...Array.from({ length: 20 }, () => packet(5, 1_000))))
    t.strictSame(
      order.slice(0, 18),
      [2, 2, 2, 2, 2, 2, 2, 2, 5, 2, 2, 2, 2, 2, 2, 2, 2, 5],
      'one of nine while both wait',
    )
    const urgent = Array.from({ length: 80 }, () => packet(0, 1_000))
    t.strictSame(drain(queueOf(...urgent, packet(5))).slice(0, 80), Array(80).fill(0))
  },
)

t.test('queue: the largest packet gets its turn too', async (t) => {
  const live = Array.from({ length: 1_000 }, () => packet(1, 4_000))
  const turn = drain(queueOf(...live, packet(4, 262_144))).indexOf(4)
  t.ok(turn > 500 && turn < 540, `after ${turn} packets of 4 kB`)
})

t.test('queue: drops what was read ahead, and keeps what was asked for', async (t) => {
  const queue = queueOf(packet(5, 100, 41), packet(5, 100, 42), packet(2, 100, 43))
  queue.push({ packet: packet(5, 100, 3), again: true })
  t.equal(queue.lowestId(5), 41)
  t.equal(queue.lowestId(4), null)
  queue.drop(5)
  t.match(queue, { count: 2, bytes: 200 })
  t.equal(queue.lowestId(5), null)
  t.strictSame(drain(queue), [2, 5])
})

t.test('cursors: name what was read, and mask what may wait', async (t) => {
  const cursors = new Cursors()
  t.strictSame(cursors.query(null), {})
  cursors.read(2, 10)
  cursors.read(2, 8)
  cursors.read(5, 20)
  t.strictSame(cursors.query(null), { 2: 10, 5: 20 })
  const end = Number.MAX_SAFE_INTEGER
  t.strictSame(cursors.query(2), { 2: end, 3: end, 4: end, 5: end, 6: end })
  cursors.rewind(2, 11)
  cursors.rewind(3, 1)
  t.strictSame(cursors.query(null), { 2: 10, 5: 20 }, 'never forwards')
  cursors.rewind(2, 5)
  t.strictSame(cursors.query(null), { 2: 4, 5: 20 })
})

t.test('queue: while the rest waits, what is live and what was asked for again go', async (t) => {
  const queue = queueOf(packet(5, 100, 41), packet(2, 100, 42), packet(1, 100, 43))
  queue.push({ packet: packet(5, 100, 3), again: true })
  const order: number[] = []
  for (let next = queue.peek(true); next !== null; next = queue.peek(true)) {
    order.push(next.packet.id)
    queue.shift(true)
  }
  t.strictSame(order, [43, 3])
  t.match(queue, { count: 2, bytes: 200 })
  t.strictSame(drain(queue), [2, 5])
})
