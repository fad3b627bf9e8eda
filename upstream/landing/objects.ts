/**
 * Large objects, put together from chunks that come in any order, doubled, and over many restarts.
 *
 * The chunk that completes an object is stored but withheld from receipts until the whole file has
 * been verified: so the van still keeps the object when its hash turns out wrong, and the landing
 * forgets the chunks, sees holes, and asks for them again like for any packet that is missing.
 */
import { sameBytes } from '../../protocols/packet/hex.ts'
import type { ChunkPlace } from '../../protocols/packet/packet.ts'
import type { Restorer } from '../restoring/restorer.ts'
import { RangeSet } from '../../protocols/packet/ranges.ts'
import type { Alarms } from './alarms.ts'
import { Carried, type Outcome } from './carried.ts'
import type { SqliteDatabase } from './database.ts'
import type { ObjectFiles, ObjectName } from './object-files.ts'
import { rangesFromBlob, rangesToBlob } from './ranges-blob.ts'
import type { Transactions } from './transactions.ts'
import { takeOut, type StreamState, type Streams } from './streams.ts'

/** A larger object is refused: no device on board makes one. */
export const objectLimitBytes = 8 * 1024 * 1024 * 1024
/** An object that came whole and wrong so often is wrong in the van already. */
export const wrongTimesMost = 3

type ObjectPhase = 'partial' | 'whole' | 'broken'

interface ObjectRow {
  readonly id: number
  readonly van: string
  readonly sha256: string
  readonly total_bytes: number
  readonly have: Uint8Array
  readonly phase: ObjectPhase
  readonly wrong_times: number
}

interface Draft {
  readonly name: ObjectName
  readonly totalBytes: number
  readonly have: RangeSet
  readonly phase: ObjectPhase
}

/** What a transaction has written of objects so far: only after its commit it counts. */
export interface ChunkDrafts {
  /** Why the chunk cannot be taken, or null: then its bytes are written, but not yet synced. */
  write(van: string, place: ChunkPlace, bytes: Uint8Array): string | null
  /** Before the transaction. */
  sync(): void
}

export class Objects {
  readonly #transactions: Transactions
  readonly #files: ObjectFiles
  readonly #alarms: Alarms
  readonly #statements
  /** Objects with all bytes whose hash is still to be looked at, by id. */
  readonly #complete = new Set<number>()
  readonly #carried: Carried<ObjectRow>
  #restoredReady = (): void => {}
  #verifying: { readonly row: ObjectRow; readonly step: () => boolean | null } | null = null

  constructor(
    database: SqliteDatabase,
    transactions: Transactions,
    files: ObjectFiles,
    alarms: Alarms,
    restorer: Restorer | null = null,
  ) {
    this.#transactions = transactions
    this.#files = files
    this.#alarms = alarms
    this.#statements = prepare(database)
    this.#carried = new Carried(files, restorer, () => this.#restoredReady())
    this.reload()
  }

  /** After a start or a failed transaction. */
  reload(): void {
    const partial = this.#statements.partial.all()
    this.#verifying = null
    this.#complete.clear()
    for (const row of partial)
      if (rangesFromBlob(row.have).count === row.total_bytes) this.#complete.add(row.id)
  }

  /** Chunks of one batch: all are written, then all are synced, then the rows are committed. */
  drafts(): ChunkDrafts {
    const drafts = new Map<string, Draft>()
    const written = new Set<ObjectName>()
    return {
      write: (van, place, bytes) => {
        const key = `${place.sha256} ${van}`
        const draft = drafts.get(key) ?? this.#draft(van, place)
        drafts.set(key, draft)
        const refusal = this.#refusal(draft, place, bytes)
        if (refusal !== null || draft.phase === 'whole') return refusal
        this.#files.write(draft.name, place.offset, bytes)
        draft.have.add(place.offset, place.offset + bytes.length - 1)
        written.add(draft.name)
        return null
      },
      sync: () => this.#files.sync(written),
    }
  }

  #draft(van: string, { sha256, totalBytes }: ChunkPlace): Draft {
    const name = { sha256, van }
    const row = this.#statements.byName.get(sha256, van)
    if (row === undefined) return { name, totalBytes, have: new RangeSet(), phase: 'partial' }
    const { phase } = row
    return { name, totalBytes: row.total_bytes, have: rangesFromBlob(row.have), phase }
  }

  #refusal(draft: Draft, place: ChunkPlace, bytes: Uint8Array): string | null {
    if (place.totalBytes > objectLimitBytes)
      return `expected at most ${objectLimitBytes} bytes, found ${place.totalBytes}`
    if (place.totalBytes !== draft.totalBytes)
      return `expected an object of ${draft.totalBytes} bytes, found ${place.totalBytes}`
    const end = place.offset + bytes.length - 1
    const gaps = draft.have.missing(place.offset, end)
    if (gaps.length === 1 && gaps[0]?.from === place.offset && gaps[0].to === end) return null
    // Some of it is here already: it must be the same, or one of the two is not of this object.
    const known = RangeSet.of(gaps).missing(place.offset, end)
    const same = known.every(({ from, to }) => {
      const here = this.#files.read(draft.name, from, to - from + 1)
      const part = bytes.subarray(from - place.offset, to - place.offset + 1)
      return here !== null && sameBytes(here, part)
    })
    return same ? null : `other bytes than those known at ${place.offset}`
  }

  /** In the transaction that stores the chunk's packet. */
  addChunk(
    packetId: number,
    state: StreamState,
    seq: number,
    place: ChunkPlace,
    size: number,
  ): void {
    const { sha256, totalBytes, offset } = place
    this.#statements.add.run(state.van, sha256, totalBytes)
    const row = this.#statements.byName.get(sha256, state.van)
    if (row === undefined) throw new Error('an object that was just added is not there')
    const have = rangesFromBlob(row.have)
    have.add(offset, offset + size - 1)
    this.#statements.setHave.run(rangesToBlob(have), row.id)
    this.#statements.addChunk.run(packetId, row.id, state.id, seq, offset, size)
    if (row.phase !== 'partial' || have.count < row.total_bytes) return
    this.#statements.withhold.run(state.id, seq, row.id)
    state.withheld.add(seq)
    this.#complete.add(row.id)
  }

  /** Calls `ready` when something was restored meanwhile, and `verify` has to do. */
  whenRestored(ready: () => void): void {
    this.#restoredReady = ready
  }

  /** Whether `verify` has something to do. */
  get waiting(): boolean {
    const some = this.#verifying !== null || this.#carried.waiting
    return some || this.#complete.values().some((id) => !this.#carried.has(id))
  }

  /**
   * One slice of work: reads a few MiB, or writes down what was found. Answers the hash of an
   * object that has become whole, or null. Streams whose numbers changed are given to `touched`.
   */
  verify(streams: Streams, wallMs: number, touched: (state: StreamState) => void): string | null {
    const outcome = this.#carried.next()
    if (outcome !== null) return this.#restored(outcome, streams, wallMs, touched)
    const verifying = this.#verifying ?? this.#nextToVerify()
    if (verifying === null) return null
    // Whatever fails below, the next call begins this object anew.
    this.#verifying = null
    const { row, step } = verifying
    const right = step()
    if (right === null) {
      this.#verifying = verifying
      return null
    }
    if (right) this.#files.finish(row)
    if (right && this.#carried.begin(row)) return null
    if (!right && row.wrong_times + 1 < wrongTimesMost) this.#files.setAside(row)
    const changed = this.#transactions.run(() => {
      const states = right ? this.#setWhole(row, streams) : this.#setWrong(row, streams, wallMs)
      for (const state of states) streams.changed(state)
      streams.save()
      return states
    })
    this.#complete.delete(row.id)
    for (const state of changed) touched(state)
    return right ? row.sha256 : null
  }

  /** The file is in its place; now the database says so, and the packed object is settled. */
  #restored(
    { row, restored }: Outcome<ObjectRow>,
    streams: Streams,
    wallMs: number,
    touched: (state: StreamState) => void,
  ): string | null {
    if (!restored.ok) {
      const [first] = this.#statements.chunks.all(row.id)
      const state = first === undefined ? undefined : streams.byId(first.stream_id)
      const { epoch = '', stream = '' } = state ?? {}
      const about = { van: row.van, epoch, stream, seq: first?.seq ?? -1 }
      const detail = `object ${row.sha256}: ${restored.reason}`
      this.#transactions.run(() =>
        this.#alarms.raise({ ...about, code: 'image-not-restored', detail }, wallMs),
      )
      return null
    }
    const { sha256, sizeBytes } = restored
    const own = this.#statements.byName.get(sha256, row.van)
    // It may have come as itself too, all of it: then it is verified and settled as such.
    const isOwn = own !== undefined && this.#complete.has(own.id)
    const all = rangesToBlob(RangeSet.of([{ from: 0, to: sizeBytes - 1 }]))
    const changed = this.#transactions.run(() => {
      if (!isOwn) this.#statements.addWhole.run(row.van, sha256, sizeBytes, all)
      this.#statements.addCarried.run(sha256, row.id)
      const states = this.#setWhole(row, streams)
      for (const state of states) streams.changed(state)
      streams.save()
      return states
    })
    this.#complete.delete(row.id)
    if (!isOwn) this.#files.removePart({ sha256, van: row.van })
    for (const state of changed) touched(state)
    return sha256
  }

  #nextToVerify() {
    for (const id of this.#complete) {
      if (this.#carried.has(id)) continue
      const row = this.#statements.byId.get(id)
      if (row !== undefined && row.phase === 'partial')
        return { row, step: this.#files.verification(row, row.total_bytes) }
      this.#complete.delete(id)
    }
    return null
  }

  #release(row: ObjectRow, streams: Streams): Set<StreamState> {
    const changed = new Set<StreamState>()
    for (const { stream_id: id, seq } of this.#statements.withheldOf.all(row.id)) {
      const state = streams.byId(id)
      if (state === undefined) continue
      state.withheld.delete(seq)
      changed.add(state)
    }
    this.#statements.release.run(row.id)
    return changed
  }

  #setWhole(row: ObjectRow, streams: Streams): ReadonlySet<StreamState> {
    this.#statements.setPhase.run('whole', row.id)
    return this.#release(row, streams)
  }

  #setWrong(row: ObjectRow, streams: Streams, wallMs: number): ReadonlySet<StreamState> {
    const changed = this.#release(row, streams)
    const broken = row.wrong_times + 1 >= wrongTimesMost
    const seqs = new Map<StreamState, number[]>()
    for (const { packet_id: packetId, stream_id: id, seq } of this.#statements.chunks.all(row.id)) {
      const state = streams.byId(id)
      if (state === undefined) continue
      const gone = seqs.get(state) ?? []
      seqs.set(state, gone)
      gone.push(seq)
      if (broken) continue
      this.#statements.removeChunk.run(packetId)
      this.#statements.removePacket.run(packetId)
    }
    const left = broken ? row.have : noBytes
    this.#statements.setWrong.run(broken ? 'broken' : 'partial', left, row.id)
    for (const [state, gone] of seqs) {
      const { van, epoch, stream } = state
      const about = { van, epoch, stream, seq: gone[0] ?? -1, detail: `object ${row.sha256}` }
      this.#alarms.raise({ ...about, code: broken ? 'object-broken' : 'object-wrong' }, wallMs)
      if (broken) continue
      takeOut(state, gone)
      state.packets -= gone.length
      changed.add(state)
    }
    return changed
  }

  /** Where the whole, verified file is, or null as long as it is not. */
  path(sha256: string): string | null {
    return this.#statements.whole.get(sha256) === undefined ? null : this.#files.wholePath(sha256)
  }

  /** The bytes of a chunk that is stored; null when the file cannot give them. */
  read(name: ObjectName, offset: number, size: number): Uint8Array | null {
    return this.#files.read(name, offset, size)
  }
}

const noBytes = new Uint8Array()

function prepare(database: SqliteDatabase) {
  return {
    byName: database.prepare<[string, string], ObjectRow>(
      'SELECT * FROM object WHERE sha256 = ? AND van = ?',
    ),
    whole: database.prepare<[string]>(
      `SELECT id FROM object WHERE sha256 = ? AND phase = 'whole' LIMIT 1`,
    ),
    byId: database.prepare<[number], ObjectRow>('SELECT * FROM object WHERE id = ?'),
    partial: database.prepare<[], ObjectRow>(`SELECT * FROM object WHERE phase = 'partial'`),
    add: database.prepare(
      `INSERT INTO object (van, sha256, total_bytes, have, phase, wrong_times)
       VALUES (?, ?, ?, x'', 'partial', 0) ON CONFLICT DO NOTHING`,
    ),
    addWhole: database.prepare(
      `INSERT INTO object (van, sha256, total_bytes, have, phase, wrong_times)
       VALUES (?, ?, ?, ?, 'whole', 0)
       ON CONFLICT (sha256, van) DO UPDATE SET phase = 'whole', have = excluded.have`,
    ),
    addCarried: database.prepare(
      'INSERT INTO carried (sha256, carrier) VALUES (?, ?) ON CONFLICT DO NOTHING',
    ),
    setHave: database.prepare('UPDATE object SET have = ? WHERE id = ?'),
    setPhase: database.prepare('UPDATE object SET phase = ? WHERE id = ?'),
    setWrong: database.prepare(
      'UPDATE object SET phase = ?, have = ?, wrong_times = wrong_times + 1 WHERE id = ?',
    ),
    addChunk: database.prepare(
      `INSERT INTO chunk (packet_id, object_id, stream_id, seq, offset, size_bytes)
       VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    chunks: database.prepare<
      [number],
      { readonly packet_id: number; readonly stream_id: number; readonly seq: number }
    >('SELECT packet_id, stream_id, seq FROM chunk WHERE object_id = ? ORDER BY stream_id, seq'),
    removeChunk: database.prepare('DELETE FROM chunk WHERE packet_id = ?'),
    removePacket: database.prepare('DELETE FROM packet WHERE id = ?'),
    withhold: database.prepare(
      'INSERT INTO withheld (stream_id, seq, object_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    withheldOf: database.prepare<[number], { readonly stream_id: number; readonly seq: number }>(
      'SELECT stream_id, seq FROM withheld WHERE object_id = ?',
    ),
    release: database.prepare('DELETE FROM withheld WHERE object_id = ?'),
  }
}
