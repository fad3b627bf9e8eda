/** A van with visits, a journal and images that come, for tests of whose the images are. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../gateway/config/schema.ts'
import { registryFile } from '../../gateway/devices/registry-file.ts'
import { openImageIdentity } from '../../gateway/image-identity.ts'
import { ImageDesk } from '../../gateway/images.ts'
import { openCoercer, type Coercer } from '../../gateway/imaging/coerce/coercer.ts'
import { readStart } from '../../gateway/imaging/coerce/read-start.ts'
import { incomingFiles } from '../../gateway/journal/incoming.ts'
import type { Journal } from '../../gateway/journal/journal.ts'
import { allOutgoing, openRig, recordsOf, type Rig } from '../../gateway/journal/journal-testing.ts'
import { silentLog } from '../../gateway/page/page-testing.ts'
import { SenderBook } from '../../gateway/sender-book.ts'
import { Visits } from '../../gateway/visits/visits.ts'
import { siti, ultrasound } from '../../gateway/visits/visits-testing.ts'
import { seededRandom } from '../../gateway/clock/seeded-random.ts'
import { HeaderReader } from '../../protocols/dicom/header-reader.ts'
import { encodeFileHead } from '../../protocols/dicom/part10.ts'
import { concat } from '../../protocols/dicom/text.ts'
import { explicitLittle } from '../../protocols/dicom/uids.ts'
import type { Record } from '../../protocols/packet/record.ts'
import { encodeDataSet, instance, ultrasoundImage, type Element } from './data-set.ts'

export const nurse = 'Bidan Contoh'
const chunkBytes = 65_536
const nowUtcMs = 1_790_000_000_000

export interface SentImage {
  readonly index: number
  readonly study?: string
  readonly name?: string
  readonly patientId?: string
  readonly accession?: string
  readonly more?: readonly Element[]
}

export interface StageOptions {
  readonly policy?: 'check' | 'off'
  readonly seed?: number
  /** Stands between what is tested and the journal. */
  readonly journal?: (journal: Journal) => Journal
}

export function imageBytes({ index, study, name, patientId, accession, more = [] }: SentImage) {
  const names = { sopClassUid: ultrasoundImage, sopInstanceUid: `1.2.826.${index}` }
  const own: readonly Element[] = [
    ...(accession === undefined ? [] : ([[0x0008_0050, 'SH', accession]] as const)),
    ...(name === undefined ? [] : ([[0x0010_0010, 'PN', name]] as const)),
    ...(patientId === undefined ? [] : ([[0x0010_0020, 'LO', patientId]] as const)),
    ...more,
  ]
  const studyInstanceUid = study ?? '1.2.3.4'
  const all = [...instance({ ...names, studyInstanceUid }), ...own].toSorted(([a], [b]) => a - b)
  const head = encodeFileHead({ ...names, transferSyntaxUid: explicitLittle })
  const dataSet = encodeDataSet(all, { explicit: true, little: true })
  return { ...names, head, dataSet, bytes: concat([head, dataSet]) }
}

export class IdentityStage {
  readonly rig: Rig
  readonly visits: Visits
  readonly identity: ReturnType<typeof openImageIdentity>
  readonly images: ImageDesk
  readonly #coercer: Coercer

  static async open(folder: string, options: StageOptions = {}): Promise<IdentityStage> {
    const rig = openRig(join(folder, 'journal'))
    const journal = options.journal?.(rig.journal) ?? rig.journal
    const time = { utcOf: () => ({ utcMs: nowUtcMs, uncertaintyMs: 5 }) }
    const visits = await Visits.open({
      van: 'van-02',
      clock: rig.clock,
      random: seededRandom(options.seed ?? 1),
      time,
      journal,
      stored: () => {},
    })
    const file = registryFile(join(folder, 'senders.json'))
    const book = await SenderBook.open(file, silentLog, [])
    const coercer = openCoercer({ folder: rig.journal.incomingFolder })
    const imaging = { identity: options.policy ?? 'check' }
    const parts = { clock: rig.clock, time, journal, book }
    const identity = openImageIdentity({
      ...parts,
      config: { van: 'van-02', imaging } as Config,
      incoming: incomingFiles(rig.journal.incomingFolder),
      visits,
      doors: { coercer, readStart },
      isPacked: false,
      stored: () => {},
    })
    const images = new ImageDesk({
      ...parts,
      log: silentLog,
      isPacked: false,
      identify: (image) => identity.arrived(image),
      known: () => {},
      stored: () => {},
      changed: () => {},
    })
    return new IdentityStage(rig, visits, identity, images, coercer)
  }

  private constructor(
    rig: Rig,
    visits: Visits,
    identity: ReturnType<typeof openImageIdentity>,
    images: ImageDesk,
    coercer: Coercer,
  ) {
    this.rig = rig
    this.visits = visits
    this.identity = identity
    this.images = images
    this.#coercer = coercer
  }

  /** A patient with an open visit and an order for an ultrasound. */
  async order(name = 'Siti Contoh') {
    const patient = await this.visits.savePatient(nurse, siti({ name, birthDate: null, sex: null }))
    const { visit } = await this.visits.openVisit(nurse, patient.patient)
    const order = await this.visits.makeOrder(nurse, ultrasound(visit))
    return { patient, order }
  }

  /** Answers the SHA-256 of its file. Rejects when it is not stored. */
  async send(image: SentImage): Promise<string> {
    const { sopClassUid, sopInstanceUid, head, dataSet, bytes } = imageBytes(image)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const reader = new HeaderReader(explicitLittle)
    reader.push(dataSet)
    reader.end()
    const { identity, studyInstanceUid, seriesInstanceUid, modality } = reader.findings()
    const { status } = await this.images.store({
      device: 'us-1',
      simulated: false,
      peerAddress: '127.0.0.1',
      calledAeTitle: 'SIMPUL',
      temporaryPath: this.rig.incoming(`part-${image.index}`, bytes),
      receivingMs: 0,
      identity,
      image: {
        kind: 'image',
        object: { sha256, sizeBytes: bytes.length, mediaType: 'application/dicom', chunkBytes },
        sopClassUid,
        sopInstanceUid,
        transferSyntaxUid: explicitLittle,
        studyInstanceUid,
        seriesInstanceUid,
        modality,
        callingAeTitle: 'CART',
        dataSetOffset: head.length,
        flags: [],
      },
    })
    if (status === 'full' || status === 'failed') throw new Error(`the image is ${status}`)
    return sha256
  }

  /** Everything that waits to be sent, in the order in which it was stored. */
  async records(): Promise<readonly Record[]> {
    const packets = await allOutgoing(this.rig.journal)
    const records = packets.filter(({ stream }) => !stream.endsWith('/object'))
    return records.toSorted((a, b) => a.id - b.id).flatMap((packet) => recordsOf(packet))
  }

  /** The file of an object that is kept. */
  async file(sha256: string): Promise<Uint8Array> {
    const { image } = await this.rig.journal.imageFiles(sha256)
    if (image === null) throw new Error('the file is gone')
    return new Uint8Array(readFileSync(image))
  }

  async close(): Promise<void> {
    await this.identity.stop()
    await this.#coercer.stop()
    await this.rig.journal.close()
  }
}
