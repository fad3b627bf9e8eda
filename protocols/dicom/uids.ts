/**
 * Names of DICOM: which UID is what. Source: PS3.6 annex A, names are its keywords.
 * The table only names things; what is accepted is decided in negotiate.ts, where a storage class
 * that is not listed here is as welcome as one that is.
 */
import { storageClassNames } from './storage-classes.ts'

export const verificationUid = '1.2.840.10008.1.1'
export const applicationContextUid = '1.2.840.10008.3.1.1.1'

/** Ours, from the UUID arc 2.25 (PS3.5 annex B.2), so that no registration is needed. */
export const implementationClassUid = '2.25.151193207474525851614525572508884122010'
/**
 * At most 16 characters. It names the format of our file meta information, not a release: it is
 * part of the bytes whose hash names a stored object, and the same image must give the same object
 * for ever.
 */
export const implementationVersion = 'SIMPUL_1'

const dicomRoot = '1.2.840.10008.'
const storageRoot = '1.2.840.10008.5.1.4.1.1.'

/** Services that live under the storage root and store nothing. */
const underStorageRootButNot: ReadonlySet<string> = new Set([
  '1.2.840.10008.5.1.4.1.1.200.4',
  '1.2.840.10008.5.1.4.1.1.200.5',
  '1.2.840.10008.5.1.4.1.1.200.6',
  '1.2.840.10008.5.1.4.1.1.201.2',
  '1.2.840.10008.5.1.4.1.1.201.3',
  '1.2.840.10008.5.1.4.1.1.201.4',
  '1.2.840.10008.5.1.4.1.1.201.5',
  '1.2.840.10008.5.1.4.1.1.201.6',
])

/**
 * `standard`: the standard's table calls it storage, or it stands under the storage root and is
 * newer than our table. `private`: a maker's own UID, which small ultrasound devices use for their
 * images. `none`: a DICOM service that stores nothing.
 */
export function storageKind(sopClassUid: string): 'standard' | 'private' | 'none' {
  if (!isUid(sopClassUid)) return 'none'
  if (storageClassNames.has(sopClassUid)) return 'standard'
  if (!sopClassUid.startsWith(dicomRoot)) return 'private'
  const newer = sopClassUid.startsWith(storageRoot) && !underStorageRootButNot.has(sopClassUid)
  return newer ? 'standard' : 'none'
}

/** The keyword, or the UID itself when it has none. */
export function uidName(uid: string): string {
  if (uid === verificationUid) return 'Verification'
  return storageClassNames.get(uid) ?? transferSyntaxes.get(uid)?.name ?? uid
}

/**
 * Up to 64 digits and dots that begin with a digit. Leading zeros and double dots occur in the
 * field and hurt nobody; anything else could walk out of a folder when somebody makes a path of it.
 */
export function isUid(text: string): boolean {
  return /^[0-9][0-9.]{0,63}$/.test(text)
}

/** The UID of a UUID (PS3.5 annex B.2), of which nobody has had the number. */
export function uidOfUuid(uuid: string): string {
  return `2.25.${BigInt(`0x${uuid.replaceAll('-', '')}`)}`
}

export interface TransferSyntax {
  readonly name: string
  /**
   * `native`: the values as they are. `lossless`: compressed, every bit comes back. `lossy`: it may
   * have lost something, which only the object itself can tell. `reference`: the pixels are
   * elsewhere.
   */
  readonly coding: 'native' | 'lossless' | 'lossy' | 'reference'
}

export const implicitLittle = '1.2.840.10008.1.2'
export const explicitLittle = '1.2.840.10008.1.2.1'
export const explicitBig = '1.2.840.10008.1.2.2'
export const deflatedExplicitLittle = '1.2.840.10008.1.2.1.99'

const jpeg = '1.2.840.10008.1.2.4.'

export const transferSyntaxes: ReadonlyMap<string, TransferSyntax> = new Map([
  [implicitLittle, { name: 'ImplicitVRLittleEndian', coding: 'native' }],
  [explicitLittle, { name: 'ExplicitVRLittleEndian', coding: 'native' }],
  [
    `${explicitLittle}.98`,
    { name: 'EncapsulatedUncompressedExplicitVRLittleEndian', coding: 'native' },
  ],
  [deflatedExplicitLittle, { name: 'DeflatedExplicitVRLittleEndian', coding: 'lossless' }],
  [explicitBig, { name: 'ExplicitVRBigEndian', coding: 'native' }],
  [`${jpeg}50`, { name: 'JPEGBaseline8Bit', coding: 'lossy' }],
  [`${jpeg}51`, { name: 'JPEGExtended12Bit', coding: 'lossy' }],
  [`${jpeg}52`, { name: 'JPEGExtended35', coding: 'lossy' }],
  [`${jpeg}53`, { name: 'JPEGSpectralSelectionNonHierarchical68', coding: 'lossy' }],
  [`${jpeg}54`, { name: 'JPEGSpectralSelectionNonHierarchical79', coding: 'lossy' }],
  [`${jpeg}55`, { name: 'JPEGFullProgressionNonHierarchical1012', coding: 'lossy' }],
  [`${jpeg}56`, { name: 'JPEGFullProgressionNonHierarchical1113', coding: 'lossy' }],
  [`${jpeg}57`, { name: 'JPEGLossless', coding: 'lossless' }],
  [`${jpeg}58`, { name: 'JPEGLosslessNonHierarchical15', coding: 'lossless' }],
  [`${jpeg}59`, { name: 'JPEGExtendedHierarchical1618', coding: 'lossy' }],
  [`${jpeg}60`, { name: 'JPEGExtendedHierarchical1719', coding: 'lossy' }],
  [`${jpeg}61`, { name: 'JPEGSpectralSelectionHierarchical2022', coding: 'lossy' }],
  [`${jpeg}62`, { name: 'JPEGSpectralSelectionHierarchical2123', coding: 'lossy' }],
  [`${jpeg}63`, { name: 'JPEGFullProgressionHierarchical2426', coding: 'lossy' }],
  [`${jpeg}64`, { name: 'JPEGFullProgressionHierarchical2527', coding: 'lossy' }],
  [`${jpeg}65`, { name: 'JPEGLosslessHierarchical28', coding: 'lossless' }],
  [`${jpeg}66`, { name: 'JPEGLosslessHierarchical29', coding: 'lossless' }],
  [`${jpeg}70`, { name: 'JPEGLosslessSV1', coding: 'lossless' }],
  [`${jpeg}80`, { name: 'JPEGLSLossless', coding: 'lossless' }],
  [`${jpeg}81`, { name: 'JPEGLSNearLossless', coding: 'lossy' }],
  [`${jpeg}90`, { name: 'JPEG2000Lossless', coding: 'lossless' }],
  [`${jpeg}91`, { name: 'JPEG2000', coding: 'lossy' }],
  [`${jpeg}92`, { name: 'JPEG2000MCLossless', coding: 'lossless' }],
  [`${jpeg}93`, { name: 'JPEG2000MC', coding: 'lossy' }],
  [`${jpeg}94`, { name: 'JPIPReferenced', coding: 'reference' }],
  [`${jpeg}95`, { name: 'JPIPReferencedDeflate', coding: 'reference' }],
  [`${jpeg}100`, { name: 'MPEG2MPML', coding: 'lossy' }],
  [`${jpeg}100.1`, { name: 'MPEG2MPMLF', coding: 'lossy' }],
  [`${jpeg}101`, { name: 'MPEG2MPHL', coding: 'lossy' }],
  [`${jpeg}101.1`, { name: 'MPEG2MPHLF', coding: 'lossy' }],
  [`${jpeg}102`, { name: 'MPEG4HP41', coding: 'lossy' }],
  [`${jpeg}102.1`, { name: 'MPEG4HP41F', coding: 'lossy' }],
  [`${jpeg}103`, { name: 'MPEG4HP41BD', coding: 'lossy' }],
  [`${jpeg}103.1`, { name: 'MPEG4HP41BDF', coding: 'lossy' }],
  [`${jpeg}104`, { name: 'MPEG4HP422D', coding: 'lossy' }],
  [`${jpeg}104.1`, { name: 'MPEG4HP422DF', coding: 'lossy' }],
  [`${jpeg}105`, { name: 'MPEG4HP423D', coding: 'lossy' }],
  [`${jpeg}105.1`, { name: 'MPEG4HP423DF', coding: 'lossy' }],
  [`${jpeg}106`, { name: 'MPEG4HP42STEREO', coding: 'lossy' }],
  [`${jpeg}106.1`, { name: 'MPEG4HP42STEREOF', coding: 'lossy' }],
  [`${jpeg}107`, { name: 'HEVCMP51', coding: 'lossy' }],
  [`${jpeg}108`, { name: 'HEVCM10P51', coding: 'lossy' }],
  [`${jpeg}110`, { name: 'JPEGXLLossless', coding: 'lossless' }],
  [`${jpeg}111`, { name: 'JPEGXLJPEGRecompression', coding: 'lossy' }],
  [`${jpeg}112`, { name: 'JPEGXL', coding: 'lossy' }],
  [`${jpeg}201`, { name: 'HTJ2KLossless', coding: 'lossless' }],
  [`${jpeg}202`, { name: 'HTJ2KLosslessRPCL', coding: 'lossless' }],
  [`${jpeg}203`, { name: 'HTJ2K', coding: 'lossy' }],
  [`${jpeg}204`, { name: 'JPIPHTJ2KReferenced', coding: 'reference' }],
  [`${jpeg}205`, { name: 'JPIPHTJ2KReferencedDeflate', coding: 'reference' }],
  ['1.2.840.10008.1.2.5', { name: 'RLELossless', coding: 'lossless' }],
  [
    '1.2.840.10008.1.2.7.1',
    { name: 'SMPTEST211020UncompressedProgressiveActiveVideo', coding: 'reference' },
  ],
  [
    '1.2.840.10008.1.2.7.2',
    { name: 'SMPTEST211020UncompressedInterlacedActiveVideo', coding: 'reference' },
  ],
  ['1.2.840.10008.1.2.7.3', { name: 'SMPTEST211030PCMDigitalAudio', coding: 'reference' }],
  ['1.2.840.10008.1.2.8.1', { name: 'DeflatedImageFrameCompression', coding: 'lossless' }],
])
