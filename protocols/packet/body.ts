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
import type { Field } from './fields.ts'
import { bodyLimitBytes, recordLimitBytes, recordsPerPacketMax } from './limits.ts'
import type { Record } from './record.ts'
import { recordField } from './record-fields.ts'

export { mergeWaveforms } from './merge.ts'

const recordsField = list(recordField, 1, recordsPerPacketMax)

/** Why a record cannot go on the wire, or null. */
export function checkRecord(record: Record): string | null {
  const answer = write(recordField, record, 'record', recordLimitBytes)
  return answer.ok ? null : answer.reason
}

/** Throws a RangeError with the reason when `decodeRecord` would refuse it. */
export function encodeRecord(record: Record): Uint8Array {
  return orThrow(write(recordField, record, 'record', recordLimitBytes))
}

export function decodeRecord(bytes: Uint8Array): Decoded<Record> {
  return read(recordField, bytes, 'record', recordLimitBytes)
}

/**
 * The uncompressed body. Throws a RangeError when `decodeRecords` would refuse it. Up to
 * `recordsPerPacketMax` records whose encodings together are within `recordLimitBytes` always fit,
 * joined or not.
 */
export function encodeRecords(records: readonly Record[]): Uint8Array {
  return orThrow(write(recordsField, records, 'body', bodyLimitBytes))
}

export function decodeRecords(bytes: Uint8Array): Decoded<Record[]> {
  const answer = read(recordsField, bytes, 'body', bodyLimitBytes)
  return answer.ok ? decoded([...answer.value]) : answer
}

function write<T>(field: Field<T>, value: T, at: string, limitBytes: number): Decoded<Uint8Array> {
  const wire = field.write(value)
  const answer = readField(field, wire, at)
  if (!answer.ok) return answer
  const bytes = encodeCbor(wire)
  return bytes.length > limitBytes ? tooLarge(at, limitBytes, bytes) : decoded(bytes)
}

function read<T>(field: Field<T>, bytes: Uint8Array, at: string, limitBytes: number): Decoded<T> {
  if (bytes.length > limitBytes) return tooLarge(at, limitBytes, bytes)
  const raw = decodeCbor(bytes)
  return raw.ok ? readField(field, raw.value, at) : undecoded(`${at}: ${raw.reason}`)
}

function tooLarge(at: string, limitBytes: number, bytes: Uint8Array): Decoded<never> {
  return undecoded(`${at}: expected at most ${limitBytes} bytes, found ${bytes.length}`)
}

function orThrow(answer: Decoded<Uint8Array>): Uint8Array {
  if (!answer.ok) throw new RangeError(answer.reason)
  return answer.value
}
