/**
 * The body of a packet of waves: samples as the waveform codec packs them, a tenth of their size.
 *
 *   body  = [ + begun / more ]                                  CBOR, before compression
 *   begun = { wave, run, firstSample, rate, leads, atMs, utcMs, uncertaintyMs, source, simulated,
 *             coded }                                           the fields of record.ts
 *   more  = [ wave, atMs, utcMs, uncertaintyMs, coded ]
 *   coded = [ + bytes ]                                         packets of the codec, in order
 *
 * `more` goes on where the last block of that wave has ended, in this packet or in the one before
 * it; everything that it does not say is as it was there, and its codec packets go on with the
 * chain. What is begun begins a chain of its own.
 */
import { bytes, list, row, text } from './fields.ts'
import type { Field } from './fields.ts'
import { bodyLimitBytes, codeLimitBytes, recordsPerPacketMax } from './limits.ts'
import type { Waveform } from './record.ts'
import { stamped, timed } from './common-fields.ts'
import { waveFields } from './record-fields.ts'

const codedPiecesMax = 4_096

const coded = list(bytes(1, bodyLimitBytes), 1, codedPiecesMax)

export type Begun = Omit<Waveform, 'kind' | 'samples'> & { readonly coded: readonly Uint8Array[] }
export type More = Pick<Begun, 'wave' | 'atMs' | 'utcMs' | 'uncertaintyMs' | 'coded'>

const begunField = stamped<Begun>({ ...waveFields, coded })

const { atMs, utcMs, uncertaintyMs } = waveFields
const moreField = timed(
  row<More>(['wave', 'atMs', 'utcMs', 'uncertaintyMs', 'coded'], {
    wave: text(codeLimitBytes, 1),
    atMs,
    utcMs,
    uncertaintyMs,
    coded,
  }),
)

export type Entry =
  | { readonly kind: 'begun'; readonly value: Begun }
  | { readonly kind: 'more'; readonly value: More }

const entryField: Field<Entry> = {
  read: (raw, at) =>
    Array.isArray(raw)
      ? { kind: 'more', value: moreField.read(raw, at) }
      : { kind: 'begun', value: begunField.read(raw, at) },
  write: (entry) =>
    entry.kind === 'more' ? moreField.write(entry.value) : begunField.write(entry.value),
}

export const wavesField = list(entryField, 1, recordsPerPacketMax)
