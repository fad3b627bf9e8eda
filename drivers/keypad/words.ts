/** What there is to say to a person about what was typed, in both languages. */
import type { Names } from '../../protocols/vocabulary/names.ts'

const texts = {
  'unknown-form': {
    en: 'There is no such form. Load the page again.',
    id: 'Formulir ini tidak ada. Muat ulang halaman.',
  },
  'unknown-field': {
    en: 'The form has no such field. Load the page again.',
    id: 'Kolom ini tidak ada di formulir. Muat ulang halaman.',
  },
  'nothing-typed': {
    en: 'Nothing was typed.',
    id: 'Belum ada yang diisi.',
  },
  missing: {
    en: 'Missing. Measure and type it.',
    id: 'Belum diisi. Ukur lalu ketik hasilnya.',
  },
  'not-a-number': {
    en: 'Not a number. Type it as the display shows it.',
    id: 'Bukan angka. Ketik seperti yang terlihat di layar alat.',
  },
  'not-chosen': {
    en: 'Not chosen yet. Choose one.',
    id: 'Belum dipilih. Pilih salah satu.',
  },
  'not-a-choice': {
    en: 'Not one of the choices. Choose again.',
    id: 'Bukan salah satu pilihan. Pilih lagi.',
  },
  'not-a-label': {
    en: 'Type only the letters and digits that stand on the label, at most 24.',
    id: 'Ketik hanya huruf dan angka yang tertera di label, paling banyak 24.',
  },
  'looks-like-identity': {
    en: 'This looks like the identity number of a person. It does not belong here.',
    id: 'Ini tampak seperti NIK seseorang. Tidak boleh diisi di sini.',
  },
  alone: {
    en: 'There is no result yet to which this belongs. Type the result too.',
    id: 'Belum ada hasil yang menyertainya. Isi juga hasilnya.',
  },
  thousands: {
    en: 'Is the sign in it for thousands? Type the number without it.',
    id: 'Apakah tandanya pemisah ribuan? Ketik angkanya tanpa tanda itu.',
  },
  'too-many-decimals': {
    en: 'At most {decimals} digits after the point. Is the point in its place?',
    id: 'Paling banyak {decimals} angka di belakang koma. Apakah letak komanya benar?',
  },
  'no-decimals': {
    en: 'A whole number, without a point. Is the point in its place?',
    id: 'Bilangan bulat, tanpa koma. Apakah letak komanya benar?',
  },
  'not-a-date': {
    en: 'Not a day. Type day, month and year: 05-11-2026.',
    id: 'Bukan tanggal. Ketik hari, bulan, tahun: 05-11-2026.',
  },
  'date-ahead': {
    en: 'This day lies ahead. Is the year right?',
    id: 'Tanggal ini belum tiba. Apakah tahunnya benar?',
  },
  'date-long-ago': {
    en: 'This day lies more than {days} days back. Is the year right?',
    id: 'Tanggal ini lebih dari {days} hari yang lalu. Apakah tahunnya benar?',
  },
  'not-below': {
    en: 'Must be lower than {other}. Were the two exchanged?',
    id: 'Harus lebih rendah dari {other}. Apakah keduanya tertukar?',
  },
  implausible: {
    en: 'Outside {low} to {high} {unit}. Look again; the number is kept as typed.',
    id: 'Di luar {low} sampai {high} {unit}. Periksa lagi; angka tidak diubah.',
  },
  differ: {
    en: 'More than {tolerance} {unit} from the first. Better measure again.',
    id: 'Selisih lebih dari {tolerance} {unit}. Sebaiknya ukur ulang.',
  },
} as const satisfies Readonly<{ [code: string]: Names }>

export type FindingCode = keyof typeof texts

type Filling = number | Names

/**
 * The sentence, with `{name}` replaced. Numbers are written with a point in English, a comma in
 * Indonesian.
 */
export function wordsOf(
  code: FindingCode,
  fillings: Readonly<{ [name: string]: Filling }> = {},
): Names {
  const { en, id } = texts[code]
  return { en: fill(en, 'en', fillings), id: fill(id, 'id', fillings) }
}

function fill(
  text: string,
  language: keyof Names,
  fillings: Readonly<{ [name: string]: Filling }>,
): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const filling = fillings[name] ?? { en: whole, id: whole }
    if (typeof filling !== 'number') return filling[language]
    return language === 'id' ? String(filling).replace('.', ',') : String(filling)
  })
}
