/**
 * Reads a journal that no process holds, for checks from outside: what it numbered, and what is in
 * it.
 * Opened read-only, so that looking changes nothing.
 */
import Database from 'better-sqlite3'
import { openPacket, type OpenTools } from '../../protocols/packet/seal.ts'
import type { PacketHeader } from '../../protocols/packet/packet.ts'
import { decodeHeader, encodePacket } from '../../protocols/packet/packet.ts'
import type { Record } from '../../protocols/packet/record.ts'
import { WaveReader } from '../../protocols/packet/wave-reader.ts'
import { journalPaths } from './paths.ts'

export interface InspectedPacket {
  readonly header: PacketHeader
  readonly receipted: boolean
  /** Empty for a chunk, whose bytes lie in the object's file. */
  readonly records: readonly Record[]
}

interface Row {
  readonly header: Uint8Array
  readonly body: Uint8Array | null
  readonly signature: Uint8Array | null
  readonly waits: number | null
}

/**
 * In the order in which they were sealed. Throws for a packet that cannot be read. Waves whose key
 * packet was forgotten after its receipt come without records.
 */
export function* inspectJournal(folder: string, tools: OpenTools): Generator<InspectedPacket> {
  const database = new Database(journalPaths(folder).database, { readonly: true })
  try {
    const rows = database.prepare<[], Row>(
      `SELECT header, body, signature, unreceipted.id AS waits
       FROM packets LEFT JOIN unreceipted USING (stream, seq) ORDER BY packets.id`,
    )
    const readers = new Map<string, WaveReader>()
    for (const row of rows.iterate()) yield inspected(row, tools, readers)
  } finally {
    database.close()
  }
}

function inspected(row: Row, tools: OpenTools, readers: Map<string, WaveReader>): InspectedPacket {
  const receipted = row.waits === null
  const header = decodeHeader(new Uint8Array(row.header))
  if (!header.ok) throw new Error(`a packet of the journal cannot be read: ${header.reason}`)
  if (row.body === null) return { header: header.value, receipted, records: [] }
  const opened = openPacket(encodePacket({ ...row, body: row.body }), tools)
  if (!opened.ok) throw new Error(`a packet of the journal cannot be read: ${opened.reason}`)
  const { content } = opened.value
  const whole = { header: header.value, receipted }
  if (content.kind === 'chunk') return { ...whole, records: [] }
  if (content.kind === 'records') return { ...whole, records: content.records }
  const name = `${header.value.epoch} ${header.value.stream}`
  const reader = readers.get(name) ?? new WaveReader()
  readers.set(name, reader)
  if (!reader.canRead(header.value)) return { ...whole, records: [] }
  const waves = reader.read(header.value, content.body)
  if (!waves.ok) throw new Error(`a packet of the journal cannot be read: ${waves.reason}`)
  return { ...whole, records: waves.value }
}
