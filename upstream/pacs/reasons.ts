/** Why an image does not go on, in words for whoever looks after it. */

export interface ReasonWords {
  readonly en: string
  readonly id: string
}

/** A parked image waits for a person. `simpul landing again` sends it once more. */
export const parkedReasons = {
  'class-refused': {
    en: 'The destination takes no images of this kind. Enable their SOP class there.',
    id: 'Tujuan tidak menerima gambar jenis ini. Aktifkan SOP class-nya di sana.',
  },
  'syntax-refused': {
    en: 'The destination takes this kind of image, but not as the device has compressed it. Enable the transfer syntax there, or set the device to another one.',
    id: 'Tujuan menerima jenis gambar ini, tetapi tidak dengan kompresi dari alatnya. Aktifkan transfer syntax-nya di sana, atau ubah pengaturan alat.',
  },
  refused: {
    en: 'The destination refused the image twice. What it said stands beside it.',
    id: 'Tujuan dua kali menolak gambar ini. Jawabannya tertulis di sampingnya.',
  },
  vanished: {
    en: 'The destination said that it had stored the image and could not find it afterwards, twice. Look at its log and its disk.',
    id: 'Tujuan menyatakan gambar sudah disimpan tetapi kemudian dua kali tidak menemukannya. Periksa log dan disknya.',
  },
  conflict: {
    en: 'Another image with the same SOP instance UID goes to this destination, which could keep only one of them. Compare the two, and correct the device that gives numbers twice.',
    id: 'Gambar lain dengan SOP instance UID yang sama sudah menuju ke sini, dan tujuan hanya bisa menyimpan satu. Bandingkan keduanya dan perbaiki alat yang memberi nomor ganda.',
  },
  'names-differ': {
    en: 'The image names itself otherwise than the device did when it sent it. Find out which name is right.',
    id: 'Nama di dalam gambar berbeda dengan nama saat alat mengirimnya. Cari tahu mana yang benar.',
  },
  simulated: {
    en: 'The image comes from a simulator and does not belong among those of patients.',
    id: 'Gambar ini dari simulator dan tidak boleh bercampur dengan gambar pasien.',
  },
  unreadable: {
    en: 'The file of the image cannot be read here. Check the disk of this machine.',
    id: 'Berkas gambar tidak dapat dibaca di sini. Periksa disk komputer ini.',
  },
  'no-accession': {
    en: 'The image has no accession number, without which SATUSEHAT cannot assign it. Register the examination and let the device take its data from the worklist.',
    id: 'Gambar tidak memiliki nomor aksesi (accession number), sehingga SATUSEHAT tidak dapat mengaitkannya. Daftarkan pemeriksaan dan ambil datanya di alat lewat worklist.',
  },
  'no-numbers': {
    en: 'The image has no series number or no instance number, without which the SATUSEHAT router fails.',
    id: 'Gambar tidak memiliki nomor seri atau nomor gambar, sehingga router SATUSEHAT gagal memprosesnya.',
  },
  'identity-refused': {
    en: 'A person in the van refused the image: it is not to be passed on. The reason stands in the record of its identity.',
    id: 'Petugas di mobil menolak gambar ini, sehingga tidak diteruskan. Alasannya tertulis di catatan identitasnya.',
  },
  'identity-changed': {
    en: 'The image was forwarded, and then the van changed whose it is. Correct it at the destination first; then `simpul landing again` sends it as it is decided now.',
    id: 'Gambar sudah diteruskan, lalu identitas pemiliknya diubah di mobil. Perbaiki dulu di tujuan; setelah itu `simpul landing again` mengirimnya sesuai keputusan terbaru.',
  },
  'order-unknown': {
    en: 'A person accepted the image without an order, so nobody vouches for its accession number, by which alone SATUSEHAT assigns it. Assign it to an order in the van.',
    id: 'Gambar diterima tanpa permintaan pemeriksaan, sehingga nomor aksesinya tidak terjamin, padahal SATUSEHAT hanya memakai nomor itu. Kaitkan gambar dengan permintaan di mobil.',
  },
  'too-large': {
    en: 'The destination takes no request as large as this image. Raise its limit, or send over DICOM.',
    id: 'Tujuan tidak menerima permintaan sebesar gambar ini. Naikkan batasnya, atau kirim lewat DICOM.',
  },
} as const satisfies { readonly [code: string]: ReasonWords }

export type ParkedReason = keyof typeof parkedReasons

export function isParkedReason(code: string): code is ParkedReason {
  return Object.hasOwn(parkedReasons, code)
}
