import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  directoryFile,
  imageRecord,
  oneSeries,
  type DirectoryStyle,
  type ToList,
} from '../../test/dicom/media.ts'
import { encodeDataSet } from '../../test/dicom/data-set.ts'
import { decodeMediaDirectory, mediaDirectoryUid } from './media-directory.ts'
import { encodeFileHead } from './part10.ts'
import { concat } from './text.ts'

const images = [
  imageRecord('A\\IM1', '1.2.3.4.1', 4),
  imageRecord('A\\IM2', '1.2.3.4.2', 5),
  imageRecord('B\\IM3', '1.2.3.4.3'),
]
const records = oneSeries(images)
const none = { unlinked: 0, wrongOffsets: 0, linkedTwice: 0, damaged: 0, unsafeNames: 0 }
const plain = { explicit: true, little: true }

/** Names, studies and series of what was read. */
function read(bytes: Uint8Array) {
  const found = decodeMediaDirectory(bytes)
  if (!found.ok) return { reason: found.reason }
  return {
    files: found.value.files.map(({ path, sopInstanceUid, studyInstanceUid, seriesInstanceUid }) =>
      [path.join('/'), sopInstanceUid, studyInstanceUid, seriesInstanceUid].join(' '),
    ),
    findings: found.value.findings,
  }
}

const whole = [
  'A/IM1 1.2.3.4.1 1.2.3 1.2.3.4',
  'A/IM2 1.2.3.4.2 1.2.3 1.2.3.4',
  'B/IM3 1.2.3.4.3 1.2.3 1.2.3.4',
]

t.test('media directory: reads the same in every encoding', async (t) => {
  const styles: readonly DirectoryStyle[] = [
    plain,
    { ...plain, delimited: true },
    { explicit: false, little: true },
    { explicit: false, little: true, delimited: true },
    { explicit: true, little: false },
    { explicit: true, little: false, delimited: true },
  ]
  for (const style of styles) {
    const found = read(directoryFile(records, style))
    t.strictSame(found, { files: whole, findings: none }, JSON.stringify(style))
  }
  t.strictSame(read(directoryFile([])), { files: [], findings: none }, 'an empty medium')
})

t.test('media directory: links say what is below what, and are not needed', async (t) => {
  const shuffled: readonly ToList[] = [
    { ...imageRecord('A\\IM1', '1.2.3.4.1', 4) },
    { ...records[2], type: 'SERIES', next: null, lower: 0 },
    { ...records[1], type: 'STUDY', next: null, lower: 1 },
    { ...records[0], type: 'PATIENT', next: null, lower: 2 },
    imageRecord('A\\IM2', '1.2.3.4.2', 5),
    imageRecord('B\\IM3', '1.2.3.4.3'),
  ]
  const backwards = read(directoryFile(shuffled, { ...plain, first: 3 }))
  t.strictSame(backwards, { files: whole, findings: none }, 'the order is another')

  const silent = records.map((record) => ({ ...record, isWithoutLinks: true }))
  t.strictSame(
    read(directoryFile(silent)),
    { files: whole, findings: { ...none, unlinked: 5 } },
    'links are missing: the order says where each belongs',
  )
  const shifted = read(directoryFile(records, { ...plain, shift: -132 }))
  t.strictSame(
    shifted,
    { files: whole, findings: { ...none, unlinked: 6, wrongOffsets: 6 } },
    'offsets are counted from somewhere else',
  )
})

t.test('media directory: a circle of links ends', async (t) => {
  const circle = [...records.slice(0, 5), imageRecord('B\\IM3', '1.2.3.4.3', 3)]
  t.strictSame(read(directoryFile(circle)), {
    files: whole,
    findings: { ...none, linkedTwice: 1 },
  })
  const own: ToList = { type: 'PATIENT', next: 0, lower: 0 }
  t.match(read(directoryFile([own])), { files: [], findings: { linkedTwice: 2 } })
})

t.test('media directory: what is out of use is not listed', async (t) => {
  const [first, ...rest] = images
  const deleted = oneSeries([
    { ...imageRecord('A\\IM1', '1.2.3.4.1', 4), isInactive: true },
    ...rest,
  ])
  t.ok(first !== undefined)
  t.strictSame(read(directoryFile(deleted)), { files: whole.slice(1), findings: none })
})

t.test('media directory: no name leads out of the medium', async (t) => {
  const names = ['..\\ETC', 'A\\..\\B', '', '\0', 'A\x01B', `${'A\\'.repeat(20)}B`, 'X'.repeat(65)]
  const files = names.map((name, index) => imageRecord(name, `1.2.${index}`))
  const found = read(directoryFile(files))
  // The one without a name has no file: nothing is wrong with it.
  t.match(found, { files: [], findings: { unsafeNames: names.length - 1 } })
  const slashes = read(directoryFile([imageRecord('/A/./IM1 ', '1.2.1')]))
  t.match(slashes, { files: ['A/IM1 1.2.1  '] })
})

t.test('media directory: damage costs the record that it hits', async (t) => {
  const bytes = directoryFile(records)
  for (const style of [plain, { ...plain, delimited: true }]) {
    const damaged = directoryFile(records, style)
    // The representation of the type of the second image.
    const at = Buffer.from(damaged).indexOf('IM2')
    damaged.fill(0x7f, at - 60, at - 8)
    const found = read(damaged)
    t.match(found, { findings: { damaged: /[1-9]/ } })
    t.ok(found.files?.includes(whole[0] ?? ''), 'the one before')
    t.ok(
      found.files?.some((one) => one.startsWith('B/IM3')),
      'the one behind',
    )
  }
  const unsound: unknown[] = []
  for (let length = 0; length < bytes.length; length++) {
    const found = decodeMediaDirectory(bytes.subarray(0, length))
    if (found.ok && found.value.files.length > 3) unsound.push(length)
  }
  t.strictSame(unsound, [], 'wherever it is cut')
})

t.test('media directory: refuses what is none', async (t) => {
  t.strictSame(read(new Uint8Array(0)), { reason: 'no DICM at 128' })
  const meta = { sopInstanceUid: '1.2', transferSyntaxUid: '1.2.840.10008.1.2.1' }
  const image = encodeFileHead({ ...meta, sopClassUid: '1.2.840.10008.5.1.4.1.1.2' })
  t.strictSame(read(image), { reason: 'not a media directory' })
  const head = encodeFileHead({ ...meta, sopClassUid: mediaDirectoryUid })
  const other = encodeDataSet([[0x0008_0005, 'CS', 'ISO_IR 100']], plain)
  t.strictSame(read(concat([head, other])), { reason: 'no directory records' })
})

t.test('media directory: a file made to take long does not', async (t) => {
  // Each item opens a sequence that would be searched for its end through all that follow.
  const item = Buffer.from('feff00e00c000000080040005351000000ffffffff'.slice(0, 40), 'hex')
  const head = directoryFile([])
  const long = Buffer.concat([head, ...Array.from({ length: 200_000 }, () => item)])
  const sequence = long.indexOf(Buffer.from('0400201253510000', 'hex'))
  long.writeUInt32LE(0xffff_ffff, sequence + 8)
  const found = decodeMediaDirectory(new Uint8Array(long))
  t.match(found, { ok: true, value: { files: [] } })
})

const samples = join(
  import.meta.dirname,
  '../../../shared/samples/dicom/dicomdir/pydicom-dicomdirtests',
)
const variants = existsSync(samples)
  ? readdirSync(samples).filter((name) => name.startsWith('DICOMDIR') && !name.includes('empty'))
  : []

t.test('media directory: what is made by others', async (t) => {
  // Without the samples, which are not part of the sources, the ones above stand for them.
  const found = variants.map((name) => {
    const bytes = new Uint8Array(readFileSync(join(samples, name)))
    const directory = decodeMediaDirectory(bytes)
    const files = directory.ok ? directory.value.files : []
    return [
      name,
      files.length,
      files.filter(({ path }) => existsSync(join(samples, ...path))).length,
      new Set(files.map(({ studyInstanceUid }) => studyInstanceUid)).size,
      new Set(files.map(({ seriesInstanceUid }) => seriesInstanceUid)).size,
    ]
  })
  t.strictSame(
    found,
    variants.map((name) => [name, 31, 31, 6, 13]),
  )
})
