import { troublesOf, type TroubleTable } from './trouble.ts'

/** Of messages of the hospital. Without a word of whom they are about. */
export const ordersTroubles = {
  'orders-not-understood': {
    en: {
      what: 'A message of the hospital was not understood: {why}. It was refused.',
      todo: 'Tell the hospital: orders are ORM, OML, OMG or OMI, patients are ADT, both with a patient id in PID-3.',
    },
    id: {
      what: 'Pesan dari rumah sakit tidak dipahami: {why}. Pesan ditolak.',
      todo: 'Beri tahu rumah sakit: permintaan berupa ORM, OML, OMG, atau OMI, pasien berupa ADT, keduanya dengan nomor pasien di PID-3.',
    },
    retriable: false,
  },
  'orders-modality-unknown': {
    en: {
      what: 'An order of the hospital does not say by which kind of device it is to be done. It was refused.',
      todo: 'Tell the hospital to send the modality, such as US or DX, in IPC-5 or OBR-24.',
    },
    id: {
      what: 'Permintaan dari rumah sakit tidak menyebut jenis alat untuk pemeriksaan. Permintaan ditolak.',
      todo: 'Minta rumah sakit mengirim modalitas, misalnya US atau DX, di IPC-5 atau OBR-24.',
    },
    retriable: false,
  },
  'orders-control-unknown': {
    en: {
      what: 'An order of the hospital asks for {control} in ORC-1, which is not done here. It was refused.',
      todo: 'Tell the hospital: NW makes an order, CA and DC cancel it. To change one, cancel it and send a new one.',
    },
    id: {
      what: 'Permintaan dari rumah sakit berisi {control} di ORC-1, yang tidak dilayani di sini. Permintaan ditolak.',
      todo: 'Beri tahu rumah sakit: NW membuat permintaan, CA dan DC membatalkan. Untuk mengubah, batalkan lalu kirim yang baru.',
    },
    retriable: false,
  },
  'orders-port-closed': {
    en: {
      what: 'Orders of the hospital cannot come in: {why}',
      todo: 'If another program uses the port, stop it or choose another port in the configuration (orders/hl7Port). It is tried again every 10 seconds.',
    },
    id: {
      what: 'Permintaan dari rumah sakit tidak dapat masuk: {why}',
      todo: 'Jika port dipakai program lain, hentikan program itu atau pilih port lain di konfigurasi (orders/hl7Port). Dicoba lagi tiap 10 detik.',
    },
    retriable: true,
  },
} as const satisfies TroubleTable

export const ordersTrouble = troublesOf(ordersTroubles)
