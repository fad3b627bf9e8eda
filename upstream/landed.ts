/** Reads what a landing has stored, packet by packet, from its database alone. */
import { join } from 'node:path'
import { decodeRecords } from '../protocols/packet/body.ts'
import { bodyLimitBytes } from '../protocols/packet/limits.ts'
import type { Record } from '../protocols/packet/record.ts'
import { openForReading } from './landing/database.ts'
import { unzstd } from './open-tools.ts'

export interface Landed {
  readonly van: string
  readonly epoch: string
  readonly stream: string
  readonly seq: number
  /** A piece of an object, whose bytes lie in the object's file. */
  readonly isChunk: boolean
  readonly records: readonly Record[]
}

interface Row {
  readonly van: string
  readonly epoch: string
  readonly stream: string
  readonly seq: number
  readonly body: Uint8Array | null
}

/** Stream by stream, in order. Throws for a body that cannot be read, and `DatabaseRefused`. */
export function* landedRecords(folder: string): Generator<Landed> {
  const database = openForReading(join(folder, 'landing.db'))
  try {
    const rows = database.prepare<[], Row>(
      `SELECT s.van, s.epoch, s.stream, p.seq, p.body
       FROM packet p JOIN stream s ON s.id = p.stream_id ORDER BY s.id, p.seq`,
    )
    for (const { body, ...name } of rows.iterate()) {
      yield { ...name, isChunk: body === null, records: body === null ? [] : recordsOf(body) }
    }
  } finally {
    database.close()
  }
}

function recordsOf(body: Uint8Array): readonly Record[] {
  const records = decodeRecords(unzstd(new Uint8Array(body), bodyLimitBytes))
  if (!records.ok) throw new Error(`a stored packet cannot be read: ${records.reason}`)
  return records.value
}
