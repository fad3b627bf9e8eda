/** Reports and photos that a device or a person puts into a folder: kept as they came. */
import { mediaTypeOf } from '../protocols/media/media-type.ts'
import { receiving } from './receiving.ts'

const limitBytes = 33_554_432

const titles: ReadonlyMap<string, string> = new Map([['application/pdf', 'Report (PDF)']])

export const documentFile = receiving({
  id: 'document-file',
  label: 'PDF reports and photos from a folder',
  source: 'ISO 32000-1 (PDF), and the first bytes of the usual image formats',
  evidence: 'documented',
  confidence: 'high',
  links: [
    {
      kind: 'folder',
      endings: ['.pdf', '.jpg', '.jpeg', '.png', '.tif', '.tiff', '.bmp', '.webp', '.heic'],
      limitBytes,
    },
  ],
  asks: 'nothing',
  waves: [],
  streams: ['document'],
  silentAfterMs: null,

  objectLimitBytes: limitBytes,
  read(bytes) {
    const mediaType = mediaTypeOf(bytes)
    if (mediaType === null) return { ok: false, reason: 'neither a PDF nor a photo' }
    const title = titles.get(mediaType) ?? 'Photo'
    return { ok: true, said: [{ kind: 'document', title, mediaType, bytes }] }
  },
})
