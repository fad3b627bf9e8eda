import { troublesOf, type TroubleTable } from './trouble.ts'

/** Without a word of whom it is about: these texts stand in logs too. */
export const visitsTroubles = {
  'visits-name-refused': {
    en: {
      what: 'The name of the patient is empty, too long, or has characters that devices cannot show.',
      todo: 'Type at most 64 characters without \\ and =. For somebody unknown, type a word such as Unknown.',
    },
    id: {
      what: 'Nama pasien kosong, terlalu panjang, atau memuat karakter yang tidak dapat ditampilkan alat.',
      todo: 'Ketik paling banyak 64 karakter tanpa \\ dan =. Jika identitas belum diketahui, ketik misalnya Tidak dikenal.',
    },
    retriable: false,
  },
  'visits-nik-refused': {
    en: {
      what: 'This is not a NIK: it needs 16 digits, a day of birth that exists, and a serial number.',
      todo: 'Compare it with the identity card, digit by digit. Leave it empty when the card is not there.',
    },
    id: {
      what: 'Ini bukan NIK: harus 16 angka, dengan tanggal lahir yang ada dan nomor urut.',
      todo: 'Bandingkan dengan KTP, angka demi angka. Kosongkan jika KTP tidak ada.',
    },
    retriable: false,
  },
  'visits-birth-date-refused': {
    en: {
      what: 'The date of birth does not exist or lies in the future.',
      todo: 'Look at the identity card again. Leave the date empty when nobody knows it.',
    },
    id: {
      what: 'Tanggal lahir tidak ada atau di masa depan.',
      todo: 'Lihat KTP sekali lagi. Kosongkan tanggal jika tidak diketahui.',
    },
    retriable: false,
  },
  'visits-person-refused': {
    en: {
      what: 'Who does this was not said, or cannot be called so.',
      todo: 'Type your own name.',
    },
    id: {
      what: 'Nama petugas belum diisi atau tidak dapat dipakai.',
      todo: 'Ketik nama Anda sendiri.',
    },
    retriable: false,
  },
  'visits-patient-unknown': {
    en: {
      what: 'This patient is not known here any more.',
      todo: 'Look for the patient again, or enter the patient as new.',
    },
    id: {
      what: 'Pasien ini tidak lagi dikenal di sini.',
      todo: 'Cari pasien itu lagi, atau masukkan sebagai pasien baru.',
    },
    retriable: false,
  },
  'visits-visit-unknown': {
    en: {
      what: 'This visit is not known here any more.',
      todo: 'Look at the list of visits again.',
    },
    id: {
      what: 'Kunjungan ini tidak lagi dikenal di sini.',
      todo: 'Lihat daftar kunjungan sekali lagi.',
    },
    retriable: false,
  },
  'visits-visit-over': {
    en: {
      what: 'This visit is not open.',
      todo: 'Open a new visit for the patient.',
    },
    id: {
      what: 'Kunjungan ini sudah tidak terbuka.',
      todo: 'Mulai kunjungan baru untuk pasien ini.',
    },
    retriable: false,
  },
  'visits-too-many-open': {
    en: {
      what: '{count} visits are open, and no more can be.',
      todo: 'Finish visits of patients who have left.',
    },
    id: {
      what: 'Sudah {count} kunjungan terbuka dan tidak bisa ditambah.',
      todo: 'Selesaikan kunjungan pasien yang sudah pulang.',
    },
    retriable: false,
  },
  'visits-device-refused': {
    en: {
      what: 'These devices cannot be assigned to a visit: too many, or one of them has no good name.',
      todo: 'Choose among the devices that the page shows.',
    },
    id: {
      what: 'Alat-alat ini tidak dapat dipasangkan ke kunjungan: terlalu banyak, atau namanya tidak sah.',
      todo: 'Pilih alat yang ditampilkan di halaman.',
    },
    retriable: false,
  },
  'visits-order-refused': {
    en: {
      what: 'The order cannot be made: {field} is missing, too long, or has characters that devices cannot show.',
      todo: 'Choose the examination again, or shorten the words.',
    },
    id: {
      what: 'Permintaan pemeriksaan tidak dapat dibuat: {field} kosong, terlalu panjang, atau memuat karakter yang tidak dapat ditampilkan alat.',
      todo: 'Pilih pemeriksaan sekali lagi, atau persingkat kata-katanya.',
    },
    retriable: false,
  },
  'visits-too-many-orders': {
    en: {
      what: 'This visit has {count} orders already, and no more can be made.',
      todo: 'Cancel orders that are not needed.',
    },
    id: {
      what: 'Kunjungan ini sudah memiliki {count} permintaan dan tidak bisa ditambah.',
      todo: 'Batalkan permintaan yang tidak diperlukan.',
    },
    retriable: false,
  },
  'visits-order-unknown': {
    en: {
      what: 'This order is not known here any more.',
      todo: 'Look at the visit again.',
    },
    id: {
      what: 'Permintaan pemeriksaan ini tidak lagi dikenal di sini.',
      todo: 'Lihat kunjungan itu sekali lagi.',
    },
    retriable: false,
  },
  'visits-order-over': {
    en: {
      what: 'The examination has begun or is over: the order cannot be cancelled any more.',
      todo: 'Stop the examination on the device, or finish it there.',
    },
    id: {
      what: 'Pemeriksaan sudah dimulai atau selesai: permintaan tidak dapat dibatalkan lagi.',
      todo: 'Hentikan atau selesaikan pemeriksaan di alat.',
    },
    retriable: false,
  },
  'visits-accession-taken': {
    en: {
      what: 'An order of the hospital has an accession number that another order has.',
      todo: 'Tell the hospital which system sent it: accession numbers must be unique.',
    },
    id: {
      what: 'Permintaan dari rumah sakit memakai nomor aksesi yang sudah dipakai permintaan lain.',
      todo: 'Beri tahu rumah sakit sistem mana yang mengirimnya: nomor aksesi harus unik.',
    },
    retriable: false,
  },
  'visits-numbers-ran-out': {
    en: {
      what: 'No new number could be found for a patient or an order.',
      todo: 'Restart the gateway and report this: its source of chance does not work.',
    },
    id: {
      what: 'Nomor baru untuk pasien atau permintaan tidak dapat dibuat.',
      todo: 'Mulai ulang gateway dan laporkan: pembangkit angka acaknya tidak berfungsi.',
    },
    retriable: false,
  },
} as const satisfies TroubleTable

export type VisitsTroubleCode = keyof typeof visitsTroubles

export const visitsTrouble = troublesOf(visitsTroubles)
