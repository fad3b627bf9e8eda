import { troublesOf, type TroubleTable } from './trouble.ts'

export const identifyTroubles = {
  'identify-nothing': {
    en: {
      what: 'No bytes came on {path}, at {settings} line settings, in {seconds} s.',
      todo: 'Check that the device is switched on and its cable is in the right socket. If it sends only a result, measure once, or press its send or print key.',
    },
    id: {
      what: 'Tidak ada data di {path}, pada {settings} setelan jalur, selama {seconds} detik.',
      todo: 'Periksa apakah alat menyala dan kabelnya di soket yang benar. Jika alat hanya mengirim hasil, ukur sekali atau tekan tombol kirim atau cetaknya.',
    },
    retriable: true,
  },
  'identify-noise': {
    en: {
      what: 'Bytes came on {path}, but nothing could be read at these speeds; the most at {line} ({bytes} bytes).',
      todo: 'Send or measure again: each time another speed is tried. If that does not help, record this and send it to support with the name of the device.',
    },
    id: {
      what: 'Ada data di {path}, tetapi tidak terbaca pada kecepatan ini; terbanyak pada {line} ({bytes} byte).',
      todo: 'Kirim atau ukur lagi: setiap kali dicoba kecepatan lain. Jika tidak berhasil, rekam ini dan kirim ke tim dukungan beserta nama alatnya.',
    },
    retriable: true,
  },
  'identify-text': {
    en: {
      what: 'Lines of text came on {path} at {line} ({lines} of them), of a device that is not known.',
      todo: 'Record this and send it to support with the name of the device: a driver for text is soon written. Until then type its results.',
    },
    id: {
      what: 'Ada baris teks di {path} pada {line} (sebanyak {lines}), dari alat yang belum dikenal.',
      todo: 'Rekam ini dan kirim ke tim dukungan beserta nama alatnya: driver untuk teks cepat dibuat. Sementara itu ketik hasilnya.',
    },
    retriable: true,
  },
  'identify-pattern': {
    en: {
      what: 'Packets came on {path} at {line}, one every {everyBytes} bytes, of a device that is not known.',
      todo: 'Record this and send it to support with the name of the device. Until then type its results.',
    },
    id: {
      what: 'Ada paket di {path} pada {line}, satu setiap {everyBytes} byte, dari alat yang belum dikenal.',
      todo: 'Rekam ini dan kirim ke tim dukungan beserta nama alatnya. Sementara itu ketik hasilnya.',
    },
    retriable: true,
  },
  'identify-port-gone': {
    en: {
      what: 'Nothing is searched for on {path} any more.',
      todo: 'Plug the device in again, or look whether it is among the devices already.',
    },
    id: {
      what: 'Tidak ada lagi yang dicari di {path}.',
      todo: 'Pasang kembali alatnya, atau lihat apakah sudah ada di daftar alat.',
    },
    retriable: false,
  },
  'identify-not-saved': {
    en: {
      what: 'The device {device} was not taken into use, because that could not be written down: {why}.',
      todo: 'Make room on the disk, or replace the memory card, and try again. Nothing that was heard is lost while it stays plugged in.',
    },
    id: {
      what: 'Alat {device} belum dipakai, karena tidak bisa dicatat: {why}.',
      todo: 'Kosongkan disk atau ganti kartu memori, lalu coba lagi. Data yang terdengar tidak hilang selama alat tetap terpasang.',
    },
    retriable: true,
  },
  'identify-not-adopted': {
    en: {
      what: 'The device {device} is written in the configuration and cannot be removed here.',
      todo: 'Ask the technician to take it out of the configuration.',
    },
    id: {
      what: 'Alat {device} tertulis di konfigurasi dan tidak bisa dihapus di sini.',
      todo: 'Minta teknisi menghapusnya dari konfigurasi.',
    },
    retriable: false,
  },
} as const satisfies TroubleTable

export const identifyTrouble = troublesOf(identifyTroubles)
