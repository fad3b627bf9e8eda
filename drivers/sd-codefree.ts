/**
 * SD Biosensor CodeFree: a meter that begins to talk when it is switched on at its cable. What it
 * hears at a wrong moment puts it into an error that only its button ends, so that nothing is sent
 * before it has said hello.
 */
import {
  codefreeGoOn,
  codefreeLimitBytes,
  codefreeNext,
  scanCodefree,
  type CodefreeMessage,
  type CodefreeResult,
} from '../protocols/sd-codefree/frame.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { polling, type Ask, type Talk } from './asking.ts'
import { glucoseShown, storedDrop } from './blood-drop.ts'
import { Stored, type StoredResult } from './stored.ts'

/** What the manual says, and a little more. */
const resultsMax = 1_024
/** In mg/dL: what the meter measures. How it keeps HI and LO is not known. */
const glucoseRange = { from: 10, to: 600 }
/** Of all questions of one dialogue. */
const repeatsMax = 2

export const sdCodefree = polling({
  id: 'sd-codefree',
  label: 'SD Biosensor CodeFree glucose meter',
  source:
    'glucometer-protocols, SD CodeFree (reverse engineered), and the driver of glucometerutils; ' +
    'no capture of one was available',
  evidence: 'documented',
  confidence: 'medium-high',
  links: [
    {
      kind: 'serial',
      lines: [{ baud: 38_400, dataBits: 8, parity: 'none', stopBits: 1 }],
      usb: ['10c4:ea60'],
      splits: 'bytes',
    },
  ],
  asks: 'nothing',
  waves: [],
  streams: ['measurement', 'event'],
  silentAfterMs: null,

  scan: scanCodefree,
  packetLimitBytes: codefreeLimitBytes,
  answerWithinMs: 2_000,
  tries: 1,
  lateWithinMs: 0,
  // The meter may say hello at any time.
  againAfterMs: 0,
  remember: () => ({ stored: new Stored() }),
  *talk(ask, { stored }) {
    let isHello = (yield* ask(null, ({ kind }) => kind === 'hello')) !== null
    while (isHello) {
      const { count, results, isInterrupted } = yield* dump(ask)
      yield* stored.say(results.toReversed().map(storedOf))
      if (results.length < count) {
        const detail = { read: String(results.length), count: String(count) }
        yield { kind: 'event', code: 'memory-incomplete', level: 'warning', active: null, detail }
      }
      isHello = isInterrupted
    }
  },
})

interface Dump {
  readonly count: number
  /** The newest first. */
  readonly results: readonly CodefreeResult[]
  /** The meter was switched off and on meanwhile. */
  readonly isInterrupted: boolean
}

function* dump(ask: Ask<CodefreeMessage>): Talk<Dump> {
  const results: CodefreeResult[] = []
  const counted = yield* ask({ bytes: codefreeGoOn, why: 'go on' }, ({ kind }) => kind !== 'result')
  if (counted?.kind !== 'count') {
    return { count: 0, results, isInterrupted: counted?.kind === 'hello' }
  }
  const { count } = counted
  // One question more than there are results ends the dialogue.
  for (let asked = 0, repeats = 0; asked <= Math.min(count, resultsMax); asked++) {
    const next = yield* ask({ bytes: codefreeNext, why: 'next' }, ({ kind }) => kind !== 'count')
    if (next === null && ++repeats > repeatsMax) break
    if (next?.kind === 'hello') return { count, results, isInterrupted: true }
    if (next?.kind === 'finished') break
    if (next?.kind === 'result') results.push(next)
  }
  return { count, results, isInterrupted: false }
}

/** The meter does not say what was control solution. */
function storedOf({ time, mgPerDl, meal }: CodefreeResult): StoredResult {
  return storedDrop('sd-codefree', null, {
    term: terms.glucose,
    ...glucoseShown(String(mgPerDl), glucoseRange),
    isControl: null,
    meal: meal === 'none' ? null : meal,
    deviceTime: time,
  })
}
