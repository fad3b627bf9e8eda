/**
 * What the hospital has. Its statement moves packets out of `unreceipted`, and that is all it does.
 */
import type { SeqRange } from '../../protocols/packet/messages.ts'
import { Instances } from './instances.ts'
import type { ReceiptOutcome } from './journal.ts'
import type { Ledger } from './ledger.ts'
import type { Stream } from './streams.ts'

interface Sums {
  readonly packets: number
  readonly records: number
  readonly bytes: number
}

interface Lost {
  readonly records: number
  readonly bytes: number
  readonly object: number | null
}

const within = 'FROM unreceipted WHERE stream = ? AND seq BETWEEN ? AND ?'

/** The lowest id of each class comes from the index; the lowest of all would read through it. */
const lowestUnreceipted = `
  SELECT min(id) FROM (${[0, 1, 2, 3, 4, 5, 6]
    .map((number) => `SELECT min(id) AS id FROM unreceipted WHERE class = ${number}`)
    .join(' UNION ALL ')})`

export class Receipts {
  readonly #ledger: Ledger
  readonly #instances: Instances
  readonly #sums
  readonly #objects
  readonly #release
  readonly #delete
  readonly #objectWaits
  readonly #releaseObject
  readonly #carriedBy
  readonly #lowestSeq
  readonly #lowestId
  readonly #regressed
  readonly #lose

  constructor(ledger: Ledger) {
    const { db } = ledger
    this.#ledger = ledger
    this.#instances = new Instances(db)
    this.#sums = db.prepare<[number, number, number], Sums>(
      `SELECT count(*) AS packets, total(records) AS records, total(bytes) AS bytes ${within}`,
    )
    this.#objects = db
      .prepare<[number, number, number], number>(
        `SELECT DISTINCT object ${within} AND object IS NOT NULL`,
      )
      .pluck()
    this.#release = db.prepare(`INSERT INTO receipted (id) SELECT id ${within} AND object IS NULL`)
    this.#delete = db.prepare(`DELETE ${within}`)
    this.#objectWaits = db
      .prepare<[{ readonly object: number }], number>(
        `SELECT (SELECT count(*) FROM unreceipted WHERE object = @object)
           + (SELECT count(*) FROM undecided WHERE object = @object)
           + (SELECT count(*) FROM carried JOIN unreceipted ON unreceipted.object = carrier
              WHERE carried.object = @object)`,
      )
      .pluck()
    this.#carriedBy = db
      .prepare<[number], number>('SELECT object FROM carried WHERE carrier = ?')
      .pluck()
    this.#releaseObject = db.prepare(
      `INSERT INTO receipted (id, object)
       SELECT max(id), object FROM packets WHERE object = ? GROUP BY object`,
    )
    this.#lowestSeq = db
      .prepare<[number], number | null>('SELECT min(seq) FROM unreceipted WHERE stream = ?')
      .pluck()
    this.#lowestId = db.prepare<[], number | null>(lowestUnreceipted).pluck()
    this.#regressed = db.prepare('UPDATE journal SET regressed = 1')
    this.#lose = db.prepare<[number, number], Lost>(
      `DELETE FROM unreceipted WHERE stream = ? AND seq = ? RETURNING records, bytes, object`,
    )
  }

  /** Inside a transaction. `current` is the epoch under which packets are numbered now. */
  note(
    epoch: string,
    streamName: string,
    ranges: readonly SeqRange[],
    current: string,
  ): ReceiptOutcome {
    const stream = this.#ledger.streams.find(epoch, streamName)
    let newlyReceipted = 0
    let unknown = 0
    for (const { from, to } of ranges) {
      const last = Math.min(to, (stream?.nextSeq ?? 0) - 1)
      unknown += to - Math.max(last, from - 1)
      if (stream !== null && last >= from) newlyReceipted += this.#settleRange(stream, from, last)
    }
    // Only a disk that lost what it had confirmed makes us forget numbers that went out.
    if (unknown > 0 && epoch === current) {
      this.#regressed.run()
      this.#instances.doubt(epoch)
    }
    return { newlyReceipted, receiptedThroughId: this.throughId(), unknown }
  }

  /** Highest id below which nothing waits for a receipt. */
  throughId(): number {
    return (this.#lowestId.get() ?? this.#ledger.totals.nextId) - 1
  }

  /** Inside a transaction. What cannot be read waits no longer. False when it did not wait. */
  lose(stream: Stream, seq: number): boolean {
    const lost = this.#lose.get(stream.id, seq)
    if (lost === undefined) return false
    const { totals, streams } = this.#ledger
    totals.unreceiptedPackets--
    totals.unreceiptedBytes -= lost.bytes
    stream.recordsSealed -= lost.records
    streams.touch(stream)
    if (lost.object !== null) {
      this.#instances.lose(lost.object)
      this.#releaseObjectIfSettled(lost.object)
    }
    return true
  }

  /** What a packed file carries is settled with it, but not before. */
  #releaseObjectIfSettled(object: number): void {
    if (this.#objectWaits.get({ object }) !== 0) return
    this.#releaseObject.run(object)
    this.#instances.receipted(object)
    for (const carried of this.#carriedBy.all(object)) this.#releaseObjectIfSettled(carried)
  }

  /** Takes packets out of those that wait. Answers how many there were. */
  #settleRange(stream: Stream, from: number, to: number): number {
    const sums = this.#sums.get(stream.id, from, to)
    if (sums === undefined || sums.packets === 0) return 0
    const objects = this.#objects.all(stream.id, from, to)
    this.#release.run(stream.id, from, to)
    this.#delete.run(stream.id, from, to)
    for (const object of objects) this.#releaseObjectIfSettled(object)
    const { totals, streams } = this.#ledger
    totals.unreceiptedPackets -= sums.packets
    totals.unreceiptedBytes -= sums.bytes
    stream.packetsReceipted += sums.packets
    stream.recordsReceipted += sums.records
    stream.receiptedThrough = (this.#lowestSeq.get(stream.id) ?? stream.nextSeq) - 1
    streams.touch(stream)
    return sums.packets
  }
}
