import t from 'tap'
import { FakeFiles } from '../../test/dicom/fake-files.ts'
import { FakeModality } from '../../test/dicom/fake-wire.ts'
import { commandFields } from '../../protocols/dicom/command-set.ts'
import type { PeerMessage } from '../../protocols/dicom/requestor.ts'
import { fakeClock } from '../clock/fake-clock.ts'
import { ImagingNode } from './node.ts'
import { imagingDefaults } from './options.ts'
import type { ReportOrder, ReportWay } from './report-order.ts'

const usImage = '1.2.840.10008.5.1.4.1.1.6.1'

function van() {
  const clock = fakeClock()
  const called: ReportWay[] = []
  const node = new ImagingNode(
    { ...imagingDefaults, incomingFolder: '/in' },
    {
      clock,
      files: new FakeFiles(),
      soon: (work) => work(),
      newName: () => 'one',
      newUid: () => '2.25.1',
      call: async (_, to) => {
        called.push(to)
        return { kind: 'delivered' }
      },
    },
    {
      expect: () => {},
      store: async () => ({ status: 'failed' }),
      ask: async () => ({ kind: 'stored' }),
      trouble: () => {},
      association: () => {},
    },
  )
  return { node, clock, called }
}

function order(way: ReportWay, calledAeTitle = 'CART_1'): ReportOrder {
  const kept = [{ sopClassUid: usImage, sopInstanceUid: '1.2.3' }]
  const report = { transactionUid: '2.25.7', kept, failed: [] }
  return { report, callingAeTitle: 'SIMPUL', calledAeTitle, way }
}

const any = { kind: 'association', association: null } as const

function requestsTo({ events }: FakeModality): readonly PeerMessage[] {
  return events.flatMap((event) => (event.kind === 'request' ? [event] : []))
}

t.test('reporting: on an association of the device, of which the newest counts', async (t) => {
  const { node } = van()
  const [first, second] = [1, 2].map(() => new FakeModality(node).associate())
  const other = new FakeModality(node, '10.0.0.8', 'CART_2').associate()
  if (first === undefined || second === undefined) throw new Error('expected two')
  const outcome = node.report(order(any))
  const [request] = requestsTo(second)
  t.match(request?.command, { field: commandFields.eventReport, eventType: 1 })
  t.strictSame([first, other].flatMap(requestsTo), [])
  if (request !== undefined) second.send(second.requestor.respond(request, 0))
  t.strictSame(await outcome, { kind: 'delivered' })
  const refused = node.report(order({ kind: 'association', association: 1 }))
  const [named] = requestsTo(first)
  if (named !== undefined) first.send(first.requestor.respond(named, 0x0110))
  t.strictSame(await refused, { kind: 'refused', status: 0x0110 })
})

t.test('reporting: no association that fits', async (t) => {
  const { node } = van()
  new FakeModality(node).associate()
  const none = { kind: 'no-association' }
  t.strictSame(await node.report(order({ kind: 'association', association: 9 })), none)
  t.strictSame(await node.report(order(any, 'CART_2')), none)
  // One that has said nothing yet has no title.
  const quiet = new FakeModality(node, '10.0.0.9', 'CART_3')
  t.strictSame(await node.report(order(any, 'CART_3')), none)
  t.strictSame(requestsTo(quiet), [])
})

t.test('reporting: a device that goes, and one that never answers', async (t) => {
  const { node, clock } = van()
  const going = new FakeModality(node).associate()
  const cut = node.report(order(any))
  going.send(going.requestor.abort())
  t.strictSame(await cut, { kind: 'failed', why: 'cut' })
  const mute = new FakeModality(node).associate()
  const silent = node.report(order(any))
  t.equal(requestsTo(mute).length, 1)
  await clock.advance(30_000)
  t.strictSame(await silent, { kind: 'failed', why: 'silent' })
  t.strictSame(
    await node.report(order(any)),
    { kind: 'no-association' },
    'nor is it asked twice at once',
  )
})

t.test('reporting: where the device listens', async (t) => {
  const { node, called } = van()
  const way = { kind: 'call', host: '10.0.0.7', port: 104 } as const
  t.strictSame(await node.report(order(way)), { kind: 'delivered' })
  t.strictSame(called, [way])
})
