/**
 * Passes records on to one consumer: each packet once, in the order of its stream. How far the
 * consumer has come lies in the database and is written when it asks for more. After a crash the
 * last batch comes again, so a consumer writes under the packet's name (van, epoch, stream, seq).
 */
import type { PacketHeader } from '../../protocols/packet/packet.ts'
import type { Decoded } from '../../protocols/packet/decoded.ts'
import type { Record } from '../../protocols/packet/record.ts'
import { WaveReader } from '../../protocols/packet/wave-reader.ts'
import type { SqliteDatabase } from './database.ts'
import { readContent } from './judge.ts'
import { lostWithin, type Reader } from './reader.ts'
import type { StreamState, Streams } from './streams.ts'
import type { Transactions } from './transactions.ts'

export type FeedItem =
  | {
      readonly kind: 'packet'
      readonly seq: number
      readonly header: PacketHeader
      /** Empty for a chunk of an object. */
      readonly records: readonly Record[]
      /** Why the records could not be read, or null. */
      readonly unread: string | null
    }
  /** Declared lost by the van, or the bytes of a chunk are gone: they will not come. */
  | { readonly kind: 'lost'; readonly from: number; readonly to: number }

export interface FeedBatch {
  readonly van: string
  readonly epoch: string
  readonly stream: string
  readonly items: readonly FeedItem[]
}

const batchItemsMost = 64
/** Streams whose chains are kept. Each takes some 100 KB; of others the chain is read again. */
const wavesMost = 64

export class Feed {
  readonly #consumer: string
  readonly #reader: Reader
  readonly #streams: () => Streams
  readonly #transactions: Transactions
  readonly #save
  readonly #next = new Map<number, number>()
  /** Streams in which there may be something to pass on. */
  readonly #maybe = new Set<number>()
  readonly #waves = new Map<number, WaveReader>()
  /** What was handed out last and is not written yet. */
  #handedOut: { readonly id: number; readonly next: number } | null = null

  constructor(
    consumer: string,
    database: SqliteDatabase,
    transactions: Transactions,
    reader: Reader,
    streams: () => Streams,
  ) {
    this.#consumer = consumer
    this.#reader = reader
    this.#streams = streams
    this.#transactions = transactions
    this.#save = database.prepare(
      `INSERT INTO cursor (consumer, stream_id, next_seq) VALUES (?, ?, ?)
       ON CONFLICT (consumer, stream_id) DO UPDATE SET next_seq = excluded.next_seq`,
    )
    const rows = database
      .prepare<[string], { readonly stream_id: number; readonly next_seq: number }>(
        'SELECT stream_id, next_seq FROM cursor WHERE consumer = ?',
      )
      .all(consumer)
    for (const row of rows) this.#next.set(row.stream_id, row.next_seq)
    for (const { id } of streams().all()) this.#maybe.add(id)
  }

  touched(state: StreamState): void {
    this.#maybe.add(state.id)
  }

  /** Notes that the last batch is done, and hands out the next. null when there is none now. */
  take(): FeedBatch | null {
    this.#noteDone()
    const streams = this.#streams()
    for (const id of this.#maybe) {
      // To the end of the line, so that no stream waits for a busy one.
      this.#maybe.delete(id)
      const state = streams.byId(id)
      const batch = state === undefined ? null : this.#batch(state)
      if (batch === null) continue
      this.#maybe.add(id)
      return batch
    }
    return null
  }

  #noteDone(): void {
    const done = this.#handedOut
    if (done === null) return
    this.#transactions.run(() => this.#save.run(this.#consumer, done.id, done.next))
    this.#next.set(done.id, done.next)
    this.#handedOut = null
  }

  #batch(state: StreamState): FeedBatch | null {
    const items: FeedItem[] = []
    let next = this.#next.get(state.id) ?? 0
    while (items.length < batchItemsMost) {
      const item = this.#item(state, next)
      if (item === null) break
      items.push(item)
      next = (item.kind === 'lost' ? item.to : item.seq) + 1
    }
    if (items.length === 0) return null
    this.#handedOut = { id: state.id, next }
    const { van, epoch, stream } = state
    return { van, epoch, stream, items }
  }

  #item(state: StreamState, seq: number): FeedItem | null {
    if (!state.received.has(seq)) {
      const [lost] = lostWithin(state, seq, Number.MAX_SAFE_INTEGER - 1, 1)
      return lost?.from === seq ? { kind: 'lost', ...lost } : null
    }
    const packet = this.#reader.packet(state, seq)
    if (packet === null) return { kind: 'lost', from: seq, to: seq }
    const { header } = packet
    const { records, waves, unread } = readContent(packet)
    if (waves === null) return { kind: 'packet', seq, header, records, unread }
    const read = this.#readWaves(state, header, waves)
    if (read.ok) return { kind: 'packet', seq, header, records: read.value, unread: null }
    return { kind: 'packet', seq, header, records: [], unread: read.reason }
  }

  /** After a start in the middle of a chain, what comes before is read once more. */
  #readWaves(
    state: StreamState,
    header: PacketHeader,
    waves: Uint8Array,
  ): Decoded<readonly Record[]> {
    const reader = this.#waveReader(state)
    const first = header.seq - (header.keyDistance ?? 0)
    for (let seq = first; seq < header.seq && !reader.canRead(header); seq++) {
      const packet = this.#reader.packet(state, seq)
      const before = packet === null ? null : readContent(packet).waves
      if (packet === null || before === null) break
      reader.read(packet.header, before)
    }
    return reader.read(header, waves)
  }

  #waveReader(state: StreamState): WaveReader {
    const reader = this.#waves.get(state.id) ?? new WaveReader()
    // To the end of the line: the first one is the one that was used longest ago.
    this.#waves.delete(state.id)
    this.#waves.set(state.id, reader)
    const [oldest] = this.#waves.keys()
    if (this.#waves.size > wavesMost && oldest !== undefined) this.#waves.delete(oldest)
    return reader
  }
}
