/**
 * Finds what is stored twice under different numbers, which the unique key cannot see: a reading
 * that the van itself numbered twice. Measurements and events are compared by what they say and
 * when the box heard it; everything else by the digest of its packet. So are numerics: a monitor
 * may say the same twice in one millisecond, when its bytes had to wait.
 */
import { decodeHeader } from '../../protocols/packet/packet.ts'
import { parseStream } from '../../protocols/packet/topics.ts'
import type { SqliteDatabase } from './database.ts'

/** By stream id: how many more there are than there should be. */
export function countDoubles(database: SqliteDatabase): ReadonlyMap<number, number> {
  const doubles = new Map<number, number>()
  const add = (streamId: number, count: number) =>
    doubles.set(streamId, (doubles.get(streamId) ?? 0) + count)
  for (const sql of [doubledMeasurements, doubledEvents, doubledChunks])
    for (const row of database.prepare<[], CountRow>(sql).all()) add(row.stream_id, row.more)
  for (const group of database.prepare<[], { readonly ids: string }>(similarPackets).all()) {
    const seen = new Set<string>()
    for (const { streamId, content } of contentsOf(database, group.ids)) {
      if (seen.has(content)) add(streamId, 1)
      seen.add(content)
    }
  }
  return doubles
}

interface CountRow {
  readonly stream_id: number
  readonly more: number
}

const doubledMeasurements = `
SELECT stream_id, sum(more) AS more FROM (
  SELECT max(stream_id) AS stream_id, count(*) - 1 AS more FROM (
    SELECT p.stream_id, m.van, m.device, m.boot, m.at_ms,
      (SELECT group_concat(code || ' ' || coalesce(value, '-') || ' ' || unit, ', ' ORDER BY place)
       FROM measurement_value v WHERE v.packet_id = m.packet_id AND v.position = m.position) AS said
    FROM measurement m JOIN packet p ON p.id = m.packet_id)
  GROUP BY van, device, boot, at_ms, said HAVING count(*) > 1)
GROUP BY stream_id`

const doubledEvents = `
SELECT stream_id, sum(more) AS more FROM (
  SELECT max(p.stream_id) AS stream_id, count(*) - 1 AS more
  FROM event e JOIN packet p ON p.id = e.packet_id
  GROUP BY e.van, e.device, e.boot, e.at_ms, e.code, e.active, e.detail HAVING count(*) > 1)
GROUP BY stream_id`

const doubledChunks = `
SELECT stream_id, sum(more) AS more FROM (
  SELECT max(stream_id) AS stream_id, count(*) - 1 AS more FROM chunk
  GROUP BY object_id, offset HAVING count(*) > 1)
GROUP BY stream_id`

/** Packets of the same stream name and the same times: most are different waves of one device. */
const similarPackets = `
SELECT group_concat(p.id) AS ids FROM packet p JOIN stream s ON s.id = p.stream_id
WHERE p.body IS NOT NULL AND s.stream NOT LIKE '%/measurement' AND s.stream NOT LIKE '%/event'
GROUP BY s.van, s.stream, p.boot, p.first_ms, p.last_ms HAVING count(*) > 1`

function* contentsOf(database: SqliteDatabase, ids: string) {
  const rows = database
    .prepare<[], { readonly stream_id: number; readonly header: Uint8Array }>(
      `SELECT stream_id, header FROM packet WHERE id IN (${ids}) ORDER BY id`,
    )
    .iterate()
  for (const { stream_id: streamId, header } of rows) {
    const decoded = decodeHeader(new Uint8Array(header))
    if (!decoded.ok || parseStream(decoded.value.stream) === null) continue
    yield { streamId, content: Buffer.from(decoded.value.digest).toString('hex') }
  }
}
