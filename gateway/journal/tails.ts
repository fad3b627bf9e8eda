/** The open ends of streams that repeat: records are stored as they come, and sealed together. */
import type { ChainProfile } from '../../protocols/ecg-codec/chain.ts'
import { decodeRecord } from '../../protocols/packet/body.ts'
import { uuidFromBytes, uuidToBytes } from '../../protocols/packet/epoch.ts'
import { recordLimitBytes, recordsPerPacketMax } from '../../protocols/packet/limits.ts'
import type { Record } from '../../protocols/packet/record.ts'
import { parseStream } from '../../protocols/packet/topics.ts'
import { chainFor, wavesOf } from './chains.ts'
import { JournalDamage } from './failures.ts'
import { classOf } from './kinds.ts'
import type { Ledger } from './ledger.ts'
import type { JournalTools } from './seal-tools.ts'
import type { Sealer } from './sealing.ts'
import type { Stream, Tail } from './streams.ts'

interface Watch {
  readonly packetMs: number
  readonly untilMs: number
}

/** Streams that can be watched at once. Beyond it the watch that ends first gives way. */
const watchesMax = 256

export interface TailParts {
  readonly tools: JournalTools
  /** How much time an unwatched packet holds. */
  readonly packetMs: number
  /** How waves are packed. */
  readonly waves: ChainProfile
  readonly bootId: string
}

interface StoredRow {
  readonly id: number
  readonly stream: number
  readonly boot: Uint8Array
  readonly record: Uint8Array
}

export class Tails {
  readonly #ledger: Ledger
  readonly #sealer: Sealer
  readonly #tools: JournalTools
  readonly #packetMs: number
  readonly #waves: ChainProfile
  readonly #boot: string
  readonly #watches = new Map<string, Watch>()
  readonly #insert
  readonly #delete

  constructor(ledger: Ledger, sealer: Sealer, parts: TailParts) {
    this.#ledger = ledger
    this.#sealer = sealer
    this.#tools = parts.tools
    this.#packetMs = parts.packetMs
    this.#waves = parts.waves
    this.#boot = parts.bootId
    this.#insert = ledger.db.prepare(
      'INSERT INTO tail (stream, seq, boot, record) VALUES (?, ?, ?, ?)',
    )
    this.#delete = ledger.db.prepare('DELETE FROM tail WHERE id BETWEEN ? AND ? AND stream = ?')
    ledger.follow(() => this.#load())
  }

  /** Inside a transaction. `encoded` is what `encodeRecord` made of the record. */
  append(stream: Stream, record: Record, encoded: Uint8Array, nowMs: number): void {
    const boot = this.#boot
    const open = stream.tail
    if (open !== null && !fits(open, encoded, boot)) this.seal(stream, nowMs)
    if (stream.tail === null) this.#beginWaves(stream, nowMs)
    const tail = addRecord(stream, boot, encoded, record)
    // What completes a packet goes into it at once, and never lies in the tail.
    if (tail.endMs - tail.firstAtMs >= this.packetMs(stream.name, nowMs)) this.seal(stream, nowMs)
    else this.#store(stream, tail, encoded)
  }

  #store(stream: Stream, tail: Tail, encoded: Uint8Array): void {
    const { lastInsertRowid } = this.#insert.run(
      stream.id,
      stream.nextSeq,
      uuidToBytes(tail.boot),
      // Several then share a page of the disk, of which each commit writes a whole one.
      this.#tools.compressChecked(encoded),
    )
    noteRow(tail, Number(lastInsertRowid))
  }

  /** Whether `sealDue` would do something. */
  isDue(stream: Stream, nowMs: number): boolean {
    const { tail } = stream
    if (tail === null) return false
    // Times of another boot cannot be compared.
    if (tail.boot !== this.#boot) return true
    return nowMs - tail.firstAtMs >= this.packetMs(stream.name, nowMs)
  }

  /** Inside a transaction. Nothing happens when the tail is empty. */
  seal(stream: Stream, nowMs: number): void {
    const { tail } = stream
    if (tail === null) return
    this.#sealer.records(
      stream,
      {
        content: wavesOf(stream, tail) ?? {
          kind: 'records',
          records: tail.records.map(decoded),
        },
        class: classOf(stream.name, this.#watch(stream.name, nowMs) !== null),
        boot: tail.boot,
        object: null,
      },
      nowMs,
    )
    if (tail.rows !== null) this.#delete.run(tail.rows.first, tail.rows.last, stream.id)
    stream.tail = null
  }

  #beginWaves(stream: Stream, nowMs: number): void {
    if (parseStream(stream.name)?.kind !== 'waveform') return
    const isWatched = this.#watch(stream.name, nowMs) !== null
    stream.chain = chainFor(stream, {
      atMs: nowMs,
      boot: this.#boot,
      isWatched,
      waves: this.#waves,
    })
  }

  watch(streamName: string, watch: Watch, nowMs: number): void {
    for (const [name, { untilMs }] of this.#watches) {
      if (untilMs <= nowMs) this.#watches.delete(name)
    }
    this.#watches.delete(streamName)
    if (this.#watches.size >= watchesMax) {
      const ends = [...this.#watches].sort(([, one], [, other]) => one.untilMs - other.untilMs)
      for (const [name] of ends.slice(0, 1)) this.#watches.delete(name)
    }
    this.#watches.set(streamName, watch)
  }

  packetMs(streamName: string, nowMs: number): number {
    const watched = this.#watch(streamName, nowMs)
    return watched === null ? this.#packetMs : Math.min(watched.packetMs, this.#packetMs)
  }

  #watch(streamName: string, nowMs: number): Watch | null {
    const watch = this.#watches.get(streamName)
    return watch !== undefined && watch.untilMs > nowMs ? watch : null
  }

  #unpacked(record: Uint8Array): Uint8Array {
    try {
      return this.#tools.decompress(record, recordLimitBytes)
    } catch (error) {
      throw new JournalDamage('a record of the tail is damaged', { cause: error })
    }
  }

  #load(): void {
    const { db, streams } = this.#ledger
    const select = db.prepare<[], StoredRow>(
      'SELECT id, stream, boot, record FROM tail ORDER BY id',
    )
    for (const row of select.iterate()) {
      const encoded = this.#unpacked(row.record)
      const record = decoded(encoded)
      const boot = uuidFromBytes(row.boot)
      const stream = streams.byId(row.stream)
      if (stream.tail === null) this.#beginWaves(stream, 0)
      noteRow(addRecord(stream, boot, encoded, record), row.id)
    }
  }
}

function fits(tail: Tail, encoded: Uint8Array, boot: string): boolean {
  return (
    tail.boot === boot &&
    tail.bytes + encoded.length <= recordLimitBytes &&
    tail.records.length < recordsPerPacketMax
  )
}

function addRecord(stream: Stream, boot: string, encoded: Uint8Array, record: Record): Tail {
  const tail: Tail = (stream.tail ??= {
    boot,
    records: [],
    times: [],
    rows: null,
    bytes: 0,
    firstAtMs: record.atMs,
    firstUtcMs: record.utcMs,
    endMs: record.atMs,
  })
  tail.records.push(encoded)
  const { atMs, utcMs, uncertaintyMs } = record
  tail.times.push({ atMs, utcMs, uncertaintyMs })
  if (record.kind === 'waveform') stream.chain?.packer.add(record)
  tail.bytes += encoded.length
  tail.firstAtMs = Math.min(tail.firstAtMs, record.atMs)
  tail.endMs = Math.max(tail.endMs, endMsOf(record))
  return tail
}

function noteRow(tail: Tail, id: number): void {
  tail.rows = { first: tail.rows?.first ?? id, last: id }
}

function endMsOf(record: Record): number {
  if (record.kind !== 'waveform') return record.atMs
  const length = record.samples[0]?.length ?? 0
  return record.atMs + (length * record.rate.perMs) / record.rate.samples
}

/** What is in the tail was decodable when it was stored. */
function decoded(bytes: Uint8Array): Record {
  const record = decodeRecord(bytes)
  if (!record.ok) throw new JournalDamage(`expected a record in the tail, found: ${record.reason}`)
  return record.value
}
