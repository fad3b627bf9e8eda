/** Reads the waves of one stream, each chain from its key on and in order: see waves-body.ts. */
import { WaveDecoder } from '../ecg-codec/chain.ts'
import { sizeOfPacket } from '../ecg-codec/container.ts'
import { decodeCbor } from './cbor.ts'
import { decoded, undecoded } from './decoded.ts'
import type { Decoded } from './decoded.ts'
import { readField } from './fields.ts'
import { bodyLimitBytes, samplesMax, wavesMax } from './limits.ts'
import { joinedSamples } from './merge.ts'
import type { WaveOutline } from './outline.ts'
import type { PacketHeader } from './packet.ts'
import type { Waveform } from './record.ts'
import { wavesField, type Begun, type Entry } from './waves-body.ts'

interface Line {
  readonly decoder: WaveDecoder
  readonly head: Omit<Begun, 'coded'>
  /** Number of the sample that comes next. */
  next: number
  /** Samples of each lead in the last packet of the codec. */
  piece: number
}

/** What is read of the packets of the codec. */
type ReadPieces<Content> = (
  pieces: readonly Uint8Array[],
  line: Line,
) => Decoded<{ readonly content: Content; readonly count: number }>

type Read<Content> = Omit<Begun, 'coded'> & { readonly content: Content }

class ChainReader<Content> {
  readonly #readPieces: ReadPieces<Content>
  #lines = new Map<string, Line>()
  /** The packet that was read last; null when the chain is broken, or was never seen. */
  #seq: number | null = null

  constructor(readPieces: ReadPieces<Content>) {
    this.#readPieces = readPieces
  }

  canRead({ seq, keyDistance }: PacketHeader): boolean {
    return keyDistance === 0 || this.#seq === seq - 1
  }

  read(header: PacketHeader, body: Uint8Array): Decoded<readonly Read<Content>[]> {
    const { seq, keyDistance = 0 } = header
    if (!this.canRead(header)) {
      return undecoded(`waves: expected packets ${seq - keyDistance} to ${seq - 1} before ${seq}`)
    }
    if (keyDistance === 0) this.#lines = new Map()
    const waves = this.#readBody(header, body)
    this.#seq = waves.ok ? seq : null
    if (!waves.ok) this.#lines = new Map()
    return waves
  }

  #readBody(header: PacketHeader, body: Uint8Array): Decoded<readonly Read<Content>[]> {
    if (body.length > bodyLimitBytes) {
      return undecoded(`waves: expected at most ${bodyLimitBytes} bytes, found ${body.length}`)
    }
    const raw = decodeCbor(body)
    if (!raw.ok) return undecoded(`waves: ${raw.reason}`)
    const entries = readField(wavesField, raw.value, 'waves')
    if (!entries.ok) return entries
    if (entries.value.length !== header.recordCount) {
      return undecoded(`waves: expected ${header.recordCount}, found ${entries.value.length}`)
    }
    const waves: Read<Content>[] = []
    for (const entry of entries.value) {
      const wave = this.#readEntry(entry)
      if (!wave.ok) return wave
      const { atMs } = wave.value
      if (atMs < header.firstMs || atMs > header.lastMs) {
        const range = `${header.firstMs} to ${header.lastMs}`
        return undecoded(`waves: expected atMs from ${range}, found ${atMs}`)
      }
      waves.push(wave.value)
    }
    return decoded(waves)
  }

  #readEntry({ kind, value }: Entry): Decoded<Read<Content>> {
    const line = kind === 'begun' ? this.#begin(value) : this.#lines.get(value.wave)
    if (line === undefined) {
      return undecoded('waves: expected a wave that was begun in this chain, found another one')
    }
    const read = this.#readPieces(value.coded, line)
    if (!read.ok) return read
    const { atMs, utcMs, uncertaintyMs } = value
    const firstSample = line.next
    line.next += read.value.count
    if (!Number.isSafeInteger(line.next)) {
      return undecoded('waves: expected sample numbers below 2^53, found greater ones')
    }
    const { content } = read.value
    return decoded({ ...line.head, atMs, utcMs, uncertaintyMs, firstSample, content })
  }

  #begin(begun: Begun): Line | undefined {
    const { coded: _, ...head } = begun
    if (this.#lines.size >= wavesMax && !this.#lines.has(head.wave)) return undefined
    const line = { decoder: new WaveDecoder(), head, next: head.firstSample, piece: 0 }
    this.#lines.set(head.wave, line)
    return line
  }
}

export class WaveReader {
  readonly #chain = new ChainReader(decodePieces)

  /** False while packets before it have to be read first, from its key on. */
  canRead(header: PacketHeader): boolean {
    return this.#chain.canRead(header)
  }

  /**
   * The waves of a body, decompressed. Never throws. After a failure the chain is broken: what
   * comes can be read from the next key on.
   */
  read(header: PacketHeader, body: Uint8Array): Decoded<readonly Waveform[]> {
    const waves = this.#chain.read(header, body)
    if (!waves.ok) return waves
    return decoded(
      waves.value.map(({ content, ...head }) => ({ kind: 'waveform', ...head, samples: content })),
    )
  }
}

/** The same without the samples, for lists: decoding would take a hundred times as long. */
export class WaveOutliner {
  readonly #chain = new ChainReader(countPieces)

  read(header: PacketHeader, body: Uint8Array): Decoded<readonly WaveOutline[]> {
    const waves = this.#chain.read(header, body)
    if (!waves.ok) return waves
    return decoded(
      waves.value.map(({ content, ...head }) => ({ kind: 'waveform', ...head, count: content })),
    )
  }
}

function countPieces(
  pieces: readonly Uint8Array[],
  line: Line,
): Decoded<{ readonly content: number; readonly count: number }> {
  let count = 0
  for (const piece of pieces) {
    // Before anything is decoded: a few bytes may stand for many samples.
    const size = sizeOfPacket(piece)
    if (size === null) return undecoded('waves: expected packets of the codec, found another')
    line.piece = size.count ?? line.piece
    count += line.piece
    const leads = line.head.leads.length
    if (count * leads > samplesMax) {
      return undecoded(`waves: expected at most ${samplesMax} samples, found more`)
    }
    if (size.leads !== null && size.leads !== leads) {
      return undecoded(`waves: expected ${leads} leads, found ${size.leads}`)
    }
  }
  return decoded({ content: count, count })
}

function decodePieces(
  pieces: readonly Uint8Array[],
  line: Line,
): Decoded<{ readonly content: readonly Int32Array[]; readonly count: number }> {
  const counted = countPieces(pieces, line)
  if (!counted.ok) return counted
  const blocks: (readonly Int32Array[])[] = []
  for (const piece of pieces) {
    const samples = line.decoder.decode(piece)
    if (!samples.ok) return samples
    blocks.push(samples.value)
  }
  return decoded({ content: joinedSamples(blocks), count: counted.value.count })
}
