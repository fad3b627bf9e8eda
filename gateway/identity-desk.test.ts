import dicomParser from 'dicom-parser'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { IdentityStage, nurse, type StageOptions } from '../test/dicom/identity-stage.ts'
import type { ImageIdentity } from '../protocols/packet/visit-records.ts'
import type { Journal } from './journal/journal.ts'
import { fastFolder } from './journal/journal-testing.ts'

async function stage(t: Test, options: StageOptions = {}, folder = fastFolder(t)) {
  const opened = await IdentityStage.open(folder, options)
  t.teardown(() => opened.close())
  return opened
}

/** State and order of the newest record of each image, by its hash. */
function states({ visits }: IdentityStage) {
  return Object.fromEntries(visits.book.identities().map(({ of, state }) => [of, state]))
}

async function images(one: IdentityStage) {
  const records = await one.records()
  return records.flatMap((record) => (record.kind === 'image' ? [record.flags] : []))
}

const wrong = { name: 'ANOTHER^ONE', patientId: '17' }

t.test('identity desk: without orders and visits images go on as they came', async (t) => {
  const one = await stage(t)
  await one.send({ index: 1 })
  t.strictSame(await images(one), [[]])
  t.strictSame(one.visits.book.identities(), [])
  const off = await stage(t, { policy: 'off' })
  await off.order()
  await off.send({ index: 1 })
  t.strictSame([await images(off), off.visits.book.identities()], [[[]], []])
})

t.test('identity desk: what is sent once more is decided already, or never was', async (t) => {
  const one = await stage(t)
  await one.send({ index: 1, ...wrong })
  await one.order()
  await one.send({ index: 1, ...wrong })
  t.strictSame(one.visits.book.identities(), [], 'it went on before there were orders')
  await one.send({ index: 2, ...wrong })
  await one.send({ index: 2, ...wrong })
  t.strictSame(await images(one), [[], ['identity-open']])
  const records = await one.records()
  t.equal(records.filter(({ kind }) => kind === 'identity').length, 1)
})

t.test('identity desk: an image of its order is matched, and its order moves on', async (t) => {
  const one = await stage(t)
  const { patient, order } = await one.order()
  const own = { patientId: patient.patientId, accession: order.accessionNumber }
  const of = await one.send({ index: 1, name: 'CONTOH^SITI', ...own })
  await one.identity.stop()
  t.strictSame(await images(one), [[]])
  t.match(one.visits.book.identities(), [
    { of, state: 'matched', order: order.order, visit: order.visit, findings: [], by: 'van' },
  ])
  t.equal(one.visits.book.order(order.order)?.state, 'in-progress')
  t.strictSame((await one.identity.desk.view()).waiting, [])
})

t.test('identity desk: what waits is recorded before its image, and shown by study', async (t) => {
  const one = await stage(t)
  const { patient, order } = await one.order()
  const first = await one.send({ index: 1, ...wrong })
  await one.send({ index: 2, ...wrong })
  await one.send({ index: 3, study: '1.2.5', accession: order.accessionNumber })
  const kinds = (await one.records()).flatMap((record) =>
    record.kind === 'identity' ? [record.state] : record.kind === 'image' ? [record.flags[0]] : [],
  )
  const waits = ['waiting', 'identity-open']
  t.strictSame(kinds, [...waits, ...waits, ...waits])
  const { waiting, decided } = await one.identity.desk.view()
  t.strictSame(decided, [])
  t.match(waiting, [
    {
      study: first,
      device: 'us-1',
      modality: 'US',
      images: 2,
      says: { name: 'ANOTHER^ONE', patientId: '17', accessionNumber: null },
      findings: ['no-order', 'accession-missing'],
      candidates: [
        {
          order: { order: order.order },
          patient: { patientId: patient.patientId },
          differs: ['patientId', 'name'],
        },
      ],
    },
    { images: 1, findings: ['patient-id-missing'], says: { name: null } },
  ])
  const [, second] = waiting
  t.strictSame(second?.candidates[0]?.differs, [])
})

t.test('identity desk: assigned, an image is coerced, and its original stays', async (t) => {
  const folder = fastFolder(t)
  const one = await stage(t, {}, folder)
  const { patient, order } = await one.order()
  const request = [[0x0040_1001, 'SH', 'OTHER']] as const
  const study = await one.send({ index: 1, ...wrong, more: [[0x0040_0275, 'SQ', [request]]] })
  const before = await one.file(study)
  const { desk } = one.identity
  const decision = { kind: 'assign', study, order: order.order, patient: patient.patient } as const
  await t.rejects(desk.decide(nurse, { ...decision, patient: 'another' }), {
    code: 'identity-patient-changed',
  })
  await t.rejects(desk.decide(nurse, { ...decision, order: 'none' }), {
    code: 'identity-order-unknown',
  })
  await t.rejects(desk.decide('van', decision), { code: 'visits-person-refused' })
  await desk.decide(nurse, decision)
  const [identity] = one.visits.book.identities()
  t.match(identity, {
    of: study,
    state: 'coerced',
    by: nurse,
    order: order.order,
    findings: ['accession-missing', 'patient-id-differs', 'name-differs'],
    coerced: { studyInstanceUid: '1.2.3.4', seriesInstanceUid: '1.2.3.4.5' },
  })
  const rendition = (await one.records()).find((record) => record.kind === 'rendition')
  t.match(rendition, {
    role: 'coerced',
    of: study,
    object: { sha256: identity?.coerced?.sha256, sizeBytes: identity?.coerced?.sizeBytes },
  })
  const coerced = await one.file(identity?.coerced?.sha256 ?? '')
  const set = dicomParser.parseDicom(coerced)
  t.strictSame(
    ['x00080050', 'x00100010', 'x00100020', 'x00100021', 'x0020000d'].map((tag) => set.string(tag)),
    [order.accessionNumber, 'Siti Contoh', patient.patientId, 'van-02', '1.2.3.4'],
  )
  const item = set.elements['x00400275']?.items?.[0]?.dataSet
  t.equal(item?.string('x00401001'), order.accessionNumber, 'no number of another request stays')
  t.equal(Buffer.compare(await one.file(study), before), 0)
  t.match(await desk.view(), {
    waiting: [],
    decided: [{ study, state: 'coerced', by: nurse, patient: { patientId: patient.patientId } }],
  })
  await t.rejects(desk.decide(nurse, decision), { code: 'identity-study-gone' })
  await desk.decide(nurse, { kind: 'undo', study })
  t.match(one.visits.book.identities(), [
    { state: 'waiting', order: null, coerced: null, by: nurse },
  ])
  t.strictSame(readdirSync(join(folder, 'journal', 'incoming')), [])
})

t.test('identity desk: assigned to an order that says the same, the original goes', async (t) => {
  const one = await stage(t)
  await one.order('Budi Contoh')
  const own = { patientId: 'V02-1', accession: 'V02-9', name: 'SITI^CONTOH' }
  const study = await one.send({ index: 1, ...own })
  const { patient, order } = await one.order('Siti Contoh')
  const same = { ...own, accession: order.accessionNumber, patientId: patient.patientId }
  const second = await one.send({ index: 2, study: '1.2.8', ...same, patientId: '' })
  const assign = { kind: 'assign', order: order.order, patient: patient.patient } as const
  await one.identity.desk.decide(nurse, { ...assign, study: second })
  t.equal(states(one)[second], 'coerced', 'the number of the patient was missing')
  t.equal(states(one)[study], 'waiting')
  const third = await one.send({
    index: 3,
    study: '1.2.8',
    ...same,
    more: [[0x0010_0040, 'CS', 'M']],
  })
  await one.identity.stop()
  t.equal(states(one)[third], 'matched')
})

t.test('identity desk: accepted and refused with a reason, and undone', async (t) => {
  const one = await stage(t)
  const { order } = await one.order()
  const first = await one.send({ index: 1, ...wrong })
  const second = await one.send({ index: 2, study: '1.2.5', accession: order.accessionNumber })
  const { desk } = one.identity
  const accept = { kind: 'accept', study: first, reason: ' ' } as const
  await t.rejects(desk.decide(nurse, accept), { code: 'identity-reason-missing' })
  await desk.decide(nurse, { ...accept, reason: 'Walk-in patient' })
  await desk.decide(nurse, { kind: 'accept', study: second, reason: 'Same person' })
  t.match(one.visits.book.identity({ of: first, sopInstanceUid: '1.2.826.1' }), {
    state: 'accepted',
    order: null,
    reason: 'Walk-in patient',
  })
  t.match(one.visits.book.identity({ of: second, sopInstanceUid: '1.2.826.2' }), {
    state: 'accepted',
    order: order.order,
  })
  await desk.decide(nurse, { kind: 'undo', study: first })
  await desk.decide(nurse, { kind: 'refuse', study: first, reason: 'A test' })
  t.equal(states(one)[first], 'refused')
  t.equal((await desk.view()).decided.length, 2)
})

t.test('identity desk: a study that a device uses for the next patient gets another', async (t) => {
  const one = await stage(t)
  const siti = await one.order('Siti Contoh')
  const budi = await one.order('Budi Contoh')
  const said = ({ patient, order }: typeof siti, name: string) => ({
    name,
    patientId: patient.patientId,
    accession: order.accessionNumber,
  })
  await one.send({ index: 1, ...said(siti, 'SITI^CONTOH') })
  const second = await one.send({ index: 2, ...said(budi, 'BUDI^CONTOH') })
  const third = await one.send({ index: 3, ...said(budi, 'BUDI^CONTOH') })
  const { waiting } = await one.identity.desk.view()
  t.match(waiting, [{ images: 2, findings: ['study-of-another-patient'] }])
  await one.identity.desk.decide(nurse, {
    kind: 'assign',
    study: second,
    order: budi.order.order,
    patient: budi.patient.patient,
  })
  const files = [second, third].map(
    (of, index) =>
      one.visits.book.identity({ of, sopInstanceUid: `1.2.826.${index + 2}` })?.coerced,
  )
  t.equal(files[0]?.studyInstanceUid, budi.order.studyInstanceUid)
  t.match(files[0]?.seriesInstanceUid, /^2\.25\.\d+$/)
  t.equal(files[0]?.seriesInstanceUid, files[1]?.seriesInstanceUid, 'one series stays one')
  const set = dicomParser.parseDicom(await one.file(files[0]?.sha256 ?? ''))
  t.equal(set.string('x0020000d'), budi.order.studyInstanceUid)
  t.equal(set.string('x0020000e'), files[0]?.seriesInstanceUid)
})

t.test('identity desk: an order that comes after its images matches them', async (t) => {
  const one = await stage(t)
  const { patient, order } = await one.order()
  const own = { patientId: patient.patientId, name: 'SITI^CONTOH' }
  const of = await one.send({ index: 1, ...own, accession: 'HOSPITAL-1' })
  t.equal(states(one)[of], 'waiting')
  const numbers = { accessionNumber: 'HOSPITAL-1', studyInstanceUid: null, otherIds: {} }
  const { visit, modality, description, code } = order
  const said = { visit, modality, description, code, stationAeTitle: null }
  await one.visits.makeOrder(
    'hospital',
    { ...said, requestedBy: '', scheduledUtcMs: null },
    numbers,
  )
  await one.identity.stop()
  t.equal(states(one)[of], 'matched')
})

t.test('identity desk: whatever is cut between two steps, the image waits on', async (t) => {
  const folder = fastFolder(t)
  let failing: 'nothing' | 'image' | 'identity' | 'rendition' = 'nothing'
  const cut = (): never => {
    failing = 'nothing'
    throw new Error('the power is gone')
  }
  const one = await IdentityStage.open(folder, {
    journal: (journal) => ({
      ...whole(journal),
      store: (device, record) =>
        record.kind === 'identity' && failing === 'identity'
          ? cut()
          : journal.store(device, record),
      adopt: (device, record, ...rest) =>
        record.kind === failing ? cut() : journal.adopt(device, record, ...rest),
    }),
  })
  const { patient, order } = await one.order()
  failing = 'identity'
  await t.rejects(one.send({ index: 1, ...wrong }), /power/)
  t.strictSame(await images(one), [], 'no image without its record')
  failing = 'image'
  await t.rejects(one.send({ index: 1, ...wrong }), /power/)
  t.strictSame((await one.identity.desk.view()).waiting, [], 'no record without its image is shown')
  const study = await one.send({ index: 1, ...wrong })
  t.strictSame(await images(one), [['identity-open']])
  const decision = { kind: 'assign', study, order: order.order, patient: patient.patient } as const
  for (const step of ['rendition', 'identity'] as const) {
    failing = step
    await t.rejects(one.identity.desk.decide(nurse, decision), /power/)
    t.strictSame(states(one)[study], 'waiting')
  }
  await one.close()
  const again = await stage(t, { seed: 2 }, folder)
  t.match((await again.identity.desk.view()).waiting, [{ study, images: 1, device: 'us-1' }])
  await again.identity.desk.decide(nurse, decision)
  t.equal(states(again)[study], 'coerced')
  const identities = (await again.records()).filter(
    (record): record is ImageIdentity => record.kind === 'identity',
  )
  t.strictSame(
    identities.map(({ state }) => state),
    ['waiting', 'coerced'],
  )
})

t.test('identity desk: an image whose file had to give way can still be refused', async (t) => {
  const folder = fastFolder(t)
  const before = await IdentityStage.open(folder)
  const { patient, order } = await before.order()
  const study = await before.send({ index: 1, ...wrong })
  await before.close()
  const one = await stage(
    t,
    {
      seed: 2,
      journal: (journal) => ({
        ...whole(journal),
        store: journal.store.bind(journal),
        adopt: journal.adopt.bind(journal),
        imageFiles: async () => ({ image: null, preview: null }),
      }),
    },
    folder,
  )
  const { desk } = one.identity
  t.match((await desk.view()).waiting, [{ study, device: 'us-1', says: { name: null } }])
  const assign = { kind: 'assign', order: order.order, patient: patient.patient } as const
  await t.rejects(desk.decide(nurse, { ...assign, study }), { code: 'identity-file-gone' })
  await desk.decide(nurse, { kind: 'refuse', study, reason: 'Nobody knows whose it is' })
  t.equal(states(one)[study], 'refused')
})

/** The methods of a class do not survive a spread. */
function whole(journal: Journal) {
  return {
    epoch: journal.epoch,
    publicKey: journal.publicKey,
    incomingFolder: journal.incomingFolder,
    undecided: journal.undecided.bind(journal),
    sendAsIs: journal.sendAsIs.bind(journal),
    outgoing: journal.outgoing.bind(journal),
    again: journal.again.bind(journal),
    receipt: journal.receipt.bind(journal),
    sealDue: journal.sealDue.bind(journal),
    watch: journal.watch.bind(journal),
    status: journal.status.bind(journal),
    objectsOfImage: journal.objectsOfImage.bind(journal),
    imageFiles: journal.imageFiles.bind(journal),
    instances: journal.instances.bind(journal),
    known: journal.known.bind(journal),
    recent: journal.recent.bind(journal),
    close: journal.close.bind(journal),
  }
}
