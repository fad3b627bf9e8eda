import { encodeRecord } from '../../protocols/packet/body.ts'
import type { PacketClass } from '../../protocols/packet/packet.ts'
import type { Record } from '../../protocols/packet/record.ts'
import { streamFor } from '../../protocols/packet/topics.ts'
import { journalTrouble } from '../errors/journal.ts'
import { classOf, previewClass } from './kinds.ts'

/** A record that is known to fit onto the wire. */
export interface Prepared {
  readonly device: string
  readonly stream: string
  readonly record: Record
  readonly encoded: Uint8Array
  /** While nobody watches: what a device repeats is told its class when it is sealed. */
  readonly class: PacketClass
}

/** Throws `journal-refused`: what is stored is never refused by the hospital. */
export function prepare(device: string, record: Record): Prepared {
  try {
    const stream = streamFor(device, record.kind)
    return {
      device,
      stream,
      record,
      encoded: encodeRecord(record),
      class: classOfRecord(record) ?? classOf(stream, false),
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw journalTrouble('journal-refused', { device, reason: error.message }, error)
  }
}

/** null: as its stream. */
function classOfRecord(record: Record): PacketClass | null {
  if (record.kind === 'event' && record.level === 'alarm') return 0
  return record.kind === 'rendition' && record.role === 'preview' ? previewClass : null
}
