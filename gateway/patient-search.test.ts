import t from 'tap'
import type { Patient } from '../protocols/packet/visit-records.ts'
import { searchPatients } from './patient-search.ts'
import { VisitBook } from './visits/visit-book.ts'

const common = {
  kind: 'patient',
  atMs: 0,
  utcMs: null,
  uncertaintyMs: null,
  source: 'typed',
  simulated: false,
  nik: null,
  birthDate: null,
  sex: null,
  otherIds: {},
  by: 'Bidan Contoh',
} as const

function bookOf(...patients: readonly (Partial<Patient> & { readonly name: string })[]) {
  const book = new VisitBook()
  for (const [index, patient] of patients.entries()) {
    book.put({ ...common, patient: `p${index}`, patientId: `V02-${index}`, ...patient })
  }
  return (text: string, limit = 9) =>
    searchPatients(book, text, limit).map(({ patient }) => patient)
}

t.test('search: by words of a name in any order, however they are written', async (t) => {
  const find = bookOf({ name: 'Siti Nurhaliza' }, { name: 'AMINAH, Siti' }, { name: 'José Budi' })
  t.strictSame(find('siti'), ['p1', 'p0'], 'what changed last stands first')
  t.strictSame(find('amin SIT'), ['p1'])
  t.strictSame(find('jose'), ['p2'])
  t.strictSame(find('haliza'), ['p0'], 'inside of a word too')
  t.strictSame(find('iti'), ['p1', 'p0'])
  t.strictSame(find('siti budi'), [])
  t.strictSame(find('^'), ['p2', 'p1', 'p0'], 'nothing that could be a name')
})

t.test('search: what begins a word is likelier than what stands within one', async (t) => {
  const find = bookOf({ name: 'Ani' }, { name: 'Maryani' })
  t.strictSame(find('ani'), ['p0', 'p1'])
  t.strictSame(find('ani', 1), ['p0'])
})

t.test('search: by the number of the van, a whole NIK, and a number of others', async (t) => {
  const find = bookOf(
    { name: 'Siti', nik: '3602995708900001' },
    { name: 'Budi', otherIds: { hospital: '00-12-34', statedAge: '61 2026-04-12' } },
  )
  t.strictSame(find('v02-0'), ['p0'])
  t.strictSame(find('3602 9957 0890 0001'), ['p0'])
  t.strictSame(find('3602995708'), [], 'a part of a NIK finds nobody')
  t.strictSame(find('00-12-34'), ['p1'])
  t.strictSame(find('61 2026-04-12'), [])
})

t.test('search: who was merged into another number is not found again', async (t) => {
  const find = bookOf({ name: 'Siti' }, { name: 'Siti', otherIds: { mergedInto: 'V02-0' } })
  t.strictSame(find('siti'), ['p0'])
  t.strictSame(find('V02-1'), [])
  t.strictSame(find(''), ['p0'])
})
