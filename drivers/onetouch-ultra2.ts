/** LifeScan OneTouch Ultra 2: its memory is told whole, as text. */
import {
  scanUltra2,
  ultra2LimitBytes,
  ultra2Question,
  type Ultra2Line,
  type Ultra2Result,
} from '../protocols/onetouch-ultra2/line.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { polling, type Ask, type Talk } from './asking.ts'
import { glucoseShown, storedDrop } from './blood-drop.ts'
import { deviceClock, Presence, Stored, type StoredResult } from './stored.ts'

/** The number of results has three digits, and no meter of the class keeps more than this. */
const resultsMax = 999
const dumpTries = 5

export const onetouchUltra2 = polling({
  id: 'onetouch-ultra2',
  label: 'LifeScan OneTouch Ultra 2, Ultra, UltraSmart glucose meter',
  source:
    'LifeScan, RS-232 communication of OneTouch Ultra 2, as two published drivers have it; four ' +
    'lines of a real meter',
  evidence: 'captured',
  confidence: 'high',
  links: [
    {
      kind: 'serial',
      lines: [{ baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1 }],
      usb: ['0403:6001', '067b:2303', '1a86:7523'],
      splits: 'bytes',
    },
  ],
  asks: 'harmless',
  waves: [],
  streams: ['measurement', 'event'],
  // The meter listens only while it is plugged in.
  silentAfterMs: null,

  scan: scanUltra2,
  packetLimitBytes: ultra2LimitBytes,
  answerWithinMs: 5_000,
  tries: 1,
  lateWithinMs: 0,
  againAfterMs: 5_000,
  remember: () => ({ stored: new Stored(), presence: new Presence() }),
  *talk(ask, { stored, presence }) {
    const answer = yield* ask(
      { bytes: ultra2Question('DM@'), why: 'serial number' },
      ({ kind }) => kind === 'serial',
    )
    const serialNumber = answer?.kind === 'serial' ? answer.serialNumber : null
    if (!presence.isDue(serialNumber) || serialNumber === null) return
    if (presence.isOther(serialNumber)) {
      yield { kind: 'identity', model: 'OneTouch Ultra 2', serialNumber, firmware: null }
      const clock = yield* ask(
        { bytes: ultra2Question('DMF'), why: 'clock' },
        ({ kind }) => kind === 'clock',
      )
      if (clock?.kind === 'clock' && clock.time !== null) yield deviceClock(clock.time)
    }
    for (let tried = 0; tried < dumpTries; tried++) {
      const { results, isWhole } = yield* dump(ask)
      const told = results.toReversed().map((result) => storedOf(serialNumber, result))
      const isStored = yield* stored.say(told)
      if (!isWhole) continue
      if (isStored) presence.wasRead(serialNumber)
      return
    }
  },
})

/** All results, the newest first; not whole when one of its lines was broken. */
function* dump(
  ask: Ask<Ultra2Line>,
): Talk<{ readonly results: readonly Ultra2Result[]; readonly isWhole: boolean }> {
  const header = yield* ask(
    { bytes: ultra2Question('DMP'), why: 'all results' },
    ({ kind }) => kind === 'header',
  )
  const results: Ultra2Result[] = []
  if (header?.kind !== 'header') return { results, isWhole: false }
  const count = Math.min(header.count, resultsMax)
  while (results.length < count) {
    const line = yield* ask(null, ({ kind }) => kind === 'result')
    if (line?.kind !== 'result') return { results, isWhole: false }
    results.push(line)
  }
  return { results, isWhole: true }
}

const meals = { N: null, B: 'before', A: 'after' } as const

const comments = [
  '',
  'not enough food',
  'too much food',
  'mild exercise',
  'hard exercise',
  'medication',
  'stress',
  'illness',
  'feel hypo',
  'menses',
  'vacation',
  'other',
]

function storedOf(serialNumber: string, result: Ultra2Result): StoredResult {
  const { time, isControl, shown, isDoubtful, meal, comment } = result
  const word = comments[comment] ?? `code ${comment}`
  return storedDrop('onetouch-ultra2', serialNumber, {
    term: terms.glucose,
    ...glucoseShown(shown),
    ...(isDoubtful ? { doubtful: shown } : {}),
    isControl,
    meal: meals[meal],
    deviceTime: time,
    words: word === '' ? {} : { comment: word },
  })
}
