import { troublesOf, type TroubleTable } from './trouble.ts'

export const deviceTroubles = {
  'device-silent': {
    en: {
      what: 'Nothing was heard from {label} for {seconds} s.',
      todo: 'Check that it is switched on, its cable, and that it is set to send data.',
    },
    id: {
      what: 'Tidak ada data dari {label} selama {seconds} detik.',
      todo: 'Periksa apakah alat menyala, kabelnya, dan setelan kirim datanya.',
    },
    retriable: true,
  },
  'device-write-stuck': {
    en: {
      what: 'What was sent to {label} did not leave within {seconds} s.',
      todo: 'Check the cable and the serial device server, and switch the device off and on.',
    },
    id: {
      what: 'Perintah ke {label} tidak terkirim dalam {seconds} detik.',
      todo: 'Periksa kabel dan server serialnya, lalu matikan dan nyalakan alat.',
    },
    retriable: true,
  },
  'driver-failed': {
    en: {
      what: 'The driver {driver} made a mistake and was restarted.',
      todo: 'Send the flight recorder of this device to support. Other devices go on.',
    },
    id: {
      what: 'Driver {driver} mengalami kesalahan dan dijalankan ulang.',
      todo: 'Kirim rekaman data alat ini ke tim dukungan. Alat lain tetap berjalan.',
    },
    retriable: true,
  },
  'driver-ran-away': {
    en: {
      what: 'The driver {driver} did not stop talking and was restarted.',
      todo: 'Send the flight recorder of this device to support. Other devices go on.',
    },
    id: {
      what: 'Driver {driver} tidak berhenti bekerja dan dijalankan ulang.',
      todo: 'Kirim rekaman data alat ini ke tim dukungan. Alat lain tetap berjalan.',
    },
    retriable: true,
  },
  'driver-unknown': {
    en: {
      what: 'There is no driver {driver} for the device {device}.',
      todo: 'Correct the driver in the configuration: `simpul drivers` lists those there are.',
    },
    id: {
      what: 'Driver {driver} untuk alat {device} tidak ada.',
      todo: 'Perbaiki driver di konfigurasi: `simpul drivers` menampilkan daftarnya.',
    },
    retriable: false,
  },
  'driver-not-for-link': {
    en: {
      what: 'The driver {driver} cannot read the device {device} where it is plugged in.',
      todo: 'Correct the driver or the link of the device in the configuration.',
    },
    id: {
      what: 'Driver {driver} tidak bisa membaca alat {device} di tempat alat itu dipasang.',
      todo: 'Perbaiki driver atau sambungan (link) alat itu di konfigurasi.',
    },
    retriable: false,
  },
  'device-unknown': {
    en: {
      what: 'There is no device {device} in this van.',
      todo: 'Load the page again.',
    },
    id: {
      what: 'Alat {device} tidak ada di mobil ini.',
      todo: 'Muat ulang halaman.',
    },
    retriable: false,
  },
  'form-refused': {
    en: {
      what: 'What was typed was not stored: {why}.',
      todo: 'Correct it and save again.',
    },
    id: {
      what: 'Isian tidak disimpan: {why}.',
      todo: 'Perbaiki lalu simpan lagi.',
    },
    retriable: false,
  },
} as const satisfies TroubleTable

export const deviceTrouble = troublesOf(deviceTroubles)
