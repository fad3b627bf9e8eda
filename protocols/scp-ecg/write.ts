/**
 * SCP-ECG written: sections 0, 1, 2, 3, 6 and 7, all leads at the same time, without loss, with the
 * default table of codes and the highest order of differences that fits. Source: EN 1064:2005.
 */
import { joinBytes, viewOf } from '../bytes/bytes.ts'
import { nanovoltsOf, type EcgPart, type EcgRecording } from '../ecg/recording.ts'
import { scpNumberOf } from '../ecg/leads.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { encodeDefaultTables, encodeHuffman } from './huffman.ts'
import { encodeMeasurements } from './measurements.ts'
import { encodeSections } from './sections.ts'
import { encodeHeader } from './tags.ts'

const leadsMax = 85
const streamBytesMax = 65_535
const simultaneous = 4

/** Writes the first part that is a rhythm. What the format cannot hold is refused in words. */
export function encodeScp(ecg: EcgRecording): Decoded<Uint8Array> {
  const part = ecg.parts.find(({ kind }) => kind === 'rhythm')
  if (part === undefined) return undecoded('no rhythm to write')
  if (ecg.recordedAt === null) return undecoded('SCP-ECG needs the time of the recording')
  const rhythm = encodeRhythm(part)
  if (!rhythm.ok) return rhythm
  return decoded(
    encodeSections(
      new Map([
        [1, encodeHeader({ ...ecg, recordedAt: ecg.recordedAt })],
        [2, encodeDefaultTables()],
        [3, encodeLeads(part)],
        [6, rhythm.value],
        ...(ecg.values.length === 0 ? [] : [[7, encodeMeasurements(ecg.values)] as const]),
      ]),
    ),
  )
}

function encodeLeads({ leads, samples }: EcgPart): Uint8Array {
  const content = new Uint8Array(2 + leads.length * 9)
  const view = viewOf(content)
  content[0] = leads.length
  // Five bits for how many are recorded together.
  content[1] = simultaneous | (Math.min(leads.length, 31) << 3)
  for (const [at, { code }] of leads.entries()) {
    view.setUint32(2 + at * 9, 1, true)
    view.setUint32(6 + at * 9, samples[at]?.length ?? 0, true)
    content[10 + at * 9] = scpNumberOf(code)
  }
  return content
}

function encodeRhythm({ leads, samples, rate }: EcgPart): Decoded<Uint8Array> {
  if (leads.length > leadsMax) return undecoded(`SCP-ECG holds ${leadsMax} leads`)
  const microseconds = Math.round((rate.perMs * 1_000) / rate.samples)
  if (microseconds < 1 || microseconds > 0xffff) return undecoded('a rate that has no interval')
  const nanovolts = stepOf(leads)
  if (nanovolts === null) {
    return undecoded('SCP-ECG needs one whole number of nanovolts a step for all leads')
  }
  const plain = samples.map((lead, at) => {
    const zero = leads[at]?.zero ?? 0
    return zero === 0 ? lead : lead.map((sample) => sample - zero)
  })
  if (plain.some((lead) => lead.some((sample) => sample < -32_768 || sample > 32_767))) {
    return undecoded('SCP-ECG holds samples of 16 bits')
  }
  for (const order of [2, 1, 0]) {
    const streams = encodeStreams(plain, order)
    if (streams !== null) return decoded(assemble(nanovolts, microseconds, order, streams))
  }
  return undecoded(`a lead takes more than the ${streamBytesMax} bytes that SCP-ECG has for it`)
}

/** null when leads differ, when one is not calibrated or begins between two steps. */
function stepOf(leads: EcgPart['leads']): number | null {
  const [first, ...others] = leads.map((lead) => nanovoltsOf(lead))
  if (first === undefined || first === null || others.some((other) => other !== first)) return null
  if (leads.some(({ zero }) => !Number.isInteger(zero))) return null
  return Number.isInteger(first) && first >= 1 && first <= 0xffff ? first : null
}

/** null when a difference or a stream does not fit. */
function encodeStreams(leads: readonly Int32Array[], order: number): readonly Uint8Array[] | null {
  const streams: Uint8Array[] = []
  for (const lead of leads) {
    const values = differencesOf(lead, order)
    if (values.some((value) => value < -32_768 || value > 32_767)) return null
    const stream = encodeHuffman(values)
    if (stream.length > streamBytesMax) return null
    streams.push(stream)
  }
  return streams
}

function differencesOf(lead: Int32Array, order: number): Int32Array {
  return lead.map((sample, at) => {
    const [last, beforeLast] = [lead[at - 1], lead[at - 2]]
    if (order === 0 || last === undefined) return sample
    if (order === 1) return sample - last
    return beforeLast === undefined ? sample : sample - 2 * last + beforeLast
  })
}

function assemble(
  nanovolts: number,
  microseconds: number,
  order: number,
  streams: readonly Uint8Array[],
): Uint8Array {
  const head = new Uint8Array(6 + 2 * streams.length)
  const view = viewOf(head)
  view.setUint16(0, nanovolts, true)
  view.setUint16(2, microseconds, true)
  head[4] = order
  for (const [at, stream] of streams.entries()) view.setUint16(6 + 2 * at, stream.length, true)
  return joinBytes(head, ...streams)
}
