/** Whose an image is, from the device to the archive: van, journal, landing, and a real Orthanc. */
import { join } from 'node:path'
import dicomParser from 'dicom-parser'
import t, { type Test } from 'tap'
import { allOutgoing, fastFolder } from '../gateway/journal/journal-testing.ts'
import { encodeFileHead } from '../protocols/dicom/part10.ts'
import { concat } from '../protocols/dicom/text.ts'
import { explicitLittle } from '../protocols/dicom/uids.ts'
import { upTopic } from '../protocols/packet/topics.ts'
import { LandingStore } from '../upstream/landing/store.ts'
import { ultrasoundImage } from './dicom/data-set.ts'
import { dicomTo, phases, startForwarding, until } from './dicom/forwarding.ts'
import { IdentityStage, nurse } from './dicom/identity-stage.ts'
import { Orthanc } from './dicom/orthanc.ts'

/** What the hospital has, of one van. */
async function hospital(t: Test, van: IdentityStage, port: number) {
  const folder = t.testdir()
  const { publicKey } = van.rig.journal
  const trust = new Map([['van-1', [publicKey]]])
  const store = new LandingStore({ folder, trust, trustOnFirstUse: false })
  const forwarder = await startForwarding(store, [dicomTo('pacs', port)])
  t.teardown(async () => {
    await forwarder.stop()
    store.close()
  })
  return {
    phases: () => JSON.stringify(phases(folder, 'pacs')),
    /** Everything that the van has and the hospital has not, at once. */
    takes: async (): Promise<void> => {
      const packets = await allOutgoing(van.rig.journal)
      const wallMs = Date.now()
      store.commit(
        packets.map(({ stream, bytes }) => ({
          topic: upTopic('van-1', stream),
          payload: bytes,
          wallMs,
        })),
      )
      while (store.objects.waiting) {
        const whole = store.verifyObjects(wallMs, () => {})
        if (whole !== null) forwarder.objectWhole(whole)
      }
    },
  }
}

t.test('identity: only what is decided reaches Orthanc, coerced where it must be', async (t) => {
  const folder = fastFolder(t)
  const van = await IdentityStage.open(folder)
  t.teardown(() => van.close())
  const orthanc = await Orthanc.start({ folder: join(folder, 'orthanc') })
  t.teardown(() => orthanc.stop())
  const { phases, takes } = await hospital(t, van, orthanc.port)
  const { patient, order } = await van.order()
  const own = { patientId: patient.patientId, accession: order.accessionNumber }
  await van.send({ index: 1, study: '1.2.1', name: 'CONTOH^SITI', ...own })
  const study = await van.send({ index: 2, study: '1.2.2', name: 'ANOTHER^ONE', patientId: '17' })
  await van.send({ index: 3, study: '1.2.3', name: 'NOBODY', patientId: '0' })
  await takes()
  const one = JSON.stringify([
    ['confirmed', null, 1],
    ['held', null, 2],
  ])
  await until(() => phases() === one, 60_000)
  t.equal(phases(), one)
  await van.identity.desk.decide(nurse, {
    kind: 'assign',
    study,
    order: order.order,
    patient: patient.patient,
  })
  await takes()
  const two = JSON.stringify([
    ['confirmed', null, 2],
    ['held', null, 1],
  ])
  await until(() => phases() === two, 60_000)
  t.equal(phases(), two)
  const kept = (await orthanc.instances()).toSorted((a, b) => (a.uid < b.uid ? -1 : 1))
  const people = kept.map(({ uid, dataSet }) => {
    const names = { sopClassUid: ultrasoundImage, sopInstanceUid: uid }
    const head = encodeFileHead({ ...names, transferSyntaxUid: explicitLittle })
    const set = dicomParser.parseDicom(concat([head, dataSet]))
    const original = set.elements['x04000561']?.items?.[0]?.dataSet?.elements['x04000550']
    return [
      uid,
      ...['x00100020', 'x00100010', 'x00080050'].map((tag) => set.string(tag)),
      original?.items?.[0]?.dataSet?.string('x00100010'),
    ]
  })
  t.strictSame(people, [
    ['1.2.826.1', patient.patientId, 'CONTOH^SITI', order.accessionNumber, undefined],
    ['1.2.826.2', patient.patientId, 'Siti Contoh', order.accessionNumber, 'ANOTHER^ONE'],
  ])
})
