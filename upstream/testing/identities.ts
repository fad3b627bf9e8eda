/** What a van decides about whose an image is, as packets. */
import { encodeFileHead } from '../../protocols/dicom/part10.ts'
import { concat } from '../../protocols/dicom/text.ts'
import type { Rendition } from '../../protocols/packet/record.ts'
import type { CoercedFile, ImageIdentity } from '../../protocols/packet/visit-records.ts'
import { fileHash, type TestImage } from './images.ts'
import { hexOf, type TestPacket, type TestVan } from './van.ts'

const stamps = {
  atMs: 900,
  utcMs: null,
  uncertaintyMs: null,
  source: 'device',
  simulated: false,
} as const
const chunkBytes = 65_536

export const someOrder = '01890000-0000-7000-8000-0000000000aa'

export function identityPacket(
  van: TestVan,
  image: TestImage,
  state: ImageIdentity['state'],
  more: Partial<ImageIdentity> = {},
): TestPacket {
  const record: ImageIdentity = {
    kind: 'identity',
    ...stamps,
    of: fileHash(image),
    sopInstanceUid: image.sopInstanceUid,
    state,
    visit: null,
    order: null,
    coerced: null,
    findings: [],
    by: 'Sari',
    reason: '',
    ...more,
  }
  return van.records('van/visits', [record])
}

/** A coerced form of an image: the packets that bring it, and what the identity says of it. */
export function coercedForm(
  van: TestVan,
  image: TestImage,
  form: TestImage,
): { readonly packets: readonly TestPacket[]; readonly file: CoercedFile } {
  const { sopClassUid, sopInstanceUid, transferSyntaxUid, dataSet } = form
  const bytes = concat([
    encodeFileHead({ sopClassUid, sopInstanceUid, transferSyntaxUid }),
    dataSet,
  ])
  const sha256 = hexOf(bytes)
  const record: Rendition = {
    kind: 'rendition',
    ...stamps,
    role: 'coerced',
    of: fileHash(image),
    object: { sha256, sizeBytes: bytes.length, mediaType: 'application/dicom', chunkBytes },
    frame: null,
  }
  return {
    packets: [
      van.records('cart-1/rendition', [record]),
      ...van.chunks('cart-1', bytes, chunkBytes),
    ],
    file: {
      sha256,
      sizeBytes: bytes.length,
      studyInstanceUid: form.studyInstanceUid,
      seriesInstanceUid: form.seriesInstanceUid,
    },
  }
}
