/**
 * What kind of document or photo bytes are, by their first bytes and never by a name. Source: ISO
 * 32000-1 section 7.5.2 (PDF), ISO 10918-1 (JPEG), ISO 15948 (PNG), TIFF 6.0, RFC 9649 (WebP),
 * ISO 23008-12 (HEIC), and BMP as Windows writes it.
 */
import { latin1Text, viewOf } from '../bytes/bytes.ts'

/** A reader of PDF looks so far for its beginning. */
const pdfWithinBytes = 1_024

/** null: none of the kinds that are known. */
export function mediaTypeOf(bytes: Uint8Array): string | null {
  const start = latin1Text(bytes.subarray(0, pdfWithinBytes))
  if (start.includes('%PDF-')) return 'application/pdf'
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (start.startsWith('II*\0') || start.startsWith('MM\0*')) return 'image/tiff'
  if (start.startsWith('RIFF') && start.slice(8, 12) === 'WEBP') return 'image/webp'
  if (start.slice(4, 8) === 'ftyp' && /^(?:heic|heix|mif1)$/.test(start.slice(8, 12))) {
    return 'image/heic'
  }
  return start.startsWith('BM') && isBitmap(bytes) ? 'image/bmp' : null
}

/** Two letters are too few: the file must also know its own length. */
function isBitmap(bytes: Uint8Array): boolean {
  return bytes.length >= 26 && viewOf(bytes).getUint32(2, true) === bytes.length
}
