import t from 'tap'
import type { Trouble } from './errors/trouble.ts'
import type { ReceivedImage } from './imaging/received-image.ts'
import { storing, type Keeper } from './imaging/storing.ts'
import { carriedStoring, subjectOf } from './media-orders.ts'
import { nobody } from '../protocols/dicom/stated-identity.ts'
import { nurse, oneOrder, rigUtcMs, visitsRig } from './visits/visits-testing.ts'

t.test('media: whose a picture is, the order says', async (t) => {
  const { visits } = await visitsRig()
  const { order } = await oneOrder({ visits })
  const found = subjectOf(visits, order.order, 420)
  const visit = visits.book.visit(order.visit)
  const patient = visit === null ? null : visits.book.patient(visit.patient)
  t.match(found, {
    patientId: patient?.patientId,
    patientName: patient?.name,
    birthDate: patient?.birthDate,
    sex: patient?.sex,
    studyInstanceUid: order.studyInstanceUid,
    accessionNumber: order.accessionNumber,
  })
  const local = new Date(rigUtcMs + 420 * 60_000).toISOString()
  t.match(found?.studyStart, { date: local.slice(0, 10).replaceAll('-', ''), time: /^\d{6}$/ })
  t.equal(subjectOf(visits, 'nothing', 420), null)
  await visits.cancelOrder(nurse, order.order, '')
  t.equal(subjectOf(visits, order.order, 420), null, 'nobody examines what was called off')
})

t.test('media: a stick and a device that bring one instance wait for each other', async (t) => {
  const held: string[] = []
  const flags: (readonly string[])[] = []
  const keeper: Keeper = {
    known: async () => [...held],
    async store(image) {
      await new Promise((resolve) => setImmediate(resolve))
      held.push(image.image.object.sha256)
      flags.push(image.image.flags)
      return { status: 'stored' }
    },
  }
  const troubles: Trouble[] = []
  const network = storing(keeper, { conflict: () => {}, failed: () => {} })
  const carried = carriedStoring(keeper, (trouble) => void troubles.push(trouble))
  network.expect('1.2.3')
  const outcomes = await Promise.all([
    carried.store(image('aa', 'media')),
    network.store(image('bb', 'us-1')),
    carried.store(image('cc', 'media')),
  ])
  t.strictSame(
    outcomes.map(({ status }) => status),
    ['stored', 'stored', 'stored'],
  )
  t.strictSame(flags, [[], ['uid-conflict'], ['uid-conflict']])
  t.strictSame(
    troubles.map(({ code, details }) => [code, details['device']]),
    [['media-uid-conflict', 'media']],
  )
  t.strictSame(await carried.known('1.2.3'), ['aa', 'bb', 'cc'])

  const refusing = { ...keeper, store: () => Promise.reject(new Error('no disk')) }
  const failing = carriedStoring(refusing, (trouble) => void troubles.push(trouble))
  t.strictSame(await failing.store(image('dd', 'media')), { status: 'failed' })
  t.equal(troubles.at(-1)?.code, 'media-keep-failed')
})

function image(sha256: string, device: string): ReceivedImage {
  return {
    device,
    simulated: false,
    peerAddress: 'medium',
    calledAeTitle: '',
    temporaryPath: `/in/${sha256}`,
    receivingMs: 1,
    identity: nobody,
    image: {
      kind: 'image',
      object: { sha256, sizeBytes: 1, mediaType: 'application/dicom', chunkBytes: 65_536 },
      sopClassUid: '1.2',
      sopInstanceUid: '1.2.3',
      transferSyntaxUid: '1.2.840.10008.1.2',
      studyInstanceUid: null,
      seriesInstanceUid: null,
      modality: null,
      callingAeTitle: '',
      dataSetOffset: 300,
      flags: [],
    },
  }
}
