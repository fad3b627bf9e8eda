import t from 'tap'
import {
  commitmentReasons,
  decodeCommitmentReport,
  commitmentRequestIn,
  encodeCommitmentReport,
  encodeCommitmentRequest,
  eventTypeOfReport,
  referenceSequences,
  type CommitmentRequest,
} from './commitment.ts'
import type { Decoded } from '../packet/decoded.ts'
import { readDataSet } from './data-set.ts'
import { encodeIdentifier, type IdentifierElement } from './identifier.ts'
import { explicitBig, explicitLittle, implicitLittle } from './uids.ts'

const usImage = '1.2.840.10008.5.1.4.1.1.6.1'
const one = { sopClassUid: usImage, sopInstanceUid: '1.2.3' }
const other = { sopClassUid: usImage, sopInstanceUid: '1.2.4' }
function decodeCommitmentRequest(bytes: Uint8Array, syntax: string): Decoded<CommitmentRequest> {
  const dataSet = readDataSet(bytes, syntax, referenceSequences)
  return dataSet.ok ? commitmentRequestIn(dataSet.value) : dataSet
}

const syntaxes = [implicitLittle, explicitLittle, explicitBig]

t.test('commitment: request and report come back as they were written', (t) => {
  for (const syntax of syntaxes) {
    const request = encodeCommitmentRequest('2.25.9', [one, other], syntax)
    t.strictSame(
      decodeCommitmentRequest(request, syntax),
      { ok: true, value: { transactionUid: '2.25.9', instances: [one, other] } },
      syntax,
    )
    const reason = commitmentReasons.noSuchInstance
    const report = { transactionUid: '2.25.9', kept: [one], failed: [{ ...other, reason }] }
    const bytes = encodeCommitmentReport(report, syntax)
    t.strictSame(decodeCommitmentReport(bytes, syntax), { ok: true, value: report }, syntax)
  }
  t.end()
})

t.test('commitment: of a report only what has items is there', (t) => {
  const report = { transactionUid: '2.25.9', kept: [one], failed: [] }
  const bytes = Buffer.from(encodeCommitmentReport(report, explicitLittle)).toString('latin1')
  t.notMatch(bytes, '\x08\x00\x98\x11')
  t.equal(eventTypeOfReport(report), 1)
  const failed = [{ ...one, reason: 0x0119 }]
  const none = encodeCommitmentReport({ ...report, kept: [], failed }, explicitLittle)
  t.notMatch(Buffer.from(none).toString('latin1'), '\x08\x00\x99\x11')
  t.equal(eventTypeOfReport({ failed }), 2)
  t.end()
})

t.test('commitment: a request that cannot be answered for is refused', (t) => {
  const item = (sopClass: string, uid: string): readonly IdentifierElement[] => [
    [0x0008_1150, 'UI', sopClass],
    [0x0008_1155, 'UI', uid],
  ]
  const request = (
    transaction: string,
    ...items: readonly (readonly IdentifierElement[])[]
  ): Uint8Array =>
    encodeIdentifier(
      [
        [0x0008_1195, 'UI', transaction],
        [0x0008_1199, 'SQ', items],
      ],
      implicitLittle,
    )
  const reasons = [
    request('', item(usImage, '1.2')),
    request('../etc', item(usImage, '1.2')),
    request('2.25.1'),
    request('2.25.1', item(usImage, '1.2'), item(usImage, '')),
    request('2.25.1', item('', '1.2')),
    new Uint8Array(),
    Uint8Array.of(1, 2, 3),
  ].map((bytes) => {
    const found = decodeCommitmentRequest(bytes, implicitLittle)
    return found.ok ? found.value : found.reason
  })
  t.strictSame(reasons, [
    'no transaction UID',
    'no transaction UID',
    'no instances',
    'an instance without UIDs',
    'an instance without UIDs',
    'no transaction UID',
    'an element is cut short',
  ])
  t.end()
})

t.test('commitment: an instance that is named twice is asked for once', (t) => {
  const request = encodeCommitmentRequest('2.25.9', [one, other, one], implicitLittle)
  const found = decodeCommitmentRequest(request, implicitLittle)
  t.strictSame(found.ok && found.value.instances, [one, other])
  t.end()
})

t.test('commitment: no cut and no change of a request or report throws', (t) => {
  const bytes = encodeCommitmentRequest('2.25.9', [one, other], explicitLittle)
  const read: boolean[] = []
  for (let cut = 0; cut < bytes.length; cut++) {
    read.push(decodeCommitmentRequest(bytes.subarray(0, cut), explicitLittle).ok)
    decodeCommitmentReport(bytes.subarray(0, cut), explicitLittle)
  }
  t.strictSame([...new Set(read)], [false], 'nothing short of the whole is a request')
  t.end()
})
