/** Packs the waves of one stream, packet after packet: see waves-body.ts. */
import { WaveEncoder, type ChainProfile } from '../ecg-codec/chain.ts'
import { encodeCbor } from './cbor.ts'
import { bodyLimitBytes, mergedMsMax, recordsPerPacketMax, samplesMax, wavesMax } from './limits.ts'
import { continues, joinedSamples, lengthOf } from './merge.ts'
import type { Waveform } from './record.ts'
import { wavesField, type Entry } from './waves-body.ts'

/**
 * So much of a wave is packed at once: enough that the head of a codec packet does not count, and
 * little enough that nothing else has to wait for long.
 */
const codedMs = 1_000

/** One wave of a chain, as far as it has come. */
interface PackedLine {
  readonly encoder: WaveEncoder
  last: Waveform
}

/** What will be one entry of the body. */
interface PackedEntry {
  readonly kind: 'begun' | 'more'
  readonly line: PackedLine
  readonly first: Waveform
  readonly pieces: Uint8Array[]
  readonly waiting: Waveform[]
  samples: number
  waitingSamples: number
}

/** A chain ends with its packer. */
export class WavePacker {
  readonly #profile: ChainProfile
  readonly #lines = new Map<string, PackedLine>()
  #entries: PackedEntry[] = []
  readonly #open = new Map<string, PackedEntry>()

  constructor(profile: ChainProfile = 'live') {
    this.#profile = profile
  }

  /** Packs what is enough for the codec; the rest waits for more, or for `finish`. */
  add(block: Waveform): void {
    const entry = this.#entryFor(block)
    entry.waiting.push(block)
    entry.samples += lengthOf(block)
    entry.waitingSamples += lengthOf(block)
    entry.line.last = block
    if (entry.waitingSamples * block.rate.perMs >= codedMs * block.rate.samples) pack(entry)
  }

  /**
   * The body of the packet; null when it must be written as plain records and the chain is over.
   */
  finish(): { readonly body: Uint8Array; readonly count: number } | null {
    const entries = this.#entries
    this.#entries = []
    this.#open.clear()
    if (this.#lines.size > wavesMax || entries.length > recordsPerPacketMax) return null
    for (const entry of entries) pack(entry)
    const body = encodeCbor(wavesField.write(entries.map(entryOf)))
    return body.length > bodyLimitBytes ? null : { body, count: entries.length }
  }

  #entryFor(block: Waveform): PackedEntry {
    const open = this.#open.get(block.wave)
    const line = this.#lines.get(block.wave)
    const goesOn = line !== undefined && continues(line.last, block)
    if (open !== undefined && goesOn && belongs(open, block)) return open
    // What waits was before this, in the chain too.
    if (open !== undefined) pack(open)
    const entry: PackedEntry = {
      kind: goesOn ? 'more' : 'begun',
      line: goesOn ? line : { encoder: new WaveEncoder(this.#profile), last: block },
      first: block,
      pieces: [],
      waiting: [],
      samples: 0,
      waitingSamples: 0,
    }
    this.#lines.set(block.wave, entry.line)
    this.#open.set(block.wave, entry)
    this.#entries.push(entry)
    return entry
  }
}

/** As in joining records: nothing may be forgotten, and a record has its limits. */
function belongs({ first, samples }: PackedEntry, block: Waveform): boolean {
  const count = samples + lengthOf(block)
  return (
    (first.utcMs === null) === (block.utcMs === null) &&
    (count * block.rate.perMs) / block.rate.samples <= mergedMsMax &&
    count * block.leads.length <= samplesMax
  )
}

function pack(entry: PackedEntry): void {
  if (entry.waiting.length === 0) return
  const samples = joinedSamples(entry.waiting.map((block) => block.samples))
  const key = entry.kind === 'begun' && entry.pieces.length === 0
  entry.pieces.push(entry.line.encoder.encode(samples, { key }))
  entry.waiting.length = 0
  entry.waitingSamples = 0
}

function entryOf({ kind, first, pieces }: PackedEntry): Entry {
  const { kind: _, samples: __, ...head } = first
  const value = { ...head, coded: pieces }
  return kind === 'begun' ? { kind, value } : { kind, value }
}
