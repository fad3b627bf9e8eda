/** Reads from the file of an image that is stored what it says about itself. */
import { decodeFileHead } from '../../protocols/dicom/part10.ts'
import { HeaderReader } from '../../protocols/dicom/header-reader.ts'
import type { StatedIdentity } from '../../protocols/dicom/stated-identity.ts'

export interface StatedHead {
  readonly said: StatedIdentity
  readonly studyInstanceUid: string | null
  readonly seriesInstanceUid: string | null
  readonly modality: string | null
}

/** The first bytes of a file; null when it cannot be read any more. */
export type ReadStart = (path: string, bytes: number) => Promise<Uint8Array | null>

/** Mostly the first is enough: whose an image is comes early in its data set. */
const headBytes = [16_384, 1_048_576] as const

export async function readStatedHead(path: string, read: ReadStart): Promise<StatedHead | null> {
  let found: StatedHead | null = null
  for (const most of headBytes) {
    const bytes = await read(path, most)
    const file = bytes === null ? null : decodeFileHead(bytes)
    if (bytes === null || file === null || !file.ok) return found
    const { transferSyntaxUid, dataSetOffset } = file.value
    const reader = new HeaderReader(transferSyntaxUid)
    reader.push(bytes.subarray(dataSetOffset))
    const { identity, studyInstanceUid, seriesInstanceUid, modality } = reader.findings()
    found = { said: identity, studyInstanceUid, seriesInstanceUid, modality }
    if (reader.done || bytes.length < most) return found
  }
  return found
}
