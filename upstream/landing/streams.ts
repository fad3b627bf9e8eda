/**
 * Which numbers of which stream are here. Kept in memory and written with the packets, in the same
 * transaction. After a transaction that failed, `reload` goes back to what the database says.
 */
import type { SeqRange } from '../../protocols/packet/messages.ts'
import { RangeSet } from '../../protocols/packet/ranges.ts'
import type { SqliteDatabase } from './database.ts'
import { rangesFromBlob, rangesToBlob, without, withoutNumbers } from './ranges-blob.ts'

export interface StreamState {
  readonly id: number
  readonly van: string
  readonly epoch: string
  readonly stream: string
  received: RangeSet
  /** Declared by the van. A number may be here and in `received`: then it came all the same. */
  readonly lost: RangeSet
  /** Received, but not yet to be receipted: see objects.ts. */
  readonly withheld: Set<number>
  packets: number
  records: number
}

/** A stream in more pieces than this takes only what joins pieces; the rest comes by backfill. */
export const piecesMost = 4_096
/** A van that names more is out of order. */
const streamsOfOneVanMost = 16_384

interface StreamRow {
  readonly id: number
  readonly van: string
  readonly epoch: string
  readonly stream: string
  readonly received: Uint8Array
  readonly lost: Uint8Array
  readonly packets: number
  readonly records: number
}

export class Streams {
  readonly #select
  readonly #withheld
  readonly #insert
  readonly #update
  readonly #byKey = new Map<string, StreamState>()
  readonly #byId = new Map<number, StreamState>()
  readonly #byVan = new Map<string, Set<StreamState>>()
  readonly #vansOfEpoch = new Map<string, Set<string>>()
  readonly #changed = new Set<StreamState>()

  constructor(database: SqliteDatabase) {
    this.#select = database.prepare<[], StreamRow>('SELECT * FROM stream')
    this.#withheld = database.prepare<[], { readonly stream_id: number; readonly seq: number }>(
      'SELECT stream_id, seq FROM withheld',
    )
    this.#insert = database.prepare(
      `INSERT INTO stream (van, epoch, stream, received, lost, packets, records)
       VALUES (?, ?, ?, x'', x'', 0, 0)`,
    )
    this.#update = database.prepare(
      'UPDATE stream SET received = ?, lost = ?, packets = ?, records = ? WHERE id = ?',
    )
    this.reload()
  }

  reload(): void {
    const rows = this.#select.all()
    const withheld = this.#withheld.all()
    for (const kept of [this.#byKey, this.#byId, this.#byVan, this.#vansOfEpoch]) kept.clear()
    this.#changed.clear()
    for (const { received, lost, ...row } of rows) {
      const sets = { received: rangesFromBlob(received), lost: rangesFromBlob(lost) }
      this.#keep({ ...row, ...sets, withheld: new Set() })
    }
    for (const row of withheld) this.#byId.get(row.stream_id)?.withheld.add(row.seq)
  }

  #keep(state: StreamState): void {
    this.#byKey.set(keyOf(state.van, state.epoch, state.stream), state)
    this.#byId.set(state.id, state)
    entry(this.#byVan, state.van).add(state)
    entry(this.#vansOfEpoch, state.epoch).add(state.van)
  }

  find(van: string, epoch: string, stream: string): StreamState | undefined {
    return this.#byKey.get(keyOf(van, epoch, stream))
  }

  byId(id: number): StreamState | undefined {
    return this.#byId.get(id)
  }

  all(): Iterable<StreamState> {
    return this.#byId.values()
  }

  ofVan(van: string): Iterable<StreamState> {
    return this.#byVan.get(van) ?? []
  }

  /** Another van that counts in this epoch, or null. */
  sharesEpoch(van: string, epoch: string): string | null {
    for (const other of this.#vansOfEpoch.get(epoch) ?? []) if (other !== van) return other
    return null
  }

  /** Within a transaction. null when the van has too many streams. */
  findOrAdd(van: string, epoch: string, stream: string): StreamState | null {
    const found = this.find(van, epoch, stream)
    if (found !== undefined) return found
    if ((this.#byVan.get(van)?.size ?? 0) >= streamsOfOneVanMost) return null
    const state: StreamState = {
      id: Number(this.#insert.run(van, epoch, stream).lastInsertRowid),
      van,
      epoch,
      stream,
      received: new RangeSet(),
      lost: new RangeSet(),
      withheld: new Set(),
      packets: 0,
      records: 0,
    }
    this.#keep(state)
    return state
  }

  changed(state: StreamState): void {
    this.#changed.add(state)
  }

  /** Within the transaction that changed them. */
  save(): void {
    for (const state of this.#changed) {
      const sets = [rangesToBlob(state.received), rangesToBlob(state.lost)]
      this.#update.run(...sets, state.packets, state.records, state.id)
    }
    this.#changed.clear()
  }
}

/** What a receipt may say, lowest first. */
export function receiptRanges(state: StreamState, limit: number): readonly SeqRange[] {
  const ranges = state.received.ranges(limit)
  return withoutNumbers(ranges, state.withheld, limit)
}

/** What is neither here nor declared lost, below the highest number that is: the lowest `limit`. */
export function holesOf(state: StreamState, limit: number): readonly SeqRange[] {
  const highest = state.received.highest
  if (highest === null) return []
  const holes: SeqRange[] = []
  for (const gap of state.received.missingBelow(highest)) {
    for (const hole of state.lost.missing(gap.from, gap.to, limit - holes.length)) holes.push(hole)
    if (holes.length >= limit) break
  }
  return holes
}

/** Whether a number may be added without breaking the stream into too many pieces. */
export function fitsInto(state: StreamState, seq: number): boolean {
  const { received } = state
  if (received.rangeCount < piecesMost) return true
  return (seq > 0 && received.has(seq - 1)) || received.has(seq + 1)
}

/** Takes numbers out again, whose packets are no longer stored. */
export function takeOut(state: StreamState, seqs: Iterable<number>): void {
  const gone = new RangeSet()
  for (const seq of seqs) gone.add(seq)
  state.received = without(state.received, gone)
  for (const range of gone.ranges())
    for (let seq = range.from; seq <= range.to; seq++) state.withheld.delete(seq)
}

function keyOf(van: string, epoch: string, stream: string): string {
  return `${van} ${epoch} ${stream}`
}

function entry<K, V>(map: Map<K, Set<V>>, key: K): Set<V> {
  const found = map.get(key)
  if (found !== undefined) return found
  const fresh = new Set<V>()
  map.set(key, fresh)
  return fresh
}
