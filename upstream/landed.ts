/** Reads what a landing has stored, packet by packet, from its database alone. */
import { join } from 'node:path'
import { decodeRecords } from '../protocols/packet/body.ts'
import { decodeHeader } from '../protocols/packet/packet.ts'
import { WaveReader } from '../protocols/packet/wave-reader.ts'
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
  readonly header: Uint8Array
  readonly body: Uint8Array | null
}

/**
 * Stream by stream, in order. Throws for a body that cannot be read, and `DatabaseRefused`. Waves
 * that go on with a packet that is not here come without records.
 */
export function* landedRecords(folder: string): Generator<Landed> {
  const database = openForReading(join(folder, 'landing.db'))
  try {
    const rows = database.prepare<[], Row>(
      `SELECT s.van, s.epoch, s.stream, p.seq, p.header, p.body
       FROM packet p JOIN stream s ON s.id = p.stream_id ORDER BY s.id, p.seq`,
    )
    const readers = new Map<string, WaveReader>()
    for (const { header, body, ...name } of rows.iterate()) {
      const records = body === null ? [] : recordsOf(header, body, readers)
      yield { ...name, isChunk: body === null, records }
    }
  } finally {
    database.close()
  }
}

/** `readers`: of each stream of waves, which come in order. */
function recordsOf(
  headerBytes: Uint8Array,
  body: Uint8Array,
  readers: Map<string, WaveReader>,
): readonly Record[] {
  const header = decodeHeader(new Uint8Array(headerBytes))
  if (!header.ok) throw new Error(`a stored packet cannot be read: ${header.reason}`)
  const plain = unzstd(new Uint8Array(body), bodyLimitBytes)
  const { van, epoch, stream, codec } = header.value
  const name = `${van} ${epoch} ${stream}`
  const reader = readers.get(name) ?? new WaveReader()
  if (codec === 'waves') readers.set(name, reader)
  if (codec === 'waves' && !reader.canRead(header.value)) return []
  const records = codec === 'waves' ? reader.read(header.value, plain) : decodeRecords(plain)
  if (!records.ok) throw new Error(`a stored packet cannot be read: ${records.reason}`)
  return records.value
}
