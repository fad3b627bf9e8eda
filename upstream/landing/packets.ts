/** Stores judged packets, once each, within a transaction that somebody else begins and commits. */
import { sameBytes } from '../../protocols/packet/hex.ts'
import { decodeHeader } from '../../protocols/packet/packet.ts'
import type { Record } from '../../protocols/packet/record.ts'
import type { Alarm, Alarms } from './alarms.ts'
import { Chain, chainStepsMost } from './chain.ts'
import type { SqliteDatabase } from './database.ts'
import { readContent, type BadReason, type Good } from './judge.ts'
import type { Objects } from './objects.ts'
import { RecordRows } from './record-rows.ts'
import { fitsInto, type StreamState, type Streams } from './streams.ts'

export type Stored =
  /** New: it counts once the transaction is committed. */
  | {
      readonly kind: 'stored'
      readonly state: StreamState
      readonly losses: readonly StreamState[]
    }
  /** Here before, the same bytes. The van waits for its receipt. */
  | { readonly kind: 'repeated'; readonly state: StreamState }
  /** Not now: the stream is in too many pieces, or the van has too many streams. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'bad'; readonly reason: BadReason; readonly detail: string }

interface UnreadRow {
  readonly id: number
  readonly stream_id: number
  readonly header: Uint8Array
  readonly body: Uint8Array
}

export class Packets {
  readonly chain: Chain
  readonly #streams: Streams
  readonly #objects: Objects
  readonly #alarms: Alarms
  readonly #rows: RecordRows
  readonly #insert
  readonly #known
  readonly #addSignature
  readonly #unread
  readonly #setRead
  #steps = 0

  /** Whether the last transaction left chains that `chain.goOn` has to follow. */
  get chainsLeft(): boolean {
    return this.#steps >= chainStepsMost
  }

  constructor(database: SqliteDatabase, streams: Streams, objects: Objects, alarms: Alarms) {
    this.#streams = streams
    this.#objects = objects
    this.#alarms = alarms
    this.chain = new Chain(database, alarms)
    this.#rows = new RecordRows(database)
    this.#insert = database.prepare(
      `INSERT INTO packet (stream_id, seq, header, body, signature, link, prev, proof,
         received_wall_ms, boot, first_ms, last_ms, utc_ms, visit, unread)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    )
    this.#known = database.prepare<
      [number, number],
      { readonly id: number; readonly header: Uint8Array; readonly signature: Uint8Array | null }
    >('SELECT id, header, signature FROM packet WHERE stream_id = ? AND seq = ?')
    this.#addSignature = database.prepare('UPDATE packet SET signature = ? WHERE id = ?')
    this.#unread = database.prepare<[number], UnreadRow>(
      `SELECT id, stream_id, header, body FROM packet
       WHERE unread IS NOT NULL AND body IS NOT NULL ORDER BY id LIMIT ?`,
    )
    this.#setRead = database.prepare('UPDATE packet SET unread = NULL WHERE id = ?')
  }

  /** At the beginning of each transaction. */
  begin(): void {
    this.#steps = 0
  }

  /** `refusal` says why a chunk does not fit to its object; null for everything else. */
  store(good: Good, refusal: string | null): Stored {
    const { header } = good
    const state = this.#streams.findOrAdd(header.van, header.epoch, header.stream)
    if (state === null) return { kind: 'refused' }
    if (state.packets === 0) this.#lookForTwin(good)
    if (state.received.has(header.seq)) return this.#again(good, state)
    if (!fitsInto(state, header.seq)) return { kind: 'refused' }
    if (refusal !== null) {
      this.#raise('object-disagrees', good, refusal)
      return { kind: 'bad', reason: 'object-disagrees', detail: refusal }
    }
    const id = this.#insertPacket(good, state)
    if (id === null) return this.#again(good, state)
    state.received.add(header.seq)
    state.packets += 1
    state.records += header.codec === 'waves' ? header.recordCount : good.records.length
    this.#streams.changed(state)
    this.#rows.add(id, header, good.records)
    if (header.chunk !== null)
      this.#objects.addChunk(id, state, header.seq, header.chunk, header.sizeBytes)
    const losses = this.#applyLosses(header.van, good.records)
    if (good.unread !== null) this.#raise('records-unread', good, good.unread)
    this.#prove(good, state)
    return { kind: 'stored', state, losses }
  }

  #insertPacket(good: Good, state: StreamState): number | null {
    const { header, arrival } = good
    const result = this.#insert.run(
      state.id,
      header.seq,
      good.headerBytes,
      header.chunk === null ? good.body : null,
      good.signature,
      good.link,
      header.prev,
      arrival.wallMs,
      header.boot,
      header.firstMs,
      header.lastMs,
      header.utc?.utcMs ?? null,
      header.visit,
      good.unread,
    )
    return result.changes === 0 ? null : Number(result.lastInsertRowid)
  }

  #again(good: Good, state: StreamState): Stored {
    const known = this.#known.get(state.id, good.header.seq)
    if (known === undefined) throw new Error('a received number has no packet')
    if (!sameBytes(known.header, good.headerBytes)) {
      const detail = 'another header under a number that is taken'
      this.#raise('another-content', good, detail)
      return { kind: 'bad', reason: 'another-content', detail }
    }
    if (known.signature === null && good.signature !== null) {
      this.#addSignature.run(good.signature, known.id)
      this.#prove(good, state)
    }
    return { kind: 'repeated', state }
  }

  #prove(good: Good, state: StreamState): void {
    const { header, link, signature, arrival } = good
    const left = chainStepsMost - this.#steps
    const signed = signature !== null
    this.#steps += this.chain.added(state, header.seq, link, signed, left, arrival.wallMs)
  }

  #lookForTwin(good: Good): void {
    const { van, epoch } = good.header
    const other = this.#streams.sharesEpoch(van, epoch)
    if (other !== null) this.#raise('epoch-shared', good, `with ${other}`)
  }

  /** Answers the streams in which something is declared lost. */
  #applyLosses(van: string, records: readonly Record[]): readonly StreamState[] {
    const touched: StreamState[] = []
    for (const record of records) {
      if (record.kind !== 'loss') continue
      const state = this.#streams.findOrAdd(van, record.epoch, record.stream)
      if (state === null) continue
      state.lost.add(record.fromSeq, record.toSeq)
      this.#streams.changed(state)
      touched.push(state)
    }
    return touched
  }

  #raise(code: Alarm['code'], { header, arrival }: Good, detail: string): void {
    const { van, epoch, stream, seq } = header
    this.#alarms.raise({ code, van, epoch, stream, seq, detail }, arrival.wallMs)
  }

  /** Tries packets again that an earlier version could not read. Within a transaction. */
  reread(limit: number): void {
    for (const row of this.#unread.all(limit)) {
      const header = decodeHeader(new Uint8Array(row.header))
      const state = this.#streams.byId(row.stream_id)
      if (!header.ok || state === undefined) continue
      const headerBytes = new Uint8Array(row.header)
      const body = new Uint8Array(row.body)
      const packet = { header: header.value, headerBytes, body, signature: null }
      const { records, unread } = readContent(packet)
      if (unread !== null) continue
      this.#rows.add(row.id, header.value, records)
      this.#applyLosses(state.van, records)
      this.#setRead.run(row.id)
      state.records += records.length
      this.#streams.changed(state)
    }
  }
}
