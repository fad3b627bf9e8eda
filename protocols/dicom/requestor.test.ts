import t from 'tap'
import { decodeDataSet, itemsIn, textIn } from './data-set.ts'
import { encodeCommandSet, commandFields } from './command-set.ts'
import {
  commitmentInstanceUid,
  commitmentUid,
  decodeCommitmentReport,
  encodeCommitmentRequest,
} from './commitment.ts'
import { encodeIdentifier, type IdentifierElement } from './identifier.ts'
import { encodeInstanceQuery, instanceInAnswer, isPending } from './instance-query.ts'
import { encodeMessage, fragmentHeadBytes, writeFragmentHead } from './message.ts'
import { negotiate, chooseForReading } from './negotiate.ts'
import { encodePdu, scanPdu, type Pdu } from './pdu.ts'
import { Requestor, type RequestorEvent } from './requestor.ts'
import { concat } from './text.ts'
import { explicitLittle, implicitLittle } from './uids.ts'

const roles = [{ sopClassUid: commitmentUid, scu: false, scp: true }]

function open() {
  const requestor = new Requestor({
    callingAeTitle: 'US',
    calledAeTitle: 'THEM',
    contexts: [{ id: 1, abstractSyntax: commitmentUid, transferSyntaxes: [explicitLittle] }],
    roles,
  })
  const asked = scanPdu(requestor.associate())
  if (asked.kind !== 'packet' || asked.packet.kind !== 'associate-request') throw new Error('no RQ')
  const service = { serves: () => true, choose: chooseForReading, peerProvides: true }
  const { accept } = negotiate(asked.packet.request, [service], 4_096)
  const events = requestor.received(encodePdu({ kind: 'associate-accept', accept }))
  return { requestor, accept, events }
}

function pdusOf(bytes: Uint8Array): readonly Pdu[] {
  const pdus: Pdu[] = []
  for (let at = 0; at < bytes.length;) {
    const scan = scanPdu(bytes.subarray(at))
    if (scan.kind !== 'packet') throw new Error(scan.kind)
    pdus.push(scan.packet)
    at += scan.length
  }
  return pdus
}

t.test('requestor: hears which role it was given, and how each context was answered', async (t) => {
  const { accept, events } = open()
  t.strictSame(accept.user.roles, roles)
  t.match(events, [{ kind: 'accepted', answers: [{ id: 1, result: 'accepted' }] }])
})

t.test(
  'requestor: gathers answers with data sets, and requests, wherever they are cut',
  async (t) => {
    const dataSet = Uint8Array.from({ length: 5_000 }, (_, index) => index % 251)
    const words = { field: 0x8020, respondedTo: 1, hasDataSet: true, status: 0xff00 }
    const message = (field: number) =>
      encodeMessage({
        contextId: 1,
        command: encodeCommandSet({ ...words, field, messageId: 9, eventType: 2 }),
        dataSet,
        peerMaxPduBytes: 1_000,
      })
    const bytes = concat([message(0x8020), message(commandFields.eventReport)])
    for (const size of [1, 7, 999, bytes.length]) {
      const { requestor } = open()
      const events: RequestorEvent[] = []
      for (let at = 0; at < bytes.length; at += size) {
        events.push(...requestor.received(bytes.subarray(at, at + size)))
      }
      t.match(events, [
        { kind: 'response', contextId: 1, dataSet },
        { kind: 'request', contextId: 1, dataSet },
      ])
      const [, request] = events
      t.equal(request?.kind === 'request' ? request.command.eventType : null, 2)
    }
  },
)

t.test('requestor: messages that are mixed or too long are not gathered', async (t) => {
  const command = encodeCommandSet({ field: 0x8020, hasDataSet: true, status: 0xff00 })
  const part = (contextId: number, isCommand: boolean, last: boolean, bytes: Uint8Array) =>
    encodePdu({ kind: 'data', values: [{ contextId, command: isCommand, last, bytes }] })
  const head = part(1, true, true, command)
  t.match(open().requestor.received(concat([head, head])), [{ kind: 'broken' }])
  t.match(open().requestor.received(concat([head, part(3, false, true, command)])), [
    { kind: 'broken' },
  ])
  const { requestor } = open()
  requestor.received(head)
  const piece = part(1, false, false, new Uint8Array(100_000))
  const events: RequestorEvent[] = []
  for (let times = 0; times < 50 && events.length === 0; times++) {
    events.push(...requestor.received(piece))
  }
  t.match(events, [{ kind: 'broken', reason: 'a message above the limit' }])
})

t.test('requestor: an image in pieces is one message, whatever the pieces are', async (t) => {
  const { requestor } = open()
  const names = { sopClassUid: '1.2', sopInstanceUid: '3.4' }
  const whole = Uint8Array.from({ length: 9_000 }, (_, index) => index % 253)
  const pieces = [
    requestor.storeCommand(1, names),
    ...requestor.dataSet(1, whole.subarray(0, 4_090), false),
    ...requestor.dataSet(1, whole.subarray(4_090, 9_000), false),
    ...requestor.dataSet(1, new Uint8Array(), true),
  ]
  t.equal(requestor.fragmentBytes, 4_090)
  const values = pdusOf(concat(pieces)).flatMap((pdu) => (pdu.kind === 'data' ? pdu.values : []))
  t.strictSame(
    values.map(({ command, last }) => [command, last]),
    [
      [true, true],
      [false, false],
      [false, false],
      [false, false],
      [false, true],
    ],
  )
  t.strictSame(concat(values.filter(({ command }) => !command).map(({ bytes }) => bytes)), whole)
})

t.test('message: a head that is written in front of data makes the same PDU', async (t) => {
  const bytes = Uint8Array.from({ length: 300 }, (_, index) => index % 251)
  for (const last of [true, false]) {
    const target = new Uint8Array(7 + fragmentHeadBytes + bytes.length)
    target.set(bytes, 7 + fragmentHeadBytes)
    writeFragmentHead(target, 7, { contextId: 201, bytes: bytes.length, last })
    const value = { contextId: 201, command: false, last, bytes }
    t.strictSame(target.subarray(7), encodePdu({ kind: 'data', values: [value] }))
  }
})

for (const syntax of [explicitLittle, implicitLittle]) {
  t.test(`identifier: commitment and query in ${syntax}`, async (t) => {
    const encoding = { explicit: syntax === explicitLittle, little: true }
    const images = [
      { sopClassUid: '1.2.3', sopInstanceUid: '4.5.6' },
      { sopClassUid: '1.2.34', sopInstanceUid: '4.5.67' },
    ]
    const request = encodeCommitmentRequest('2.25.7', images, syntax)
    const dataSet = decodeDataSet(request, encoding, new Set([0x0008_1199]))
    t.ok(dataSet.ok)
    if (!dataSet.ok) return
    t.equal(textIn(dataSet.value, 0x0008_1195), '2.25.7')
    t.strictSame(
      itemsIn(dataSet.value, 0x0008_1199).map((item) => [
        textIn(item, 0x0008_1150),
        textIn(item, 0x0008_1155),
      ]),
      images.map((one) => [one.sopClassUid, one.sopInstanceUid]),
    )
    const place = { studyInstanceUid: '1', seriesInstanceUid: '1.2', sopInstanceUid: '1.2.3' }
    t.equal(instanceInAnswer(encodeInstanceQuery(place, syntax), syntax), '1.2.3')
    t.equal(instanceInAnswer(Uint8Array.of(1, 2, 3), syntax), null)
    const item = (uid: string): readonly IdentifierElement[] => [[0x0008_1155, 'UI', uid]]
    const report = encodeIdentifier(
      [
        [0x0008_1195, 'UI', '2.25.7'],
        [0x0008_1198, 'SQ', [item('4.5.67')]],
        [0x0008_1199, 'SQ', [item('4.5.6')]],
      ],
      syntax,
    )
    t.strictSame(decodeCommitmentReport(report, syntax), {
      ok: true,
      value: {
        transactionUid: '2.25.7',
        kept: [{ sopClassUid: '', sopInstanceUid: '4.5.6' }],
        failed: [{ sopClassUid: '', sopInstanceUid: '4.5.67', reason: null }],
      },
    })
    for (let cut = 1; cut < report.length; cut++)
      decodeCommitmentReport(report.slice(0, cut), syntax)
    t.match(decodeCommitmentReport(new Uint8Array(), syntax), { ok: false })
  })
}

t.test('requestor: an N-ACTION names what it is asked of', async (t) => {
  const { requestor } = open()
  const words = {
    field: commandFields.nAction,
    requestedSopClassUid: commitmentUid,
    requestedSopInstanceUid: commitmentInstanceUid,
    actionType: 1,
  }
  const [command] = pdusOf(requestor.request(1, words, Uint8Array.of(1, 2)))
  const bytes = command?.kind === 'data' ? (command.values[0]?.bytes ?? new Uint8Array()) : null
  t.match(Buffer.from(bytes ?? []).toString('latin1'), commitmentInstanceUid)
  t.ok(isPending(0xff01))
  t.notOk(isPending(0))
})
