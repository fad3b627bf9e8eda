/** How records come into packets, and what room that takes. */
import { recordLimitBytes, recordsPerPacketMax } from '../../protocols/packet/limits.ts'
import { isVisitRecord } from '../../protocols/packet/visit-records.ts'
import { repeats } from './kinds.ts'
import type { Prepared } from './prepared.ts'
import type { Need } from './retention.ts'

/** A row of `packets` without its blobs, with its places in the indexes. */
const packetRowBytes = 512

/** What they take in the database, at the most. */
export function needOf(records: readonly Prepared[]): Need {
  return {
    rowBytes: records.reduce((sum, one) => sum + rowBytesOf(one), 0),
    fileBytes: 0,
    bulk: records.some(({ record }) => repeats(record.kind)),
  }
}

/** What is known of visits is written twice. */
function rowBytesOf({ record, encoded }: Prepared): number {
  return (encoded.length + packetRowBytes) * (isVisitRecord(record) ? 2 : 1)
}

/** Runs of one class that fit into a packet. */
export function* packetParts(ones: readonly Prepared[]): Generator<readonly Prepared[]> {
  let part: Prepared[] = []
  let bytes = 0
  for (const one of ones) {
    const fits =
      part.length < recordsPerPacketMax &&
      bytes + one.encoded.length <= recordLimitBytes &&
      part[0]?.class === one.class
    if (part.length > 0 && !fits) {
      yield part
      part = []
      bytes = 0
    }
    part.push(one)
    bytes += one.encoded.length
  }
  if (part.length > 0) yield part
}
