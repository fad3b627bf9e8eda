/**
 * Reads what makes a person, as it was typed. The browser checks with it while a person types, and
 * the gateway checks again.
 */
import { daysFrom, readDate } from '../../drivers/keypad/date.ts'
import { nikDoubts, readNik, type NikDoubt, type NikFault } from '../../protocols/identity/nik.ts'
import type { Both } from './both.ts'
import type { FieldSays, PatientSaid } from './visits-view.ts'

/** As typed; empty is absent. */
export interface PatientTexts {
  readonly name: string
  readonly nik: string
  readonly birthDate: string
  /** In years, when nobody knows the day of birth. */
  readonly age: string
  readonly sex: string
}

export const noPatientTexts: PatientTexts = { name: '', nik: '', birthDate: '', age: '', sex: '' }

export interface PatientRead {
  /** null while anything is wrong. */
  readonly said: PatientSaid | null
  readonly wrong: readonly FieldSays[]
  /** To be looked at again, and corrected or confirmed. */
  readonly doubts: readonly FieldSays[]
}

const sexes = ['M', 'F', 'O'] as const
/** The value representation PN holds so many characters. */
export const nameLengthMax = 64
const ageYearsMax = 120
const ageYearsUsual = 105
const yearDays = 365.25

/** `today`: `YYYY-MM-DD` where the van is; null while it does not know the date. */
export function readPatient(texts: PatientTexts, today: string | null): PatientRead {
  const name = texts.name.trim().replace(/\s+/g, ' ')
  const nik = texts.nik.trim() === '' ? null : readNik(texts.nik)
  const birth = readDate(texts.birthDate)
  const birthDate = birth.kind === 'date' ? birth.iso : null
  const ageText = texts.age.trim()
  const years = /^\d{1,3}$/.test(ageText) ? Number(ageText) : null
  const sex = sexes.find((one) => one === texts.sex) ?? null
  const wrong = [
    ...says('name', nameFault(name)),
    ...says('nik', nik?.kind === 'wrong' ? nikFaults[nik.fault] : null),
    ...says('birthDate', birth.kind === 'wrong' ? words.date : birthFault(birthDate, today)),
    ...says('age', ageFault(ageText, years, texts.birthDate)),
    ...says('sex', texts.sex !== '' && sex === null ? words.sex : null),
  ]
  const nikSays = nik?.kind === 'nik' ? nikDoubts(nik.says, birthDate, sex) : []
  const doubts = [
    ...nikSays.map((doubt) => ({ field: 'nik', why: nikQuestions[doubt] })),
    ...says('birthDate', isOld(birthDate, today) ? words.old : null),
  ]
  if (wrong.length > 0) return { said: null, wrong, doubts }
  const statedAge = years === null ? null : { years, on: today }
  const said = { name, nik: nik?.kind === 'nik' ? nik.nik : null, birthDate, statedAge, sex }
  return { said, wrong, doubts }
}

function says(field: string, why: Both | null): readonly FieldSays[] {
  return why === null ? [] : [{ field, why }]
}

function nameFault(name: string): Both | null {
  if (!/\p{L}/u.test(name)) return words.name
  if (name.length > nameLengthMax) return words.longName
  // Signs that separate the parts of a name on the wire, and what no keyboard writes.
  return /[\\^=]|\p{Cc}/u.test(name) ? words.nameSigns : null
}

function birthFault(birthDate: string | null, today: string | null): Both | null {
  if (birthDate === null) return null
  if (birthDate < '1850') return words.date
  return today !== null && birthDate > today ? words.future : null
}

function isOld(birthDate: string | null, today: string | null): boolean {
  if (birthDate === null || today === null) return false
  return daysFrom(birthDate, today) > ageYearsUsual * yearDays
}

function ageFault(text: string, years: number | null, birthDate: string): Both | null {
  if (text === '') return null
  if (years === null || years > ageYearsMax) return words.age
  return birthDate.trim() === '' ? null : words.ageAndDate
}

const words = {
  name: { id: 'Tulis nama pasien.', en: 'Write the name of the patient.' },
  longName: { id: 'Nama paling panjang 64 huruf.', en: 'A name has at most 64 letters.' },
  nameSigns: { id: 'Nama tidak memuat ^, = atau \\.', en: 'A name holds no ^, = or \\.' },
  date: {
    id: 'Bukan tanggal. Tulis hari-bulan-tahun, misalnya 17-08-1990.',
    en: 'No date. Write day-month-year, such as 17-08-1990.',
  },
  future: { id: 'Tanggal lahir di masa depan.', en: 'The birth date lies in the future.' },
  old: { id: 'Lebih dari 105 tahun. Benar?', en: 'More than 105 years old. Is that right?' },
  age: { id: 'Umur dalam tahun, 0 sampai 120.', en: 'An age in years, 0 to 120.' },
  ageAndDate: {
    id: 'Isi tanggal lahir atau umur, jangan keduanya.',
    en: 'Fill in the birth date or the age, not both.',
  },
  sex: { id: 'Pilih jenis kelamin.', en: 'Choose the sex.' },
} as const satisfies Readonly<{ [name: string]: Both }>

const nikFaults: Readonly<{ [F in NikFault]: Both }> = {
  'not-16-digits': { id: 'NIK terdiri dari 16 angka.', en: 'A NIK has 16 digits.' },
  'all-the-same': {
    id: 'Semua angka NIK ini sama. Lihat lagi KTP.',
    en: 'All digits of this NIK are the same. Look at the card again.',
  },
  'no-such-day': {
    id: 'Angka ke-7 sampai ke-10 bukan hari dan bulan. Lihat lagi KTP.',
    en: 'Digits 7 to 10 are no day and month. Look at the card again.',
  },
  'no-serial': {
    id: 'NIK tidak berakhir dengan 0000. Lihat lagi KTP.',
    en: 'No NIK ends with 0000. Look at the card again.',
  },
}

const nikQuestions: Readonly<{ [D in NikDoubt]: Both }> = {
  'birth-date': {
    id: 'NIK ini menyebut tanggal lahir lain. Cocokkan dengan KTP.',
    en: 'This NIK says another birth date. Compare it with the card.',
  },
  sex: {
    id: 'NIK ini menyebut jenis kelamin lain. Cocokkan dengan KTP.',
    en: 'This NIK says another sex. Compare it with the card.',
  },
  province: {
    id: 'Dua angka pertama bukan kode provinsi. Cocokkan dengan KTP.',
    en: 'The first two digits are no province. Compare it with the card.',
  },
}
