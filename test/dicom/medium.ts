/** A medium in a folder, and what takes images from it without threads. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { systemClock } from '../../gateway/clock/system-clock.ts'
import { realFiles, type Files } from '../../gateway/imaging/files.ts'
import { Room } from '../../gateway/imaging/room.ts'
import { Slabs } from '../../gateway/imaging/slabs.ts'
import { storing } from '../../gateway/imaging/storing.ts'
import type { Look, LookHears } from '../../gateway/media/looking.ts'
import type { RunReport } from '../../gateway/media/messages.ts'
import { runJob } from '../../gateway/media/running.ts'
import type { TakingDoors } from '../../gateway/media/taking.ts'
import { encodeFileHead } from '../../protocols/dicom/part10.ts'
import { concat } from '../../protocols/dicom/text.ts'
import { explicitLittle } from '../../protocols/dicom/uids.ts'
import { FolderKeeper } from './keeper.ts'
import { encodeDataSet, instance, ultrasoundImage, type Instance } from './data-set.ts'

/** The data set of an image, and the file that a device makes of it. */
export function imageOnMedium(sopInstanceUid: string, more: Partial<Instance> = {}) {
  const names = { sopClassUid: ultrasoundImage, sopInstanceUid }
  const dataSet = encodeDataSet(instance({ ...names, ...more }), { explicit: true, little: true })
  const head = encodeFileHead({ ...names, transferSyntaxUid: explicitLittle })
  // Devices write more into their heads than we do, such as who wrote it.
  const foreign = concat([head, encodeDataSet([[0x0002_0016, 'AE', 'CART']], plain)])
  return { dataSet, file: concat([foreign, dataSet]), own: concat([head, dataSet]) }
}

const plain = { explicit: true, little: true }

export interface Van {
  /** Where the media lie. */
  readonly folder: string
  readonly keeper: FolderKeeper
  readonly conflicts: string[]
  readonly doors: TakingDoors
  look(folder: string): Promise<Look>
  take(look: Look, hears?: Partial<LookHears>): Promise<RunReport>
  /** Temporary files that were left behind. */
  halves(): readonly string[]
}

type Fixture = NonNullable<Parameters<Test['testdir']>[0]>

/** `media` as for `testdir`, which a test calls only once. */
export function van(t: Test, media: Fixture, files: Files = realFiles): Van {
  const folder = t.testdir({ incoming: {}, objects: {}, media })
  const keeper = new FolderKeeper(join(folder, 'objects'))
  const conflicts: string[] = []
  const { store } = storing(keeper, {
    conflict: (image) => void conflicts.push(image.image.sopInstanceUid),
    failed: () => {},
  })
  let names = 0
  const incoming = join(folder, 'incoming')
  const doors: TakingDoors = {
    clock: systemClock(),
    files,
    room: new Room(files, incoming, 0),
    slabs: new Slabs(),
    temporaryPath: () => join(incoming, `media-${++names}.part`),
    known: (uid) => keeper.known(uid),
    store,
  }
  const silent: LookHears = { progress: () => {}, isStopped: () => false }
  return {
    folder: join(folder, 'media'),
    keeper,
    conflicts,
    doors,
    async look(path) {
      const result = await runJob({ kind: 'look', id: 1, folder: path }, doors, silent)
      if (result.kind !== 'looked') throw new Error(`the medium is ${result.kind}`)
      return result.look
    },
    async take({ root, dev, instances }, hears = {}) {
      const chosen = instances.map(({ name }) => name)
      const job = {
        kind: 'take',
        id: 2,
        place: { root, dev },
        names: chosen,
        device: 'media',
      } as const
      const result = await runJob(job, doors, { ...silent, ...hears })
      if (result.kind !== 'ran') throw new Error('nothing was done')
      return result.report
    },
    halves: () => readdirSync(incoming),
  }
}
