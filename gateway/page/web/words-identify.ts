import type { Both } from '../both.ts'

export const identifyWords = {
  'port-title': { id: 'Alat baru', en: 'New device' },
  'port-searching': { id: 'Mencari', en: 'Searching' },
  'port-found': { id: 'Dikenali', en: 'Recognised' },
  'port-closed': { id: 'Port tertutup', en: 'Port closed' },
  'port-also': { id: 'Mungkin juga: {labels}.', en: 'It may also be: {labels}.' },
  'port-known': {
    id: 'Sepertinya {device}, yang sebelumnya terpasang di tempat lain.',
    en: 'It seems to be {device}, which was plugged in elsewhere.',
  },
  'port-known-which': {
    id: 'Beberapa alat yang sama sedang tidak terpasang. Yang mana ini?',
    en: 'Several that are the same are not plugged in. Which one is this?',
  },
  'port-kept': {
    id: 'Yang dikirim alat selama ini disimpan dan tidak hilang.',
    en: 'What the device has sent meanwhile is kept and not lost.',
  },
  'port-use': { id: 'Pakai', en: 'Use it' },
  'port-use-as': { id: 'Ini {device}', en: 'It is {device}' },
  'port-use-new': { id: 'Ini alat lain', en: 'It is another one' },
  'port-other': { id: 'Bukan, pilih sendiri', en: 'No, choose another' },
  'port-choose': { id: 'Alat apa ini?', en: 'Which device is it?' },
  'port-again': { id: 'Cari lagi', en: 'Search again' },
  'port-record': { id: 'Rekam ini (.cap)', en: 'Record this (.cap)' },
  'port-sign-in': { id: 'Masuk untuk memakainya', en: 'Sign in to use it' },
  'stranger-asks': {
    id: 'Alat tak dikenal {title} di {peer} ingin mengirim citra. Alat apa ini?',
    en: 'Unknown device {title} at {peer} wants to send images. Which one is it?',
  },
  'stranger-kept': {
    id: 'Citra yang sudah masuk: {count}. Disimpan dengan nama {device} dan tidak hilang.',
    en: 'Images so far: {count}. They are kept under the name {device} and not lost.',
  },
  'stranger-new': { id: 'Alat baru, namai', en: 'A new device, called' },
  'stranger-save': { id: 'Simpan nama', en: 'Save the name' },
  forget: { id: 'Lepas dari daftar', en: 'Take out of use' },
  'forget-sure': {
    id: 'Alat ini tidak akan dibaca lagi sampai dikenali kembali. Rekamannya tetap ada.',
    en: 'It is not read any more until it is recognised again. Its records stay.',
  },

  'event-device-moved': { id: 'Dipasang di port lain', en: 'Plugged in at another port' },
  'event-adapter-differs': { id: 'Adaptornya diganti', en: 'Its adapter was exchanged' },
} as const satisfies { readonly [key: string]: Both }
