import { troublesOf, type TroubleTable } from './trouble.ts'

/** Without a word of whom it is about: these texts stand in logs too. */
export const identityTroubles = {
  'identity-study-gone': {
    en: {
      what: 'These images are not in the list any more.',
      todo: 'Look at the list again: somebody else may have decided about them, or more of them came.',
    },
    id: {
      what: 'Gambar-gambar ini tidak ada lagi dalam daftar.',
      todo: 'Lihat daftar sekali lagi: mungkin orang lain sudah memutuskan, atau ada gambar baru yang masuk.',
    },
    retriable: false,
  },
  'identity-patient-changed': {
    en: {
      what: 'The order belongs to another patient than the one that was shown.',
      todo: 'Look at the order and its patient again, then decide.',
    },
    id: {
      what: 'Permintaan ini milik pasien lain, bukan pasien yang tadi ditampilkan.',
      todo: 'Periksa lagi permintaan dan pasiennya, lalu putuskan.',
    },
    retriable: false,
  },
  'identity-order-unknown': {
    en: {
      what: 'The order is not known here, or it was cancelled.',
      todo: 'Choose another order, or make a new one.',
    },
    id: {
      what: 'Permintaan ini tidak dikenal di sini, atau sudah dibatalkan.',
      todo: 'Pilih permintaan lain, atau buat yang baru.',
    },
    retriable: false,
  },
  'identity-reason-missing': {
    en: {
      what: 'A reason is needed for this decision.',
      todo: 'Write in a few words why.',
    },
    id: {
      what: 'Keputusan ini memerlukan alasan.',
      todo: 'Tulis alasannya dengan singkat.',
    },
    retriable: false,
  },
  'identity-file-gone': {
    en: {
      what: 'The file of an image is not on the disk of the van any more, because the hospital has it and room was needed.',
      todo: 'The image cannot be changed here. Let the hospital correct it, or accept or refuse it as it is.',
    },
    id: {
      what: 'Berkas gambar sudah tidak ada di disk mobil, karena rumah sakit sudah menerimanya dan ruang diperlukan.',
      todo: 'Gambar tidak dapat diubah di sini. Minta rumah sakit memperbaikinya, atau terima atau tolak apa adanya.',
    },
    retriable: false,
  },
  'identity-not-coerced': {
    en: {
      what: 'The data of the patient could not be written into {count} of {total} images: {why}.',
      todo: 'These images still wait. Try once more; if it fails again, accept them as they are with a reason, or refuse them and let the device send them again under the right patient.',
    },
    id: {
      what: 'Data pasien tidak dapat ditulis ke {count} dari {total} gambar: {why}.',
      todo: 'Gambar ini masih menunggu. Coba sekali lagi; jika tetap gagal, terima apa adanya dengan alasan, atau tolak dan minta alat mengirim ulang dengan pasien yang benar.',
    },
    retriable: false,
  },
} as const satisfies TroubleTable

export type IdentityTroubleCode = keyof typeof identityTroubles

export const identityTrouble = troublesOf(identityTroubles)
