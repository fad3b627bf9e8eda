/** A journal with a witness beside it: what is promised, given out and forgotten goes on record. */
import { readFileSync } from 'node:fs'
import type { Record } from '../../protocols/packet/record.ts'
import { Trouble } from '../errors/trouble.ts'
import type { Journal, Outgoing } from '../journal/journal.ts'
import { hasObject } from '../journal/kinds.ts'
import type { Witness } from './witness.ts'

/** `journal` must be mortal, so that nothing is noted after the end of its life. */
export function witnessedJournal(journal: Journal, boot: string, witness: Witness): Journal {
  const { promised, trace } = witness

  const refusal = (what: string, error: unknown): void => {
    const code = error instanceof Trouble ? error.code : String(error)
    trace.note('journal', `refuses ${what}: ${code}`)
    if (!refusalCodes.includes(code)) witness.fail(`the journal refuses ${what}: ${code}`)
  }

  const kept = async <T>(device: string, record: Record, work: () => Promise<T>): Promise<T> => {
    const handed = promised.hand(device, boot, record)
    try {
      const outcome = await work()
      if (outcome === 'already') promised.refused(handed)
      else promised.stored(handed)
      return outcome
    } catch (error) {
      promised.refused(handed)
      refusal(`the ${record.kind} of ${device}`, error)
      throw error
    }
  }

  const seen = (packets: readonly Outgoing[]): void => {
    for (const packet of packets) witness.sees(packet)
  }

  return {
    ...journal,
    store: (device, record) => kept(device, record, () => journal.store(device, record)),
    async adopt(device, record, path, form) {
      if (!hasObject(record)) throw new TypeError('no object')
      const bytes = new Uint8Array(readFileSync(path))
      const { sha256 } = record.object
      // Before it is stored: the life may end between the commit and the answer.
      witness.objects.set(sha256, witness.objects.get(sha256) ?? bytes)
      const outcome = await kept(device, record, () => journal.adopt(device, record, path, form))
      witness.adopted(sha256)
      trace.note('journal', `${outcome} ${record.kind} ${sha256.slice(0, 8)}`)
      return outcome
    },
    async outgoing(query) {
      const packets = await journal.outgoing(query)
      seen(packets)
      return packets
    },
    async again(epoch, stream, range, limit) {
      const found = await journal.again(epoch, stream, range, limit)
      const { packets, lost, more } = found
      const words = `${packets.length} packets, ${lost.length} gaps${more ? ' and more' : ''}`
      trace.note('journal', `again ${stream} ${range.from} to ${range.to}: ${words}`)
      seen(packets)
      return found
    },
    receipt(epoch, stream, ranges) {
      witness.heard(epoch, stream, ranges)
      return journal.receipt(epoch, stream, ranges)
    },
  }
}

/**
 * A journal may say so at any time, and whoever hands over keeps what it has and comes again.
 * Whether
 * it may fail, whoever runs it judges.
 */
const refusalCodes: readonly string[] = ['journal-full', 'journal-busy', 'journal-failed']
