import t from 'tap'
import type { CandidateView, ComparedField, StatedView } from '../visits-view.ts'
import { compare } from './compare.ts'
import { findingName } from './findings.ts'
import { birthText, shownName } from './patient-words.ts'
import { sayIn } from './words.ts'

const says: StatedView = {
  patientId: '77',
  name: 'CONTOH^SITI=',
  birthDate: '19900817',
  sex: 'F',
  accessionNumber: null,
}
const candidate = (differs: readonly ComparedField[] = []): CandidateView => ({
  visit: 'visit-1',
  order: {
    order: 'order-1',
    accessionNumber: 'V027KQ4XM09Z0002',
    modality: 'US',
    description: 'USG kehamilan',
    stationAeTitle: null,
    state: 'scheduled',
    images: 0,
    by: 'Bidan Contoh',
  },
  patient: {
    patient: 'patient-1',
    patientId: 'V02-17',
    name: 'Siti Contoh',
    nik: null,
    birthDate: '1990-08-17',
    statedAge: null,
    sex: 'F',
  },
  differs,
})

t.test('compare: image and order in one writing, with a word for each field', async (t) => {
  const rows = compare(says, candidate(['patientId']), sayIn('id'), 'id')
  t.strictSame(
    rows.map(({ field, image, order, verdict }) => [field, image, order, verdict]),
    [
      ['name', 'CONTOH SITI', 'Siti Contoh', 'same'],
      ['patientId', '77', 'V02-17', 'differs'],
      ['birthDate', '17-08-1990', '17-08-1990', 'same'],
      ['sex', 'Perempuan', 'Perempuan', 'same'],
      ['accessionNumber', null, 'V027KQ4XM09Z0002', 'absent'],
    ],
  )
})

t.test('compare: what a device writes beyond the standard is shown as it stands', async (t) => {
  const odd = { ...says, birthDate: '17 AUG', sex: 'W', name: '^^' }
  const rows = compare(odd, candidate(['sex']), sayIn('en'), 'en')
  t.match(rows, [
    { image: null, verdict: 'absent' },
    { image: '77' },
    { image: '17 AUG', order: '17 Aug 1990' },
    { image: 'W', order: 'Female', verdict: 'differs' },
  ])
  t.equal(shownName('A^B^^C=x'), 'A B C x')
})

t.test('compare: every reason to wait has its words, and a new one its code', async (t) => {
  t.equal(findingName('accession-missing', sayIn('id')), 'Tanpa nomor aksesi')
  t.equal(findingName('something-new', sayIn('id')), 'something new')
})

t.test('patient words: a birth date with its age, or an age that was said', async (t) => {
  const { patient } = candidate()
  const text = (change: object, today: string | null) =>
    birthText({ ...patient, ...change }, today, sayIn('id'), 'id')
  t.equal(text({}, '2026-04-12'), '17-08-1990 (35 th)')
  t.equal(text({}, null), '17-08-1990')
  t.equal(text({ birthDate: null, statedAge: { years: 61, on: null } }, null), '± 61 th')
  t.equal(text({ birthDate: null }, null), 'tanggal lahir belum diketahui')
})
