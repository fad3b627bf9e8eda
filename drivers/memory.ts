/**
 * Reads a memory whose results are asked for one by one, by a number that counts from the newest.
 */
import type { Talk } from './asking.ts'
import type { Session } from './driver.ts'
import { Stored, type StoredResult } from './stored.ts'

export interface NumberedMemory<Result> {
  /** null when it was not answered. */
  readonly count: () => Talk<number | null>
  /** 0 is the newest; null when its answer stays away or broken. */
  readonly result: (number: number) => Talk<Result | null>
  /** null for what is no result, such as a measurement that failed. */
  readonly storedOf: (result: Result) => StoredResult | null
}

/** What a session knows of the memories that it has read. */
export class KnownMemory {
  readonly stored = new Stored()
  /** Which meter, how many and which newest, when all of it was on the disk. */
  seen = ''
}

/**
 * Says what is new, the oldest first. A result that the meter adds meanwhile moves all others on,
 * so that one of them would be read twice: then nothing is said, and the next talk reads it anew.
 * Behind a result that stays broken the older ones are left to the next talk.
 */
export function* readNumbered<Result>(
  memory: NumberedMemory<Result>,
  known: KnownMemory,
  serialNumber: string,
  resultsMax: number,
): Session {
  const counted = yield* memory.count()
  if (counted === null) return
  const count = Math.min(counted, resultsMax)
  const results: Result[] = []
  let seen = `${serialNumber} ${counted}`
  for (let number = 0; number < count; number++) {
    const result = yield* memory.result(number)
    if (result === null) break
    results.push(result)
    if (number > 0) continue
    seen += ` ${JSON.stringify(result)}`
    if (seen === known.seen) return
  }
  const countedAgain = yield* memory.count()
  if (countedAgain !== null && countedAgain !== counted) return
  const told = results.toReversed().flatMap((result) => memory.storedOf(result) ?? [])
  const isStored = yield* known.stored.say(told)
  if (isStored && results.length === count) known.seen = seen
}
