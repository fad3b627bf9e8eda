/** The best known relation between a box's monotonic clock and UTC, for each boot heard of. */
import type { PacketHeader } from '../../protocols/packet/packet.ts'
import type { Record } from '../../protocols/packet/record.ts'

const bootsMost = 1_000

export interface Utc {
  readonly utcMs: number | null
  readonly uncertaintyMs: number | null
}

interface Fix {
  readonly offsetMs: number
  readonly uncertaintyMs: number
}

export class ClockFixes {
  readonly #fixes = new Map<string, Fix>()

  /** Of two fixes that are equally certain the later one counts. */
  learn({ van, boot }: PacketHeader, records: readonly Record[]): void {
    const key = `${van} ${boot}`
    for (const record of records) {
      if (record.kind !== 'clock') continue
      const known = this.#fixes.get(key)
      if (known !== undefined && known.uncertaintyMs < record.fixUncertaintyMs) continue
      this.#fixes.delete(key)
      this.#fixes.set(key, {
        offsetMs: record.offsetMs,
        uncertaintyMs: record.fixUncertaintyMs,
      })
    }
    const [oldest] = this.#fixes.keys()
    if (this.#fixes.size > bootsMost && oldest !== undefined) this.#fixes.delete(oldest)
  }

  /** The stored UTC, unless a fix of the boot is more certain. */
  utcOf({ van, boot }: PacketHeader, record: Record): Utc {
    const { atMs, utcMs, uncertaintyMs } = record
    const fix = this.#fixes.get(`${van} ${boot}`)
    if (fix === undefined || (uncertaintyMs !== null && uncertaintyMs <= fix.uncertaintyMs))
      return { utcMs, uncertaintyMs }
    return { utcMs: atMs + fix.offsetMs, uncertaintyMs: fix.uncertaintyMs }
  }
}
