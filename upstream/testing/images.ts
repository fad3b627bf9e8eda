/** Images as a landing has them: packets, and whole files. */
import { encodeFileHead } from '../../protocols/dicom/part10.ts'
import { concat } from '../../protocols/dicom/text.ts'
import { explicitLittle } from '../../protocols/dicom/uids.ts'
import type { Image } from '../../protocols/packet/record.ts'
import type { LandingStore } from '../landing/store.ts'
import { arrivals, verifyAll } from './landing.ts'
import { hexOf, image, type TestPacket, type TestVan } from './van.ts'

export interface TestImage {
  readonly sopInstanceUid: string
  readonly studyInstanceUid: string
  readonly seriesInstanceUid: string
  readonly sopClassUid: string
  readonly transferSyntaxUid: string
  /** Without preamble and file meta information. */
  readonly dataSet: Uint8Array
}

const chunkBytes = 65_536
export const device = 'cart-1'

/** The packets that bring an image, its record first. */
export function imagePackets(
  van: TestVan,
  one: TestImage,
  more: Partial<Image> = {},
): readonly TestPacket[] {
  const { dataSet, sopClassUid, sopInstanceUid, transferSyntaxUid } = one
  const head = encodeFileHead({ sopClassUid, sopInstanceUid, transferSyntaxUid })
  const bytes = concat([head, dataSet])
  const record: Image = {
    ...image(500, bytes, chunkBytes),
    sopClassUid,
    sopInstanceUid,
    transferSyntaxUid,
    studyInstanceUid: one.studyInstanceUid,
    seriesInstanceUid: one.seriesInstanceUid,
    dataSetOffset: head.length,
    simulated: false,
    ...more,
  }
  return [van.records(`${device}/image`, [record]), ...van.chunks(device, bytes, chunkBytes)]
}

/** Commits what has come; objects that are whole are passed on as the landing does it. */
export function land(
  store: LandingStore,
  packets: readonly TestPacket[],
  objectWhole: (sha256: string) => void = () => {},
): void {
  store.commit(arrivals(packets))
  while (store.objects.waiting) {
    const whole = store.verifyObjects(Date.now(), () => {})
    if (whole !== null) objectWhole(whole)
  }
  verifyAll(store)
}

export function fileHash(one: TestImage): string {
  const { dataSet, sopClassUid, sopInstanceUid, transferSyntaxUid } = one
  const head = encodeFileHead({ sopClassUid, sopInstanceUid, transferSyntaxUid })
  return hexOf(concat([head, dataSet]))
}

export const usualSyntax = explicitLittle
