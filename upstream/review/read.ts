/**
 * Waves from a text of JSON lines:
 *
 *   - what `simpul subscribe` prints: the waveform records of a stream, with their samples;
 *   - a wave as the wire has it (docs/wire-format.md, section 7), its `coded` packets as hex.
 *
 * Blocks that follow each other become one strip. A gap ends it.
 */
import { WaveDecoder } from '../../protocols/ecg-codec/chain.ts'
import { decoded, undecoded } from '../../protocols/packet/decoded.ts'
import type { Decoded } from '../../protocols/packet/decoded.ts'
import { readField } from '../../protocols/packet/fields.ts'
import { fromHex } from '../../protocols/packet/hex.ts'
import { joinedSamples } from '../../protocols/packet/merge.ts'
import type { Lead, Waveform } from '../../protocols/packet/record.ts'
import { wavesField, type Begun } from '../../protocols/packet/waves-body.ts'

/** A quarter of an hour of twelve leads, as text. */
export const textLimitChars = 64 * 1_024 * 1_024
const linesMax = 100_000
const stripsMax = 1_000
/** Of all leads of all strips: an hour of twelve leads at 500 Hz. */
const valuesMax = 24_000_000

/** Samples without a gap. */
export interface Strip {
  readonly wave: string
  readonly leads: readonly Lead[]
  readonly samplesPerSecond: number
  /** Wall time of the first sample; null when the van did not know it. */
  readonly utcMs: number | null
  readonly simulated: boolean
  readonly samples: readonly Int32Array[]
}

export interface ReadWaves {
  readonly strips: readonly Strip[]
  /** Lines that are no wave: other records, gaps, or damaged. */
  readonly ignored: number
}

const beside = new Set([
  'kind',
  'samples',
  'van',
  'epoch',
  'stream',
  'seq',
  'index',
  'boot',
  'visit',
  'storedUtcMs',
  'storedUncertaintyMs',
])

type Block = Pick<Waveform, 'wave' | 'run' | 'leads' | 'rate' | 'utcMs' | 'simulated'> & {
  /** Van, epoch and stream, as far as they are said. */
  readonly origin: string
  readonly firstSample: number
  readonly samples: readonly Int32Array[]
}

interface Growing {
  readonly first: Block
  readonly blocks: (readonly Int32Array[])[]
  next: number
}

export function readWaves(text: string): Decoded<ReadWaves> {
  if (text.length > textLimitChars) return undecoded(`more than ${textLimitChars} characters`)
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length > linesMax) return undecoded(`more than ${linesMax} lines`)
  const strips: Growing[] = []
  let ignored = 0
  let room = valuesMax
  for (const line of lines) {
    const block = readBlock(line, room)
    if (block === 'too many') return undecoded(`more than ${valuesMax} samples`)
    if (block === null) {
      ignored++
      continue
    }
    const length = block.samples[0]?.length ?? 0
    room -= length * block.samples.length
    const before = strips.findLast(
      ({ first }) => first.wave === block.wave && first.origin === block.origin,
    )
    if (before !== undefined && goesOn(before, block)) {
      before.blocks.push(block.samples)
      before.next += length
    } else {
      if (strips.length === stripsMax) return undecoded(`more than ${stripsMax} strips`)
      strips.push({ first: block, blocks: [block.samples], next: block.firstSample + length })
    }
  }
  return decoded({ strips: strips.map(stripOf), ignored })
}

function goesOn({ first, next }: Growing, block: Block): boolean {
  return (
    block.firstSample === next &&
    block.run === first.run &&
    block.simulated === first.simulated &&
    JSON.stringify([block.rate, block.leads]) === JSON.stringify([first.rate, first.leads])
  )
}

function stripOf({ first, blocks }: Growing): Strip {
  const { wave, leads, rate, utcMs, simulated } = first
  const samplesPerSecond = (rate.samples * 1_000) / rate.perMs
  return { wave, leads, samplesPerSecond, utcMs, simulated, samples: joinedSamples(blocks) }
}

/** null for what is no wave. `room`: how many values there may be. */
function readBlock(line: string, room: number): Block | 'too many' | null {
  let raw: unknown
  try {
    raw = JSON.parse(line)
  } catch {
    return null
  }
  const record = mapOf(raw)
  return record.has('coded') ? packedBlock(record, room) : plainBlock(record, room)
}

function packedBlock(
  record: ReadonlyMap<string, unknown>,
  room: number,
): Block | 'too many' | null {
  const pieces = listOf(record.get('coded')).map((piece) =>
    typeof piece === 'string' ? fromHex(piece) : null,
  )
  if (pieces.includes(null)) return null
  const begun = begunOf(record, pieces)
  if (begun === null) return null
  const decoder = new WaveDecoder()
  const blocks: (readonly Int32Array[])[] = []
  let left = room
  for (const piece of begun.coded) {
    const samples = decoder.decode(piece)
    if (!samples.ok || samples.value.length !== begun.leads.length) return null
    left -= samples.value.length * (samples.value[0]?.length ?? 0)
    if (left < 0) return 'too many'
    blocks.push(samples.value)
  }
  return { ...begun, origin: originOf(record), samples: joinedSamples(blocks) }
}

function plainBlock(record: ReadonlyMap<string, unknown>, room: number): Block | 'too many' | null {
  if (record.get('kind') !== 'waveform') return null
  // The rest of the record is checked as the wire checks it; what is coded comes from elsewhere.
  const begun = begunOf(record, [Uint8Array.of(0)])
  const rows = listOf(record.get('samples')).map(listOf)
  const isGood =
    begun !== null &&
    rows.length === begun.leads.length &&
    rows.every(
      (row) =>
        row.length === rows[0]?.length &&
        row.every((value) => typeof value === 'number' && value === (value | 0)),
    )
  if (!isGood) return null
  if (rows.length * (rows[0]?.length ?? 0) > room) return 'too many'
  const samples = rows.map((row) => Int32Array.from(row, Number))
  return { ...begun, origin: originOf(record), samples }
}

function originOf(record: ReadonlyMap<string, unknown>): string {
  return JSON.stringify(['van', 'epoch', 'stream'].map((field) => record.get(field) ?? null))
}

function begunOf(record: ReadonlyMap<string, unknown>, coded: readonly unknown[]): Begun | null {
  // A subscriber's line says the place in the stream beside the record.
  const head = new Map([...record].filter(([field]) => !beside.has(field)))
  head.set('coded', coded)
  head.set('leads', listOf(record.get('leads')).map(mapOf))
  head.set('rate', mapOf(record.get('rate')))
  const entries = readField(wavesField, [head], 'wave')
  const [entry] = entries.ok ? entries.value : []
  return entry?.kind === 'begun' ? entry.value : null
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Of a JSON object; empty for anything else. */
function mapOf(value: unknown): ReadonlyMap<string, unknown> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return new Map(isObject ? Object.entries(value) : [])
}
