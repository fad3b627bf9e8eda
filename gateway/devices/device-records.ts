/** The records of one device, from what is said or happens to the journal. */
import type { Said } from '../../drivers/driver.ts'
import type { EventLevel, Record, Words } from '../../protocols/packet/record.ts'
import type { MonotonicMs } from '../../protocols/world/clock.ts'
import type { UtcSource } from '../clock/time-keeper.ts'
import type { Log, World } from '../world.ts'
import { Conversation } from './conversation.ts'
import type { KnownResults } from './known-results.ts'
import { lostWords, Outbox, type DeviceSink, type Lost, type OutboxStatus } from './outbox.ts'
import { Repeats } from './repeats.ts'
import { itemsOf, type Item } from './said-items.ts'
import { stamp } from './stamp.ts'
import type { WaveBlock } from './wave-blocks.ts'

export interface DeviceRecordsParts {
  readonly device: string
  /** All that it says is marked so. */
  readonly simulated: boolean
  readonly clock: World['clock']
  readonly log: Log
  readonly time: UtcSource
  readonly sink: DeviceSink
  readonly known: KnownResults
  /** A record, before it is stored. */
  readonly heard: (record: Record) => void
  readonly changed: () => void
}

/** What comes of one dialogue. */
export interface Told {
  said(said: Exclude<Said, { kind: 'samples' }>, atMs: MonotonicMs): void
  block(block: WaveBlock): void
  commit(isHeard: () => boolean): Promise<boolean>
}

export class DeviceRecords {
  readonly #parts: DeviceRecordsParts
  readonly #outbox: Outbox
  readonly #repeats: Repeats
  #newestRun = -1

  constructor(parts: DeviceRecordsParts) {
    this.#parts = parts
    this.#repeats = new Repeats(parts.clock)
    this.#outbox = new Outbox(parts.device, parts.sink, parts.clock, {
      trouble: (why) => this.#trouble(why),
      lost: (lost) => this.#lostEvent(lost),
    })
  }

  status(): OutboxStatus {
    return this.#outbox.status()
  }

  /** Resolves when everything that could be stored is. */
  async stop(): Promise<void> {
    await this.#outbox.drained()
    this.#outbox.stop()
    const { waiting } = this.#outbox.status()
    if (waiting > 0) this.#parts.log.error('records lost at the end', { count: waiting })
  }

  /** Not over its wire. */
  add(record: Record): void {
    this.#outbox.add(record)
    this.#parts.heard(record)
  }

  event(code: string, level: EventLevel, atMs: MonotonicMs, detail: Words): void {
    this.add(this.#makeEvent(code, level, atMs, detail))
  }

  /** For each opening one of its own. */
  dialogue(): Told {
    const conversation = new Conversation({
      device: this.#parts.device,
      outbox: this.#outbox,
      repeats: this.#repeats,
      known: this.#parts.known,
    })
    const say = (item: Item): void => {
      const isNew = conversation.say(item)
      // A document is heard of when its record is made, and that is when it is stored.
      if (isNew && !('bytes' in item)) this.#parts.heard(item)
    }
    return {
      said: (said, atMs) => {
        if (said.kind === 'identity') conversation.identified(said.serialNumber)
        const newRun = (): number => this.newRun()
        const items = itemsOf(said, {
          stamp: (isSimulated) => this.#stamp(atMs, isSimulated),
          newRun,
        })
        items.forEach(say)
      },
      block: ({ atMs, isSimulated, ...wave }) =>
        say({ kind: 'waveform', ...wave, ...this.#stamp(atMs, isSimulated) }),
      commit: async (isHeard) => {
        const isStored = await conversation.commit(isHeard)
        if (!isStored) this.#parts.log.warn('not stored, and the device must keep it')
        return isStored
      },
    }
  }

  /**
   * A number for an opening or a strip that no other run of samples has. Whole ms since the boot,
   * so that it is new after a restart too, and one more within a ms.
   */
  newRun(): number {
    this.#newestRun = Math.max(this.#newestRun + 1, Math.floor(this.#parts.clock.monotonicMs()))
    return this.#newestRun
  }

  #trouble(why: Error | null): void {
    const { log, changed } = this.#parts
    if (why === null) log.info('records are stored again')
    else log.error('records are not stored', { why: why.message })
    changed()
  }

  #lostEvent(lost: Lost): Record {
    this.#parts.log.error('records lost', { count: lost.count, why: lost.why })
    const atMs = this.#parts.clock.monotonicMs()
    return this.#makeEvent('records-lost', 'warning', atMs, lostWords(lost))
  }

  #makeEvent(code: string, level: EventLevel, atMs: MonotonicMs, detail: Words): Record {
    return { kind: 'event', code, level, active: null, detail, ...this.#stamp(atMs, false) }
  }

  #stamp(atMs: MonotonicMs, isSimulated: boolean) {
    const simulated = this.#parts.simulated || isSimulated
    return stamp(this.#parts.time, atMs, { source: 'device', simulated })
  }
}
