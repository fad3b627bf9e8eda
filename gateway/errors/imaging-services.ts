import type { TroubleTable } from './trouble.ts'

/** What goes wrong with what a device asks beside taking its images. Names as in imaging.ts. */
export const imagingServiceTroubles = {
  'imaging-operation-unknown': {
    en: {
      what: 'The device {sender} at {peer} asked for operation {operation}, which is not offered here.',
      todo: 'Switch the service off for this destination on the device.',
    },
    id: {
      what: 'Alat {sender} di {peer} meminta operasi {operation} yang tidak tersedia di sini.',
      todo: 'Matikan layanan itu untuk tujuan ini di alat.',
    },
    retriable: false,
  },
  'imaging-data-set-too-large': {
    en: {
      what: 'The device {sender} at {peer} sent a request of {bytes} bytes, where at most {limitBytes} are read. It was refused.',
      todo: 'Report the device with its software version.',
    },
    id: {
      what: 'Alat {sender} di {peer} mengirim permintaan {bytes} byte, padahal paling banyak {limitBytes}. Permintaan ditolak.',
      todo: 'Laporkan alat beserta versi perangkat lunaknya.',
    },
    retriable: false,
  },
  'imaging-data-set-malformed': {
    en: {
      what: 'The device {sender} at {peer} sent a request that cannot be read: {reason}. It was refused.',
      todo: 'Try again. If it happens each time, report the device with its software version.',
    },
    id: {
      what: 'Alat {sender} di {peer} mengirim permintaan yang tidak terbaca: {reason}. Permintaan ditolak.',
      todo: 'Coba lagi. Jika selalu terjadi, laporkan alat beserta versi perangkat lunaknya.',
    },
    retriable: false,
  },
  'imaging-query-refused': {
    en: {
      what: 'The device {sender} at {peer} asked for its worklist in a way that means nothing: {reason}. It was refused.',
      todo: 'Look at the filter of the worklist on the device: dates are YYYYMMDD, or two of them with - between.',
    },
    id: {
      what: 'Alat {sender} di {peer} meminta daftar kerja dengan cara yang tidak bermakna: {reason}. Permintaan ditolak.',
      todo: 'Periksa penyaring daftar kerja di alat: tanggal berbentuk YYYYMMDD, atau dua tanggal dengan - di antaranya.',
    },
    retriable: false,
  },
  'imaging-worklist-not-ready': {
    en: {
      what: 'The device {sender} at {peer} asked for its worklist while the gateway was still starting.',
      todo: 'Ask again in a minute.',
    },
    id: {
      what: 'Alat {sender} di {peer} meminta daftar kerja saat gateway masih memulai.',
      todo: 'Minta lagi satu menit kemudian.',
    },
    retriable: true,
  },
  'imaging-worklist-too-long': {
    en: {
      what: 'The device {sender} at {peer} asked for a worklist of {count} examinations, where at most {limit} are given. It was given none.',
      todo: 'Narrow the filter on the device, to today or to its own modality. Close visits that are over.',
    },
    id: {
      what: 'Alat {sender} di {peer} meminta daftar kerja berisi {count} pemeriksaan, padahal paling banyak {limit}. Tidak ada yang diberikan.',
      todo: 'Persempit penyaring di alat, misalnya hari ini atau modalitasnya sendiri. Tutup kunjungan yang sudah selesai.',
    },
    retriable: false,
  },
  'imaging-commitment-not-kept': {
    en: {
      what: 'The device {sender} ({device}) asked whether it may delete images, and was told that {count} of them are not safe here.',
      todo: 'Do not delete them on the device. Send them again, then let the device ask again.',
    },
    id: {
      what: 'Alat {sender} ({device}) menanyakan apakah citra boleh dihapus; {count} di antaranya belum aman di sini.',
      todo: 'Jangan hapus citra itu di alat. Kirim lagi, lalu biarkan alat bertanya lagi.',
    },
    retriable: false,
  },
  'imaging-commitment-no-address': {
    en: {
      what: 'The device {sender} ({device}) asked whether it may delete {count} images, and does not wait for the answer.',
      todo: 'Have a technician write the address of the device into the configuration (imaging/senders: host and port), or set the device to keep its connection open.',
    },
    id: {
      what: 'Alat {sender} ({device}) menanyakan apakah {count} citra boleh dihapus, tetapi tidak menunggu jawabannya.',
      todo: 'Minta teknisi menulis alamat alat di konfigurasi (imaging/senders: host dan port), atau atur alat agar sambungannya tetap terbuka.',
    },
    retriable: true,
  },
  'imaging-commitment-unreachable': {
    en: {
      what: 'The device {sender} ({device}) could not be told at {host}, port {port}, which of {count} images it may delete: {why}.',
      todo: 'Switch the device on and check that it listens there. It is tried again for seven days.',
    },
    id: {
      what: 'Alat {sender} ({device}) di {host}, port {port}, belum dapat diberi tahu mana dari {count} citra yang boleh dihapus: {why}.',
      todo: 'Nyalakan alat dan periksa apakah alat menerima sambungan di sana. Dicoba lagi selama tujuh hari.',
    },
    retriable: true,
  },
  'imaging-commitment-refused': {
    en: {
      what: 'The device {sender} ({device}) was told which of {count} images it may delete, and answered with error {status}.',
      todo: 'It is told again for seven days. If it never takes it, switch storage commitment off on the device.',
    },
    id: {
      what: 'Alat {sender} ({device}) sudah diberi tahu mana dari {count} citra yang boleh dihapus, tetapi menjawab galat {status}.',
      todo: 'Dicoba lagi selama tujuh hari. Jika tidak pernah diterima, matikan storage commitment di alat.',
    },
    retriable: true,
  },
  'imaging-commitment-given-up': {
    en: {
      what: 'For seven days the device {sender} ({device}) could not be told which of {count} images it may delete.',
      todo: 'Check imaging/senders in the configuration and let the device ask again. Until then it keeps its images.',
    },
    id: {
      what: 'Selama tujuh hari alat {sender} ({device}) tidak dapat diberi tahu mana dari {count} citra yang boleh dihapus.',
      todo: 'Periksa imaging/senders di konfigurasi dan biarkan alat bertanya lagi. Sampai saat itu alat menyimpan citranya.',
    },
    retriable: false,
  },
} as const satisfies TroubleTable
