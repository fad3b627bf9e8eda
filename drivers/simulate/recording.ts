/** A recorded ECG: 16-bit samples, and a JSON header that says what they are. */
import type { Decoded } from '../../protocols/packet/decoded.ts'

export interface Recording {
  readonly samplesPerSecond: number
  readonly microvoltsPerStep: number
  /** By the name of the lead, as `I`, `aVR`, `V1`. All of the same length. */
  readonly leads: ReadonlyMap<string, Int16Array>
}

/** `bytes`: little-endian, all leads of one instant, then of the next. */
export function readRecording(header: string, bytes: Uint8Array): Decoded<Recording> {
  const fields = fieldsOf(header)
  if (fields === null) return { ok: false, reason: 'the header is no JSON object' }
  const { fs, lsb_uV: step, leads: names } = fields
  if (typeof fs !== 'number' || !(fs > 0)) return { ok: false, reason: 'fs is no rate' }
  if (typeof step !== 'number' || !(step > 0)) return { ok: false, reason: 'lsb_uV is no step' }
  if (!Array.isArray(names) || names.length === 0) return { ok: false, reason: 'leads is no list' }
  const count = bytes.length / 2 / names.length
  if (!Number.isInteger(count)) return { ok: false, reason: 'the samples do not fit the leads' }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const leads = names.map((name: unknown, lead): [string, Int16Array] => [
    String(name),
    Int16Array.from({ length: count }, (_, at) =>
      view.getInt16(2 * (at * names.length + lead), true),
    ),
  ])
  return {
    ok: true,
    value: { samplesPerSecond: fs, microvoltsPerStep: step, leads: new Map(leads) },
  }
}

function fieldsOf(header: string): { readonly [name: string]: unknown } | null {
  try {
    const parsed: unknown = JSON.parse(header)
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : null
  } catch {
    return null
  }
}
