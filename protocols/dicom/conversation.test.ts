import t from 'tap'
import { FakeHost } from '../../test/dicom/fake-host.ts'
import { asker, statusesIn } from '../../test/dicom/worklist.ts'
import { commandFields, encodeCommandSet } from './command-set.ts'
import { textIn } from './data-set.ts'
import { encodeIdentifier } from './identifier.ts'
import { encodeMessage } from './message.ts'
import { chooseForReading } from './negotiate.ts'
import type { PeerMessage } from './requestor.ts'
import type { HostAnswer, OwnRequest, Service } from './service.ts'
import { concat, textOf } from './text.ts'
import { explicitLittle, implicitLittle } from './uids.ts'
import { readingWhole } from './whole-data-set.ts'
import { worklistUid } from './worklist.ts'

const patient = encodeIdentifier([[0x0010_0020, 'LO', 'P7']], explicitLittle)

/** Asks its host to keep the patient of each N-CREATE, and answers as the host does. */
const keeping: Service = {
  name: 'keeping',
  serves: (uid) => uid === worklistUid,
  choose: chooseForReading,
  begin: (request, exchange) => {
    if (request.command.field !== commandFields.nCreate) return null
    const { sopInstanceUid } = request.command
    const refused = { status: 0x0110 }
    const reading = { sequences: new Set<number>(), tooLarge: refused, malformed: refused }
    return readingWhole(request, exchange, reading, (dataSet, bytes) => {
      const kind = `${textIn(dataSet, 0x0010_0020)} in ${bytes.length} bytes`
      exchange.ask({ kind })
      return {
        answered: (answer) => exchange.respond({ sopInstanceUid, ...wordsOf(answer) }),
      }
    })
  },
}

function wordsOf(answer: HostAnswer) {
  if (answer.kind !== 'failed') return { status: 0 }
  const { status, comment, errorId } = answer
  return { status, comment, ...(errorId === undefined ? {} : { errorId }) }
}

const create = {
  field: commandFields.nCreate,
  sopClassUid: worklistUid,
  sopInstanceUid: '1.2.3',
} as const

function meeting() {
  const host = new FakeHost({ services: [keeping] })
  const modality = asker()
  host.receive(modality.associate())
  modality.received(host.take())
  return { host, modality }
}

t.test('conversation: a request waits for the host, and what follows waits for it', async (t) => {
  const { host, modality } = meeting()
  const ask = (): Uint8Array => concat([modality.request(1, create, patient), modality.echo(1)])
  host.receive(ask())
  t.equal(host.take().length, 0, 'nothing is said before the host has answered')
  t.match(host.asked, [{ question: { kind: 'P7 in 10 bytes' } }])
  host.answer(host.asked[0]?.task ?? 0, { kind: 'stored' })
  const kept = modality.received(host.take())
  t.strictSame(statusesIn(kept), [0, 0])
  t.match(kept[0], { command: { field: 0x8140, sopInstanceUid: '1.2.3', respondedTo: 1 } })
  host.receive(ask())
  const failed = { kind: 'failed', status: 0x0110, comment: 'no', errorId: 0xa710 } as const
  host.answer(host.asked[1]?.task ?? 0, failed)
  const [refused] = modality.received(host.take())
  t.match(refused, { command: { status: 0x0110, comment: 'no' } })
  const errorId = refused?.kind === 'response' ? refused.command.values.get(0x0903) : undefined
  t.strictSame(errorId, Uint8Array.of(0x10, 0xa7))
})

t.test('conversation: an answer of the host that comes too late is for nobody', async (t) => {
  const { host, modality } = meeting()
  host.receive(modality.request(1, create, patient))
  host.receive(modality.abort())
  host.do(host.acceptor.lost())
  t.strictSame(host.acceptor.answered(host.asked[0]?.task ?? 0, { kind: 'stored' }), [])
})

t.test('conversation: a request may come without a data set', async (t) => {
  const { host, modality } = meeting()
  host.receive(modality.request(1, create, null))
  t.match(host.asked, [{ question: { kind: 'null in 0 bytes' } }])
})

const report: OwnRequest = {
  id: 7,
  abstractSyntax: worklistUid,
  words: {
    field: commandFields.eventReport,
    sopClassUid: worklistUid,
    sopInstanceUid: '1.2.3',
    eventType: 1,
  },
  dataSet: (syntax) => encodeIdentifier([[0x0008_1195, 'UI', '2.25.1']], syntax),
}

function responseTo(request: PeerMessage, messageId = request.command.messageId): Uint8Array {
  const command = encodeCommandSet({
    field: 0x8100,
    respondedTo: messageId ?? 0,
    hasDataSet: false,
    status: 0,
  })
  return encodeMessage({ contextId: 3, command, dataSet: null, peerMaxPduBytes: 0 })
}

t.test('conversation: a request of ours gets its response', async (t) => {
  const { host, modality } = meeting()
  host.do(host.acceptor.request(report) ?? [])
  t.equal(host.acceptor.request(report), null, 'one at a time')
  const [asked] = modality.received(host.take())
  if (asked?.kind !== 'request') return void t.fail('no request')
  t.match(asked, {
    contextId: 3,
    command: { field: 0x0100, eventType: 1, sopInstanceUid: '1.2.3' },
  })
  t.strictSame(
    textOf(asked.dataSet ?? new Uint8Array()),
    textOf(encodeIdentifier([[0x0008_1195, 'UI', '2.25.1']], implicitLittle)),
  )
  host.receive(responseTo(asked, 99))
  t.strictSame(host.heard, [], 'of another request')
  host.receive(responseTo(asked))
  t.match(host.heard, [{ id: 7, response: { status: 0, field: 0x8100 } }])
  t.not(host.acceptor.request(report), null, 'and then the next one can be made')
})

t.test('conversation: a request of ours goes out while the host is asked', async (t) => {
  const { host, modality } = meeting()
  host.receive(modality.request(1, create, patient))
  host.do(host.acceptor.request(report) ?? [])
  const [asked] = modality.received(host.take())
  if (asked?.kind !== 'request') return void t.fail('no request')
  host.receive(responseTo(asked))
  t.strictSame(host.heard, [], 'its response waits until the peer is answered')
  host.answer(host.asked[0]?.task ?? 0, { kind: 'stored' })
  t.strictSame(statusesIn(modality.received(host.take())), [0])
  t.match(host.heard, [{ id: 7, response: { status: 0 } }])
})

t.test('conversation: a request of ours ends with its association', async (t) => {
  const { host, modality } = meeting()
  const other = { ...report, abstractSyntax: '1.2.840.10008.1.20.1' }
  t.equal(host.acceptor.request(other), null, 'a class that was not accepted')
  host.do(host.acceptor.request(report) ?? [])
  host.receive(modality.release())
  t.match(host.heard, [{ id: 7, response: null }])
  t.equal(host.acceptor.request(report), null)
  t.equal(new FakeHost({ services: [keeping] }).acceptor.request(report), null)
})
