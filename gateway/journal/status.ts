import type { JournalStatus, StreamStatus } from './journal.ts'
import type { Ledger } from './ledger.ts'
import type { Room } from './retention.ts'
import type { Stream } from './streams.ts'

/** Streams of the same name in different epochs are one to those who ask. */
export function statusOf(ledger: Ledger, room: Room): JournalStatus {
  const oldest = ledger.db
    .prepare<[number], number | null>(
      'SELECT utc_ms FROM unreceipted WHERE stream = ? ORDER BY seq LIMIT 1',
    )
    .pluck()
  const streams = new Map<string, StreamStatus>()
  for (const stream of ledger.streams.all()) {
    // A stream that only holds an open end has nothing older.
    const packet = oldest.get(stream.id)
    const utcMs = packet === undefined ? (stream.tail?.firstUtcMs ?? null) : packet
    const one = statusOfOne(stream, utcMs)
    const other = streams.get(stream.name)
    streams.set(stream.name, other === undefined ? one : together(other, one))
  }
  // Chunks that have no packets yet wait for their receipts too.
  const undecided = ledger.db
    .prepare<[], { packets: number; bytes: number }>(
      `SELECT total(chunks) AS packets, total(size_bytes) AS bytes
       FROM undecided JOIN objects ON objects.id = undecided.object`,
    )
    .get()
  return {
    streams: [...streams.values()],
    usedBytes: room.usedBytes(),
    limitBytes: room.limitBytes,
    full: room.isFull(),
    unreceiptedPackets: ledger.totals.unreceiptedPackets + (undecided?.packets ?? 0),
    unreceiptedBytes: ledger.totals.unreceiptedBytes + (undecided?.bytes ?? 0),
  }
}

function statusOfOne(stream: Stream, oldestUnreceiptedUtcMs: number | null): StreamStatus {
  return {
    stream: stream.name,
    class: stream.class,
    recordsStored: stream.recordsSealed + (stream.tail?.records.length ?? 0),
    packetsSealed: stream.nextSeq,
    packetsReceipted: stream.packetsReceipted,
    recordsReceipted: stream.recordsReceipted,
    oldestUnreceiptedUtcMs,
  }
}

/** `later` is of a later epoch. */
function together(earlier: StreamStatus, later: StreamStatus): StreamStatus {
  const utcs = [earlier.oldestUnreceiptedUtcMs, later.oldestUnreceiptedUtcMs]
  const known = utcs.filter((utcMs) => utcMs !== null)
  return {
    stream: later.stream,
    class: later.class,
    recordsStored: earlier.recordsStored + later.recordsStored,
    packetsSealed: earlier.packetsSealed + later.packetsSealed,
    packetsReceipted: earlier.packetsReceipted + later.packetsReceipted,
    recordsReceipted: earlier.recordsReceipted + later.recordsReceipted,
    oldestUnreceiptedUtcMs: known.length === 0 ? null : Math.min(...known),
  }
}
