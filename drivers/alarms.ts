/** Alarms of a device that tells again and again which of them are on. */
import type { EventLevel, Words } from '../protocols/packet/record.ts'
import type { Said } from './driver.ts'

export interface DeviceAlarm {
  /** What tells it from others, the same for as long as it is on. */
  readonly key: string
  readonly level: EventLevel
  readonly detail: Words
}

/** An event when one begins and when it ends, none between. */
export class Alarms {
  readonly #on = new Map<string, DeviceAlarm>();

  /** What there is to say when these are on, and no others. */
  *become(alarms: readonly DeviceAlarm[]): Generator<Said, void, undefined> {
    const keys = new Set(alarms.map(({ key }) => key))
    for (const [key, alarm] of this.#on) {
      if (keys.has(key)) continue
      this.#on.delete(key)
      yield eventOf(alarm, false)
    }
    for (const alarm of alarms) {
      if (this.#on.has(alarm.key)) continue
      this.#on.set(alarm.key, alarm)
      yield eventOf(alarm, true)
    }
  }
}

function eventOf({ level, detail }: DeviceAlarm, active: boolean): Said {
  return { kind: 'event', code: 'device-alarm', level, active, detail }
}
