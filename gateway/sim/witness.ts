/**
 * Sees everything that the van, the wire and the hospital do and remembers what must stay true.
 * Knows
 * the first complaint; whoever runs the world asks for it after every step.
 */
import { sameBytes } from '../../protocols/packet/hex.ts'
import type { SeqRange } from '../../protocols/packet/messages.ts'
import type { PacketHeader } from '../../protocols/packet/packet.ts'
import { RangeSet } from '../../protocols/packet/ranges.ts'
import type { Record } from '../../protocols/packet/record.ts'
import { openPacket, shortHash } from '../../protocols/packet/seal.ts'
import { parseStream } from '../../protocols/packet/topics.ts'
import { WaveReader } from '../../protocols/packet/wave-reader.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import { openTools, sha256 } from '../../upstream/open-tools.ts'
import type { Outgoing } from '../journal/journal.ts'
import { hasObject } from '../journal/kinds.ts'
import { Promised, type Handed } from './promised.ts'
import type { Trace } from './trace.ts'

export interface KnownPacket {
  readonly name: string
  readonly bytes: Uint8Array
  readonly header: PacketHeader
  readonly headerBytes: Uint8Array
  readonly signature: Uint8Array | null
  /** Empty for a chunk. */
  readonly records: readonly Record[]
  /** The bytes of a chunk; null for records. */
  readonly chunk: Uint8Array | null
  /** The body of waves; null for everything else. */
  readonly waves: Uint8Array | null
  /** What it holds, as it was handed to the journal. */
  readonly handed: Handed[]
}

/** One stream of one epoch, as the van gave it out. */
export interface KnownStream {
  readonly epoch: string
  readonly stream: string
  readonly packets: Map<number, KnownPacket>
  readonly reader: WaveReader
  /** What the landing has said it has. */
  readonly receipted: RangeSet
  /** Of these, what the van has heard: it may forget them. */
  readonly heard: RangeSet
}

/**
 * Who knows what a device said, and when on the clock of the world. Answers what is wrong, or null.
 */
export type RecordJudge = (
  device: string,
  record: Record,
  worldMs: number,
  packet: string,
) => string | null

export class Witness {
  readonly trace: Trace
  readonly promised = new Promised()
  judge: RecordJudge = () => null
  readonly #streams = new Map<string, KnownStream>()
  /** Objects that were handed over, by their hash. */
  readonly objects = new Map<string, Uint8Array>()
  /** When the monotonic time of a boot was 0, on the clock of the world. */
  readonly boots = new Map<string, number>()
  readonly #adopted = new Set<string>()
  /** UTC minus the clock of the world. */
  readonly #worldOffsetMs: number
  #failure: string | null = null
  #packetCount = 0

  constructor(trace: Trace, clock: Pick<Clock, 'wallMs' | 'monotonicMs'>) {
    this.trace = trace
    this.#worldOffsetMs = clock.wallMs() - clock.monotonicMs()
  }

  /** The first thing that was wrong, or null. */
  get failure(): string | null {
    return this.#failure
  }

  get packetCount(): number {
    return this.#packetCount
  }

  streams(): IterableIterator<KnownStream> {
    return this.#streams.values()
  }

  fail(reason: string): void {
    if (this.#failure !== null) return
    this.#failure = reason
    this.trace.note('FAILED', reason)
  }

  stream(epoch: string, stream: string): KnownStream {
    const key = `${epoch} ${stream}`
    const known = this.#streams.get(key)
    if (known !== undefined) return known
    const packets = new Map<number, KnownPacket>()
    const made = {
      epoch,
      stream,
      packets,
      reader: new WaveReader(),
      receipted: new RangeSet(),
      heard: new RangeSet(),
    }
    this.#streams.set(key, made)
    return made
  }

  /** Objects that the journal has promised to keep. */
  get adoptedObjects(): ReadonlySet<string> {
    return this.#adopted
  }

  adopted(sha256: string): void {
    this.#adopted.add(sha256)
  }

  /** The journal has given it out, so its commit is done: it must never be anything else. */
  sees(outgoing: Outgoing): void {
    const { epoch, stream, seq, bytes } = outgoing
    const known = this.stream(epoch, stream).packets.get(seq)
    if (known === undefined) return this.#meets(outgoing)
    if (!sameBytes(known.bytes, bytes)) this.fail(`${known.name} has two different contents`)
  }

  #meets({ epoch, stream, seq, bytes }: Outgoing): void {
    const name = `${stream} ${seq}`
    const opened = openPacket(bytes, openTools)
    if (!opened.ok) return this.fail(`${name} cannot be opened: ${opened.reason}`)
    const { header, headerBytes, signature, content } = opened.value
    if (header.epoch !== epoch || header.stream !== stream || header.seq !== seq) {
      return this.fail(`${name} says that it is ${header.stream} ${header.seq}`)
    }
    const known = this.stream(epoch, stream)
    const { packets } = known
    const waves = content.kind === 'waves' ? content.body : null
    const read = content.kind === 'records' ? content.records : []
    const packet: KnownPacket = {
      name,
      bytes,
      header,
      headerBytes,
      signature,
      records: waves === null ? read : this.#readWaves(known, header, waves),
      chunk: content.kind === 'chunk' ? content.bytes : null,
      waves,
      handed: [],
    }
    packets.set(seq, packet)
    this.#packetCount++
    this.#follows(packets.get(seq - 1), packet)
    this.#follows(packet, packets.get(seq + 1))
    this.#weighs(packet)
  }

  /** What a packet goes on with was given out before it, though perhaps long ago. */
  #readWaves(
    { packets, reader }: KnownStream,
    header: PacketHeader,
    waves: Uint8Array,
  ): readonly Record[] {
    const first = header.seq - (header.keyDistance ?? 0)
    for (let seq = first; seq < header.seq && !reader.canRead(header); seq++) {
      const before = packets.get(seq)
      if (before?.waves === null || before?.waves === undefined) break
      reader.read(before.header, before.waves)
    }
    const read = reader.read(header, waves)
    if (read.ok) return read.value
    this.fail(`${header.stream} ${header.seq} cannot be read: ${read.reason}`)
    return []
  }

  #follows(before: KnownPacket | undefined, after: KnownPacket | undefined): void {
    if (before === undefined || after === undefined) return
    if (sameBytes(after.header.prev, shortHash(before.headerBytes, sha256))) return
    this.fail(`${after.name} does not follow ${before.name}`)
  }

  #weighs(packet: KnownPacket): void {
    const { header, records, name } = packet
    const device = parseStream(header.stream)?.device ?? ''
    for (const record of records) {
      if (record.kind === 'loss') {
        const { stream, fromSeq, toSeq } = record
        this.fail(`${name} declares ${stream} ${fromSeq} to ${toSeq} lost: ${record.reason}`)
      }
      const found = this.promised.found(device, header.boot, record, name)
      if (typeof found === 'string') this.fail(found)
      else packet.handed.push(...found)
      const wrong =
        this.wrongTime(record, header.boot) ??
        this.judge(device, record, record.atMs + (this.boots.get(header.boot) ?? 0), name)
      if (wrong !== null) this.fail(`${name}: ${wrong}`)
    }
    const { chunk } = header
    if (chunk === null || packet.chunk === null) return
    const object = this.objects.get(chunk.sha256)
    const part = object?.subarray(chunk.offset, chunk.offset + packet.chunk.length)
    if (part === undefined || !sameBytes(part, packet.chunk)) {
      this.fail(`${name} holds other bytes than the object ${chunk.sha256.slice(0, 8)}`)
    }
  }

  /** The landing says what it has. Answers the packets that it has not named before. */
  receipted(epoch: string, stream: string, ranges: readonly SeqRange[]): readonly KnownPacket[] {
    const known = this.stream(epoch, stream)
    const fresh: KnownPacket[] = []
    for (const { from, to } of ranges) {
      for (const gap of known.receipted.missing(from, to)) {
        for (let seq = gap.from; seq <= gap.to; seq++) {
          const packet = known.packets.get(seq)
          if (packet === undefined) this.fail(`a receipt for ${stream} ${seq}, which never was`)
          else fresh.push(packet)
        }
      }
      known.receipted.add(from, to)
    }
    return fresh
  }

  /** The van was told, and may forget. */
  heard(epoch: string, stream: string, ranges: readonly SeqRange[]): void {
    const known = this.stream(epoch, stream)
    for (const { from, to } of ranges) {
      const [unsaid] = known.receipted.missing(from, to, 1)
      if (unsaid !== undefined) {
        this.fail(`the van notes a receipt for ${stream} ${unsaid.from} that nobody wrote`)
      }
      known.heard.add(from, to)
    }
  }

  /**
   * The van was opened anew, and these are all packets without a receipt that its journal holds.
   * What
   * was promised must be among them, or with the hospital.
   */
  reopened(waiting: readonly Outgoing[]): void {
    const there = new Map<string, RangeSet>()
    for (const packet of waiting) {
      this.sees(packet)
      const key = `${packet.epoch} ${packet.stream}`
      const seqs = there.get(key) ?? new RangeSet()
      there.set(key, seqs)
      seqs.add(packet.seq)
    }
    const unseen = this.promised.unseen()
    if (unseen !== null) this.fail(`lost: ${unseen}`)
    for (const [key, { stream, packets, heard }] of this.#streams) {
      const highest = Math.max(-1, ...packets.keys())
      for (let seq = 0; seq <= highest; seq++) {
        const isThere = there.get(key)?.has(seq) === true
        if (isThere || heard.has(seq)) continue
        this.fail(`lost: ${stream} ${seq} is not in the journal, and has no receipt`)
      }
    }
  }

  /**
   * The records of a stream, or of one run of a wave, have the order in which they were handed
   * over. Files that are brought to the disk at the same time have none: a small one does not wait
   * for a large one that another association sends.
   */
  checkOrder(): void {
    for (const { packets } of this.#streams.values()) {
      const last = new Map<string, number>()
      for (const seq of [...packets.keys()].toSorted((one, other) => one - other)) {
        for (const { handed, name, record, storedAt } of packets.get(seq)?.handed ?? []) {
          const [order] = handed
          // The same twice has no order.
          if (order === undefined || handed.length > 1) continue
          const run = record.kind === 'waveform' ? `${record.wave} ${record.run}` : ''
          const latest = last.get(run) ?? -1
          const isEarlier = (hasObject(record) ? storedAt : order) < latest
          if (isEarlier) this.fail(`${name} came before what stands before it`)
          last.set(run, Math.max(order, latest))
        }
      }
    }
  }

  /** What is wrong with the UTC that a record of this boot claims, or null. */
  wrongTime({ atMs, utcMs, uncertaintyMs }: Stamped, boot: string): string | null {
    const bootedAtMs = this.boots.get(boot)
    if (bootedAtMs === undefined) return `a boot that never was: ${boot}`
    if (utcMs === null || uncertaintyMs === null) return null
    const trueMs = atMs + bootedAtMs + this.#worldOffsetMs
    // The offset of a clock is told in whole milliseconds.
    const offMs = Math.abs(utcMs - trueMs)
    return offMs <= uncertaintyMs + 1 ? null : `a time that is ${offMs} ms off`
  }
}

type Stamped = Pick<Record, 'atMs' | 'utcMs' | 'uncertaintyMs'>
