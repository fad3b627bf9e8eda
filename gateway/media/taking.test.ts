import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { directoryFile, imageRecord, oneSeries } from '../../test/dicom/media.ts'
import { imageOnMedium, van } from '../../test/dicom/medium.ts'
import { pictureFile } from '../../test/dicom/picture-files.ts'
import { realFiles, type Files } from '../imaging/files.ts'
import { mediumError, MediumGone } from './source-file.ts'
import { walk } from './walk.ts'

const first = imageOnMedium('1.2.3.1', { pixelBytes: 600_000 })
const second = imageOnMedium('1.2.3.2', { pixelBytes: 100 })
const third = imageOnMedium('1.2.3.3')

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const whole = { stored: 3, already: 0, conflicts: 0, refused: {}, unfit: {}, ending: 'whole' }

const medium = {
  DICOMDIR: Buffer.from(
    directoryFile(
      oneSeries([
        imageRecord('DICOM\\IM1', '1.2.3.1', 4),
        imageRecord('DICOM\\IM2', '1.2.3.2', 5),
        imageRecord('DICOM\\LOST', '1.2.3.9'),
      ]),
    ),
  ),
  // A file system that knows no case gives it back in small letters.
  dicom: { im1: Buffer.from(first.file), 'im2.;1': Buffer.from(second.file) },
  EXPORT: {
    'no head.bin': Buffer.from(third.dataSet),
    'photo.jpg': Buffer.from(pictureFile('baseline.jpg')),
    'clip.mp4': Buffer.from(pictureFile('high.mp4')),
    'AUTORUN.INF': 'open=virus.exe',
    'empty.dcm': '',
  },
  '.Trashes': { deleted: Buffer.from(imageOnMedium('1.2.3.4').file) },
}

t.test('media: finds what is there, whatever it is called', async (t) => {
  const one = van(t, medium)
  const look = await one.look(one.folder)
  t.strictSame(
    look.instances.map(({ name, sopInstanceUid, study, modality, studyDate }) =>
      [name, sopInstanceUid, study, modality, studyDate].join(' '),
    ),
    [
      'EXPORT/no head.bin 1.2.3.3 1.2.3.4 US 20240502',
      'dicom/im1 1.2.3.1 1.2.3.4 US 20240502',
      'dicom/im2.;1 1.2.3.2 1.2.3.4 US 20240502',
    ],
  )
  t.strictSame(
    look.pictures.map(({ name, format }) => `${format} ${name}`),
    ['mp4 EXPORT/clip.mp4', 'jpeg EXPORT/photo.jpg'],
  )
  t.strictSame(look.missing, ['DICOM/LOST'])
  t.match(look, { missingCount: 1, otherFiles: 2, refused: {}, isIncomplete: false })
})

t.test('media: an image becomes the file that it is over the network', async (t) => {
  const one = van(t, medium)
  const look = await one.look(one.folder)
  t.strictSame(await one.take(look), whole)
  t.strictSame(one.halves(), [])
  const own = [third, first, second].map((image) => sha256(image.own))
  t.strictSame(
    one.keeper.images.map(({ image }) => image.object.sha256),
    own,
  )
  for (const { image, device } of one.keeper.images) {
    const bytes = readFileSync(one.keeper.pathOf(image.object.sha256))
    t.equal(sha256(bytes), image.object.sha256)
    t.equal(bytes.length, image.object.sizeBytes)
    t.strictSame(image.flags, ['from-medium'])
    t.match({ ...image, device }, { device: 'media', callingAeTitle: '', modality: 'US' })
  }
  t.strictSame(await one.take(look), { ...whole, stored: 0, already: 3 }, 'and only once')
  t.equal(one.keeper.images.length, 3)
})

t.test('media: another image under a UID that is here is kept and flagged', async (t) => {
  const other = imageOnMedium('1.2.3.1', { pixelBytes: 62 })
  const files = { a: { x: Buffer.from(first.file) }, b: { x: Buffer.from(other.file) } }
  const one = van(t, files)
  await one.take(await one.look(join(one.folder, 'a')))
  const report = await one.take(await one.look(join(one.folder, 'b')))
  t.match(report, { stored: 1, conflicts: 1 })
  t.strictSame(one.conflicts, ['1.2.3.1'])
  t.strictSame(one.keeper.images.at(-1)?.image.flags, ['from-medium', 'uid-conflict'])
})

t.test('media: what is wrong with an image is said as over the network', async (t) => {
  const named = imageOnMedium('1.2.3.7')
  const wrongly = named.file.slice()
  const at = Buffer.from(wrongly).indexOf('1.2.3.7')
  wrongly[at + 6] = 0x38
  const files = {
    '1 cut': Buffer.from(second.file.subarray(0, second.file.length - 40)),
    '2 mismatch': Buffer.from(wrongly),
    '3 no study': Buffer.from(imageOnMedium('1.2.3.6', { studyInstanceUid: null }).file),
  }
  const one = van(t, files)
  const look = await one.look(one.folder)
  t.match(await one.take(look), { stored: 3 })
  t.strictSame(
    one.keeper.images.map(({ image }) => image.flags.join(' ')),
    ['cut-short from-medium', 'uid-mismatch from-medium', 'no-study from-medium'],
  )
  t.equal(look.instances.at(-1)?.study, '')
})

t.test('media: no link, pipe or socket leads anywhere', async (t) => {
  const one = van(t, { secret: Buffer.from(first.file), stick: { own: '' } })
  const stick = join(one.folder, 'stick')
  symlinkSync('../secret', join(stick, 'link'))
  symlinkSync('..', join(stick, 'folder'))
  execFileSync('mkfifo', [join(stick, 'pipe')])
  const look = await one.look(stick)
  t.strictSame([look.instances, look.pictures, look.otherFiles], [[], [], 4])
  const names = ['link', 'folder/secret', '../secret', 'pipe']
  const instances = names.map((name) => ({ ...lookedAt, name }))
  const report = await one.take({ ...look, instances })
  t.match(report, { stored: 0, ending: 'whole' })
  t.strictSame(one.keeper.images, [])
  t.strictSame(report.refused, { unreadable: 1, changed: 3 })
})

const lookedAt = {
  name: '',
  sizeBytes: 0,
  sopInstanceUid: '1.2',
  study: '',
  modality: null,
  patientName: null,
  studyDate: null,
}

t.test('media: a walk ends, however much there is', async (t) => {
  const folder = t.testdir({})
  let deep = folder
  for (let depth = 0; depth < 20; depth++) deep = join(deep, 'd')
  mkdirSync(deep, { recursive: true })
  for (let index = 0; index < 40; index++) writeFileSync(join(folder, `f${index}`), '')
  const limits = { entriesMax: 100, depthMax: 16 }
  t.match(await walk(folder, limits), { isIncomplete: true, files: { length: 40 } }, 'too deep')
  const few = await walk(folder, { ...limits, entriesMax: 30 })
  t.ok(few.isIncomplete && few.files.length <= 30, 'too many')
  const shallow = await walk(folder, { ...limits, depthMax: 40 })
  t.equal(shallow.isIncomplete, false)
})

t.test('media: a full disk ends the run, and later it goes on', async (t) => {
  let room = 1
  const full: Files = {
    ...realFiles,
    async create(path) {
      if (room-- > 0) return realFiles.create(path)
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    },
  }
  const one = van(t, medium, full)
  const look = await one.look(one.folder)
  t.match(await one.take(look), { stored: 1, already: 0, ending: 'full' })
  t.strictSame(one.halves(), [])
  room = 10
  t.match(await one.take(look), { stored: 2, already: 1, ending: 'whole' })
})

t.test('media: a disk that fails is no accident after three images', async (t) => {
  const broken: Files = {
    ...realFiles,
    create: () => Promise.reject(Object.assign(new Error('read-only'), { code: 'EROFS' })),
  }
  const one = van(t, medium, broken)
  const report = await one.take(await one.look(one.folder))
  t.match(report, { stored: 0, refused: { 'not-kept': 3 }, ending: 'failed' })
})

t.test('media: pulled out in the middle, it is continued by running it again', async (t) => {
  const one = van(t, medium)
  const look = await one.look(one.folder)
  // What comes up at the place of a stick that is gone is another file system.
  const gone = { ...look, dev: look.dev + 1 }
  const instances = look.instances.map((one) => ({ ...one }))
  const cut = await one.take({
    ...gone,
    instances: [
      ...instances.slice(0, 1),
      { ...lookedAt, name: 'not there' },
      ...instances.slice(1),
    ],
  })
  t.match(cut, { stored: 1, refused: {}, ending: 'gone' })
  t.strictSame(one.halves(), [])
  t.match(await one.take(look), { stored: 2, already: 1, ending: 'whole' })
})

t.test('media: a person can end it', async (t) => {
  const one = van(t, medium)
  const look = await one.look(one.folder)
  let asked = 0
  const halfway = await one.take(look, { isStopped: () => ++asked > 2 })
  t.match(halfway, { stored: 2, ending: 'stopped' })
})

t.test('media: a stick that answers no more is told from a bad file', async (t) => {
  const why = (code: string) => mediumError(Object.assign(new Error('read'), { code }))
  t.ok(why('EIO') instanceof MediumGone)
  t.ok(why('ENODEV') instanceof MediumGone)
  t.notOk(why('EACCES') instanceof MediumGone)
  const one = van(t, medium)
  const look = await one.look(one.folder)
  const report = await one.take({ ...look, instances: [{ ...lookedAt, name: 'nothing' }] })
  t.match(report, { refused: { unreadable: 1 }, ending: 'whole' })
})

const samples = join(
  import.meta.dirname,
  '../../../shared/samples/dicom/dicomdir/pydicom-dicomdirtests',
)
/** Real images where they are at hand; they are not part of the sources. */
const real = existsSync(samples)

t.test('media: a disc as others make it', async (t) => {
  const one = van(t, real ? {} : medium)
  const look = await one.look(real ? samples : one.folder)
  const count = look.instances.length
  t.equal(count, real ? 81 : 3)
  t.equal(look.missingCount, real ? 0 : 1)
  const report = await one.take(look)
  t.equal(report.stored + report.already, count)
  t.match(await one.take(look), { stored: 0, already: count })
})
