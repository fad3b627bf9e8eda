/**
 * Steps and storage commitment from the modality's side: other implementations ask over real
 * sockets, the gateway answers with its journal behind it, and the hospital is the test.
 */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Commitments, type CommitmentsParts } from '../gateway/commitment/commitments.ts'
import { seededRandom } from '../gateway/clock/seeded-random.ts'
import { registryFile } from '../gateway/devices/registry-file.ts'
import { ImageDesk } from '../gateway/images.ts'
import { startImaging, type Imaging } from '../gateway/imaging/imaging.ts'
import type { KnownSender } from '../gateway/imaging/senders.ts'
import { allOutgoing, copyOfFolder, openRig, type Rig } from '../gateway/journal/journal-testing.ts'
import { modalityHears } from '../gateway/modality-hears.ts'
import { silentLog } from '../gateway/page/page-testing.ts'
import { ProcedureDesk } from '../gateway/procedures.ts'
import { SenderBook } from '../gateway/sender-book.ts'
import { Visits } from '../gateway/visits/visits.ts'
import { encodeDataSet, instance, ultrasoundImage } from './dicom/data-set.ts'
import { DimseDevice } from './dicom/dimse-device.ts'
import { until } from './dicom/forwarding.ts'
import { Orthanc } from './dicom/orthanc.ts'
import { Sender, usualContexts } from './dicom/sender.ts'

/** Until a machine that has nothing to spare has done it. */
const longMs = 60_000

const image = (sopInstanceUid: string) => ({ sopClassUid: ultrasoundImage, sopInstanceUid })

/** The part of a gateway that modalities speak to. */
class Van {
  readonly rig: Rig
  readonly visits: Visits
  readonly commitments: Commitments
  readonly imaging: Imaging
  readonly codes: string[]
  /** Transactions whose report was taken. */
  readonly told: string[]
  readonly #folder: string

  /** `folder` holds what an earlier one left. */
  static async start(
    t: Test,
    senders: readonly KnownSender[],
    folder = join(t.testdir({ before: { journal: {} }, after: { journal: {} } }), 'before'),
    policy: CommitmentsParts['policy'] = 'hospital',
  ): Promise<Van> {
    const rig = openRig(join(folder, 'journal'))
    const { clock, journal } = rig
    const time = { utcOf: () => null }
    const book = await SenderBook.open(
      registryFile(join(folder, 'senders.json')),
      silentLog,
      senders,
    )
    const codes: string[] = []
    const told: string[] = []
    const images = new ImageDesk({
      clock,
      time,
      journal,
      log: silentLog,
      isPacked: false,
      book,
      known: () => {},
      stored: () => {},
      changed: () => {},
    })
    const random = seededRandom(folder)
    const visits = await Visits.open({
      van: 'van-02',
      clock,
      random,
      time,
      journal,
      stored: () => {},
    })
    const procedures = new ProcedureDesk({ clock, time, log: silentLog, visits })
    const commitments = await Commitments.open({
      clock,
      random,
      log: silentLog,
      journal,
      file: registryFile(join(folder, 'commitments.json')),
      policy,
      addressOf: (aeTitle) => book.addressOf(aeTitle),
      async report(order) {
        const outcome = await imaging.report(order)
        if (outcome.kind === 'delivered') told.push(order.report.transactionUid)
        return outcome
      },
      trouble: ({ code }) => void codes.push(code),
    })
    const { incomingFolder } = journal
    const ports = [{ port: 0, tls: null }]
    const imaging = await startImaging(
      { incomingFolder, host: '127.0.0.1', ports, senders: book.all(), reserveBytes: 0 },
      modalityHears({ images, commitments, procedures }),
    )
    t.teardown(() => imaging.stop())
    commitments.start()
    return new Van({ rig, visits, commitments, imaging, codes, told, folder })
  }

  private constructor(
    parts: Pick<Van, 'rig' | 'visits' | 'commitments' | 'imaging' | 'codes' | 'told'> & {
      folder: string
    },
  ) {
    this.rig = parts.rig
    this.visits = parts.visits
    this.commitments = parts.commitments
    this.imaging = parts.imaging
    this.codes = parts.codes
    this.told = parts.told
    this.#folder = parts.folder
  }

  get port(): number {
    return this.imaging.address()[0]?.port ?? 0
  }

  async store(...uids: readonly string[]): Promise<void> {
    const sender = new Sender(this.port, usualContexts, 'CART_1')
    await sender.associate()
    for (const sopInstanceUid of uids) {
      const elements = instance({ ...image(sopInstanceUid), pixelBytes: 5_000 })
      const dataSet = encodeDataSet(elements, { explicit: true, little: true })
      if ((await sender.store(sopInstanceUid, dataSet)) !== 0) throw new Error('not stored')
    }
    await sender.release()
  }

  /** The hospital has everything that waits. */
  async receipt(): Promise<void> {
    const { journal, commit } = this.rig
    const noted = (await allOutgoing(journal)).map(({ epoch, stream, seq }) =>
      journal.receipt(epoch, stream, [{ from: seq, to: seq }]),
    )
    await commit()
    await Promise.all(noted)
  }

  /** So much time passes for whoever waits. */
  pass(ms: number): Promise<void> {
    return this.rig.clock.advance(ms)
  }

  /** Lets timers that are due fire until it is so, some seconds at most. */
  async passUntil(isSo: () => boolean): Promise<boolean> {
    for (let turn = 0; turn < 1_200; turn++) {
      await this.pass(0)
      if (await until(isSo, 50)) return true
    }
    return false
  }

  /** The files as a power cut leaves them, with a gateway that starts on them. */
  async cutPower(t: Test, senders: readonly KnownSender[]): Promise<Van> {
    const folder = join(this.#folder, '../after')
    copyOfFolder(join(this.#folder, 'journal'), join(folder, 'journal'))
    cpSync(join(this.#folder, 'commitments.json'), join(folder, 'commitments.json'))
    await this.imaging.stop()
    return Van.start(t, senders, folder)
  }
}

const cart = (port?: number): KnownSender => ({
  aeTitle: 'CART_1',
  device: 'us-1',
  simulated: false,
  ...(port === undefined ? {} : { host: '127.0.0.1', port }),
})

t.test('dcmjs-dimse: commitment is reported when the hospital has the images', async (t) => {
  const device = new DimseDevice('CART_1')
  const port = await device.listen()
  t.teardown(() => device.close())
  const van = await Van.start(t, [cart(port)])
  await van.store('1.2.1', '1.2.2')
  t.equal(await device.commit(van.port, '2.25.1', [image('1.2.1'), image('1.2.2')]), 0)
  t.equal(await device.commit(van.port, '2.25.1', [image('1.2.1')]), 0x0131, 'asked twice')
  await van.pass(5_000)
  t.strictSame(device.told, [], 'the hospital has nothing yet')
  await van.receipt()
  await van.pass(60_000)
  t.ok(await until(() => device.told.length === 1, longMs))
  t.strictSame(device.told, [
    {
      eventType: 1,
      transactionUid: '2.25.1',
      kept: ['1.2.1', '1.2.2'],
      failed: {},
      titles: 'VAN_STORE CART_1',
    },
  ])
})

t.test('dcmjs-dimse: what is not kept is said with its reason', async (t) => {
  const device = new DimseDevice('CART_1')
  const port = await device.listen()
  t.teardown(() => device.close())
  const van = await Van.start(t, [cart(port)])
  await van.store('1.2.1', '1.2.2')
  await van.receipt()
  const otherClass = { ...image('1.2.2'), sopClassUid: '1.2.840.10008.5.1.4.1.1.7' }
  await device.commit(van.port, '2.25.1', [image('1.2.1'), otherClass, image('9.9.9')])
  t.ok(await van.passUntil(() => device.told.length === 1))
  t.match(device.told, [
    { eventType: 2, kept: ['1.2.1'], failed: { '1.2.2': 0x0119, '9.9.9': 0x0112 } },
  ])
  t.ok(await until(() => van.codes.includes('imaging-commitment-not-kept'), longMs))
})

t.test('dcmjs-dimse: on its own association, while that is open', async (t) => {
  const device = new DimseDevice('CART_1')
  const van = await Van.start(t, [cart()])
  await van.store('1.2.1')
  await van.receipt()
  // A slow machine may let an association pass; then the report goes out on the next.
  const asking = (async () => {
    for (let turn = 1; device.told.length === 0 && turn <= 20; turn++) {
      t.equal(await device.commit(van.port, `2.25.${turn}`, [image('1.2.1')], 3_000), 0)
    }
  })()
  t.ok(await van.passUntil(() => van.told.length > 0))
  await asking
  t.match(device.told[0], { eventType: 1, kept: ['1.2.1'], titles: null })
})

t.test('dcmjs-dimse: switched off, and on again after a power cut of the van', async (t) => {
  const device = new DimseDevice('CART_1')
  const port = await device.listen()
  device.close()
  const senders = [cart(port)]
  const before = await Van.start(t, senders)
  await before.store('1.2.1')
  await before.receipt()
  await device.commit(before.port, '2.25.1', [image('1.2.1')])
  const isTold = (): boolean =>
    before.commitments.troubles().some(({ code }) => code === 'imaging-commitment-unreachable')
  t.ok(await before.passUntil(isTold), 'nobody listens')
  const van = await before.cutPower(t, senders)
  await device.listen(port)
  t.teardown(() => device.close())
  t.ok(await van.passUntil(() => device.told.length === 1))
  t.match(device.told, [{ eventType: 1, kept: ['1.2.1'], titles: 'VAN_STORE CART_1' }])
  t.equal(await device.commit(van.port, '2.25.1', [image('1.2.1')]), 0x0131)
})

t.test('dcmjs-dimse: a report that is not taken is brought again', async (t) => {
  const device = new DimseDevice('CART_1')
  const port = await device.listen()
  t.teardown(() => device.close())
  device.status = 0x0110
  const van = await Van.start(t, [cart(port)])
  await van.store('1.2.1')
  await van.receipt()
  await device.commit(van.port, '2.25.1', [image('1.2.1')])
  const codes = (): readonly string[] => van.commitments.troubles().map(({ code }) => code)
  t.ok(await van.passUntil(() => codes().includes('imaging-commitment-refused')))
  device.status = 0
  await van.pass(60_000)
  t.ok(await until(() => device.told.length === 2, longMs))
  t.ok(await until(() => codes().length === 0, longMs))
})

t.test('dcmjs-dimse: a step from its beginning to its end', async (t) => {
  const device = new DimseDevice('CART_1')
  const van = await Van.start(t, [cart()])
  const uid = '2.25.77'
  const began = await device.begin(van.port, uid, {
    Modality: 'US',
    PerformedProcedureStepStatus: 'IN PROGRESS',
    PerformedProcedureStepStartDate: '20260214',
    PerformedProcedureStepStartTime: '091500',
    PerformedSeriesSequence: [],
    ScheduledStepAttributesSequence: [{ StudyInstanceUID: '2.25.7', AccessionNumber: '' }],
  })
  t.match(began, { status: 0, instance: uid })
  t.match(van.visits.book.procedure(uid), {
    device: 'us-1',
    state: 'in-progress',
    studyInstanceUid: '2.25.7',
    startedText: '20260214091500',
    findings: ['unscheduled'],
  })
  t.match(await device.begin(van.port, uid, { PerformedProcedureStepStatus: 'IN PROGRESS' }), {
    status: 0x0111,
  })
  const series = {
    SeriesInstanceUID: '1.9',
    ReferencedImageSequence: [{ ReferencedSOPInstanceUID: '1.1' }],
  }
  // Some consoles say so after each series, and nothing of the patient.
  const again = { PerformedProcedureStepStatus: 'IN PROGRESS', PerformedSeriesSequence: [series] }
  t.match(await device.set(van.port, uid, again), { status: 0 })
  const completed = {
    PerformedProcedureStepStatus: 'COMPLETED',
    PerformedProcedureStepEndDate: '20260214',
    PerformedProcedureStepEndTime: '092200',
  }
  t.match(await device.set(van.port, uid, completed), { status: 0 })
  t.match(van.visits.book.procedure(uid), {
    state: 'completed',
    endedText: '20260214092200',
    series: [{ seriesInstanceUid: '1.9', instances: ['1.1'] }],
  })
  t.match(await device.set(van.port, uid, completed), { status: 0x0110 }, 'it is over')
  t.match(await device.set(van.port, '2.25.78', completed), { status: 0x0112 })
  t.match(await device.get(van.port, uid), {
    status: 0,
    elements: { PerformedProcedureStepStatus: 'COMPLETED', Modality: 'US' },
  })
})

t.test('Orthanc: asks, and has the report brought', async (t) => {
  const senders: KnownSender[] = []
  const van = await Van.start(t, senders)
  const reports = { aeTitle: 'VAN_STORE', port: van.port }
  const orthanc = await Orthanc.start({ folder: join(t.testdirName, 'orthanc'), reports })
  t.teardown(() => orthanc.stop())
  senders.push({
    aeTitle: 'ORTHANC',
    device: 'pc-1',
    simulated: false,
    host: '127.0.0.1',
    port: orthanc.port,
  })
  await van.store('1.2.1')
  await van.receipt()
  const url = `http://127.0.0.1:${orthanc.webPort}`
  const ask = async (...uids: readonly string[]): Promise<string> => {
    const DicomInstances = uids.map((uid) => [ultrasoundImage, uid])
    const answer = await fetch(`${url}/modalities/simpul/storage-commitment`, {
      method: 'POST',
      body: JSON.stringify({ DicomInstances }),
    })
    const { ID } = (await answer.json()) as { readonly ID: string }
    return ID
  }
  const stateOf = async (question: string): Promise<unknown> =>
    (await fetch(`${url}/storage-commitment/${question}`)).json()
  const isReported = (count: number) => (): boolean => van.told.length === count
  const good = await ask('1.2.1')
  t.ok(await van.passUntil(isReported(1)))
  t.match(await stateOf(good), {
    Status: 'Success',
    RemoteAET: 'VAN_STORE',
    Success: [{ SOPInstanceUID: '1.2.1' }],
    Failures: [],
  })
  const bad = await ask('1.2.1', '9.9.9')
  t.ok(await van.passUntil(isReported(2)))
  t.match(await stateOf(bad), {
    Status: 'Failure',
    Success: [{ SOPInstanceUID: '1.2.1' }],
    Failures: [{ SOPInstanceUID: '9.9.9', FailureReason: 0x0112 }],
  })
})
