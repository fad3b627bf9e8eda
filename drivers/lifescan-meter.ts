/** What LifeScan meters with binary frames have in common, however they are connected. */
import {
  readLifescanCount,
  readLifescanRecord,
  readLifescanSerial,
  readLifescanTime,
  type LifescanModel,
  type LifescanQuestion,
  type LifescanRecord,
} from '../protocols/lifescan/message.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import type { Talk } from './asking.ts'
import { glucoseShown, storedDrop } from './blood-drop.ts'
import type { Session } from './driver.ts'
import { KnownMemory, readNumbered } from './memory.ts'
import { deviceClock, type StoredResult } from './stored.ts'

/** What a meter answered, behind its success; null when it did not. */
export type Asked = (question: LifescanQuestion) => Talk<Uint8Array | null>

export interface MeterMemory {
  readonly known: KnownMemory
  /** The meter of the last talk. */
  serialNumber: string | null
}

export const newMeterMemory = (): MeterMemory => ({
  known: new KnownMemory(),
  serialNumber: null,
})

/** More than the memory of any of them. */
const recordsMax = 1_000

const names = {
  ultraeasy: 'OneTouch UltraEasy',
  'verio-iq': 'OneTouch Verio IQ',
  verio: 'OneTouch Verio or Select Plus',
} as const

export function* readLifescanMeter(
  model: LifescanModel,
  asked: Asked,
  memory: MeterMemory,
): Session {
  const named = yield* asked({ kind: 'serial' })
  const serialNumber = named === null ? null : readLifescanSerial(model, named)
  if (serialNumber === null) return
  if (memory.serialNumber !== serialNumber) {
    memory.serialNumber = serialNumber
    yield { kind: 'identity', model: names[model], serialNumber, firmware: null }
    const clock = yield* asked({ kind: 'clock' })
    const time = clock === null ? null : readLifescanTime(model, clock)
    if (time !== null) yield deviceClock(time)
  }
  const numbered = {
    *count(): Talk<number | null> {
      const data = yield* asked({ kind: 'count' })
      return data === null ? null : readLifescanCount(data)
    },
    *result(number: number): Talk<LifescanRecord | null> {
      const data = yield* asked({ kind: 'record', number })
      return data === null ? null : readLifescanRecord(model, data)
    },
    storedOf: (record: LifescanRecord) => storedOf(record, serialNumber),
  }
  yield* readNumbered(numbered, memory.known, serialNumber, recordsMax)
}

function storedOf(record: LifescanRecord, serialNumber: string): StoredResult {
  const { time, mgPerDl, isControl, meal, lifeNumber, unknown } = record
  return storedDrop(
    'lifescan',
    serialNumber,
    {
      term: terms.glucosePlasma,
      ...glucoseShown(String(mgPerDl)),
      isControl,
      meal: meal === 'none' ? null : meal,
      deviceTime: time,
      words: /[1-9a-f]/.test(unknown) ? { flags: unknown } : {},
    },
    lifeNumber === null ? null : String(lifeNumber),
  )
}
