import t from 'tap'
import { latin1Bytes } from '../bytes/bytes.ts'
import { mediaTypeOf } from './media-type.ts'

t.test('media type: by the first bytes', async (t) => {
  const bitmap = `BM\x1a\0\0\0${'\0'.repeat(20)}`
  for (const [start, type] of [
    ['%PDF-1.7\n', 'application/pdf'],
    ['\0\0noise of a mailer\n%PDF-1.4', 'application/pdf'],
    ['\xff\xd8\xff\xe0\0\x10JFIF', 'image/jpeg'],
    ['\x89PNG\r\n\x1a\n', 'image/png'],
    ['II*\0', 'image/tiff'],
    ['MM\0*', 'image/tiff'],
    ['RIFF\x10\0\0\0WEBPVP8 ', 'image/webp'],
    ['\0\0\0\x18ftypheic', 'image/heic'],
    [bitmap, 'image/bmp'],
    ['BM is how this letter begins, and it goes on', null],
    ['RIFF\x10\0\0\0WAVE', null],
    ['\0\0\0\x18ftypmp42', null],
    ['MZ', null],
    ['', null],
  ] as const) {
    t.equal(mediaTypeOf(latin1Bytes(start)), type, start.slice(0, 12))
  }
})
