/**
 * With which visit each device stands, so that the packets of what it says can name it. Follows
 * what is known of visits, in the same transactions.
 */
import { decodeRecord } from '../../protocols/packet/body.ts'
import { parseStream } from '../../protocols/packet/topics.ts'
import type { Visit } from '../../protocols/packet/visit-records.ts'
import { JournalDamage } from './failures.ts'
import type { Ledger } from './ledger.ts'

export class DeviceVisits {
  readonly #open
  /** Device to token. */
  #visits = new Map<string, string>()

  constructor(ledger: Ledger) {
    this.#open = ledger.db.prepare<[], { readonly record: Uint8Array }>(
      "SELECT record FROM known WHERE kind = 'visit' AND is_held = 1 ORDER BY id",
    )
    ledger.follow(() => this.load())
  }

  /** Believes the database. */
  load(): void {
    this.#visits = new Map()
    for (const { record } of this.#open.all()) {
      const answer = decodeRecord(record)
      if (!answer.ok || answer.value.kind !== 'visit') {
        throw new JournalDamage('what is known of a visit cannot be read')
      }
      this.put(answer.value)
    }
  }

  /** Inside the transaction that stores it. */
  put({ visit, state, devices }: Visit): void {
    for (const [device, token] of this.#visits) if (token === visit) this.#visits.delete(device)
    if (state !== 'open') return
    for (const device of devices) this.#visits.set(device, visit)
  }

  /** Devices that it takes from a visit, or brings to one. */
  changedBy({ visit, state, devices }: Visit): readonly string[] {
    const after = new Set(state === 'open' ? devices : [])
    const left = [...this.#visits].flatMap(([device, token]) =>
      token === visit && !after.has(device) ? [device] : [],
    )
    return [...left, ...[...after].filter((device) => this.#visits.get(device) !== visit)]
  }

  /**
   * The token for a packet of a stream; null when its device stands with none. Files belong to the
   * record that names them, and may be sealed when the device stands with the next visit already.
   */
  of(streamName: string): string | null {
    const name = parseStream(streamName)
    if (name === null || name.kind === 'object' || name.kind === 'rendition') return null
    return this.#visits.get(name.device) ?? null
  }
}
