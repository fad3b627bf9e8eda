import { imagingServiceTroubles } from './imaging-services.ts'
import { troublesOf, type TroubleTable } from './trouble.ts'

/** `{sender}` is the AE title that the device gave itself, `{peer}` its address. */
export const imagingTroubles = {
  'imaging-port-taken': {
    en: {
      what: 'The DICOM node cannot listen on {host}, port {port}: {why}.',
      todo: 'Stop the other program that uses this port, or choose another port in the configuration and on the devices. It is tried again every 10 seconds.',
    },
    id: {
      what: 'Simpul DICOM tidak bisa memakai {host}, port {port}: {why}.',
      todo: 'Hentikan program lain yang memakai port ini, atau pilih port lain di konfigurasi dan di alat. Dicoba lagi tiap 10 detik.',
    },
    retriable: true,
  },
  'imaging-port-denied': {
    en: {
      what: 'The DICOM node may not listen on {host}, port {port}.',
      todo: 'Ports below 1024 need the permission that the service unit gives. Install the service, or use port 11112.',
    },
    id: {
      what: 'Simpul DICOM tidak diizinkan memakai {host}, port {port}.',
      todo: 'Port di bawah 1024 memerlukan izin dari unit layanan. Pasang layanannya, atau pakai port 11112.',
    },
    retriable: true,
  },
  'imaging-accept-failed': {
    en: {
      what: 'A connection to DICOM port {port} could not be taken: {why}.',
      todo: 'If it happens often, restart the gateway.',
    },
    id: {
      what: 'Sambungan ke port DICOM {port} tidak dapat diterima: {why}.',
      todo: 'Jika sering terjadi, nyalakan ulang gateway.',
    },
    retriable: true,
  },
  'imaging-certificate-unusable': {
    en: {
      what: 'DICOM port {port} cannot offer encryption, because its key or certificate cannot be used: {why}.',
      todo: 'Install the certificate and its key again; `simpul check` says whether they fit. It is tried again every 10 seconds, and the other ports serve meanwhile.',
    },
    id: {
      what: 'Port DICOM {port} tidak bisa memakai enkripsi karena kunci atau sertifikatnya tidak dapat dipakai: {why}.',
      todo: 'Pasang ulang sertifikat beserta kuncinya; `simpul check` memeriksa apakah keduanya cocok. Dicoba lagi tiap 10 detik, dan port lain tetap melayani.',
    },
    retriable: true,
  },
  'imaging-tls-failed': {
    en: {
      what: 'A device at {peer} could not agree on encryption: {why}.',
      todo: 'Check the certificates on both sides. Old devices know only old TLS: let those use the plain port.',
    },
    id: {
      what: 'Alat di {peer} gagal menyepakati enkripsi: {why}.',
      todo: 'Periksa sertifikat di kedua sisi. Alat lama hanya mengenal TLS lama: pakai port biasa untuk alat itu.',
    },
    retriable: true,
  },
  'imaging-not-dicom': {
    en: {
      what: 'Something at {peer} connected to the DICOM port and does not speak DICOM.',
      todo: 'If it is a device, check that it sends DICOM to this port. Browsers and network scanners can be ignored.',
    },
    id: {
      what: 'Sesuatu di {peer} menyambung ke port DICOM tetapi tidak memakai DICOM.',
      todo: 'Jika itu alat, pastikan alat mengirim DICOM ke port ini. Peramban dan pemindai jaringan boleh diabaikan.',
    },
    retriable: true,
  },
  'imaging-tls-on-plain-port': {
    en: {
      what: 'The device at {peer} wants encryption on a port without encryption.',
      todo: 'Switch TLS off on the device, or let it call the TLS port.',
    },
    id: {
      what: 'Alat di {peer} meminta enkripsi pada port tanpa enkripsi.',
      todo: 'Matikan TLS di alat, atau arahkan alat ke port TLS.',
    },
    retriable: true,
  },
  'imaging-pdu-too-long': {
    en: {
      what: 'The device {sender} at {peer} announced a piece of {bytes} bytes, where at most {limitBytes} are allowed. The connection was ended.',
      todo: 'Set the maximum PDU length on the device to 131072 or less.',
    },
    id: {
      what: 'Alat {sender} di {peer} mengumumkan potongan {bytes} byte, padahal paling banyak {limitBytes}. Sambungan diakhiri.',
      todo: 'Atur panjang PDU maksimum di alat menjadi 131072 atau kurang.',
    },
    retriable: true,
  },
  'imaging-malformed': {
    en: {
      what: 'The device {sender} at {peer} broke the DICOM protocol: {reason}. The connection was ended.',
      todo: 'Send again. If it happens each time, report the device with its software version.',
    },
    id: {
      what: 'Alat {sender} di {peer} melanggar protokol DICOM: {reason}. Sambungan diakhiri.',
      todo: 'Kirim lagi. Jika selalu terjadi, laporkan alat beserta versi perangkat lunaknya.',
    },
    retriable: true,
  },
  'imaging-request-late': {
    en: {
      what: 'Something at {peer} connected to the DICOM port and asked for nothing for 30 seconds.',
      todo: 'Nothing, if no device is missing. Otherwise check the network between device and gateway.',
    },
    id: {
      what: 'Sesuatu di {peer} menyambung ke port DICOM tetapi tidak meminta apa-apa selama 30 detik.',
      todo: 'Tidak perlu apa-apa jika tidak ada alat yang hilang. Jika ada, periksa jaringan antara alat dan gateway.',
    },
    retriable: true,
  },
  'imaging-silent': {
    en: {
      what: 'The device {sender} at {peer} held a connection open and said nothing for a long time. It was ended.',
      todo: 'Nothing. What was confirmed to the device is stored; it opens a new connection when it sends.',
    },
    id: {
      what: 'Alat {sender} di {peer} membiarkan sambungan terbuka tanpa mengirim apa-apa. Sambungan diakhiri.',
      todo: 'Tidak perlu apa-apa. Yang sudah dikonfirmasi ke alat sudah tersimpan; alat membuka sambungan baru saat mengirim.',
    },
    retriable: true,
  },
  'imaging-application-context': {
    en: {
      what: 'The device {sender} at {peer} asked for an application that is not DICOM and was refused.',
      todo: 'Update the software of the device.',
    },
    id: {
      what: 'Alat {sender} di {peer} meminta aplikasi yang bukan DICOM dan ditolak.',
      todo: 'Perbarui perangkat lunak alat.',
    },
    retriable: false,
  },
  'imaging-protocol-version': {
    en: {
      what: 'The device {sender} at {peer} speaks a version of the DICOM protocol that does not exist and was refused.',
      todo: 'Update the software of the device.',
    },
    id: {
      what: 'Alat {sender} di {peer} memakai versi protokol DICOM yang tidak ada dan ditolak.',
      todo: 'Perbarui perangkat lunak alat.',
    },
    retriable: false,
  },
  'imaging-called-title-refused': {
    en: {
      what: 'The device {sender} at {peer} called the AE title {called}, but this gateway is {ours}. It was refused.',
      todo: 'Write {ours} as the AE title of this destination on the device, capitals included, or set imaging/titles to forgiving in the configuration.',
    },
    id: {
      what: 'Alat {sender} di {peer} memanggil AE title {called}, padahal gateway ini {ours}. Alat ditolak.',
      todo: 'Isi {ours} sebagai AE title tujuan ini di alat, termasuk huruf besarnya, atau ubah imaging/titles menjadi forgiving di konfigurasi.',
    },
    retriable: false,
  },
  'imaging-calling-title-refused': {
    en: {
      what: 'The device {sender} at {peer} is not among the known senders and was refused.',
      todo: 'If it belongs to the van, have a technician add {sender} to imaging/senders in the configuration, or set imaging/titles to forgiving.',
    },
    id: {
      what: 'Alat {sender} di {peer} tidak ada di daftar pengirim dan ditolak.',
      todo: 'Jika memang milik mobil ini, minta teknisi menambahkan {sender} ke imaging/senders di konfigurasi, atau ubah imaging/titles menjadi forgiving.',
    },
    retriable: false,
  },
  'imaging-too-many-associations': {
    en: {
      what: 'The device {sender} at {peer} was asked to wait: {count} DICOM connections are open already.',
      todo: 'The device tries again by itself. If not, send again in a minute, or restart devices that hold connections open.',
    },
    id: {
      what: 'Alat {sender} di {peer} diminta menunggu: sudah ada {count} sambungan DICOM.',
      todo: 'Alat akan mencoba lagi sendiri. Jika tidak, kirim lagi satu menit kemudian, atau nyalakan ulang alat yang menahan sambungan.',
    },
    retriable: true,
  },
  'imaging-too-many-connections': {
    en: {
      what: 'So many connections to the DICOM port are open that a waiting one was closed for {peer}.',
      todo: 'Look for a device or a program that opens connections without sending, and switch it off.',
    },
    id: {
      what: 'Terlalu banyak sambungan ke port DICOM sehingga satu sambungan yang menunggu ditutup untuk {peer}.',
      todo: 'Cari alat atau program yang membuka sambungan tanpa mengirim, lalu matikan.',
    },
    retriable: true,
  },
  'imaging-disk-full': {
    en: {
      what: 'There is no room for images from {sender} at {peer}. The device was told to send again later.',
      todo: 'Keep the images on the device. Bring the van where it has a network so that stored images can leave, or free the disk.',
    },
    id: {
      what: 'Tidak ada ruang untuk citra dari {sender} di {peer}. Alat diminta mengirim lagi nanti.',
      todo: 'Jangan hapus citra di alat. Bawa mobil ke tempat yang ada jaringan agar citra tersimpan dapat terkirim, atau kosongkan disk.',
    },
    retriable: true,
  },
  'imaging-store-failed': {
    en: {
      what: 'An image from {sender} at {peer} could not be stored: {why}. The device was told so.',
      todo: 'Keep the images on the device and send again. If it happens again, the disk may be failing: call a technician.',
    },
    id: {
      what: 'Citra dari {sender} di {peer} tidak dapat disimpan: {why}. Alat sudah diberi tahu.',
      todo: 'Jangan hapus citra di alat dan kirim lagi. Jika terulang, disk mungkin rusak: hubungi teknisi.',
    },
    retriable: true,
  },
  'imaging-object-too-large': {
    en: {
      what: 'An image from {sender} at {peer} is larger than can be taken: {bytes} bytes and more.',
      todo: 'Keep it on the device and carry it to the hospital another way.',
    },
    id: {
      what: 'Citra dari {sender} di {peer} terlalu besar: {bytes} byte atau lebih.',
      todo: 'Jangan hapus citra di alat; bawa ke rumah sakit dengan cara lain.',
    },
    retriable: false,
  },
  'imaging-keep-failed': {
    en: {
      what: 'The journal did not take an image.',
      todo: 'Keep the images on the device and send again. See the trouble of the journal beside this one.',
    },
    id: {
      what: 'Jurnal tidak menerima citra.',
      todo: 'Jangan hapus citra di alat dan kirim lagi. Lihat gangguan jurnal di samping ini.',
    },
    retriable: true,
  },
  'imaging-nothing-accepted': {
    en: {
      what: 'The device {sender} at {peer} offered nothing that can be stored: {classes}.',
      todo: 'Choose storage (C-STORE) for this destination on the device. Printing and queries are other services.',
    },
    id: {
      what: 'Alat {sender} di {peer} tidak menawarkan apa pun yang dapat disimpan: {classes}.',
      todo: 'Pilih penyimpanan (C-STORE) untuk tujuan ini di alat. Cetak dan kueri adalah layanan lain.',
    },
    retriable: false,
  },
  'imaging-context-refused': {
    en: {
      what: 'The device {sender} at {peer} also offered what is not stored here: {classes}.',
      todo: 'Nothing, if its images arrive.',
    },
    id: {
      what: 'Alat {sender} di {peer} juga menawarkan yang tidak disimpan di sini: {classes}.',
      todo: 'Tidak perlu apa-apa jika citranya sampai.',
    },
    retriable: false,
  },
  'imaging-cut-in-transfer': {
    en: {
      what: 'The connection of {sender} at {peer} was cut in the middle of an image. What came before it is stored.',
      todo: 'The device sends the image again. Check the cable or the wireless link if it happens often.',
    },
    id: {
      what: 'Sambungan {sender} di {peer} terputus di tengah citra. Citra sebelumnya sudah tersimpan.',
      todo: 'Alat akan mengirim citra itu lagi. Periksa kabel atau nirkabel jika sering terjadi.',
    },
    retriable: true,
  },
  'imaging-uid-mismatch': {
    en: {
      what: 'An image from {sender} at {peer} names itself differently than its envelope. It is kept, and the device was told of the error.',
      todo: 'Have the hospital look whose image it is. Report the device: its software mixes up images.',
    },
    id: {
      what: 'Citra dari {sender} di {peer} bernama lain daripada amplopnya. Citra tetap disimpan dan alat diberi tahu.',
      todo: 'Minta rumah sakit memeriksa citra itu milik siapa. Laporkan alat: perangkat lunaknya menukar citra.',
    },
    retriable: false,
  },
  'imaging-uid-invalid': {
    en: {
      what: 'An image from {sender} at {peer} has no valid UID and was refused.',
      todo: 'Keep the image on the device. Report the device with its software version.',
    },
    id: {
      what: 'Citra dari {sender} di {peer} tidak memiliki UID yang sah dan ditolak.',
      todo: 'Jangan hapus citra di alat. Laporkan alat beserta versi perangkat lunaknya.',
    },
    retriable: false,
  },
  'imaging-uid-conflict': {
    en: {
      what: 'The device {sender} at {peer} sent another image under the UID of one that is stored. Both are kept.',
      todo: 'Have the hospital compare both and say which one is right.',
    },
    id: {
      what: 'Alat {sender} di {peer} mengirim citra lain dengan UID yang sudah tersimpan. Keduanya disimpan.',
      todo: 'Minta rumah sakit membandingkan keduanya dan menentukan yang benar.',
    },
    retriable: false,
  },
  'imaging-unknown-sender': {
    en: {
      what: 'An unknown device {sender} at {peer} has called. Its images are kept under the name {device}.',
      todo: 'Say on the page which device it is, or have a technician write it into the configuration (imaging/senders).',
    },
    id: {
      what: 'Alat tak dikenal {sender} di {peer} menyambung. Citranya disimpan dengan nama {device}.',
      todo: 'Sebutkan di halaman alat apa ini, atau minta teknisi menulisnya di konfigurasi (imaging/senders).',
    },
    retriable: false,
  },
  'imaging-name-refused': {
    en: {
      what: 'A device cannot be called {name}.',
      todo: 'Use a to z, 0 to 9 and -, at most 32 characters, for example us-1.',
    },
    id: {
      what: 'Alat tidak bisa dinamai {name}.',
      todo: 'Pakai a sampai z, 0 sampai 9, dan -, paling banyak 32 karakter, misalnya us-1.',
    },
    retriable: false,
  },
  'imaging-sender-nearly': {
    en: {
      what: 'The device at {peer} calls itself {sender}, the configuration calls it {configured}. They are taken for the same.',
      todo: 'Write the AE title the same way on both sides, capitals included.',
    },
    id: {
      what: 'Alat di {peer} menyebut dirinya {sender}, konfigurasi menyebutnya {configured}. Keduanya dianggap sama.',
      todo: 'Tulis AE title sama persis di kedua sisi, termasuk huruf besar.',
    },
    retriable: false,
  },
  'imaging-thread-died': {
    en: {
      what: 'The imaging part stopped: {why}. It starts again in {waitMs} ms.',
      todo: 'Images that were confirmed are stored; devices send the others again. If it repeats, report it.',
    },
    id: {
      what: 'Bagian citra berhenti: {why}. Dimulai lagi dalam {waitMs} ms.',
      todo: 'Citra yang sudah dikonfirmasi sudah tersimpan; alat mengirim yang lain lagi. Jika terulang, laporkan.',
    },
    retriable: true,
  },
} as const satisfies TroubleTable

const all = { ...imagingTroubles, ...imagingServiceTroubles } as const

export const imagingTrouble = troublesOf(all)

export type ImagingCode = keyof typeof all
