import { encodeRecord } from '../../protocols/packet/body.ts'
import type { PacketClass } from '../../protocols/packet/packet.ts'
import type { Record } from '../../protocols/packet/record.ts'
import { streamFor } from '../../protocols/packet/topics.ts'
import { journalTrouble } from '../errors/journal.ts'

/** A record that is known to fit onto the wire. */
export interface Prepared {
  readonly device: string
  readonly stream: string
  readonly record: Record
  readonly encoded: Uint8Array
  /** Waveforms are told theirs when they are sealed. */
  readonly class: PacketClass
}

/** Throws `journal-refused`: what is stored is never refused by the hospital. */
export function prepare(device: string, record: Record): Prepared {
  try {
    return {
      device,
      stream: streamFor(device, record.kind),
      record,
      encoded: encodeRecord(record),
      class: classOf(record),
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw journalTrouble('journal-refused', { device, reason: error.message }, error)
  }
}

function classOf(record: Record): PacketClass {
  if (record.kind === 'event' && record.level === 'alarm') return 0
  return record.kind === 'waveform' ? 5 : 2
}
