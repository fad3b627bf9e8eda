/**
 * SunTech blood pressure modules. A person starts the cuff at the monitor; that a measurement was
 * made is seen in the pressure of the cuff, and its result is what the module says afterwards.
 */
import {
  encodeSuntechQuestion,
  scanSuntech,
  suntechErrorWords,
  suntechLimitBytes,
  type SuntechResult,
} from '../protocols/suntech/frame.ts'
import { polling } from './asking.ts'
import { cuffMeasured } from './blood-pressure.ts'
import type { Said } from './driver.ts'
import { measurementFailed } from './measured.ts'

const inflatedMmHg = 30
const emptyMmHg = 10
/** Before that, the module may still say the result before. */
const settledPolls = 4
/** After so many, the result that is still the same is taken for no result. */
const unchangedPolls = 20

const pressureQuestion = {
  bytes: encodeSuntechQuestion('cuff-pressure'),
  why: 'pressure in the cuff',
}
const resultQuestion = { bytes: encodeSuntechQuestion('last-result'), why: 'last result' }

interface Memory {
  /** The last result that was heard; null: none yet. */
  last: string | null
  hasAsked: boolean
  wasInflated: boolean
  /** Since the cuff was empty again. */
  polls: number
}

export const suntech = polling({
  id: 'suntech',
  label: 'SunTech blood pressure module (Advantage, A+, Mini; CT40, CT50)',
  source: 'Two independent published drivers of the module that agree',
  evidence: 'inferred',
  confidence: 'medium-high',
  links: [
    {
      kind: 'serial',
      lines: [{ baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1 }],
      usb: [],
      splits: 'bytes',
    },
  ],
  asks: 'harmless',
  waves: [],
  streams: ['measurement', 'event'],
  silentAfterMs: 10_000,

  scan: scanSuntech,
  packetLimitBytes: 2 * suntechLimitBytes,
  answerWithinMs: 500,
  tries: 3,
  lateWithinMs: 200,
  againAfterMs: 500,
  remember: (): Memory => ({ last: null, hasAsked: false, wasInflated: false, polls: 0 }),
  *talk(ask, memory) {
    if (!memory.hasAsked) {
      // When it was measured nobody can tell, so that this one is only remembered. Without it, it
      // could be taken for the result of the next person.
      const before = yield* ask(resultQuestion, ({ kind }) => kind !== 'pressure')
      const isBusy = before?.kind === 'acknowledge' && before.letter === 'B'
      if (before?.kind !== 'result' && !isBusy) return
      memory.hasAsked = true
      if (before?.kind === 'result') memory.last = JSON.stringify(before)
    }
    const pressure = yield* ask(pressureQuestion, ({ kind }) => kind === 'pressure')
    if (pressure?.kind !== 'pressure') return
    if (pressure.cuffMmHg >= inflatedMmHg) {
      memory.wasInflated = true
      memory.polls = 0
    }
    if (!memory.wasInflated || pressure.cuffMmHg > emptyMmHg) return
    if (++memory.polls < settledPolls) return
    const result = yield* ask(resultQuestion, ({ kind }) => kind !== 'pressure')
    if (result?.kind !== 'result') return
    const key = JSON.stringify(result)
    if (key === memory.last && memory.polls < unchangedPolls) return
    memory.wasInflated = false
    yield key === memory.last ? measurementFailed('no-new-result') : say(result)
    memory.last = key
  },
})

function say(result: SuntechResult): Said {
  if (result.error !== 0) {
    return measurementFailed(suntechErrorWords(result.error) ?? String(result.error))
  }
  if (result.systolicMmHg === 0 || result.diastolicMmHg === 0) return measurementFailed('no-values')
  return cuffMeasured({
    ...result,
    meanMmHg: result.meanMmHg || null,
    pulsePerMinute: result.pulsePerMinute || null,
    deviceTime: null,
  })
}
