import t from 'tap'
import { Normalised, shown, type Words } from '../../test/dicom/normalised.ts'
import { commandFields } from './command-set.ts'
import { commitmentService, reportRequest } from './commitment-service.ts'
import {
  commitmentInstanceUid,
  commitmentUid,
  decodeCommitmentReport,
  encodeCommitmentRequest,
} from './commitment.ts'
import { explicitLittle, implicitLittle } from './uids.ts'

const usImage = '1.2.840.10008.5.1.4.1.1.6.1'
const instances = ['1.2.3', '1.2.4'].map((sopInstanceUid) => ({
  sopClassUid: usImage,
  sopInstanceUid,
}))
const request = encodeCommitmentRequest('2.25.7', instances, explicitLittle)
const action: Words = {
  field: commandFields.nAction,
  requestedSopClassUid: commitmentUid,
  requestedSopInstanceUid: commitmentInstanceUid,
  actionType: 1,
}

function device(): Normalised {
  return new Normalised([commitmentService], commitmentUid)
}

t.test('commitment service: a request is answered when the host has kept it', (t) => {
  const one = device()
  t.strictSame(one.send(action, request), {
    kind: 'commitment',
    transactionUid: '2.25.7',
    instances,
  })
  t.equal(one.heard(), null, 'not before')
  t.match(shown(one.answer({ kind: 'stored' })), {
    status: 0,
    sopClassUid: commitmentUid,
    sopInstanceUid: commitmentInstanceUid,
  })
  const comment = 'This transaction UID was used before'
  const again = one.ask(action, request, { kind: 'failed', status: 0x0131, comment })
  t.match(shown(again), { status: 0x0131, comment })
  t.end()
})

t.test('commitment service: what cannot be taken is refused by its reason', (t) => {
  const stored = { kind: 'stored' } as const
  const many = Array.from({ length: 10_001 }, (_, index) => ({
    sopClassUid: usImage,
    sopInstanceUid: `1.2.${index}`,
  }))
  const statuses = [
    device().ask({ ...action, requestedSopInstanceUid: '1.2.3' }, request, stored),
    device().ask({ ...action, actionType: 2 }, request, stored),
    device().ask(action, encodeCommitmentRequest('2.25.7', [], explicitLittle), stored),
    device().ask(action, null, stored),
    device().ask(action, encodeCommitmentRequest('2.25.7', many, explicitLittle), stored),
    device().ask(action, new Uint8Array(5_000_000), stored),
    device().ask({ ...action, field: commandFields.nGet }, null, stored),
  ].map((response) => response?.command.status)
  t.strictSame(statuses, [0x0112, 0x0123, 0x0115, 0x0115, 0x0213, 0x0213, 0x0211])
  t.end()
})

t.test('commitment service: devices that leave out the action, or name it elsewhere', (t) => {
  const { field } = action
  t.match(device().send({ field }, request), { kind: 'commitment' })
  const affected = { field, sopClassUid: commitmentUid, sopInstanceUid: commitmentInstanceUid }
  t.match(device().send({ ...affected, actionType: 1 }, request), { kind: 'commitment' })
  t.end()
})

t.test('commitment service: the report goes out on the same association', (t) => {
  const one = device()
  one.ask(action, request, { kind: 'stored' })
  const [kept, failed] = [instances.slice(0, 1), instances.slice(1)]
  const report = {
    transactionUid: '2.25.7',
    kept,
    failed: failed.map((instance) => ({ ...instance, reason: 0x0112 })),
  }
  const own = { id: 5, abstractSyntax: commitmentUid, ...reportRequest(report) }
  one.host.do(one.host.acceptor.request(own) ?? [])
  one.heard()
  const [told] = one.requests
  t.match(told?.command, {
    field: commandFields.eventReport,
    eventType: 2,
    sopClassUid: commitmentUid,
    sopInstanceUid: commitmentInstanceUid,
  })
  t.strictSame(decodeCommitmentReport(told?.dataSet ?? new Uint8Array(), implicitLittle), {
    ok: true,
    value: report,
  })
  if (told !== undefined) one.host.receive(one.requestor.respond(told, 0))
  t.match(one.host.heard, [{ id: 5, response: { status: 0 } }])
  t.end()
})
