import dicomParser, { type DataSet } from 'dicom-parser'
import t from 'tap'
import { pictureFile } from '../../test/dicom/picture-files.ts'
import { tool } from '../../test/dicom/dcmtk.ts'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newUid } from './new-uid.ts'
import { concat } from './text.ts'
import { isUid } from './uids.ts'
import { wrapClasses, wrapJpeg, wrapPdf, wrapPixels, wrapVideo, type Envelope } from './wrap.ts'
import type { WrapDetails, WrapPurpose, WrapSubject } from './wrap-facts.ts'
import { readJpeg } from './wrap-jpeg.ts'
import { readMp4 } from './wrap-mp4.ts'
import type { Picture } from './wrap-picture.ts'

const subject: WrapSubject = {
  patientId: 'VAN02-000123',
  patientName: 'Aminah^Siti',
  birthDate: '1980-02-29',
  sex: 'F',
  studyInstanceUid: '2.25.7',
  accessionNumber: 'VAN02-000007',
  studyDescription: 'Wound',
  referringPhysician: null,
  studyStart: { date: '20261124', time: '081500' },
}

function details(purpose: WrapPurpose, more: Partial<WrapDetails> = {}): WrapDetails {
  return {
    purpose,
    sopInstanceUid: '2.25.99',
    seriesInstanceUid: '2.25.77',
    seriesNumber: 1,
    instanceNumber: 2,
    description: 'left leg',
    takenAt: { date: '20261124', time: '082000' },
    wrappedAt: { date: '20261124', time: '082100' },
    timezone: '+0700',
    station: 'van-02',
    software: 'simpul 0.1.0',
    ...more,
  }
}

function fileOf({ head, tail }: Envelope, body: Uint8Array): Uint8Array {
  return concat([head, body, tail])
}

function parse(envelope: Envelope, body: Uint8Array): DataSet {
  return dicomParser.parseDicom(fileOf(envelope, body))
}

function jpeg(name: string) {
  const bytes = pictureFile(name)
  const facts = readJpeg(bytes)
  if (!facts.ok) throw new Error(facts.reason)
  return { bytes, facts: facts.value }
}

function mp4(bytes: Uint8Array) {
  const reading = readMp4(bytes.length)
  let step = reading.next(new Uint8Array())
  while (!step.done) {
    const { from, length } = step.value
    step = reading.next(bytes.subarray(from, from + length))
  }
  return step.value
}

const photo = (bits: 8 | 16, samples: 1 | 3): Picture => {
  const pixels = Uint8Array.from({ length: 3 * 5 * samples * (bits / 8) }, (_, at) => at * 7)
  return { columns: 3, rows: 5, samples, bits, pixels }
}

/** Tags that the standard wants with a value, by what it calls them. */
const wanted = {
  x00080016: 'SOP Class UID',
  x00080018: 'SOP Instance UID',
  x00080060: 'Modality',
  x0020000d: 'Study Instance UID',
  x0020000e: 'Series Instance UID',
}
/** And those that it wants there, if only to say that nobody knows. */
const present = {
  x00080020: 'Study Date',
  x00080030: 'Study Time',
  x00080050: 'Accession Number',
  x00080090: 'Referring Physician',
  x00100010: 'Name',
  x00100020: 'Patient ID',
  x00100030: 'Birth Date',
  x00100040: 'Sex',
  x00200010: 'Study ID',
  x00200011: 'Series Number',
  x00200013: 'Instance Number',
  x00080070: 'Manufacturer',
}

function missingIn(dataSet: DataSet): readonly string[] {
  const empty = Object.entries(wanted).filter(([tag]) => (dataSet.string(tag) ?? '') === '')
  const absent = Object.entries(present).filter(([tag]) => dataSet.elements[tag] === undefined)
  return [...empty, ...absent].map(([, name]) => name)
}

t.test('wrap: a photo is a photo, and its bytes are as they were', async (t) => {
  const syntaxes = { 'baseline.jpg': '50', 'progressive.jpg': '55', 'grey-turned.jpg': '50' }
  for (const [name, syntax] of Object.entries(syntaxes)) {
    const { bytes, facts } = jpeg(name)
    const dataSet = parse(wrapJpeg(facts, bytes.length, subject, details('photo')), bytes)
    t.strictSame(missingIn(dataSet), [], name)
    t.equal(dataSet.string('x00020010'), `1.2.840.10008.1.2.4.${syntax}`)
    t.equal(dataSet.string('x00080016'), wrapClasses.photographic)
    t.equal(dataSet.string('x00080060'), 'XC')
    t.equal(dataSet.string('x00282110'), '01', 'what was lost is said')
    const pixels = dataSet.elements['x7fe00010']
    t.ok(pixels !== undefined)
    if (pixels === undefined) continue
    const [fragment, ...more] = pixels.fragments ?? []
    t.equal(more.length, 0)
    const from = fragment?.position ?? 0
    const kept = dataSet.byteArray.subarray(from, from + bytes.length)
    t.strictSame(new Uint8Array(kept), bytes)
    t.equal(fragment?.length, bytes.length + (bytes.length % 2))
    const turned = dataSet.string('x00204000')?.includes('turn it 90 degrees') ?? false
    t.equal(turned, name === 'grey-turned.jpg', 'a person is told to turn it')
  }
})

t.test('wrap: pixels are as they were, and their class fits them', async (t) => {
  const cases = [
    [photo(8, 3), 'photo', wrapClasses.photographic, 'RGB'],
    [photo(8, 1), 'endoscopy', wrapClasses.photographic, 'MONOCHROME2'],
    [photo(16, 1), 'photo', wrapClasses.secondaryCapture, 'MONOCHROME2'],
    [photo(8, 3), 'screen', wrapClasses.secondaryCapture, 'RGB'],
    [photo(16, 3), 'scan', wrapClasses.secondaryCapture, 'RGB'],
  ] as const
  const conversions = { photo: 'DI', endoscopy: undefined, screen: 'WSD', scan: 'SD' }
  for (const [picture, purpose, sopClassUid, photometric] of cases) {
    const dataSet = parse(wrapPixels(picture, subject, details(purpose)), picture.pixels)
    t.strictSame(missingIn(dataSet), [])
    t.equal(dataSet.string('x00080016'), sopClassUid)
    t.equal(dataSet.string('x00280004'), photometric)
    t.equal(dataSet.uint16('x00280100'), picture.bits)
    t.equal(dataSet.uint16('x00280102'), picture.bits - 1)
    const isCapture = sopClassUid === wrapClasses.secondaryCapture
    t.equal(dataSet.string('x00080064'), isCapture ? conversions[purpose] : undefined)
    t.equal(dataSet.string('x00181012'), isCapture ? '20261124' : undefined)
    const { dataOffset = 0, length = 0 } = dataSet.elements['x7fe00010'] ?? {}
    t.equal(length % 2, 0)
    const kept = dataSet.byteArray.subarray(dataOffset, dataOffset + picture.pixels.length)
    t.strictSame(new Uint8Array(kept), picture.pixels)
  }
})

t.test('wrap: a letter says what it is and how long', async (t) => {
  for (const body of [new Uint8Array(7).fill(65), new Uint8Array(8).fill(65)]) {
    const envelope = wrapPdf(body.length, subject, details('scan', { description: 'Rujukan' }))
    const dataSet = parse(envelope, body)
    t.strictSame(missingIn(dataSet), [])
    t.equal(dataSet.string('x00420012'), 'application/pdf')
    t.equal(dataSet.uint32('x00420015'), body.length)
    t.equal(dataSet.string('x00420010'), 'Rujukan')
    t.equal(dataSet.string('x00080064'), 'SD')
    const { dataOffset = 0, length } = dataSet.elements['x00420011'] ?? {}
    t.equal(length, 8)
    const kept = dataSet.byteArray.subarray(dataOffset, dataOffset + body.length)
    t.strictSame(new Uint8Array(kept), body)
  }
})

t.test('wrap: a clip says its frames, and only the right coding is taken', async (t) => {
  const bytes = pictureFile('high.mp4')
  const facts = mp4(bytes)
  t.match(facts, { ok: true, value: { columns: 32, rows: 32, frames: 5, frameTimeMs: 40 } })
  if (!facts.ok) return
  const dataSet = parse(wrapVideo(facts.value, bytes.length, subject, details('photo')), bytes)
  t.strictSame(missingIn(dataSet), [])
  t.equal(dataSet.string('x00020010'), '1.2.840.10008.1.2.4.102')
  t.equal(dataSet.string('x00080016'), wrapClasses.videoPhotographic)
  t.equal(dataSet.string('x00280008'), '5')
  t.equal(dataSet.string('x00181063'), '40')
  t.equal(dataSet.attributeTag('x00280009'), 'x00181063')
  const inside = wrapVideo(facts.value, bytes.length, subject, details('endoscopy'))
  t.equal(inside.sopClassUid, wrapClasses.videoEndoscopic)

  t.match(mp4(pictureFile('baseline.mp4')), {
    reason: 'a film in H.264 Baseline@3.0: DICOM holds High up to level 4.2',
  })
  const at = Buffer.from(bytes).indexOf('avcC') + 4
  const withLevel = (profile: number, level: number) => {
    const changed = bytes.slice()
    changed[at + 1] = profile
    changed[at + 3] = level
    const found = mp4(changed)
    return found.ok ? found.value.transferSyntaxUid.slice(-3) : found.reason
  }
  t.equal(withLevel(100, 41), '102')
  t.equal(withLevel(100, 42), '104')
  t.match(withLevel(100, 51), /High@5.1/)
  t.match(withLevel(122, 40), /High 4:2:2/)
  const film = bytes.slice()
  film.set(Buffer.from('qt  '), 8)
  t.match(mp4(film), { reason: 'a QuickTime film, which DICOM does not hold' })
  const cuts = Array.from({ length: bytes.length }, (_, length) => mp4(bytes.subarray(0, length)))
  t.strictSame(
    cuts.filter(({ ok }) => ok),
    [],
    'wherever it is cut',
  )
})

t.test('wrap: a JPEG that is not whole, or not for every viewer, is refused', async (t) => {
  const { bytes } = jpeg('progressive.jpg')
  const cuts = Array.from({ length: bytes.length }, (_, length) => bytes.subarray(0, length))
  t.strictSame(
    cuts.filter((cut) => readJpeg(cut).ok),
    [],
    'wherever it is cut',
  )
  const frame = Buffer.from(bytes).indexOf(Buffer.from('ffc2', 'hex'))
  const as = (process: number, ...more: readonly (readonly [number, number])[]) => {
    const changed = bytes.slice()
    changed[frame + 1] = 0xc0 + process
    for (const [at, value] of more) changed[frame + at] = value
    const found = readJpeg(changed)
    return found.ok ? found.value.transferSyntaxUid.slice(-3) : found.reason
  }
  t.equal(as(1), '.51')
  t.equal(as(9), 'a JPEG coded in a way that no viewer reads')
  t.equal(as(0, [4, 12]), 'a JPEG of 12 bits')
  t.equal(as(0, [5, 0], [6, 0]), 'a JPEG that says its height at the end')
  t.match(readJpeg(Uint8Array.of(0xff, 0xd8, 0xff, 0xd9)), { reason: 'a JPEG without a picture' })
})

t.test('wrap: the camera says when it was, if nobody else does', async (t) => {
  const { bytes } = jpeg('grey-turned.jpg')
  const exif = Buffer.from(
    // Two lists of one entry each: where the other list is, and where the time.
    '4949' +
      '2a00' +
      '08000000' +
      '0100' +
      '69870400010000001a000000' +
      '00000000' +
      '0100' +
      '039002001400000030000000' +
      '00000000' +
      '00000000',
    'hex',
  )
  const said = (time: string) => {
    const body = Buffer.concat([Buffer.from('Exif\0\0'), exif, Buffer.from(`${time}\0`)])
    const head = Buffer.from([0xff, 0xe1, 0, body.length + 2])
    const rest = bytes.subarray(bytes.indexOf(0xdb) - 1)
    const found = readJpeg(Buffer.concat([Buffer.from([0xff, 0xd8]), head, body, rest]))
    return found.ok ? found.value : null
  }
  const facts = said('2026:11:24 08:20:59')
  t.strictSame(facts?.takenAt, { date: '20261124', time: '082059' })
  t.equal(said('0000:00:00 00:00:00')?.takenAt, null)
  t.equal(said('2026:13:24 08:20:59')?.takenAt, null)
  if (facts === null) return
  const silent = details('photo', { takenAt: null })
  const dataSet = parse(wrapJpeg(facts, bytes.length, subject, silent), bytes)
  t.equal(dataSet.string('x00080023'), '20261124')
  const known = parse(wrapJpeg(facts, bytes.length, subject, details('photo')), bytes)
  t.equal(known.string('x00080033'), '082000')
})

t.test('wrap: texts fit their fields, in the letters that they need', async (t) => {
  const { bytes, facts } = jpeg('baseline.jpg')
  const odd = { ...subject, patientName: 'Nurhalizé^Siti\\\n', studyDescription: 'x'.repeat(99) }
  const accented = parse(wrapJpeg(facts, bytes.length, odd, details('photo')), bytes)
  t.equal(accented.string('x00080005'), 'ISO_IR 192')
  const { dataOffset = 0, length = 0 } = accented.elements['x00100010'] ?? {}
  const name = Buffer.from(accented.byteArray.subarray(dataOffset, dataOffset + length))
  t.equal(name.toString('utf8'), 'Nurhalizé^Siti ')
  t.equal(accented.string('x00081030')?.length, 64)
  const plain = parse(wrapJpeg(facts, bytes.length, subject, details('photo')), bytes)
  t.equal(plain.string('x00080005'), undefined, 'ASCII needs no word about it')
  const nobody = {
    ...subject,
    birthDate: null,
    sex: null,
    studyStart: null,
    studyDescription: null,
  }
  const unknown = details('photo', { takenAt: null, wrappedAt: null, timezone: null })
  const little = parse(wrapJpeg(facts, bytes.length, nobody, unknown), bytes)
  t.strictSame(missingIn(little), [], 'nothing is invented, and nothing is left out')
  t.equal(little.elements['x00080201'], undefined)
})

t.test('wrap: DCMTK reads what was made, pixel for pixel', async (t) => {
  const folder = t.testdir({})
  const picture = photo(8, 3)
  const made = wrapPixels(picture, subject, details('photo'))
  const { bytes, facts } = jpeg('baseline.jpg')
  const files = {
    'pixels.dcm': fileOf(made, picture.pixels),
    'jpeg.dcm': fileOf(wrapJpeg(facts, bytes.length, subject, details('photo')), bytes),
    'letter.dcm': fileOf(wrapPdf(2, subject, details('scan')), Uint8Array.of(37, 80)),
  }
  for (const [name, file] of Object.entries(files)) writeFileSync(join(folder, name), file)
  for (const name of Object.keys(files)) {
    const said = await tool('dcmdump', ['+E', '+P', '0010,0010', join(folder, name)])
    t.match(said, /\[Aminah\^Siti\]/, name)
    t.notMatch(said, /^[WEF]: /m, name)
  }
  const out = join(folder, 'out.ppm')
  await tool('dcm2pnm', ['+op', join(folder, 'pixels.dcm'), out])
  const ppm = readFileSync(out)
  t.strictSame(new Uint8Array(ppm.subarray(-picture.pixels.length)), picture.pixels)
})

t.test('uids: a UUID as a number, whatever the random bytes are', async (t) => {
  t.equal(newUid(new Uint8Array(16)), '2.25.302240678275694148452352')
  const most = newUid(new Uint8Array(16).fill(255))
  t.ok(isUid(most) && most.length <= 64)
  t.not(newUid(Uint8Array.from({ length: 16 }, (_, at) => at)), newUid(new Uint8Array(16)))
})
