/** i-SENS CareSens and its relatives: glucose and ketone, in packets of up to 27 results. */
import {
  isensLimitBytes,
  isensQuestion,
  isensResultsMax,
  isensResultsQuestion,
  readIsensCount,
  readIsensResults,
  readIsensSerial,
  readIsensTime,
  scanIsens,
  type IsensPacket,
  type IsensQuestion,
  type IsensResult,
} from '../protocols/isens/packet.ts'
import { sameBytes } from '../protocols/packet/hex.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { leaveAlone, polling, type Ask, type Talk } from './asking.ts'
import { storedDrop } from './blood-drop.ts'
import type { Session } from './driver.ts'
import { deviceClock, Presence, Stored, type StoredResult } from './stored.ts'

/** More than the memory of any of them. */
const resultsMax = 1_024
const questionTries = 4
const drainMs = 300

const line = { baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1 } as const

export const caresens = polling({
  id: 'caresens',
  label: 'i-SENS CareSens N, CareSens Dual, ReliOn Premier, GlucoCard Shine glucose meter',
  source: 'The i-SENS driver of the Tidepool uploader; no capture of a meter was available',
  evidence: 'documented',
  confidence: 'medium-high',
  links: [
    { kind: 'hid', usb: ['10c4:8a32'], carries: 'cp2110', lines: [line] },
    { kind: 'serial', lines: [line], usb: ['0403:6015', '0403:6001'], splits: 'bytes' },
  ],
  asks: 'harmless',
  waves: [],
  streams: ['measurement', 'event'],
  // The meter listens only while it is switched on and plugged in.
  silentAfterMs: null,

  scan: scanIsens,
  packetLimitBytes: isensLimitBytes,
  answerWithinMs: 2_000,
  tries: 1,
  lateWithinMs: 0,
  againAfterMs: 5_000,
  remember: (): Memory => ({ stored: new Stored(), presence: new Presence(), serialNumber: '' }),
  *talk(ask, memory) {
    const named = yield* answerTo(ask, 'RSNB')
    const serialNumber = named === null ? null : readIsensSerial(named)
    const counted = serialNumber === null ? null : yield* answerTo(ask, 'NCOT')
    const count = counted === null ? null : readIsensCount(counted)
    const who = count === null ? null : `${serialNumber} ${count}`
    if (!memory.presence.isDue(who) || who === null) return
    if (serialNumber === null || count === null) return
    if (memory.serialNumber !== serialNumber) {
      memory.serialNumber = serialNumber
      yield { kind: 'identity', model: 'CareSens', serialNumber, firmware: null }
      const clock = yield* answerTo(ask, 'RTIM')
      const time = clock === null ? null : readIsensTime(clock)
      if (time !== null) yield deviceClock(time)
    }
    yield* readMemory(ask, memory, who, Math.min(count, resultsMax))
  },
})

interface Memory {
  readonly stored: Stored
  readonly presence: Presence
  /** Of the last talk; empty before the first. */
  serialNumber: string
}

function* answerTo(ask: Ask<IsensPacket>, command: IsensQuestion): Talk<Uint8Array | null> {
  const answer = yield* ask(
    { bytes: isensQuestion(command), why: command },
    (one) => one.command === command,
  )
  return answer?.data ?? null
}

/** What was read before an answer stayed away is said; the rest is read in the next talk. */
function* readMemory(
  ask: Ask<IsensPacket>,
  { stored, presence, serialNumber }: Memory,
  who: string,
  count: number,
): Session {
  const results: IsensResult[] = []
  while (results.length < count) {
    const wanted = Math.min(isensResultsMax, count - results.length)
    const more = yield* resultsFrom(ask, results.length + 1, wanted)
    if (more === null) break
    results.push(...more)
  }
  const counted = yield* answerTo(ask, 'NCOT')
  // A result that was added meanwhile may have moved the others on.
  if (counted !== null && `${serialNumber} ${readIsensCount(counted)}` !== who) return
  const isStored = yield* stored.say(results.map((result) => storedOf(result, serialNumber)))
  if (isStored && results.length === count) presence.wasRead(who)
}

/** Meters send their results without a check: they are believed when two answers are the same. */
function* resultsFrom(
  ask: Ask<IsensPacket>,
  from: number,
  count: number,
): Talk<readonly IsensResult[] | null> {
  const bytes = isensResultsQuestion(from, count)
  let before: Uint8Array | null = null
  for (let tried = 0; tried < questionTries; tried++) {
    const answer = yield* ask({ bytes, why: 'results' }, ({ command }) => command === 'GLUE')
    if (answer === null) yield* leaveAlone(drainMs)
    if (answer === null) continue
    const results = readIsensResults(answer.data, count)
    if (results !== null && before !== null && sameBytes(before, answer.data)) return results
    if (results === null) yield { kind: 'noise', reason: 'no results', bytes: answer.data }
    before = results === null ? before : answer.data
  }
  return null
}

function storedOf(result: IsensResult, serialNumber: string): StoredResult {
  const { time, stored, isKetone, isControl, meal, beyond } = result
  return storedDrop('caresens', serialNumber, {
    term: isKetone ? terms.bloodKetone : terms.glucose,
    value: isKetone ? stored / 10 : stored,
    beyond,
    ...(beyond === null ? {} : { stored: String(stored) }),
    isControl,
    meal,
    deviceTime: time,
  })
}
