/**
 * Results that lie in the memory of a device and are read again at each connection. Each is said
 * once in a session, and counts as said only when it is on the disk.
 */
import type { DeviceTime } from '../protocols/packet/record.ts'
import type { Talk } from './asking.ts'
import type { Said } from './driver.ts'
import { Once } from './once.ts'

export interface StoredResult {
  /**
   * What tells it from others, the same at each reading: never its place in a memory that moves on
   * with each new result.
   */
  readonly key: string
  /** `record` is the key, and a count behind it for what equals an older result in everything. */
  readonly said: (record: string) => Said
}

/** What may be said again when the disk did not take it; a memory holds a thousand. */
const commitEvery = 100

export class Stored {
  readonly #once = new Once();

  /**
   * All that was read of a memory at one time, the oldest first. True when all of it is on the disk
   * now; else it is said again the next time.
   */
  *say(results: Iterable<StoredResult>): Talk<boolean> {
    const counts = new Map<string, number>()
    let fresh: string[] = []
    for (const { key, said } of results) {
      const count = (counts.get(key) ?? 0) + 1
      counts.set(key, count)
      const record = count === 1 ? key : `${key} #${count}`
      if (this.#once.knows(record)) continue
      fresh.push(record)
      yield said(record)
      if (fresh.length < commitEvery) continue
      if (!(yield* this.#commit(fresh))) return false
      fresh = []
    }
    return fresh.length === 0 || (yield* this.#commit(fresh))
  }

  *#commit(records: readonly string[]): Talk<boolean> {
    const heard = yield { kind: 'commit' }
    if (heard?.kind !== 'committed' || !heard.isStored) return false
    for (const record of records) this.#once.remember(record)
    return true
  }
}

/** How often a meter is only asked whether it is there until its memory is read anew. */
const readEveryAsked = 60

/**
 * A meter that lies at its cable after all of it was read. While it is there it measures nothing:
 * its memory is read again when it was away, and now and then.
 */
export class Presence {
  #known: string | null = null
  /** Which meter was read whole and has not been away since. */
  #read: string | null = null
  #asked = 0

  /** Asked in each talk with who answered, null for nobody; true when its memory is to be read. */
  isDue(serialNumber: string | null): boolean {
    this.#asked++
    if (serialNumber !== this.#read || this.#asked >= readEveryAsked) this.#read = null
    return serialNumber !== null && this.#read === null
  }

  /** True for another meter than before, once. */
  isOther(serialNumber: string): boolean {
    const isOther = serialNumber !== this.#known
    this.#known = serialNumber
    return isOther
  }

  /** All of it is on the disk. */
  wasRead(serialNumber: string): void {
    this.#read = serialNumber
    this.#asked = 0
  }
}

/** With the time at which it is stored, it tells how far the device's own clock is off. */
export function deviceClock(time: DeviceTime): Said {
  const { year, month, day, hour, minute, second } = time
  const date = [year, two(month), two(day)].join('-')
  const clock = [hour, minute, ...(second === null ? [] : [second])].map(two).join(':')
  const deviceTime = `${date}T${clock}`
  return {
    kind: 'event',
    code: 'device-clock',
    level: 'info',
    active: null,
    detail: { deviceTime },
  }
}

function two(part: number): string {
  return String(part).padStart(2, '0')
}
