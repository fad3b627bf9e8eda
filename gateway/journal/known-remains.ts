/**
 * What a damaged journal still knows of visits. Rows that its table still leads to are the newest
 * there were. Where some are gone, a packet speaks for its token only if all packets behind it can
 * be read: otherwise a newer one may have been lost, and an old state would come up as the newest.
 * What is not certain is forgotten, and it is said that something was.
 */
import { decodeRecord, decodeRecords } from '../../protocols/packet/body.ts'
import type { PacketHeader } from '../../protocols/packet/packet.ts'
import { RangeSet } from '../../protocols/packet/ranges.ts'
import { isVisitRecord, type VisitRecord } from '../../protocols/packet/visit-records.ts'
import { KnownRecords, tokenOf } from './known-records.ts'
import type { Ledger } from './ledger.ts'
import type { RemainingKnown } from './remains.ts'
import type { JournalTools } from './seal-tools.ts'
import type { Stream } from './streams.ts'

interface Said {
  readonly stream: Stream
  readonly seq: number
  readonly record: VisitRecord
}

export class KnownRemains {
  /** By kind and token: the newest that a readable packet says. */
  readonly #said = new Map<string, Said>()
  readonly #seen = new Map<Stream, RangeSet>()
  readonly #tools: JournalTools

  constructor(tools: JournalTools) {
    this.#tools = tools
  }

  /** A packet of the stream of visits that can be read. */
  see(stream: Stream, header: PacketHeader, body: Uint8Array): void {
    const records = decodeRecords(this.#tools.decompress(body, header.sizeBytes))
    if (!records.ok) return
    const seen = this.#seen.get(stream) ?? new RangeSet()
    this.#seen.set(stream, seen)
    seen.add(header.seq)
    for (const record of records.value) {
      if (isVisitRecord(record)) this.#note({ stream, seq: header.seq, record })
    }
  }

  /** Inside a transaction. Answers how many tokens are named by packets and yet not known. */
  carry(
    ledger: Ledger,
    remaining: { readonly rows: readonly RemainingKnown[]; readonly isWhole: boolean },
    streams: ReadonlyMap<number, Stream>,
  ): number {
    const certain = new Map<string, Said>()
    for (const { stream, seq, record } of remaining.rows) {
      const decoded = decodeRecord(record)
      const its = streams.get(stream)
      if (its === undefined || !decoded.ok || !isVisitRecord(decoded.value)) continue
      certain.set(keyOf(decoded.value), { stream: its, seq, record: decoded.value })
    }
    let doubtful = 0
    for (const [key, said] of this.#said) {
      const row = certain.get(key)
      // Without a row in a whole table it was forgotten for its age.
      if (row === undefined && remaining.isWhole) continue
      if (row === undefined && !this.#isNewest(said)) doubtful++
      else if (row === undefined || isNewer(said, row)) certain.set(key, said)
    }
    const known = new KnownRecords(ledger.db)
    for (const { stream, seq, record } of [...certain.values()].sort(inOrder)) {
      known.put(record, { stream: stream.id, seq })
    }
    return doubtful
  }

  #note(said: Said): void {
    const key = keyOf(said.record)
    const before = this.#said.get(key)
    // Of two in one packet the later one counts.
    if (before === undefined || !isNewer(before, said)) this.#said.set(key, said)
  }

  /** All that was said behind it is readable. */
  #isNewest({ stream, seq }: Said): boolean {
    for (const [other, seen] of this.#seen) {
      const isLater = other.epoch > stream.epoch
      if (other !== stream && !isLater) continue
      const from = isLater ? 0 : seq + 1
      if (from < other.nextSeq && seen.missing(from, other.nextSeq - 1, 1).length > 0) return false
    }
    return true
  }
}

function keyOf(record: VisitRecord): string {
  return `${record.kind} ${tokenOf(record)}`
}

function isNewer(one: Said, other: Said): boolean {
  if (one.stream === other.stream) return one.seq > other.seq
  return one.stream.epoch > other.stream.epoch
}

function inOrder(one: Said, other: Said): number {
  return isNewer(other, one) ? -1 : isNewer(one, other) ? 1 : 0
}
