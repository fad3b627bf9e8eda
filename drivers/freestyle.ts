/** Abbott FreeStyle meters at a serial cable: their memory is told whole, as text. */
import {
  freestyleLimitBytes,
  scanFreestyle,
  type FreestyleDump,
  type FreestyleResult,
} from '../protocols/freestyle/dump.ts'
import { latin1Bytes, latin1Text } from '../protocols/bytes/bytes.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { leaveAlone, polling } from './asking.ts'
import { glucoseShown, storedDrop } from './blood-drop.ts'
import type { Driver, Session } from './driver.ts'
import { deviceClock, Stored, type StoredResult } from './stored.ts'

/** In mg/dL: what these meters measure. */
const glucoseRange = { from: 20, to: 500 }
/** All of it comes each time, so that it is not asked for more often. */
const restMs = 45_000
const lineEndMs = 200

interface Model {
  readonly id: string
  readonly label: string
  readonly name: string
  readonly question: string
  readonly usb: readonly string[]
}

function textMeter({ id, label, name, question, usb }: Model): Driver {
  return polling({
    id,
    label,
    source:
      'glucometer-protocols, FreeStyle Optium and Lite; the drivers of glucometerutils and of the ' +
      'Tidepool uploader; no capture of one was available',
    evidence: 'documented',
    confidence: 'medium-high',
    links: [
      {
        kind: 'serial',
        lines: [{ baud: 19_200, dataBits: 8, parity: 'none', stopBits: 1 }],
        usb,
        splits: 'bytes',
      },
    ],
    asks: 'harmless',
    waves: [],
    streams: ['measurement', 'event'],
    // The meter listens only while it is plugged in.
    silentAfterMs: null,

    scan: scanFreestyle,
    packetLimitBytes: freestyleLimitBytes,
    // The longest memory takes nine seconds.
    answerWithinMs: 15_000,
    // The first question after it was plugged in may stay unheard.
    tries: 2,
    lateWithinMs: 500,
    againAfterMs: 5_000,
    remember: () => ({ stored: new Stored(), serialNumber: '' }),
    *talk(ask, memory) {
      const dump = yield* ask({ bytes: latin1Bytes(question), why: 'all results' })
      if (dump === null) return
      const { serialNumber, software, clock, unread } = dump
      if (memory.serialNumber !== serialNumber) {
        memory.serialNumber = serialNumber
        yield { kind: 'identity', model: name, serialNumber, firmware: software }
        if (clock !== null) yield deviceClock(clock)
        if (unread > 0) {
          const detail = { lines: String(unread) }
          yield {
            kind: 'event',
            code: 'message-not-understood',
            level: 'warning',
            active: null,
            detail,
          }
        }
      }
      yield* passLineEnd()
      const isStored = yield* memory.stored.say(storedOf(id, dump))
      if (isStored) yield* leaveAlone(restMs)
    },
  })
}

/** Some meters end the last line like all others, some do not. */
function* passLineEnd(): Session {
  for (let pieces = 0; pieces < 2; pieces++) {
    const heard = yield { kind: 'listen', ms: lineEndMs }
    if (heard?.kind !== 'bytes') return
    if (/^[\r\n]*$/.test(latin1Text(heard.bytes))) continue
    yield { kind: 'noise', reason: 'not asked for', bytes: heard.bytes }
  }
}

export const freestyleOptium = textMeter({
  id: 'freestyle-optium',
  label: 'Abbott FreeStyle Optium, Precision Xtra glucose and ketone meter',
  name: 'FreeStyle Optium',
  question: '$xmem\r\n',
  usb: ['1a61:3420', '1a61:3410'],
})

export const freestyleLite = textMeter({
  id: 'freestyle-lite',
  label: 'Abbott FreeStyle Lite, Freedom Lite, Mini glucose meter',
  name: 'FreeStyle Lite',
  question: 'mem',
  usb: ['1a61:3410', '0403:6001'],
})

function storedOf(id: string, { results, serialNumber }: FreestyleDump): readonly StoredResult[] {
  return results.toReversed().map((result) => freestyleDrop(id, serialNumber, result))
}

export function freestyleDrop(
  id: string,
  serialNumber: string,
  result: FreestyleResult,
): StoredResult {
  const { shown, time, kind, isControl, isClockLost } = result
  const measuredAs = kind === 'K' ? ketoneShown(shown) : glucoseShown(shown, glucoseRange)
  return storedDrop(id, serialNumber, {
    term: kind === 'K' ? terms.bloodKetone : terms.glucose,
    ...measuredAs,
    isControl,
    meal: null,
    deviceTime: time,
    words: {
      ...(isClockLost ? { deviceClock: 'lost' } : {}),
      ...(/^(G|K|00)$/.test(kind) ? {} : { kind }),
    },
  })
}

/** Kept as 18 times the mmol/L, and shown with one decimal. */
function ketoneShown(shown: string): ReturnType<typeof glucoseShown> {
  if (shown === 'HI') return { value: null, beyond: 'above' }
  if (shown === 'LO') return { value: null, beyond: 'below' }
  const mmolPerL = Math.round((Number(shown) * 100) / 18) / 100
  return { value: mmolPerL, beyond: null, stored: shown }
}
