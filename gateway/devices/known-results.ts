/**
 * Results that a device keeps in its memory are read again each time it is plugged in, and by the
 * next start of the gateway. A driver names each by `record`, so here it is known which of them are
 * stored, and they are not stored again.
 *
 * Only what a device has stored itself, under a name and with its own time, is kept here: of
 * anything else, the same twice are two results.
 */
import { createHash } from 'node:crypto'
import type { Log } from '../world.ts'
import type { LinesFile } from '../links/lines-file.ts'
import type { Handed } from './outbox.ts'
import type { Item } from './said-items.ts'

/** The memories of twenty meters, ten times over. */
export const knownMax = 32_768

/** So many lines too many before the file is written anew. */
const surplusMax = 8_192

const hash = /^[0-9a-f]{32}$/

export class KnownResults {
  readonly #file: LinesFile | null
  readonly #log: Log
  /** The oldest first; null when it is stored for certain. */
  readonly #known = new Map<string, Handed | null>()
  #unsaved: string[] = []
  #linesInFile = 0
  #saving: Promise<void> | null = null

  /** `file` null: nothing survives a restart. What cannot be read is not known, and is said. */
  static async open(file: LinesFile | null, log: Log): Promise<KnownResults> {
    const known = new KnownResults(file, log)
    try {
      const lines = (await file?.read()) ?? []
      known.#linesInFile = lines.length
      for (const line of lines) if (hash.test(line)) known.#remember(line, null)
    } catch (err) {
      log.error('what devices have stored is not known', { err })
    }
    return known
  }

  /** For as long as the process runs. */
  static forgetful(log: Log): KnownResults {
    return new KnownResults(null, log)
  }

  private constructor(file: LinesFile | null, log: Log) {
    this.#file = file
    this.#log = log
  }

  /** null when the item is none of those that are known by a name. */
  keyOf(device: string, serialNumber: string | null, item: Item): string | null {
    if ('bytes' in item || item.kind !== 'measurement') return null
    const { kind, values, deviceTime, qualifiers, identifiers, simulated } = item
    if (deviceTime === null || qualifiers['record'] === undefined) return null
    const all = [
      device,
      serialNumber,
      { kind, values, deviceTime, qualifiers, identifiers, simulated },
    ]
    return createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 32)
  }

  /** What is stored, or on its way: null when it must be stored. */
  find(key: string): Pick<Handed, 'state'> | null {
    if (!this.#known.has(key)) return null
    const handed = this.#known.get(key) ?? null
    if (handed === null) return { state: 'stored' }
    return handed.state === 'stored' || handed.state === 'waiting' ? handed : null
  }

  handed(key: string, handed: Handed): void {
    this.#remember(key, handed)
  }

  /** It is on the disk. */
  stored(key: string): void {
    this.#remember(key, null)
    this.#unsaved.push(key)
    this.#saving ??= this.#save().finally(() => {
      this.#saving = null
    })
  }

  /** Resolves when all is saved that can be. */
  async saved(): Promise<void> {
    await this.#saving
  }

  async #save(): Promise<void> {
    try {
      while (this.#unsaved.length > 0) {
        const lines = this.#unsaved
        if (this.#linesInFile + lines.length > knownMax + surplusMax) {
          await this.#file?.replace([...this.#known.keys()])
          this.#linesInFile = this.#known.size
        } else {
          await this.#file?.append(lines)
          this.#linesInFile += lines.length
        }
        this.#unsaved = this.#unsaved.slice(lines.length)
      }
    } catch (err) {
      // With the next one it is tried again. Until then, a restart would store them twice.
      this.#log.error('what devices have stored is not saved', { err })
    }
  }

  #remember(key: string, handed: Handed | null): void {
    this.#known.delete(key)
    this.#known.set(key, handed)
    if (this.#known.size <= knownMax) return
    const [oldest] = this.#known.keys()
    if (oldest !== undefined) this.#known.delete(oldest)
  }
}
