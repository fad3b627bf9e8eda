import t from 'tap'
import { nobody } from '../../protocols/dicom/stated-identity.ts'
import { coercionOf } from './coercion-changes.ts'
import type { Finding, OrderOnBoard } from './identity.ts'
import type { ImageFacts } from './image-identities.ts'

const order: OrderOnBoard = {
  order: 'order-1',
  visit: 'visit-1',
  patient: 'patient-1',
  state: 'scheduled',
  accessionNumber: 'V02A7',
  studyInstanceUid: '2.25.7',
  modality: 'US',
  stationAeTitle: null,
  scheduledUtcMs: null,
  patientId: 'V02-123',
  patientName: 'Siti Contoh',
  birthDate: '1990-07-01',
  sex: 'F',
}

const same = {
  ...nobody,
  patientId: 'V02-123',
  patientName: 'CONTOH^SITI',
  accessionNumber: 'V02A7',
}

function coerced(
  said: Partial<typeof nobody>,
  findings: readonly Finding[] = [],
  to: Partial<OrderOnBoard> = {},
) {
  const image: ImageFacts = {
    of: 'f',
    sopInstanceUid: '1.2.3',
    device: 'us-1',
    simulated: false,
    said: { ...same, ...said },
    studyInstanceUid: '1.2',
    seriesInstanceUid: '1.2.1',
    modality: 'US',
    callingAeTitle: 'CART',
    utcMs: null,
  }
  const hash = (text: string) => new Uint8Array(32).fill(text.length)
  const coercion = coercionOf(image, { ...order, ...to }, findings, { issuer: 'van-02', hash })
  const changes = coercion.changes.map((change) => {
    const name = change.tag.toString(16).padStart(8, '0')
    if ('removed' in change) return `${name} removed`
    return 'text' in change ? `${name} ${change.text}` : `${name} ${change.item.length} elements`
  })
  return { ...coercion, changes: changes.toSorted() }
}

t.test('coercion changes: what the order knows, and nothing else', async (t) => {
  t.strictSame(coerced({}).changes, [
    '00080050 V02A7',
    '00100020 V02-123',
    '00100030 19900701',
    '00100040 F',
  ])
  const unknown = { birthDate: null, sex: null }
  t.strictSame(coerced({}, [], unknown).changes, ['00080050 V02A7', '00100020 V02-123'])
  t.match(coerced({}), { studyInstanceUid: '1.2', seriesInstanceUid: '1.2.1' })
})

t.test('coercion changes: nothing of somebody else stays', async (t) => {
  const said = { patientId: '17', patientName: 'ANOTHER^ONE', accessionNumber: 'X' }
  const findings: readonly Finding[] = ['patient-id-differs', 'name-differs']
  const { changes } = coerced(said, findings, { birthDate: null, sex: null })
  t.strictSame(changes, [
    '00080050 V02A7',
    '00080051 removed',
    '00100010 Siti Contoh',
    '00100020 V02-123',
    '00100021 van-02',
    '00100024 removed',
    '00100030 ',
    '00100040 ',
    '00101000 removed',
    '00101001 removed',
    '00101002 removed',
    '00101005 removed',
    '00101040 removed',
    '00101060 removed',
    '00102154 removed',
    '00102155 removed',
  ])
})

t.test('coercion changes: a request of its own is left, another one gives way', async (t) => {
  const request = (said: Partial<typeof nobody>) =>
    coerced(said).changes.filter((change) => change.startsWith('00400275'))
  t.strictSame(request({ requestedProcedureId: 'V02A7', scheduledStepId: 'V02A7' }), [])
  t.strictSame(request({ requestedProcedureId: 'OTHER' }), ['00400275 3 elements'])
  t.strictSame(request({ scheduledStepId: 'OTHER' }), ['00400275 3 elements'])
  t.strictSame(request({ requestedAccessionNumber: 'OTHER' }), ['00400275 3 elements'])
})

t.test('coercion changes: only a study of somebody else gets another number', async (t) => {
  const moved = coerced({}, ['study-of-another-patient'])
  t.equal(moved.studyInstanceUid, '2.25.7')
  t.match(moved.seriesInstanceUid, /^2\.25\.\d+$/)
  t.equal(coerced({}, ['study-of-another-order']).studyInstanceUid, '1.2')
  t.strictSame(
    moved.changes.filter((change) => change.startsWith('0020')),
    ['0020000d 2.25.7', `0020000e ${moved.seriesInstanceUid}`],
  )
})
