/** An ECG file as a file of another format, with the same samples. */
import { createHash } from 'node:crypto'
import { encodeAecg } from '../../protocols/aecg/encode.ts'
import { encodeDicomEcg } from '../../protocols/dicom-waveform/write.ts'
import { decodeEcgFile } from '../../protocols/ecg/file.ts'
import { encodeEdfEcg } from '../../protocols/edf/ecg.ts'
import type { Decoded } from '../../protocols/packet/decoded.ts'
import { uuidFromBytes } from '../../protocols/packet/epoch.ts'
import { encodeScp } from '../../protocols/scp-ecg/write.ts'

export const ecgFormats = ['scp', 'dicom', 'aecg', 'edf'] as const
export type EcgFormatName = (typeof ecgFormats)[number]

export function isEcgFormat(name: string): name is EcgFormatName {
  return (ecgFormats as readonly string[]).includes(name)
}

/** Refused with a reason when it cannot be read, or when the new format cannot hold it. */
export function convertEcg(bytes: Uint8Array, as: EcgFormatName): Decoded<Uint8Array> {
  const file = decodeEcgFile(bytes)
  if (!file.ok) return file
  const { recording } = file.value
  if (!recording.ok) return recording
  switch (as) {
    case 'scp':
      return encodeScp(recording.value)
    case 'dicom':
      return encodeDicomEcg(recording.value, {
        sopInstanceUid: uidOf(bytes, 'instance'),
        seriesInstanceUid: uidOf(bytes, 'series'),
        studyInstanceUid: uidOf(bytes, 'study'),
      })
    case 'aecg':
      return encodeAecg(recording.value, {
        document: uuidOf(bytes, 'document'),
        series: uuidOf(bytes, 'series'),
      })
    case 'edf':
      return encodeEdfEcg(recording.value)
  }
}

/**
 * From the bytes of the source, so that the same file becomes the same object whoever converts it.
 * A UUID of version 8 (RFC 9562).
 */
function uuidBytes(source: Uint8Array, what: string): Uint8Array {
  const bytes = createHash('sha256').update(source).update(what).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return new Uint8Array(bytes)
}

function uuidOf(source: Uint8Array, what: string): string {
  return uuidFromBytes(uuidBytes(source, what))
}

/** Under the arc of UUIDs, 2.25 (PS3.5 annex B.2). */
function uidOf(source: Uint8Array, what: string): string {
  return `2.25.${BigInt(`0x${Buffer.from(uuidBytes(source, what)).toString('hex')}`)}`
}
