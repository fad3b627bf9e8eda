import { troublesOf, type TroubleTable } from './trouble.ts'

export const linkTroubles = {
  'link-not-there': {
    en: {
      what: 'There is no port {path}.',
      todo: 'Plug the cable in, or correct the port in the configuration.',
    },
    id: {
      what: 'Port {path} tidak ada.',
      todo: 'Pasang kabelnya, atau perbaiki port di konfigurasi.',
    },
    retriable: true,
  },
  'link-no-serial-port': {
    en: {
      what: '{path} is not a serial port.',
      todo: 'Correct the port in the configuration: ports have names such as /dev/serial/by-id/….',
    },
    id: {
      what: '{path} bukan port serial.',
      todo: 'Perbaiki port di konfigurasi: nama port seperti /dev/serial/by-id/….',
    },
    retriable: true,
  },
  'link-busy': {
    en: {
      what: '{path} is in use by another device or program.',
      todo: 'Give each device a port of its own, and close other programs that use this one.',
    },
    id: {
      what: '{path} sedang dipakai alat atau program lain.',
      todo: 'Beri setiap alat port sendiri, dan tutup program lain yang memakainya.',
    },
    retriable: true,
  },
  'link-no-permission': {
    en: {
      what: 'This gateway may not open {path}.',
      todo: 'Ask the technician to add the user of the service to the group of the port (dialout).',
    },
    id: {
      what: 'Gateway ini tidak diizinkan membuka {path}.',
      todo: 'Minta teknisi memasukkan pengguna layanan ke grup port itu (dialout).',
    },
    retriable: true,
  },
  'link-line-refused': {
    en: {
      what: 'The adapter at {path} does not take the line setting {line}.',
      todo: 'Check the line setting of the device, or use another adapter.',
    },
    id: {
      what: 'Adaptor di {path} tidak menerima setelan jalur {line}.',
      todo: 'Periksa setelan jalur alat, atau pakai adaptor lain.',
    },
    retriable: false,
  },
  'link-not-opened': {
    en: {
      what: '{path} could not be opened: {why}.',
      todo: 'Unplug the adapter, wait five seconds and plug it in again.',
    },
    id: {
      what: '{path} tidak bisa dibuka: {why}.',
      todo: 'Cabut adaptornya, tunggu lima detik, lalu pasang lagi.',
    },
    retriable: true,
  },
  'link-unplugged': {
    en: {
      what: 'The adapter at {path} is gone.',
      todo: 'Plug the cable in again. Reading goes on by itself.',
    },
    id: {
      what: 'Adaptor di {path} terlepas.',
      todo: 'Pasang lagi kabelnya. Pembacaan berlanjut sendiri.',
    },
    retriable: true,
  },
  'link-replaced': {
    en: {
      what: 'The adapter at {path} was unplugged and plugged in again.',
      todo: 'Nothing to do: it is opened anew.',
    },
    id: {
      what: 'Adaptor di {path} dicabut lalu dipasang lagi.',
      todo: 'Tidak perlu apa-apa: port dibuka ulang.',
    },
    retriable: true,
  },
  'link-closed': {
    en: {
      what: '{path} is closed.',
      todo: 'Nothing to do: it is opened again by itself.',
    },
    id: {
      what: '{path} tertutup.',
      todo: 'Tidak perlu apa-apa: akan dibuka lagi sendiri.',
    },
    retriable: true,
  },
  'link-refused': {
    en: {
      what: 'The serial device server {path} refuses the connection.',
      todo: 'Check its TCP port, and that no other program is connected to it.',
    },
    id: {
      what: 'Server serial {path} menolak sambungan.',
      todo: 'Periksa port TCP-nya, dan pastikan tidak ada program lain yang tersambung.',
    },
    retriable: true,
  },
  'link-unreachable': {
    en: {
      what: 'The serial device server {path} cannot be reached: {why}.',
      todo: 'Check its power, its network cable and its address.',
    },
    id: {
      what: 'Server serial {path} tidak terjangkau: {why}.',
      todo: 'Periksa listrik, kabel jaringan, dan alamatnya.',
    },
    retriable: true,
  },
  'link-no-answer': {
    en: {
      what: 'The serial device server {path} did not answer within {seconds} s.',
      todo: 'Check its power, its network cable and its address.',
    },
    id: {
      what: 'Server serial {path} tidak menjawab dalam {seconds} detik.',
      todo: 'Periksa listrik, kabel jaringan, dan alamatnya.',
    },
    retriable: true,
  },
  'link-cut': {
    en: {
      what: 'The connection with {path} was cut: {why}.',
      todo: 'Check the power and the network cable of the serial device server.',
    },
    id: {
      what: 'Sambungan dengan {path} terputus: {why}.',
      todo: 'Periksa listrik dan kabel jaringan server serial.',
    },
    retriable: true,
  },
  'link-peer-replaced': {
    en: {
      what: 'Another connection came in on {path} and took the place of the old one.',
      todo: 'If this happens again and again, two device servers are set to the same port.',
    },
    id: {
      what: 'Sambungan baru masuk di {path} dan menggantikan yang lama.',
      todo: 'Jika ini berulang, ada dua server serial yang memakai port yang sama.',
    },
    retriable: true,
  },
  'link-no-peer': {
    en: {
      what: 'No serial device server has connected to {path} yet.',
      todo: 'Set the device server to connect to the address of this gateway, at this TCP port.',
    },
    id: {
      what: 'Belum ada server serial yang tersambung ke {path}.',
      todo: 'Atur server serial agar tersambung ke alamat gateway ini, pada port TCP tersebut.',
    },
    retriable: true,
  },
  'link-port-taken': {
    en: {
      what: 'Listening on {path} is not possible: {why}.',
      todo: 'Choose another TCP port, or stop the other program that uses it.',
    },
    id: {
      what: 'Tidak bisa menerima sambungan di {path}: {why}.',
      todo: 'Pilih port TCP lain, atau hentikan program lain yang memakainya.',
    },
    retriable: true,
  },
  'link-only-read': {
    en: {
      what: 'Nothing can be sent to {path}: it is only read.',
      todo: 'Correct the driver or the link of the device in the configuration.',
    },
    id: {
      what: 'Tidak ada yang bisa dikirim ke {path}: hanya dibaca.',
      todo: 'Perbaiki driver atau sambungan (link) alat itu di konfigurasi.',
    },
    retriable: false,
  },
  'link-no-folder': {
    en: {
      what: 'There is no folder {path}.',
      todo: 'Put the card in or connect the share, or correct the folder in the configuration.',
    },
    id: {
      what: 'Folder {path} tidak ada.',
      todo: 'Pasang kartunya atau sambungkan folder jaringannya, atau perbaiki folder di konfigurasi.',
    },
    retriable: true,
  },
  'link-folder-denied': {
    en: {
      what: 'This gateway may not read the folder {path}.',
      todo: 'Ask the technician to let the user of the service read it.',
    },
    id: {
      what: 'Gateway ini tidak diizinkan membaca folder {path}.',
      todo: 'Minta teknisi memberi pengguna layanan izin membacanya.',
    },
    retriable: true,
  },
  'link-folder-failed': {
    en: {
      what: 'The folder {path} cannot be read: {why}.',
      todo: 'Take the card out and put it in again, or check the network to the share.',
    },
    id: {
      what: 'Folder {path} tidak bisa dibaca: {why}.',
      todo: 'Cabut lalu pasang lagi kartunya, atau periksa jaringan ke folder itu.',
    },
    retriable: true,
  },
  'link-folder-too-full': {
    en: {
      what: 'The folder {path} holds too many files to look through.',
      todo: 'Move old files away, or let the gateway move what it has stored.',
    },
    id: {
      what: 'Folder {path} berisi terlalu banyak berkas.',
      todo: 'Pindahkan berkas lama, atau atur agar gateway memindahkan yang sudah tersimpan.',
    },
    retriable: true,
  },
  'link-no-usb-device': {
    en: {
      what: 'The device is not plugged in: {path}.',
      todo: 'Plug the USB cable in and switch the device on. If it is there, check its entry in the configuration.',
    },
    id: {
      what: 'Alat tidak terpasang: {path}.',
      todo: 'Pasang kabel USB dan nyalakan alat. Jika sudah, periksa isiannya di konfigurasi.',
    },
    retriable: true,
  },
  'link-usb-denied': {
    en: {
      what: 'This gateway may not open the USB device at {path}.',
      todo: 'Ask the technician to load the rules for udev anew, and plug the device in again.',
    },
    id: {
      what: 'Gateway ini tidak diizinkan membuka alat USB di {path}.',
      todo: 'Minta teknisi memuat ulang aturan udev, lalu pasang lagi alatnya.',
    },
    retriable: true,
  },
  'link-usb-unfit': {
    en: {
      what: 'The USB device at {path} does not have what its driver needs: {why}.',
      todo: 'Set the device to its computer mode, or correct the driver in the configuration.',
    },
    id: {
      what: 'Alat USB di {path} tidak memiliki yang dibutuhkan drivernya: {why}.',
      todo: 'Atur alat ke mode komputer, atau perbaiki driver di konfigurasi.',
    },
    retriable: true,
  },
  'link-usb-failed': {
    en: {
      what: 'The USB device at {path} does not work: {why}.',
      todo: 'Unplug the device, wait five seconds and plug it in again.',
    },
    id: {
      what: 'Alat USB di {path} tidak bekerja: {why}.',
      todo: 'Cabut alat, tunggu lima detik, lalu pasang lagi.',
    },
    retriable: true,
  },
} as const satisfies TroubleTable

export const linkTrouble = troublesOf(linkTroubles)
