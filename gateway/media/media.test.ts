import { join } from 'node:path'
import t, { type Test } from 'tap'
import { imageOnMedium, van } from '../../test/dicom/medium.ts'
import { pictureFile, pngOf } from '../../test/dicom/picture-files.ts'
import type { WrapSubject } from '../../protocols/dicom/wrap-facts.ts'
import { systemClock } from '../clock/system-clock.ts'
import { seededRandom } from '../clock/seeded-random.ts'
import { silentLog } from '../page/page-testing.ts'
import { Trouble } from '../errors/trouble.ts'
import { Media, type MediumState } from './media.ts'
import { mountedMedia, parseMounts, type Medium } from './mounts.ts'
import { runJob } from './running.ts'
import type { JobResult } from './messages.ts'
import type { TakingDoors } from './taking.ts'
import type { MediaThread } from './thread.ts'

const subject: WrapSubject = {
  patientId: 'VAN02-000123',
  patientName: 'Aminah^Siti',
  birthDate: null,
  sex: 'F',
  studyInstanceUid: '2.25.7',
  accessionNumber: 'VAN02-000007',
  studyDescription: null,
  referringPhysician: null,
  studyStart: null,
}

const medium = {
  a: Buffer.from(imageOnMedium('1.2.3.1').file),
  b: Buffer.from(imageOnMedium('1.2.3.2', { studyInstanceUid: '1.9' }).file),
  'photo.jpg': Buffer.from(pictureFile('baseline.jpg')),
  'clear.png': Buffer.from(pngOf({ columns: 2, rows: 2, bits: 8, colour: 6, sample: () => 3 })),
}

/** Media of a van without a thread: jobs run one after the other where they are asked for. */
function desk(t: Test, files: Parameters<typeof van>[1]) {
  const one = van(t, files)
  let last: Promise<unknown> = Promise.resolve()
  let storedAs: (image: Parameters<Media['stored']>[0]) => void = () => {}
  const media = new Media({
    clock: systemClock(),
    random: seededRandom(7),
    time: { utcOf: () => ({ utcMs: Date.UTC(2026, 10, 24, 20), uncertaintyMs: 1 }) },
    log: silentLog,
    openThread: (hears): MediaThread => ({
      run(job, progress) {
        let isStopped = false
        const doors: TakingDoors = { ...one.doors, store: (image) => hears.store(image) }
        const result = last.then((): Promise<JobResult> => {
          return runJob({ ...job, id: 1 }, doors, { progress, isStopped: () => isStopped })
        })
        last = result
        return { result, stop: () => (isStopped = true) }
      },
      stop: async () => void (await last),
    }),
    storing: {
      known: (uid) => one.doors.known(uid),
      async store(image) {
        const outcome = await one.doors.store(image)
        const stamps = { atMs: 0, utcMs: null, uncertaintyMs: null, source: 'device' } as const
        if (outcome.status === 'stored') {
          storedAs({ ...image.image, ...stamps, simulated: false, flags: ['identity-open'] })
        }
        return outcome
      },
    },
    van: 'van-02',
    software: 'simpul',
    zoneMinutes: 420,
    subjectOf: (order) => (order === 'order-1' ? subject : null),
    changed: () => {},
  })
  storedAs = (image) => media.stored(image)
  const stick: Medium = { id: 'stick', folder: one.folder, label: 'STICK' }
  const state = (): MediumState => {
    const [first] = media.media()
    if (first === undefined) throw new Error('expected a medium')
    return first
  }
  const settled = async (): Promise<MediumState> => {
    for (let turn = 0; turn < 1_000; turn++) {
      await last
      await new Promise((resolve) => setImmediate(resolve))
      if (!['looking', 'working'].includes(state().state)) break
    }
    return state()
  }
  return { one, media, stick, state, settled }
}

function codeOf(work: () => unknown): string | null {
  try {
    work()
    return null
  } catch (error) {
    return error instanceof Trouble ? error.code : String(error)
  }
}

t.test('media: a stick is looked at, and nothing is taken before somebody chooses', async (t) => {
  const { one, media, stick, state, settled } = desk(t, medium)
  media.seen([stick])
  t.equal(state().state, 'looking')
  t.equal(
    codeOf(() => media.take('stick', ['1.9'])),
    'media-busy',
  )
  const looked = await settled()
  t.equal(looked.state, 'ready')
  t.strictSame(
    looked.studies.map(({ study, images, date }) => [study, images, date]),
    [
      ['1.2.3.4', 1, '20240502'],
      ['1.9', 1, '20240502'],
    ],
  )
  t.equal(one.keeper.images.length, 0)

  media.take('stick', ['1.9'], 'us-1')
  const done = await settled()
  t.match(done, { state: 'done', trouble: null, report: { stored: 1, waiting: 1, already: 0 } })
  t.match(one.keeper.images, [{ device: 'us-1', image: { studyInstanceUid: '1.9' } }])
  t.equal(
    codeOf(() => media.take('stick', ['1.7'])),
    'media-nothing-chosen',
  )
  t.equal(
    codeOf(() => media.take('other', ['1.9'])),
    'media-unknown',
  )
})

t.test('media: pictures become images of the order', async (t) => {
  const { one, media, stick, settled } = desk(t, medium)
  media.seen([stick])
  await settled()
  t.equal(
    codeOf(() => media.wrap('stick', ['picture-0'], 'order-9')),
    'media-no-order',
  )
  media.wrap('stick', ['picture-0', 'picture-1'], 'order-1')
  const done = await settled()
  t.match(done.report, { stored: 1 })
  t.strictSame(
    done.report?.refused.map(({ files, trouble }) => [files, trouble.code, trouble.details]),
    [[1, 'media-picture-transparent', {}]],
  )
  const [made] = one.keeper.images
  t.match(made, {
    device: 'photos',
    source: 'device',
    identity: { patientId: 'VAN02-000123', accessionNumber: 'VAN02-000007' },
    image: { studyInstanceUid: '2.25.7', transferSyntaxUid: /\.50$/, flags: [] },
  })

  const path = join(one.folder, 'photo.jpg')
  await media.keep(path, 'jpeg', 'order-1')
  const photo = one.keeper.images.at(-1)
  t.match(photo, { source: 'photo', image: { modality: 'XC', sopInstanceUid: /^2\.25\.\d+$/ } })
  t.not(photo?.image.sopInstanceUid, made?.image.sopInstanceUid)
  await t.rejects(media.keep(path, 'png', 'order-1'), { code: 'media-picture-unfit' })
  await t.rejects(media.keep(path, 'pdf', 'order-1'), { code: 'media-picture-cut' })
  await t.rejects(media.keep(path, 'mp4', 'order-1'), { code: 'media-clip-unfit' })
  await t.rejects(media.keep(path, 'jpeg', 'order-9'), { code: 'media-no-order' })
  t.strictSame(one.halves(), [])
})

t.test('media: a stick that is pulled out says so until the next one comes', async (t) => {
  const { media, stick, state, settled } = desk(t, medium)
  media.seen([stick])
  await settled()
  media.take('stick', ['1.2.3.4', '1.9'])
  media.seen([])
  const gone = await settled()
  t.match(gone, { state: 'done', trouble: { code: 'media-pulled-out' } })
  t.equal(
    codeOf(() => media.take('stick', ['1.9'])),
    'media-unknown',
  )
  media.seen([])
  t.equal(media.media().length, 1)
  media.seen([stick])
  t.match(state(), { state: 'looking', trouble: null })
  await settled()
  media.take('stick', ['1.2.3.4', '1.9'])
  const report = (await settled()).report
  t.equal((report?.stored ?? 0) + (report?.already ?? 0), 2)
  media.seen([])
  t.strictSame(media.media(), [], 'one that is done with goes at once')
  await media.stop()
})

t.test('media: a stick that cannot be read is shown with what to do', async (t) => {
  const { media, stick, settled } = desk(t, medium)
  media.seen([{ ...stick, folder: join(stick.folder, 'nothing') }])
  t.match(await settled(), { state: 'ready', trouble: { code: 'media-cannot-read' } })
  t.equal(
    codeOf(() => media.take('stick', ['1.9'])),
    'media-cannot-read',
  )
})

t.test('mounts: sticks are where they are mounted, and folders where they are named', async (t) => {
  const text = [
    'proc /proc proc rw 0 0',
    '/dev/sda1 / ext4 rw 0 0',
    '/dev/sdb1 /run/media/simpul/sdb1 vfat ro,nosuid,nodev,noexec 0 0',
    '/dev/sr0 /media/HOLIDAY\\0402024 iso9660 ro 0 0',
    'tmpfs /media/tmp tmpfs rw 0 0',
    '',
  ].join('\n')
  t.strictSame(parseMounts('a /b\\134c d'), [{ device: 'a', folder: '/b\\c' }])
  const media = await mountedMedia(
    {
      mounts: async () => text,
      labels: async () => new Map([['/dev/sdb1', 'KLINIK']]),
      isFolder: async (path) => path === '/srv/cart',
    },
    ['/srv/cart', '/srv/gone'],
  )
  t.strictSame(
    media.map(({ folder, label }) => [folder, label]),
    [
      ['/run/media/simpul/sdb1', 'KLINIK'],
      ['/media/HOLIDAY 2024', 'HOLIDAY 2024'],
      ['/srv/cart', 'cart'],
    ],
  )
  t.equal(new Set(media.map(({ id }) => id)).size, 3)
  const broken = () => Promise.reject(new Error('no /proc'))
  const nothing = await mountedMedia({ mounts: broken, labels: broken, isFolder: broken }, [])
  t.strictSame(nothing, [])
})
