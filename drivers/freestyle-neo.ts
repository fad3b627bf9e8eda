/** Abbott FreeStyle Optium Neo and Precision Neo: text inside of USB reports. */
import { latin1Bytes, latin1Text, noBytes } from '../protocols/bytes/bytes.ts'
import {
  encodeFreestyleReport,
  freestyleBeginnings,
  freestyleQuestion,
  freestyleReportBytes,
  freestyleText,
  isFreestyleAnswerWhole,
  readFreestyleAnswer,
  readFreestyleResults,
  scanFreestyleReport,
  type FreestyleQuestion,
  type FreestyleReport,
} from '../protocols/freestyle/report.ts'
import { deviceTimeOf } from '../protocols/packet/device-time.ts'
import type { DeviceTime } from '../protocols/packet/record.ts'
import { leaveAlone, polling, type Ask, type Talk } from './asking.ts'
import { freestyleDrop } from './freestyle.ts'
import { deviceClock, Stored } from './stored.ts'

/** All of it comes each time, so that it is not asked for more often. */
const restMs = 45_000
/** A thousand results, each with its twenty fields. */
const answerLimit = 131_072

export const freestyleNeo = polling({
  id: 'freestyle-neo',
  label: 'Abbott FreeStyle Optium Neo, Precision Neo glucose and ketone meter',
  source:
    'glucometer-protocols, Abbott shared HID protocol and FreeStyle Precision Neo; the driver of ' +
    'the Tidepool uploader; no capture of one was available',
  evidence: 'documented',
  confidence: 'medium',
  links: [{ kind: 'hid', usb: ['1a61:3850'], carries: 'reports', lines: [] }],
  asks: 'harmless',
  waves: [],
  streams: ['measurement', 'event'],
  silentAfterMs: null,

  scan: scanFreestyleReport,
  packetLimitBytes: freestyleReportBytes,
  answerWithinMs: 5_000,
  tries: 1,
  lateWithinMs: 0,
  againAfterMs: 5_000,
  remember: () => ({ stored: new Stored(), serialNumber: '' }),
  *talk(ask, memory) {
    for (const type of freestyleBeginnings) {
      const bytes = encodeFreestyleReport({ type, data: noBytes })
      if ((yield* ask({ bytes, why: 'begin' }, isSaid)) === null) return
    }
    const serialNumber = (yield* answerTo(ask, '$serlnum?'))?.trim() ?? ''
    if (!/^[A-Z0-9-]{5,24}$/.test(serialNumber)) return
    if (memory.serialNumber !== serialNumber) {
      memory.serialNumber = serialNumber
      const firmware = (yield* answerTo(ask, '$swver?'))?.trim() ?? ''
      yield {
        kind: 'identity',
        model: 'FreeStyle Neo',
        serialNumber,
        firmware: firmware === '' ? null : firmware,
      }
      const time = yield* clockOf(ask)
      if (time !== null) yield deviceClock(time)
    }
    const told = yield* answerTo(ask, '$result?')
    if (told === null) return
    const results = readFreestyleResults(told)
    if (!results.ok) {
      yield { kind: 'noise', reason: results.reason, bytes: latin1Bytes(told) }
      return
    }
    const stored = results.value
      .toReversed()
      .map((result) => freestyleDrop('freestyle-neo', serialNumber, result))
    if (yield* memory.stored.say(stored)) yield* leaveAlone(restMs)
  },
})

/** What some meters send now and then, and what means nothing. */
const meaningless = 0x22

function isSaid({ type }: FreestyleReport): boolean {
  return type !== meaningless
}

function* answerTo(ask: Ask<FreestyleReport>, question: FreestyleQuestion): Talk<string | null> {
  const isText = ({ type }: FreestyleReport): boolean => type === freestyleText
  let report = yield* ask({ bytes: freestyleQuestion(question), why: question }, isText)
  let text = ''
  while (report !== null && text.length < answerLimit) {
    text += latin1Text(report.data)
    if (isFreestyleAnswerWhole(text)) {
      const answer = readFreestyleAnswer(text)
      if (answer.ok) return answer.value
      yield { kind: 'noise', reason: answer.reason, bytes: latin1Bytes(text) }
      return null
    }
    report = yield* ask(null, isText)
  }
  return null
}

/** 255 in all fields stands for a clock that was never set. */
function* clockOf(ask: Ask<FreestyleReport>): Talk<DeviceTime | null> {
  const date = yield* answerTo(ask, '$date?')
  const time = date === null ? null : yield* answerTo(ask, '$time?')
  if (date === null || time === null) return null
  const [month = NaN, day = NaN, year = NaN] = date.trim().split(',').map(Number)
  const [hour = NaN, minute = NaN] = time.trim().split(',').map(Number)
  return year > 99 ? null : deviceTimeOf(2000 + year, month, day, hour, minute)
}
