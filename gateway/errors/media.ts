import { troublesOf, type TroubleTable } from './trouble.ts'

export const mediaTroubles = {
  'media-unknown': {
    en: {
      what: 'That stick or disc is not plugged in any more.',
      todo: 'Plug it in again, and choose again when the page shows it.',
    },
    id: {
      what: 'Flash disk atau cakram itu sudah tidak terpasang.',
      todo: 'Pasang lagi, lalu pilih lagi setelah muncul di halaman.',
    },
    retriable: false,
  },
  'media-busy': {
    en: {
      what: 'The stick or disc is still being read.',
      todo: 'Wait until the page says that it is ready.',
    },
    id: {
      what: 'Flash disk atau cakram masih dibaca.',
      todo: 'Tunggu sampai halaman menyatakan siap.',
    },
    retriable: true,
  },
  'media-nothing-chosen': {
    en: {
      what: 'Nothing of what was chosen is on the stick or disc.',
      todo: 'Choose again from what the page shows.',
    },
    id: {
      what: 'Yang dipilih tidak ada di flash disk atau cakram.',
      todo: 'Pilih lagi dari yang tampil di halaman.',
    },
    retriable: false,
  },
  'media-no-order': {
    en: {
      what: 'The order is not known, so nobody knows whose picture it would be.',
      todo: 'Open the visit, choose or make the order, and try again.',
    },
    id: {
      what: 'Permintaan pemeriksaan tidak dikenal, jadi tidak diketahui gambar ini milik siapa.',
      todo: 'Buka kunjungan, pilih atau buat permintaannya, lalu coba lagi.',
    },
    retriable: false,
  },
  'media-cannot-read': {
    en: {
      what: 'The stick or disc cannot be read.',
      todo: 'Pull it out and plug it in again. If it stays so, take the images from the device another way.',
    },
    id: {
      what: 'Flash disk atau cakram tidak dapat dibaca.',
      todo: 'Cabut lalu pasang lagi. Jika tetap begitu, ambil citra dari alat dengan cara lain.',
    },
    retriable: true,
  },
  'media-pulled-out': {
    en: {
      what: 'The stick or disc was pulled out before everything was taken. What was counted as taken is stored.',
      todo: 'Plug it in again and choose the same: what is here already is not taken twice.',
    },
    id: {
      what: 'Flash disk atau cakram dicabut sebelum semuanya diambil. Yang sudah dihitung terambil sudah tersimpan.',
      todo: 'Pasang lagi dan pilih yang sama: yang sudah ada tidak diambil dua kali.',
    },
    retriable: false,
  },
  'media-full': {
    en: {
      what: 'There is no room for more images. What was counted as taken is stored.',
      todo: 'Keep the stick or disc. Bring the van where it has a network so that stored images can leave, then choose the same again.',
    },
    id: {
      what: 'Tidak ada ruang untuk citra lagi. Yang sudah dihitung terambil sudah tersimpan.',
      todo: 'Simpan flash disk atau cakramnya. Bawa mobil ke tempat yang ada jaringan agar citra tersimpan dapat terkirim, lalu pilih yang sama lagi.',
    },
    retriable: false,
  },
  'media-stopped': {
    en: {
      what: 'Taking the images was ended before everything was taken. What was counted as taken is stored.',
      todo: 'Choose the same again to go on: what is here already is not taken twice.',
    },
    id: {
      what: 'Pengambilan dihentikan sebelum semuanya diambil. Yang sudah dihitung terambil sudah tersimpan.',
      todo: 'Pilih yang sama untuk melanjutkan: yang sudah ada tidak diambil dua kali.',
    },
    retriable: false,
  },
  'media-failed': {
    en: {
      what: 'The images could not be stored.',
      todo: 'Keep the stick or disc and try again. If it happens again, the disk of the gateway may be failing: call a technician.',
    },
    id: {
      what: 'Citra tidak dapat disimpan.',
      todo: 'Simpan flash disk atau cakramnya dan coba lagi. Jika terulang, disk gateway mungkin rusak: hubungi teknisi.',
    },
    retriable: true,
  },
  'media-uid-conflict': {
    en: {
      what: 'A stick or disc brought another image under the UID of one that is stored. Both are kept.',
      todo: 'Have the hospital compare both and say which one is right.',
    },
    id: {
      what: 'Flash disk atau cakram membawa citra lain dengan UID yang sudah tersimpan. Keduanya disimpan.',
      todo: 'Minta rumah sakit membandingkan keduanya dan menentukan yang benar.',
    },
    retriable: false,
  },
  'media-keep-failed': {
    en: {
      what: 'The journal did not take an image of a stick or disc.',
      todo: 'Keep the stick or disc and try again. See the trouble of the journal beside this one.',
    },
    id: {
      what: 'Jurnal tidak menerima citra dari flash disk atau cakram.',
      todo: 'Simpan flash disk atau cakramnya dan coba lagi. Lihat gangguan jurnal di samping ini.',
    },
    retriable: true,
  },
  'media-file-unreadable': {
    en: {
      what: 'A file cannot be read.',
      todo: 'The stick or disc may be failing: copy it on another computer, or take the image from the device again.',
    },
    id: {
      what: 'Berkas tidak dapat dibaca.',
      todo: 'Flash disk atau cakram mungkin rusak: salin lewat komputer lain, atau ambil lagi citranya dari alat.',
    },
    retriable: false,
  },
  'media-file-cut': {
    en: {
      what: 'A file ends before it says what it is.',
      todo: 'Export it from the device again, and pull the stick out only when the device says so.',
    },
    id: {
      what: 'Berkas terpotong sebelum jelas isinya.',
      todo: 'Ekspor lagi dari alat, dan cabut flash disk hanya setelah alat menyatakan boleh.',
    },
    retriable: false,
  },
  'media-file-no-uid': {
    en: {
      what: 'An image has no valid UID.',
      todo: 'Keep it on the device. Report the device with its software version.',
    },
    id: {
      what: 'Citra tidak memiliki UID yang sah.',
      todo: 'Jangan hapus citra di alat. Laporkan alat beserta versi perangkat lunaknya.',
    },
    retriable: false,
  },
  'media-file-not-stored': {
    en: {
      what: 'A DICOM file is of a kind that is not stored.',
      todo: 'Nothing, if the images themselves are taken.',
    },
    id: {
      what: 'Berkas DICOM termasuk jenis yang tidak disimpan.',
      todo: 'Tidak perlu apa-apa jika citranya sendiri terambil.',
    },
    retriable: false,
  },
  'media-file-syntax': {
    en: {
      what: 'A DICOM file does not say how it is encoded.',
      todo: 'Send the image from the device over the network, or export it again as a DICOM file with its header.',
    },
    id: {
      what: 'Berkas DICOM tidak menyebut cara penyandiannya.',
      todo: 'Kirim citra dari alat lewat jaringan, atau ekspor lagi sebagai berkas DICOM lengkap dengan kepalanya.',
    },
    retriable: false,
  },
  'media-file-too-large': {
    en: {
      what: 'A file is larger than can be taken.',
      todo: 'Keep it and carry it to the hospital another way.',
    },
    id: {
      what: 'Berkas terlalu besar untuk diambil.',
      todo: 'Simpan berkasnya dan bawa ke rumah sakit dengan cara lain.',
    },
    retriable: false,
  },
  'media-file-changed': {
    en: {
      what: 'A file is not any more what it was when the stick or disc was looked at.',
      todo: 'Pull it out, plug it in again and choose again.',
    },
    id: {
      what: 'Berkas sudah berbeda sejak flash disk atau cakram dibaca.',
      todo: 'Cabut, pasang lagi, lalu pilih lagi.',
    },
    retriable: false,
  },
  'media-file-missing': {
    en: {
      what: 'The directory of the disc lists an image that is not on it.',
      todo: 'Ask who made the disc for another one, or for the missing images.',
    },
    id: {
      what: 'Daftar isi cakram menyebut citra yang tidak ada di dalamnya.',
      todo: 'Minta cakram baru, atau citra yang kurang, kepada pembuatnya.',
    },
    retriable: false,
  },
  'media-picture-cut': {
    en: {
      what: 'A picture, a letter or a clip is cut short.',
      todo: 'Copy it from the camera or the device again, and choose it again.',
    },
    id: {
      what: 'Gambar, surat, atau video terpotong.',
      todo: 'Salin lagi dari kamera atau alat, lalu pilih lagi.',
    },
    retriable: false,
  },
  'media-picture-transparent': {
    en: {
      what: 'A picture is transparent somewhere, and DICOM knows no transparency.',
      todo: 'Save it as JPEG, or as PNG without transparency, and choose it again.',
    },
    id: {
      what: 'Sebagian gambar tembus pandang, sedangkan DICOM tidak mengenal transparansi.',
      todo: 'Simpan sebagai JPEG, atau PNG tanpa transparansi, lalu pilih lagi.',
    },
    retriable: false,
  },
  'media-clip-unfit': {
    en: {
      what: 'A clip is coded in a way that DICOM does not hold ({why}).',
      todo: 'Save it as MP4 with H.264 High, at most level 4.2 (full HD), and choose it again.',
    },
    id: {
      what: 'Video disandikan dengan cara yang tidak dapat dimuat DICOM ({why}).',
      todo: 'Simpan sebagai MP4 dengan H.264 High, paling tinggi level 4.2 (full HD), lalu pilih lagi.',
    },
    retriable: false,
  },
  'media-picture-unfit': {
    en: {
      what: 'A picture cannot become a DICOM image: {why}.',
      todo: 'Save it anew as JPEG, PNG or PDF, or photograph it, and choose it again.',
    },
    id: {
      what: 'Gambar tidak dapat dijadikan citra DICOM: {why}.',
      todo: 'Simpan ulang sebagai JPEG, PNG, atau PDF, atau foto ulang, lalu pilih lagi.',
    },
    retriable: false,
  },
} as const satisfies TroubleTable

export const mediaTrouble = troublesOf(mediaTroubles)

export type MediaCode = keyof typeof mediaTroubles
