import { troublesOf, type TroubleTable } from './trouble.ts'

export const pageTroubles = {
  'page-port-taken': {
    en: {
      what: 'The local page cannot listen on {address}, port {port}: {why}.',
      todo: 'Stop the other program that uses this port, or choose another port in the configuration.',
    },
    id: {
      what: 'Halaman lokal tidak bisa memakai {address}, port {port}: {why}.',
      todo: 'Hentikan program lain yang memakai port ini, atau pilih port lain di konfigurasi.',
    },
    retriable: true,
  },
  'page-not-built': {
    en: {
      what: 'The files of the local page are not in {folder}.',
      todo: 'Run `make page`, or install the package again.',
    },
    id: {
      what: 'Berkas halaman lokal tidak ada di {folder}.',
      todo: 'Jalankan `make page`, atau pasang ulang paketnya.',
    },
    retriable: false,
  },
  'page-owner-unreadable': {
    en: {
      what: 'The file {path}, which holds who owns this gateway, cannot be read: {why}.',
      todo: 'Restore it from a backup, or remove it and claim the gateway again with the code from its label or its console.',
    },
    id: {
      what: 'Berkas {path}, yang menyimpan pemilik gateway ini, tidak bisa dibaca: {why}.',
      todo: 'Pulihkan dari cadangan, atau hapus lalu klaim ulang gateway dengan kode pada label atau konsolnya.',
    },
    retriable: false,
  },
  'page-not-claimed': {
    en: {
      what: 'This gateway has no owner yet.',
      todo: 'Claim it first with the code from its label or its console.',
    },
    id: {
      what: 'Gateway ini belum punya pemilik.',
      todo: 'Klaim dahulu dengan kode pada label atau konsolnya.',
    },
    retriable: false,
  },
  'page-claimed-already': {
    en: {
      what: 'This gateway has an owner already.',
      todo: 'Sign in with the passphrase.',
    },
    id: {
      what: 'Gateway ini sudah punya pemilik.',
      todo: 'Masuk dengan frasa sandi.',
    },
    retriable: false,
  },
  'page-wrong-code': {
    en: {
      what: 'The claim code is not right.',
      todo: 'Read it again from the label or the console of the gateway.',
    },
    id: {
      what: 'Kode klaim tidak cocok.',
      todo: 'Baca lagi kode pada label atau konsol gateway.',
    },
    retriable: false,
  },
  'page-weak-passphrase': {
    en: {
      what: 'The passphrase needs {minimum} to {maximum} characters and must not be the claim code.',
      todo: 'Choose a few words that you remember.',
    },
    id: {
      what: 'Frasa sandi harus {minimum} sampai {maximum} karakter dan bukan kode klaim.',
      todo: 'Pilih beberapa kata yang mudah diingat.',
    },
    retriable: false,
  },
  'page-wrong-passphrase': {
    en: {
      what: 'The passphrase is not right.',
      todo: 'Type it again. Mind capital letters.',
    },
    id: {
      what: 'Frasa sandi tidak cocok.',
      todo: 'Ketik lagi. Perhatikan huruf besar dan kecil.',
    },
    retriable: false,
  },
  'page-too-many-attempts': {
    en: {
      what: 'There were too many attempts.',
      todo: 'Wait {seconds} seconds, then try again.',
    },
    id: {
      what: 'Terlalu banyak percobaan.',
      todo: 'Tunggu {seconds} detik, lalu coba lagi.',
    },
    retriable: true,
  },
  'page-sign-in': {
    en: {
      what: 'You are not signed in, or the session has ended.',
      todo: 'Sign in with the passphrase.',
    },
    id: {
      what: 'Anda belum masuk, atau sesi sudah berakhir.',
      todo: 'Masuk dengan frasa sandi.',
    },
    retriable: false,
  },
  'page-foreign-host': {
    en: {
      what: 'The page was opened under a name that this gateway does not have.',
      todo: 'Open it by the address on its label.',
    },
    id: {
      what: 'Halaman dibuka dengan nama yang bukan milik gateway ini.',
      todo: 'Buka dengan alamat pada labelnya.',
    },
    retriable: false,
  },
  'page-foreign-origin': {
    en: {
      what: 'Another web page tried to command this gateway, and was refused.',
      todo: 'Use the page of the gateway itself.',
    },
    id: {
      what: 'Halaman web lain mencoba memerintah gateway ini, dan ditolak.',
      todo: 'Gunakan halaman gateway ini sendiri.',
    },
    retriable: false,
  },
  'page-too-large': {
    en: {
      what: 'The request is larger than {limitBytes} bytes.',
      todo: 'Load the page again.',
    },
    id: {
      what: 'Permintaan lebih besar dari {limitBytes} byte.',
      todo: 'Muat ulang halaman.',
    },
    retriable: false,
  },
  'page-bad-request': {
    en: {
      what: 'The gateway did not understand the request ({why}).',
      todo: 'Load the page again.',
    },
    id: {
      what: 'Gateway tidak memahami permintaan ({why}).',
      todo: 'Muat ulang halaman.',
    },
    retriable: false,
  },
  'page-no-photo': {
    en: {
      what: 'The file is no photo that can be kept.',
      todo: 'Choose a photo in the format JPEG or PNG.',
    },
    id: {
      what: 'Berkas ini bukan foto yang bisa disimpan.',
      todo: 'Pilih foto berformat JPEG atau PNG.',
    },
    retriable: false,
  },
  'page-not-found': {
    en: {
      what: 'There is nothing at this address.',
      todo: 'Go back to the Devices page.',
    },
    id: {
      what: 'Tidak ada apa-apa di alamat ini.',
      todo: 'Kembali ke halaman Alat.',
    },
    retriable: false,
  },
  'page-no-capture': {
    en: {
      what: 'The flight recorder of this device is empty.',
      todo: 'Let the device say something first, then download again.',
    },
    id: {
      what: 'Perekam alat ini masih kosong.',
      todo: 'Tunggu sampai alat mengirim sesuatu, lalu unduh lagi.',
    },
    retriable: true,
  },
  'page-too-many-viewers': {
    en: {
      what: 'Too many pages watch this gateway at the same time.',
      todo: 'Close the page on another phone or computer.',
    },
    id: {
      what: 'Terlalu banyak halaman yang melihat gateway ini bersamaan.',
      todo: 'Tutup halaman di ponsel atau komputer lain.',
    },
    retriable: true,
  },
  'page-restarted': {
    en: {
      what: 'The gateway was restarted while this value was on its way.',
      todo: 'Look in Records whether the value is there before you type it again.',
    },
    id: {
      what: 'Gateway dimulai ulang saat nilai ini sedang dikirim.',
      todo: 'Periksa di Rekaman apakah nilainya sudah ada sebelum mengetik lagi.',
    },
    retriable: false,
  },
  'page-typed-already': {
    en: {
      what: 'An earlier version of this entry is stored already.',
      todo: 'Look at it in Records. If it is wrong, type the right numbers as a new entry.',
    },
    id: {
      what: 'Isian ini sudah tersimpan dengan angka yang lebih awal.',
      todo: 'Lihat di Rekaman. Bila salah, ketik angka yang benar sebagai isian baru.',
    },
    retriable: false,
  },
  'page-visit-restarted': {
    en: {
      what: 'The gateway was restarted while this was on its way.',
      todo: 'Look under Visits whether it is there before you do it again.',
    },
    id: {
      what: 'Gateway dimulai ulang saat ini sedang dikirim.',
      todo: 'Periksa di Kunjungan apakah sudah ada sebelum mengulang.',
    },
    retriable: false,
  },
  'page-visit-already': {
    en: {
      what: 'An earlier version of this is stored already.',
      todo: 'Look at it under Visits, and correct it there.',
    },
    id: {
      what: 'Isian ini sudah tersimpan sebelum diubah.',
      todo: 'Lihat di Kunjungan, lalu koreksi di sana.',
    },
    retriable: false,
  },
  'page-other-patient': {
    en: {
      what: 'This order does not belong to the patient that you saw. Nothing was changed.',
      todo: 'Open the image again and compare once more.',
    },
    id: {
      what: 'Permintaan ini bukan milik pasien yang Anda lihat. Tidak ada yang diubah.',
      todo: 'Buka gambarnya lagi dan cocokkan sekali lagi.',
    },
    retriable: false,
  },
  'page-no-preview': {
    en: {
      what: 'There is no picture of this image to show.',
      todo: 'Look at the image on the device that took it.',
    },
    id: {
      what: 'Belum ada gambar kecil untuk ditampilkan.',
      todo: 'Lihat gambarnya di alat yang mengambilnya.',
    },
    retriable: true,
  },
  'page-no-picture': {
    en: {
      what: 'The file is none that can be kept.',
      todo: 'Choose a picture (JPEG, PNG, BMP), a PDF or an MP4 video.',
    },
    id: {
      what: 'Berkas ini tidak bisa disimpan.',
      todo: 'Pilih gambar (JPEG, PNG, BMP), PDF, atau video MP4.',
    },
    retriable: false,
  },
  'page-too-many-uploads': {
    en: {
      what: 'Other files are on their way to the gateway.',
      todo: 'Wait until they have arrived, then try again.',
    },
    id: {
      what: 'Berkas lain masih dikirim ke gateway.',
      todo: 'Tunggu sampai selesai, lalu coba lagi.',
    },
    retriable: true,
  },
  'page-upload-gone': {
    en: {
      what: 'The gateway no longer knows this file; nothing was stored.',
      todo: 'Choose the file again.',
    },
    id: {
      what: 'Gateway tidak lagi mengenal berkas ini; tidak ada yang tersimpan.',
      todo: 'Pilih berkasnya sekali lagi.',
    },
    retriable: false,
  },
  'page-failed': {
    en: {
      what: 'The gateway could not answer because of a fault of its own.',
      todo: 'Try again. If it stays, report the time to the technician.',
    },
    id: {
      what: 'Gateway tidak bisa menjawab karena kesalahan di dalamnya.',
      todo: 'Coba lagi. Bila tetap, laporkan jamnya kepada teknisi.',
    },
    retriable: true,
  },
} as const satisfies TroubleTable

export const pageTrouble = troublesOf(pageTroubles)
