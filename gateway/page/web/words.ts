/**
 * Every word of the page, in both languages side by side. A text without its twin does not compile,
 * and neither does a text that is used without the details that it names in braces.
 */
import type { Both, Language } from '../both.ts'
import { deviceWords } from './words-devices.ts'
import { identifyWords } from './words-identify.ts'
import { imageWords } from './words-images.ts'
import { keypadWords } from './words-keypad.ts'
import { recordWords } from './words-records.ts'
import { visitWords } from './words-visits.ts'

const shellWords = {
  'nav-devices': { id: 'Alat', en: 'Devices' },
  'nav-records': { id: 'Rekaman', en: 'Records' },
  'nav-keypad': { id: 'Isi manual', en: 'Keypad' },
  'nav-label': { id: 'Bagian', en: 'Sections' },
  'language-label': { id: 'Bahasa', en: 'Language' },
  'sign-in': { id: 'Masuk', en: 'Sign in' },
  'sign-out': { id: 'Keluar', en: 'Sign out' },
  loading: { id: 'Memuat…', en: 'Loading…' },
  back: { id: 'Kembali', en: 'Back' },
  'line-lost': { id: 'Sambungan ke Simpul terputus', en: 'No connection to Simpul' },
  'line-lost-todo': {
    id: 'Yang terlihat adalah keadaan {age}. Periksa Wi-Fi ponsel atau tablet ini.',
    en: 'What you see is as it was {age}. Check the Wi-Fi of this phone or tablet.',
  },
  'line-full': { id: 'Terlalu banyak halaman terbuka', en: 'Too many pages are open' },
  'line-full-todo': {
    id: 'Tutup halaman Simpul di ponsel, tablet, atau komputer lain.',
    en: 'Close the page of Simpul on another phone, tablet or computer.',
  },
  'line-never': { id: 'Simpul belum menjawab', en: 'Simpul does not answer yet' },
  'line-never-todo': {
    id: 'Periksa Wi-Fi ponsel atau tablet ini. Halaman akan mencoba lagi sendiri.',
    en: 'Check the Wi-Fi of this phone or tablet. The page tries again by itself.',
  },
  'no-answer': { id: 'Tidak ada jawaban', en: 'No answer' },
  'no-answer-todo': {
    id: 'Periksa Wi-Fi ponsel atau tablet ini, lalu coba lagi.',
    en: 'Check the Wi-Fi of this phone or tablet, then try again.',
  },
  'clock-unset': { id: 'Jam belum tepat', en: 'Clock not set' },
  'clock-unset-why': {
    id: 'Waktu akan diperbaiki sendiri setelah ada sambungan.',
    en: 'Times are corrected by themselves once there is a connection.',
  },
  'clock-set': {
    id: 'Jam tepat ± {uncertainty}, {authority}',
    en: 'Clock set ± {uncertainty}, {authority}',
  },
  'authority-broker': { id: 'waktu dari rumah sakit', en: 'time from the hospital' },
  'authority-ntp': { id: 'waktu dari jaringan (NTP)', en: 'time from the network (NTP)' },
  'authority-gnss': { id: 'waktu dari satelit', en: 'time from satellites' },
  'authority-rtc': { id: 'waktu dari jam kotak ini', en: 'time from the clock of the box' },
  'authority-person': { id: 'waktu diisi petugas', en: 'time set by a person' },
  simulation: { id: 'Simulasi', en: 'Simulation' },
  'just-now': { id: 'baru saja', en: 'just now' },
  ago: { id: '{duration} lalu', en: '{duration} ago' },
  'unit-seconds': { id: 'dtk', en: 's' },
  'unit-minutes': { id: 'mnt', en: 'min' },
  'unit-hours': { id: 'jam', en: 'h' },
  'unit-days': { id: 'hari', en: 'd' },

  'welcome-title': { id: 'Selamat datang di Simpul', en: 'Welcome to Simpul' },
  'welcome-text': {
    id: 'Simpul mencatat hasil alat di mobil ini dan mengirimkannya ke rumah sakit. Belum ada pemilik: jadikan milik tim Anda sekarang.',
    en: 'Simpul keeps what the devices in this van measure and brings it to the hospital. It has no owner yet: make it your team’s now.',
  },
  'claim-code': { id: 'Kode klaim', en: 'Claim code' },
  'claim-code-hint': {
    id: '8 huruf dan angka pada label kotak Simpul atau pada konsolnya.',
    en: '8 letters and digits on the label of the Simpul box or on its console.',
  },
  passphrase: { id: 'Frasa sandi', en: 'Passphrase' },
  'new-passphrase': { id: 'Frasa sandi baru', en: 'New passphrase' },
  'passphrase-hint': {
    id: 'Paling sedikit 10 karakter. Beberapa kata lebih mudah diingat.',
    en: 'At least 10 characters. A few words are easier to remember.',
  },
  'passphrase-again': { id: 'Ulangi frasa sandi', en: 'Repeat the passphrase' },
  'passphrase-differs': {
    id: 'Kedua frasa sandi belum sama.',
    en: 'The two passphrases are not the same yet.',
  },
  'passphrase-short': {
    id: 'Masih kurang {count} karakter.',
    en: '{count} more characters needed.',
  },
  'passphrase-show': { id: 'Tampilkan', en: 'Show' },
  'passphrase-hide': { id: 'Sembunyikan', en: 'Hide' },
  'claim-button': { id: 'Jadikan milik kami', en: 'Claim this gateway' },
  'claim-working': { id: 'Menyimpan…', en: 'Saving…' },
  'look-only': { id: 'Lihat keadaan alat saja', en: 'Only look at the devices' },
  'sign-in-title': { id: 'Masuk ke Simpul', en: 'Sign in to Simpul' },
  'sign-in-text': {
    id: 'Nilai pasien dan isi manual hanya terlihat setelah masuk.',
    en: 'Patient values and the keypad are shown only after signing in.',
  },
  'sign-in-needed': { id: 'Masuk untuk melihat nilai', en: 'Sign in to see values' },
  'sign-in-working': { id: 'Memeriksa…', en: 'Checking…' },
} as const satisfies Dictionary

type Dictionary = { readonly [key: string]: Both }

export const words = {
  ...shellWords,
  ...deviceWords,
  ...identifyWords,
  ...recordWords,
  ...keypadWords,
  ...visitWords,
  ...imageWords,
} as const

export type Key = keyof typeof words

/** The names in braces. */
type NamesIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never

type Details<K extends Key> = [NamesIn<(typeof words)[K]['id']>] extends [never]
  ? []
  : [details: { readonly [Name in NamesIn<(typeof words)[K]['id']>]: string | number }]

export type Say = <K extends Key>(key: K, ...details: Details<K>) => string

export function sayIn(language: Language): Say {
  return (key, ...details) => fill(words[key][language], details[0] ?? {})
}

function fill(text: string, details: { readonly [name: string]: string | number }): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(details[name] ?? whole))
}
