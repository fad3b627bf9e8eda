import t from 'tap'
import { noPatientTexts, readPatient, type PatientTexts } from './patient-check.ts'

const today = '2026-04-12'
const nik = '3602995708900001'
const read = (texts: Partial<PatientTexts>, on: string | null = today) =>
  readPatient({ ...noPatientTexts, name: 'Siti Contoh', ...texts }, on)
const wrongIn = (texts: Partial<PatientTexts>) => read(texts).wrong.map(({ field }) => field)
const doubtsIn = (texts: Partial<PatientTexts>) => read(texts).doubts.map(({ field }) => field)

t.test('patient: only a name is needed, and it is read as one line', async (t) => {
  t.strictSame(read({ name: '  Siti   Contoh ' }), {
    said: { name: 'Siti Contoh', nik: null, birthDate: null, statedAge: null, sex: null },
    wrong: [],
    doubts: [],
  })
  const names = ['', '   ', '123', 'CONTOH^SITI', 'A=B', 'A\\B', 'x'.repeat(65)]
  t.strictSame(
    names.map((name) => wrongIn({ name })),
    names.map(() => ['name']),
  )
})

t.test('patient: a NIK must have its structure, and what it says is compared', async (t) => {
  const said = { nik: '3602 9957 0890 0001', birthDate: '17-08-1990', sex: 'F' }
  t.match(read(said), { said: { nik, birthDate: '1990-08-17', sex: 'F' }, doubts: [] })
  t.strictSame(wrongIn({ nik: '360299' }), ['nik'])
  t.strictSame(doubtsIn({ ...said, birthDate: '18-08-1990' }), ['nik'])
  t.strictSame(doubtsIn({ ...said, birthDate: '18-08-1990', sex: 'M' }), ['nik', 'nik'])
  t.strictSame(doubtsIn({ nik }), [], 'nothing to compare with')
})

t.test('patient: a birth date lies in the past, an age is kept as it was said', async (t) => {
  t.match(read({ birthDate: '12042026' }).said, { birthDate: today })
  t.strictSame(wrongIn({ birthDate: '13-04-2026' }), ['birthDate'])
  t.match(read({ birthDate: '13-04-2026' }, null).wrong, [], 'a box that does not know the date')
  t.strictSame(wrongIn({ birthDate: '31-02-2020' }), ['birthDate'])
  t.strictSame(wrongIn({ birthDate: '01-01-1849' }), ['birthDate'])
  t.strictSame(doubtsIn({ birthDate: '01-01-1915' }), ['birthDate'])
  t.match(read({ age: '61' }).said, { birthDate: null, statedAge: { years: 61, on: today } })
  t.match(read({ age: '0' }).said, { statedAge: { years: 0 } })
  t.match(read({ age: '61' }, null).said, { statedAge: { years: 61, on: null } })
  t.strictSame(
    ['-1', '121', '6,5', 'tua'].map((age) => wrongIn({ age })),
    [['age'], ['age'], ['age'], ['age']],
  )
  t.strictSame(wrongIn({ age: '61', birthDate: '01-01-1965' }), ['age'])
})

t.test('patient: the sex is one of three words or not known', async (t) => {
  t.strictSame(
    ['M', 'F', 'O', ''].map((sex) => read({ sex }).said?.sex),
    ['M', 'F', 'O', null],
  )
  t.strictSame(wrongIn({ sex: 'X' }), ['sex'])
})
