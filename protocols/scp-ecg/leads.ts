/**
 * Sections 3 to 6 of SCP-ECG: the leads, the places of the beats, the reference beat, the rhythm.
 * Source: EN 1064:2005 sections 5.6 to 5.9.
 *
 *   section 3   | leads u8 | flags u8 | (first u32 | last u32 | lead u8) … |
 *   section 4   | beat u16 ms | fiducial u16 | QRS u16 | (type u16 | from | at | to u32) … |
 *               | (protected from u32 | protected to u32) … |
 *   section 5, 6 | nV a step u16 | us a sample u16 | differences u8 | bimodal u8 | bytes u16 … |
 *               | a stream for each lead … |
 *
 * All places count samples from 1, both ends included.
 */
import { viewOf } from '../bytes/bytes.ts'
import { ecgLeadsMax, ecgSamplesMax } from '../ecg/recording.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { decodeHuffman, type HuffmanTables } from './huffman.ts'

const leadBytes = 9
const beatsMax = 10_000
const subtractsBeat = 1

export interface ScpLead {
  readonly number: number
  /** When it begins, in samples from 1. */
  readonly first: number
  readonly length: number
}

export interface ScpLeads {
  readonly leads: readonly ScpLead[]
  readonly subtractsBeat: boolean
}

export function decodeLeads(content: Uint8Array): Decoded<ScpLeads> {
  const count = content[0] ?? 0
  if (count < 1 || count > ecgLeadsMax) return undecoded(`section 3 with ${count} leads`)
  if (content.length < 2 + count * leadBytes) return undecoded('section 3 is cut short')
  const view = viewOf(content)
  const leads = Array.from({ length: count }, (_, lead) => {
    const at = 2 + lead * leadBytes
    const first = view.getUint32(at, true)
    const last = view.getUint32(at + 4, true)
    // Some writers begin at 0 and mean the length by the last.
    const length = first === 0 ? last : last - first + 1
    return { number: view.getUint8(at + 8), first: Math.max(1, first), length }
  })
  if (leads.some(({ length }) => length < 1)) return undecoded('a lead without samples')
  const samples = leads.reduce((sum, { length }) => sum + length, 0)
  if (samples > ecgSamplesMax) return undecoded(`more than ${ecgSamplesMax} samples`)
  return decoded({ leads, subtractsBeat: ((content[1] ?? 0) & subtractsBeat) !== 0 })
}

interface Zone {
  readonly from: number
  /** Included. */
  readonly to: number
}

export interface ScpBeats {
  readonly fiducial: number
  /** Where the reference beat was taken away: the zone, and its fiducial point. */
  readonly subtractions: readonly (Zone & { readonly at: number })[]
  /** Where every sample was kept, in order. */
  readonly isProtected: readonly Zone[]
}

export function decodeBeats(content: Uint8Array): Decoded<ScpBeats> {
  if (content.length < 6) return undecoded('section 4 is cut short')
  const view = viewOf(content)
  const count = view.getUint16(4, true)
  const zonesAt = 6 + count * 14
  if (count > beatsMax || content.length < zonesAt) return undecoded('section 4 is cut short')
  const beats = Array.from({ length: count }, (_, beat) => {
    const at = 6 + beat * 14
    const place = (offset: number): number => view.getUint32(at + offset, true)
    return { type: view.getUint16(at, true), from: place(2), at: place(6), to: place(10) }
  })
  const hasZones = content.length >= zonesAt + count * 8
  const isProtected = Array.from({ length: hasZones ? count : 0 }, (_, zone) => ({
    from: view.getUint32(zonesAt + zone * 8, true),
    to: view.getUint32(zonesAt + zone * 8 + 4, true),
  }))
  return decoded({
    fiducial: view.getUint16(2, true),
    subtractions: beats.filter(({ type, from }) => type === 0 && from > 0),
    isProtected: isProtected.filter(({ from }) => from > 0),
  })
}

export interface ScpSignals {
  readonly nanovoltsPerStep: number
  readonly microseconds: number
  readonly isBimodal: boolean
  /** One array a lead. */
  readonly leads: readonly Int32Array[]
}

/** `lengths`: how many samples are expected, a lead each. */
export function decodeSignals(
  content: Uint8Array,
  section: number,
  tables: HuffmanTables | null,
  lengths: readonly number[],
): Decoded<ScpSignals> {
  const streamsAt = 6 + 2 * lengths.length
  if (content.length < streamsAt) return undecoded(`section ${section} is cut short`)
  const view = viewOf(content)
  const differences = view.getUint8(4)
  if (differences > 2)
    return undecoded(`section ${section} with differences of order ${differences}`)
  const nanovoltsPerStep = view.getUint16(0, true)
  const microseconds = view.getUint16(2, true)
  if (nanovoltsPerStep === 0 || microseconds === 0) {
    return undecoded(`section ${section} without a step or an interval`)
  }
  const leads: Int32Array[] = []
  let at = streamsAt
  for (const [lead, length] of lengths.entries()) {
    const bytes = view.getUint16(6 + 2 * lead, true)
    if (at + bytes > content.length) return undecoded(`section ${section} ends inside of a lead`)
    const stream = content.subarray(at, at + bytes)
    const values =
      tables === null ? plainValues(stream, length) : decodeHuffman(stream, tables, length)
    undoDifferences(values, differences)
    leads.push(values)
    at += bytes
  }
  return decoded({ nanovoltsPerStep, microseconds, isBimodal: view.getUint8(5) === 1, leads })
}

function plainValues(stream: Uint8Array, length: number): Int32Array {
  const view = viewOf(stream)
  return Int32Array.from({ length: Math.min(length, stream.length >> 1) }, (_, at) =>
    view.getInt16(2 * at, true),
  )
}

/** The first value of an order, and the first two of the second, are values themselves. */
function undoDifferences(values: Int32Array, order: number): void {
  if (order === 0) return
  for (let at = order; at < values.length; at++) {
    const last = values[at - 1] ?? 0
    const beforeLast = values[at - 2] ?? 0
    values[at] = (values[at] ?? 0) + (order === 1 ? last : 2 * last - beforeLast)
  }
}

/** How many values a bimodal lead of `length` samples has. */
export function bimodalLength(length: number, zones: readonly Zone[], factor: number): number {
  return spansOf(length, zones, factor).reduce((sum, { values }) => sum + values, 0)
}

interface Span {
  readonly from: number
  readonly samples: number
  readonly values: number
  readonly isProtected: boolean
}

function spansOf(length: number, zones: readonly Zone[], factor: number): readonly Span[] {
  const spans: Span[] = []
  const add = (from: number, end: number, isProtected: boolean): void => {
    const samples = end - from
    if (samples <= 0) return
    const values = isProtected ? samples : Math.ceil(samples / factor)
    spans.push({ from, samples, values, isProtected })
  }
  let at = 0
  for (const zone of zones) {
    const from = Math.min(Math.max(zone.from - 1, at), length)
    const end = Math.min(Math.max(zone.to, from), length)
    add(at, from, false)
    add(from, end, true)
    at = end
  }
  add(at, length, false)
  return spans
}

/**
 * Between the protected zones each value stands for `factor` samples. It is put into their middle,
 * and a straight line drawn from one to the next.
 */
export function expandBimodal(
  values: Int32Array,
  length: number,
  zones: readonly Zone[],
  factor: number,
): Float64Array {
  const samples = new Float64Array(length)
  let taken = 0
  for (const span of spansOf(length, zones, factor)) {
    const own = values.subarray(taken, taken + span.values)
    taken += span.values
    for (let offset = 0; offset < span.samples; offset++) {
      samples[span.from + offset] = span.isProtected
        ? (own[offset] ?? 0)
        : between(own, (offset - (factor - 1) / 2) / factor)
    }
  }
  return samples
}

function between(values: Int32Array, place: number): number {
  const within = Math.min(Math.max(place, 0), Math.max(0, values.length - 1))
  const left = Math.floor(within)
  const [from = 0, to = from] = values.subarray(left, left + 2)
  return from + (to - from) * (within - left)
}
