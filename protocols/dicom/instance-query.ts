/**
 * Asks a peer whether it has one instance: C-FIND of the study root at the level IMAGE.
 * Source: PS3.4 sections C.4.1 and C.6.2. The keys above the level must be single values.
 *
 *   C-FIND-RQ    (0008,0018) instance   (0008,0052) IMAGE   (0020,000D) study  (0020,000E) series
 *   C-FIND-RSP   FF00 or FF01 with an instance, any number of times; then 0000 without
 */
import { readDataSet, textIn } from './data-set.ts'
import { encodeIdentifier } from './identifier.ts'

export const studyRootFindUid = '1.2.840.10008.5.1.4.1.2.2.1'

export interface InstancePlace {
  readonly studyInstanceUid: string
  readonly seriesInstanceUid: string
  readonly sopInstanceUid: string
}

const sopInstanceTag = 0x0008_0018

export function encodeInstanceQuery(place: InstancePlace, transferSyntaxUid: string): Uint8Array {
  return encodeIdentifier(
    [
      [sopInstanceTag, 'UI', place.sopInstanceUid],
      [0x0008_0052, 'CS', 'IMAGE'],
      [0x0020_000d, 'UI', place.studyInstanceUid],
      [0x0020_000e, 'UI', place.seriesInstanceUid],
    ],
    transferSyntaxUid,
  )
}

/** The instance that an answer names; null when it names none. */
export function instanceInAnswer(bytes: Uint8Array, transferSyntaxUid: string): string | null {
  const dataSet = readDataSet(bytes, transferSyntaxUid, new Set())
  return dataSet.ok ? textIn(dataSet.value, sopInstanceTag) : null
}

/** FF00, FF01: one more answer. */
export function isPending(status: number | null): boolean {
  return status === 0xff00 || status === 0xff01
}
