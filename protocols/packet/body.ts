/**
 * The body of a packet of records: a CBOR list of maps, before compression.
 *
 *   [ { "kind": "measurement", "atMs": 1200, ... }, ... ]     keys are the field names of record.ts
 *
 * Each record of a wave holds its samples as one byte string a lead, see samples.ts.
 */
import { decodeCbor, encodeCbor } from './cbor.ts'
import { decoded, undecoded } from './decoded.ts'
import type { Decoded } from './decoded.ts'
import { list, readField } from './fields.ts'
import { bodyLimitBytes, recordLimitBytes, recordsPerPacketMax } from './limits.ts'
import type { Record } from './record.ts'
import { recordField } from './record-fields.ts'

export { mergeWaveforms } from './merge.ts'

const recordsField = list(recordField, 1, recordsPerPacketMax)

/** Why a record cannot go on the wire, or null. What passes here is never refused by `decodeRecord`. */
export function checkRecord(record: Record): string | null {
  const answer = readField(recordField, recordField.write(record), 'record')
  return answer.ok ? null : answer.reason
}

/** Throws a RangeError with the reason when `decodeRecord` would refuse it: nothing broken is stored. */
export function encodeRecord(record: Record): Uint8Array {
  const wire = recordField.write(record)
  const answer = readField(recordField, wire, 'record')
  if (!answer.ok) throw new RangeError(answer.reason)
  const bytes = encodeCbor(wire)
  if (bytes.length > recordLimitBytes) {
    throw new RangeError(
      `record: expected at most ${recordLimitBytes} bytes, found ${bytes.length}`,
    )
  }
  return bytes
}

export function decodeRecord(bytes: Uint8Array): Decoded<Record> {
  if (bytes.length > recordLimitBytes) {
    return undecoded(`record: expected at most ${recordLimitBytes} bytes, found ${bytes.length}`)
  }
  const raw = decodeCbor(bytes)
  return raw.ok ? readField(recordField, raw.value, 'record') : raw
}

/**
 * The uncompressed body. Throws a RangeError when `decodeRecords` would refuse it. Records whose
 * encodings together are within `recordLimitBytes` always fit, merged or not.
 */
export function encodeRecords(records: readonly Record[]): Uint8Array {
  const wire = recordsField.write(records)
  const answer = readField(recordsField, wire, 'body')
  if (!answer.ok) throw new RangeError(answer.reason)
  const bytes = encodeCbor(wire)
  if (bytes.length > bodyLimitBytes) {
    throw new RangeError(`body: expected at most ${bodyLimitBytes} bytes, found ${bytes.length}`)
  }
  return bytes
}

export function decodeRecords(bytes: Uint8Array): Decoded<Record[]> {
  if (bytes.length > bodyLimitBytes) {
    return undecoded(`body: expected at most ${bodyLimitBytes} bytes, found ${bytes.length}`)
  }
  const raw = decodeCbor(bytes)
  if (!raw.ok) return raw
  const answer = readField(recordsField, raw.value, 'body')
  return answer.ok ? decoded([...answer.value]) : answer
}
