import { troublesOf, type TroubleTable } from './trouble.ts'

export const journalTroubles = {
  'journal-full': {
    en: {
      what: 'There is no room for new readings: the disk is full, and what waits for the hospital may not be removed.',
      todo: 'Take the van to where there is network until the waiting readings are sent; if none wait, have a technician free the disk. Note down readings on paper until then.',
    },
    id: {
      what: 'Tidak ada ruang untuk hasil baru: disk penuh, dan yang masih menunggu rumah sakit tidak boleh dihapus.',
      todo: 'Bawa mobil ke tempat yang ada jaringan sampai hasil yang menunggu terkirim; jika tidak ada, minta teknisi mengosongkan disk. Catat hasil di kertas sampai saat itu.',
    },
    retriable: true,
  },
  'journal-busy': {
    en: {
      what: 'The storage is too slow: {count} readings wait to be written.',
      todo: 'Wait a moment and measure again. If it happens often, the memory card is worn: replace it.',
    },
    id: {
      what: 'Penyimpanan terlalu lambat: {count} hasil menunggu ditulis.',
      todo: 'Tunggu sebentar lalu ukur ulang. Jika sering terjadi, kartu memori sudah aus: ganti.',
    },
    retriable: true,
  },
  'journal-refused': {
    en: {
      what: 'A reading of {device} cannot be stored: {reason}.',
      todo: 'Note it down on paper and report this message: it is an error of the program.',
    },
    id: {
      what: 'Hasil dari {device} tidak dapat disimpan: {reason}.',
      todo: 'Catat di kertas dan laporkan pesan ini: ini kesalahan program.',
    },
    retriable: false,
  },
  'journal-object-differs': {
    en: {
      what: 'A file of {device} is not what was announced: expected {expected}, found {found}.',
      todo: 'Send it again from the device.',
    },
    id: {
      what: 'Berkas dari {device} tidak sesuai: seharusnya {expected}, ternyata {found}.',
      todo: 'Kirim ulang dari alat.',
    },
    retriable: true,
  },
  'journal-failed': {
    en: {
      what: 'The storage does not work any more: {why}',
      todo: 'The gateway starts again by itself. If this repeats, replace the memory card and keep the old one: it holds readings.',
    },
    id: {
      what: 'Penyimpanan tidak berfungsi lagi: {why}',
      todo: 'Gateway menyala ulang sendiri. Jika berulang, ganti kartu memori dan simpan yang lama: ada hasil di dalamnya.',
    },
    retriable: true,
  },
  'journal-newer': {
    en: {
      what: 'The storage was written by a newer program: its format is {found}, this program knows up to {known}.',
      todo: 'Install the newer program again. Nothing was changed.',
    },
    id: {
      what: 'Penyimpanan ditulis oleh program yang lebih baru: formatnya {found}, program ini mengenal sampai {known}.',
      todo: 'Pasang kembali program yang lebih baru. Tidak ada yang diubah.',
    },
    retriable: false,
  },
  'journal-in-use': {
    en: {
      what: 'Another program already works with the storage in {folder}.',
      todo: 'Stop the other gateway first, or give this one a folder of its own.',
    },
    id: {
      what: 'Program lain sedang memakai penyimpanan di {folder}.',
      todo: 'Hentikan gateway yang lain dulu, atau beri gateway ini folder sendiri.',
    },
    retriable: true,
  },
  'journal-folder-denied': {
    en: {
      what: 'The data folder {folder} cannot be used: {why}.',
      todo: 'Give it and all in it to the user of the service: chown -R simpul: {folder}',
    },
    id: {
      what: 'Folder data {folder} tidak bisa dipakai: {why}.',
      todo: 'Berikan folder itu beserta isinya kepada pengguna layanan: chown -R simpul: {folder}',
    },
    retriable: true,
  },
  'journal-key-unreadable': {
    en: {
      what: 'The signing key of the van in {path} cannot be read: {why}',
      todo: 'Put back the key from the backup. Only if there is none, remove the file: a new key is made, and the hospital must be told.',
    },
    id: {
      what: 'Kunci tanda tangan mobil di {path} tidak dapat dibaca: {why}',
      todo: 'Kembalikan kunci dari cadangan. Hanya jika tidak ada, hapus berkasnya: kunci baru dibuat, dan rumah sakit harus diberi tahu.',
    },
    retriable: false,
  },
} as const satisfies TroubleTable

export const journalTrouble = troublesOf(journalTroubles)

export type JournalTroubleCode = keyof typeof journalTroubles
