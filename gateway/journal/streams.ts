/**
 * The streams of all epochs in memory, and their rows. Few: some for each device that was ever
 * here.
 */
import type { PacketClass } from '../../protocols/packet/packet.ts'
import type { Record } from '../../protocols/packet/record.ts'
import type { WavePacker } from '../../protocols/packet/wave-packer.ts'
import type { Db } from './database.ts'
import { classOf } from './kinds.ts'

export interface Stream {
  readonly id: number
  readonly epoch: string
  /** The name under which its epoch began. */
  readonly van: string
  readonly name: string
  class: PacketClass
  nextSeq: number
  lastHeader: Uint8Array | null
  recordsSealed: number
  packetsReceipted: number
  recordsReceipted: number
  receiptedThrough: number
  /** When its newest signed packet was sealed; null when none was since the start. */
  signedAtMs: number | null
  tail: Tail | null
  /** Of a stream of waves: what its packets go on with; null when the next one begins anew. */
  chain: Chain | null
}

/** Records of one stream that are stored, but not sealed yet. */
export interface Tail {
  readonly boot: string
  /** As `encodeRecord` made them, in the order in which they came. */
  readonly records: Uint8Array[]
  /** Of the same records. */
  readonly times: Pick<Record, 'atMs' | 'utcMs' | 'uncertaintyMs'>[]
  /**
   * Between which rows of the table `tail` they lie, with those of others; null before the first.
   */
  rows: { readonly first: number; readonly last: number } | null
  bytes: number
  /** Monotonic time at which the earliest record begins. */
  firstAtMs: number
  /** UTC of the first record; null when it was not known. */
  readonly firstUtcMs: number | null
  /** Monotonic time at which the latest record ends. */
  endMs: number
}

/** The chain of one stream, from its key packet on. */
export interface Chain {
  readonly packer: WavePacker
  readonly keySeq: number
  readonly beganMs: number
  readonly boot: string
  readonly isWatched: boolean
}

export interface StreamRow {
  readonly id: number
  readonly epoch: string
  readonly van: string
  readonly name: string
  readonly class: number
  readonly next_seq: number
  readonly last_header: Uint8Array | null
  readonly records_sealed: number
  readonly packets_receipted: number
  readonly records_receipted: number
  readonly receipted_through: number
}

const select = `
  SELECT streams.id, uuid AS epoch, van, name, class, next_seq, last_header, records_sealed,
    packets_receipted, records_receipted, receipted_through
  FROM streams JOIN epochs ON epochs.id = streams.epoch
  ORDER BY streams.id`

const insert = `
  INSERT INTO streams (epoch, name, class, next_seq, records_sealed, packets_receipted,
    records_receipted, receipted_through)
  VALUES (?, ?, ?, 0, 0, 0, 0, -1)`

const update = `
  UPDATE streams SET class = ?, next_seq = ?, last_header = ?, records_sealed = ?,
    packets_receipted = ?, records_receipted = ?, receipted_through = ?
  WHERE id = ?`

export class Streams {
  readonly #db: Db
  readonly #insert
  readonly #update
  readonly #findEpoch
  #streams = new Map<string, Stream>()
  #byId = new Map<number, Stream>()
  #touched = new Set<Stream>()

  constructor(db: Db) {
    this.#db = db
    this.#insert = db.prepare(insert)
    this.#update = db.prepare(update)
    this.#findEpoch = db.prepare<[string], { id: number; van: string }>(
      'SELECT id, van FROM epochs WHERE uuid = ?',
    )
    this.load()
  }

  /** Forgets what memory says, tails and signing included, and believes the database. */
  load(): void {
    this.#streams = new Map()
    this.#byId = new Map()
    this.#touched = new Set()
    for (const row of this.#db.prepare<[], StreamRow>(select).iterate()) {
      this.#remember(streamOf(row))
    }
  }

  all(): IteratorObject<Stream> {
    return this.#streams.values()
  }

  find(epoch: string, name: string): Stream | null {
    return this.#streams.get(`${epoch} ${name}`) ?? null
  }

  byId(id: number): Stream {
    const stream = this.#byId.get(id)
    if (stream === undefined) throw new Error(`expected a stream with the id ${id}, found none`)
    return stream
  }

  /** Made, inside the transaction that is open, when its first record comes. */
  obtain(epoch: string, name: string): Stream {
    const known = this.find(epoch, name)
    if (known !== null) return known
    const row = this.#findEpoch.get(epoch)
    if (row === undefined) throw new Error(`expected the epoch ${epoch}, found none`)
    const firstClass = classOf(name, false)
    const { lastInsertRowid } = this.#insert.run(row.id, name, firstClass)
    return this.#remember({
      id: Number(lastInsertRowid),
      epoch,
      van: row.van,
      name,
      class: firstClass,
      nextSeq: 0,
      lastHeader: null,
      recordsSealed: 0,
      packetsReceipted: 0,
      recordsReceipted: 0,
      receiptedThrough: -1,
      signedAtMs: null,
      tail: null,
      chain: null,
    })
  }

  /** Its row will be written by `flush`, once however often it changes. */
  touch(stream: Stream): void {
    this.#touched.add(stream)
  }

  /** Inside the transaction that changed them. */
  flush(): void {
    for (const stream of this.#touched) {
      this.#update.run(
        stream.class,
        stream.nextSeq,
        stream.lastHeader,
        stream.recordsSealed,
        stream.packetsReceipted,
        stream.recordsReceipted,
        stream.receiptedThrough,
        stream.id,
      )
    }
    this.#touched.clear()
  }

  #remember(stream: Stream): Stream {
    this.#streams.set(`${stream.epoch} ${stream.name}`, stream)
    this.#byId.set(stream.id, stream)
    return stream
  }
}

function streamOf(row: StreamRow): Stream {
  return {
    id: row.id,
    epoch: row.epoch,
    van: row.van,
    name: row.name,
    class: row.class as PacketClass,
    nextSeq: row.next_seq,
    lastHeader: row.last_header,
    recordsSealed: row.records_sealed,
    packetsReceipted: row.packets_receipted,
    recordsReceipted: row.records_receipted,
    receiptedThrough: row.receipted_through,
    signedAtMs: null,
    tail: null,
    chain: null,
  }
}
