import t from 'tap'
import { encodeMllp } from '../protocols/hl7/mllp.ts'
import { utf8Bytes, utf8Text } from '../protocols/bytes/utf8.ts'
import { fakeLinks, type FakeCall, type FakePlug } from './devices/fake-links.ts'
import { journalTrouble } from './errors/journal.ts'
import { OrderDoor } from './order-door.ts'
import { HospitalOrders } from './visits/hospital-orders.ts'
import { visitsRig } from './visits/visits-testing.ts'
import type { LogFields } from './world.ts'

const port = 2575
const address = { kind: 'tcp-server', port } as const

async function rig() {
  const { visits, journal, clock } = await visitsRig()
  const links = fakeLinks(clock)
  const told: [string, LogFields][] = []
  const at = (message: string, fields: LogFields = {}) => void told.push([message, fields])
  const log = { debug: at, info: at, warn: at, error: at, child: () => log }
  const plug = links.plug(address)
  const orders = new HospitalOrders({ visits, utcOffsetMinutes: 420 })
  const door = new OrderDoor({ clock, log, links, port, orders })
  door.start()
  await clock.advance(0)
  return { visits, journal, clock, plug, told, door }
}

function called(plug: FakePlug): FakeCall {
  const call = plug.call()
  if (call === null) throw new Error('nobody listens')
  return call
}

function order(control: string, placer: string, head = '|||NE|AL'): Uint8Array {
  const text =
    `MSH|^~\\&|RIS|RS|SIMPUL|VAN|20260301101500||ORM^O01|${placer}|P|2.5.1${head}\r` +
    'PID|1||MRN-1^^^RS^MR||Contoh^Siti||19900701|F\r' +
    `ORC|${control}|${placer}\rOBR|1|${placer}||30704-1^USG kehamilan^LN${'|'.repeat(20)}RUS\r`
  return encodeMllp({ message: utf8Bytes(text) })
}

function codes(heard: readonly Uint8Array[]): readonly (string | undefined)[] {
  return heard.map((bytes) => /MSA\|(\w\w)\|/.exec(utf8Text(bytes).text)?.[1])
}

t.test('orders: are answered when they are on the disk, not before', async (t) => {
  const { visits, journal, clock, plug, door } = await rig()
  const call = called(plug)
  journal.during = () => t.equal(call.heard.length, 0)
  const bytes = order('NW', 'P-1')
  call.say(bytes.slice(0, 30))
  call.say(bytes.slice(30))
  await clock.advance(10)
  t.strictSame(codes(call.heard), ['AA'])
  t.match(visits.book.orders(), [{ modality: 'US', state: 'scheduled', by: 'hospital' }])
  t.match(journal.said(), ['patient Contoh^Siti by hospital', 'visit open by hospital', /order/])
  call.say(order('NW', 'P-1'))
  await clock.advance(10)
  t.equal(journal.records.length, 3, 'the same once more changes nothing')
  t.strictSame(codes(call.heard), ['AA', 'AA'])
  await door.stop()
  t.equal(call.isOpen, false)
})

t.test('orders: what the disk does not take is answered so, and comes again', async (t) => {
  const { visits, journal, clock, plug, told } = await rig()
  const call = called(plug)
  // The patient is stored, the visit is not.
  journal.during = () => {
    if (journal.records.length === 1) journal.refusals.push(journalTrouble('journal-full', {}))
    if (journal.records.length === 1) journal.during = () => {}
  }
  call.say(order('NW', 'P-1', ''))
  await clock.advance(10)
  call.say(order('NW', 'P-1', ''))
  await clock.advance(10)
  t.strictSame(codes(call.heard), ['AE', 'AA'])
  t.strictSame([visits.book.patients().length, visits.book.orders().length], [1, 1])
  t.match(told, [['an order was not taken', { code: 'journal-full' }]])
  t.notMatch(JSON.stringify(told), /Siti|MRN/)
})

t.test('orders: what is not understood is refused, and rubbish is not answered', async (t) => {
  const { clock, plug, told, visits } = await rig()
  const call = called(plug)
  call.say(utf8Bytes('GET / HTTP/1.1\r\n\r\n'))
  call.say(encodeMllp({ message: utf8Bytes('rubbish') }))
  call.say(order('XO', 'P-1', ''))
  await clock.advance(10)
  t.strictSame(codes(call.heard), ['AR'])
  t.strictSame(visits.book.patients(), [])
  call.say(order('NW', 'P-2').slice(0, 50))
  await clock.advance(30_000)
  t.equal(told.filter(([message]) => message === 'bytes among orders are no message').length, 3)
})

t.test('orders: a port that is taken is tried again', async (t) => {
  const { clock, plug, told, door } = await rig()
  t.equal(plug.openedCount, 1)
  plug.unplug()
  await clock.advance(0)
  t.match(told, [['orders cannot come in', { code: 'orders-port-closed' }]])
  plug.plugIn()
  await clock.advance(10_000)
  t.equal(plug.openedCount, 2)
  await door.stop()
})
