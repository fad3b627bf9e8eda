import type { Both } from '../view.ts'

export const keypadWords = {
  'keypad-title': { id: 'Isi manual', en: 'Keypad' },
  'keypad-text': {
    id: 'Baca angka pada alat, ketik persis seperti terlihat.',
    en: 'Read the number off the device, type it exactly as you see it.',
  },
  'keypad-recent': { id: 'Baru saja diketik', en: 'Typed just now' },
  'keypad-none': { id: 'Tidak ada formulir', en: 'There are no forms' },
  'keypad-none-todo': {
    id: 'Pasang perangkat lunak Simpul lagi, atau lapor kepada teknisi.',
    en: 'Install the Simpul software again, or tell the technician.',
  },
  'field-optional': { id: 'boleh kosong', en: 'optional' },
  'field-first': { id: 'Pengukuran 1', en: 'Measurement 1' },
  'field-second': { id: 'Pengukuran 2', en: 'Measurement 2' },
  'to-second': { id: 'Lanjut ke pengukuran 2', en: 'On to measurement 2' },
  'field-hidden-why': {
    id: 'Ukur sekali lagi dari awal. Angka pertama disembunyikan agar tidak memengaruhi.',
    en: 'Measure once more from the start. The first number is hidden so that it does not lead you.',
  },
  'twice-agree': {
    id: 'Selisih {difference} {unit}: cocok',
    en: 'Difference {difference} {unit}: they agree',
  },
  'twice-differ': {
    id: 'Selisih {difference} {unit}, batas {tolerance} {unit}. Sebaiknya ukur ulang.',
    en: 'Difference {difference} {unit}, limit {tolerance} {unit}. Better measure again.',
  },
  'confirm-title': { id: 'Periksa sekali lagi', en: 'Look once more' },
  'confirm-back': { id: 'Kembali, perbaiki', en: 'Back, correct it' },
  'photo-take': { id: 'Tambah foto hasil', en: 'Add a photo of the result' },
  'photo-unreadable': {
    id: 'Foto ini tidak terbaca. Ambil lagi, atau simpan tanpa foto.',
    en: 'This photo cannot be read. Take it again, or save without one.',
  },
  'photo-source': { id: 'Angka dibaca dari', en: 'The numbers were read off' },
  'photo-from-display': { id: 'alat atau strip', en: 'the device or strip' },
  'photo-from-photo': { id: 'foto ini', en: 'this photo' },
  'photo-remove': { id: 'Hapus foto ({size})', en: 'Remove the photo ({size})' },
  'photo-alt': { id: 'Foto hasil', en: 'Photo of the result' },
  'key-delete': { id: 'Hapus', en: 'Delete' },
  'key-next': { id: 'Lanjut', en: 'Next' },
  'key-decimal': { id: 'Koma', en: 'Decimal point' },
  'key-beyond': { id: '{text} pada alat', en: '{text} on the device' },
  'key-minus': { id: 'Minus', en: 'Minus' },
  'keypad-label': { id: 'Papan angka', en: 'Number pad' },
  save: { id: 'Simpan', en: 'Save' },
  'save-anyway': { id: 'Simpan apa adanya', en: 'Save as it is' },
  saving: { id: 'Menyimpan…', en: 'Saving…' },
  'saving-again': {
    id: 'Belum ada jawaban. Mengirim lagi; tidak akan tersimpan dua kali.',
    en: 'No answer yet. Sending again; it will not be stored twice.',
  },
  'typed-done': { id: 'Tersimpan di Simpul', en: 'Stored in Simpul' },
  'type-another': { id: 'Isi lagi', en: 'Type another' },
  'type-other-form': { id: 'Formulir lain', en: 'Another form' },
} as const satisfies { readonly [key: string]: Both }
