/**
 * What the DICOM router of SATUSEHAT needs in an image: the accession number by which it finds the
 * service request, and the numbers that its ImagingStudy is made of. Without them it answers
 * success and does nothing.
 */
import { open } from 'node:fs/promises'
import { HeaderReader } from '../../protocols/dicom/header-reader.ts'
import { unreadable } from './carrier.ts'
import type { Outcome } from './outcomes.ts'
import type { QueuedImage } from './queue.ts'

const tags = {
  accessionNumber: 0x0008_0050,
  seriesNumber: 0x0020_0011,
  instanceNumber: 0x0020_0013,
} as const

const sliceBytes = 65_536
/** The tags stand before the pixels. A head that is longer is none. */
const headMostBytes = 4 * 1_048_576

/** Why it must not be sent; null when it may. */
export async function routerObjection(
  image: QueuedImage,
  path: string | null,
): Promise<Outcome | null> {
  const handle = path === null ? null : await open(path).catch(() => null)
  if (handle === null) return unreadable
  try {
    const reader = new HeaderReader(image.transferSyntaxUid, Object.values(tags))
    const buffer = new Uint8Array(sliceBytes)
    for (let read = 0; read < headMostBytes && !reader.done;) {
      const { bytesRead } = await handle.read(buffer, 0, sliceBytes, image.dataSetOffset + read)
      if (bytesRead === 0) break
      // Its findings outlive the buffer.
      reader.push(buffer.slice(0, bytesRead))
      read += bytesRead
    }
    const isMissing = (tag: number): boolean => reader.text(tag) === null
    if (isMissing(tags.accessionNumber)) {
      return { kind: 'parked', reason: 'no-accession', said: 'not sent' }
    }
    if (isMissing(tags.seriesNumber) || isMissing(tags.instanceNumber)) {
      return { kind: 'parked', reason: 'no-numbers', said: 'not sent' }
    }
    return null
  } finally {
    await handle.close()
  }
}
