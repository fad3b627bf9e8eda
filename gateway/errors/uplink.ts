import { troublesOf, type TroubleTable } from './trouble.ts'

export const uplinkTroubles = {
  'uplink-unreachable': {
    en: {
      what: 'The broker cannot be reached: {why}',
      todo: 'Nothing is lost: it is sent later. If this stays although there is network, check the broker address.',
    },
    id: {
      what: 'Broker tidak terjangkau: {why}',
      todo: 'Tidak ada data yang hilang: dikirim nanti. Jika tetap begini padahal ada jaringan, periksa alamat broker.',
    },
    retriable: true,
  },
  'uplink-name-unknown': {
    en: {
      what: 'The name of the broker cannot be found: {why}',
      todo: 'Check the network, or open its sign-in page if it has one. If it works, check the broker address.',
    },
    id: {
      what: 'Nama broker tidak ditemukan: {why}',
      todo: 'Periksa jaringan, atau buka halaman masuknya jika ada. Jika jaringan baik, periksa alamat broker.',
    },
    retriable: true,
  },
  'uplink-timeout': {
    en: {
      what: 'The broker does not answer: {why}',
      todo: 'Nothing is lost: it is sent when the network is better.',
    },
    id: {
      what: 'Broker tidak menjawab: {why}',
      todo: 'Tidak ada data yang hilang: dikirim saat jaringan membaik.',
    },
    retriable: true,
  },
  'uplink-lost': {
    en: {
      what: 'The connection was lost: {why}',
      todo: 'Nothing is lost: it is sent when the connection is back.',
    },
    id: {
      what: 'Sambungan terputus: {why}',
      todo: 'Tidak ada data yang hilang: dikirim saat tersambung lagi.',
    },
    retriable: true,
  },
  'uplink-silent': {
    en: {
      what: 'The broker has not answered for {seconds} s, so the connection was given up.',
      todo: 'Nothing is lost: it is sent when the network is better.',
    },
    id: {
      what: 'Broker tidak menjawab selama {seconds} detik, jadi sambungan diputus.',
      todo: 'Tidak ada data yang hilang: dikirim saat jaringan membaik.',
    },
    retriable: true,
  },
  'uplink-busy': {
    en: {
      what: 'The broker asks us to come later: {why}',
      todo: 'Nothing is lost: we try again by ourselves. If this stays, tell the hospital.',
    },
    id: {
      what: 'Broker meminta dicoba nanti: {why}',
      todo: 'Tidak ada data yang hilang: dicoba lagi otomatis. Jika tetap begini, beri tahu rumah sakit.',
    },
    retriable: true,
  },
  'uplink-certificate': {
    en: {
      what: 'The broker cannot prove that it is the right one: {why}',
      todo: 'Nothing is sent to it. Check the broker address and the certificate of the authority.',
    },
    id: {
      what: 'Broker tidak bisa membuktikan bahwa ia broker yang benar: {why}',
      todo: 'Tidak ada yang dikirim ke sana. Periksa alamat broker dan sertifikat otoritas.',
    },
    retriable: false,
  },
  'uplink-certificate-time': {
    en: {
      what: 'A certificate is not valid at this time: {why}',
      todo: 'Check the date and time of this box. If they are right, the hospital must renew its certificate.',
    },
    id: {
      what: 'Sertifikat tidak berlaku pada waktu ini: {why}',
      todo: 'Periksa tanggal dan jam kotak ini. Jika sudah benar, rumah sakit harus memperbarui sertifikatnya.',
    },
    retriable: true,
  },
  'uplink-certificate-refused': {
    en: {
      what: 'The broker does not let this van in: {why}',
      todo: 'Check the certificate and key of the van, or have the hospital make new ones.',
    },
    id: {
      what: 'Broker menolak mobil ini: {why}',
      todo: 'Periksa sertifikat dan kunci mobil, atau minta yang baru dari rumah sakit.',
    },
    retriable: false,
  },
  'uplink-settings': {
    en: {
      what: 'The settings of the uplink cannot be used: {why}',
      todo: 'Correct the broker address, certificate or key in the configuration.',
    },
    id: {
      what: 'Pengaturan sambungan tidak bisa dipakai: {why}',
      todo: 'Perbaiki alamat broker, sertifikat, atau kunci di konfigurasi.',
    },
    retriable: false,
  },
  'uplink-credentials': {
    en: {
      what: 'The broker does not let this van in: {why}',
      todo: 'Have the hospital allow this van on its broker.',
    },
    id: {
      what: 'Broker menolak mobil ini: {why}',
      todo: 'Minta rumah sakit mengizinkan mobil ini di brokernya.',
    },
    retriable: false,
  },
  'uplink-client-id': {
    en: {
      what: 'The broker does not accept the name of this van: {why}',
      todo: 'Correct the name of the van in the configuration, or have the hospital allow it.',
    },
    id: {
      what: 'Broker tidak menerima nama mobil ini: {why}',
      todo: 'Perbaiki nama mobil di konfigurasi, atau minta rumah sakit mengizinkannya.',
    },
    retriable: false,
  },
  'uplink-taken-over': {
    en: {
      what: 'Another box has connected with the name of this van.',
      todo: 'Look for a second box with the same name, and give each its own.',
    },
    id: {
      what: 'Kotak lain tersambung dengan nama mobil ini.',
      todo: 'Cari kotak kedua dengan nama yang sama, lalu beri nama masing-masing.',
    },
    retriable: false,
  },
  'uplink-protocol': {
    en: {
      what: 'The broker and this van do not understand each other: {why}',
      todo: 'Have the hospital check what its broker supports: QoS 1 and retained messages are needed.',
    },
    id: {
      what: 'Broker dan mobil ini tidak saling mengerti: {why}',
      todo: 'Minta rumah sakit memeriksa kemampuan brokernya: QoS 1 dan pesan retained diperlukan.',
    },
    retriable: false,
  },
  'uplink-quota': {
    en: {
      what: 'The broker takes no more at the moment: {why}',
      todo: 'Nothing is lost: we try again by ourselves. If this stays, tell the hospital.',
    },
    id: {
      what: 'Broker sedang tidak menerima lagi: {why}',
      todo: 'Tidak ada data yang hilang: dicoba lagi otomatis. Jika tetap begini, beri tahu rumah sakit.',
    },
    retriable: true,
  },
  'uplink-not-authorised': {
    en: {
      what: 'The broker does not take the packets of {stream}: {why}',
      todo: 'Have the hospital allow this van to publish below its own name.',
    },
    id: {
      what: 'Broker tidak menerima paket dari {stream}: {why}',
      todo: 'Minta rumah sakit mengizinkan mobil ini mengirim di bawah namanya sendiri.',
    },
    retriable: false,
  },
  'uplink-deaf': {
    en: {
      what: 'The broker does not let us hear the receipts of the hospital: {why}',
      todo: 'Have the hospital allow this van to subscribe below its own name.',
    },
    id: {
      what: 'Broker tidak mengizinkan kita menerima tanda terima rumah sakit: {why}',
      todo: 'Minta rumah sakit mengizinkan mobil ini berlangganan di bawah namanya sendiri.',
    },
    retriable: false,
  },
  'uplink-no-time': {
    en: {
      what: 'The broker does not let the van ask what time it is: {why}',
      todo: 'Have the hospital allow this van to ask its landing for the time. Until then records may have no time of day.',
    },
    id: {
      what: 'Broker tidak mengizinkan mobil ini menanyakan waktu: {why}',
      todo: 'Minta rumah sakit mengizinkan mobil ini menanyakan waktu. Sampai itu rekaman bisa tanpa jam.',
    },
    retriable: true,
  },
  'uplink-packet-too-large': {
    en: {
      what: 'A packet of {stream} has {bytes} bytes, and the broker takes at most {limit}.',
      todo: 'Have the hospital raise the limit of its broker. Until then this packet waits in the van.',
    },
    id: {
      what: 'Satu paket dari {stream} berukuran {bytes} byte, padahal broker menerima paling banyak {limit}.',
      todo: 'Minta rumah sakit menaikkan batas brokernya. Sampai itu paket menunggu di mobil.',
    },
    retriable: false,
  },
  'uplink-packet-aside': {
    en: {
      what: 'A packet of {stream} with {bytes} bytes broke the connection several times.',
      todo: 'It stands aside for {seconds} s while others go. If this stays, have the hospital look at the log of its broker.',
    },
    id: {
      what: 'Satu paket dari {stream} sebesar {bytes} byte berkali-kali memutus sambungan.',
      todo: 'Paket ini disisihkan {seconds} detik, yang lain tetap dikirim. Jika tetap begini, minta rumah sakit melihat log brokernya.',
    },
    retriable: true,
  },
  'uplink-nobody-listens': {
    en: {
      what: 'The broker is there, but nobody at the hospital listens to this van.',
      todo: 'Nothing is lost: it is sent when somebody listens. Tell the hospital that its receiver is not connected.',
    },
    id: {
      what: 'Broker ada, tetapi di rumah sakit tidak ada yang menerima data mobil ini.',
      todo: 'Tidak ada data yang hilang: dikirim saat ada yang menerima. Beri tahu rumah sakit bahwa penerimanya tidak tersambung.',
    },
    retriable: true,
  },
  'uplink-no-receipts': {
    en: {
      what: 'The hospital has not confirmed {count} packets that the broker took.',
      todo: 'They are sent again by themselves. If this stays, tell the hospital that it sends no receipts.',
    },
    id: {
      what: 'Rumah sakit belum mengonfirmasi {count} paket yang sudah diterima broker.',
      todo: 'Paket dikirim ulang otomatis. Jika tetap begini, beri tahu rumah sakit bahwa tanda terimanya tidak sampai.',
    },
    retriable: true,
  },
  'uplink-bad-message': {
    en: {
      what: 'A message from the hospital could not be used: {why}',
      todo: 'It was ignored. If this comes often, tell the hospital which version runs here.',
    },
    id: {
      what: 'Pesan dari rumah sakit tidak bisa dipakai: {why}',
      todo: 'Pesan diabaikan. Jika sering terjadi, beri tahu rumah sakit versi yang berjalan di sini.',
    },
    retriable: true,
  },
  'uplink-journal': {
    en: {
      what: 'The journal does not answer the uplink: {why}',
      todo: 'We try again by ourselves. If this stays, restart the box and look at the card.',
    },
    id: {
      what: 'Jurnal tidak menjawab bagian pengiriman: {why}',
      todo: 'Dicoba lagi otomatis. Jika tetap begini, nyalakan ulang kotak dan periksa kartunya.',
    },
    retriable: true,
  },
} as const satisfies TroubleTable

export type UplinkTroubleCode = keyof typeof uplinkTroubles

export const uplinkTrouble = troublesOf(uplinkTroubles)
