/** Omron HEM-790IT, BP-791IT, M10-IT: the memory of a monitor for the upper arm, over USB. */
import { joinBytes, latin1Text, noBytes } from '../protocols/bytes/bytes.ts'
import {
  encodeHemQuestion,
  isHemAnswerWhole,
  readHemAnswer,
  readHemCount,
  readHemReading,
  type HemBank,
  type HemContent,
  type HemQuestion,
} from '../protocols/omron-hem/message.ts'
import {
  encodeHemReport,
  hemReportBytes,
  hemReportsOf,
  scanHemReport,
  type HemReport,
} from '../protocols/omron-hem/report.ts'
import { timeKey } from '../protocols/packet/device-time.ts'
import { toHex } from '../protocols/packet/hex.ts'
import { leaveAlone, polling, type Ask, type Talk } from './asking.ts'
import { cuffMeasured } from './blood-pressure.ts'
import type { Session } from './driver.ts'
import { Once } from './once.ts'

const wakeTries = 10
const wakeEveryMs = 100
const askTries = 15
const busyMs = 50
/** Three letters and a serial number; the pedometer HJ-720IT has the same USB ids. */
const version = /^M\d{4}[A-Z]{2}/
const banks: readonly HemBank[] = [0, 1]

export const omronHem790it = polling({
  id: 'omron-hem790it',
  label: 'Omron HEM-790IT, BP-791IT, M10-IT blood pressure monitor (USB)',
  source: 'USB traces of a HEM-790IT with the vendor program, of libomron; and that library',
  evidence: 'captured',
  confidence: 'high',
  links: [{ kind: 'hid', usb: ['0590:0028'], carries: 'reports', lines: [] }],
  asks: 'harmless',
  waves: [],
  streams: ['measurement'],
  // Unused, the monitor is switched off and silent.
  silentAfterMs: null,

  scan: scanHemReport,
  packetLimitBytes: hemReportBytes,
  answerWithinMs: 500,
  tries: 1,
  lateWithinMs: 0,
  againAfterMs: 60_000,
  remember: () => ({ said: new Once(), identity: '' }),
  *talk(ask, memory) {
    if (!(yield* wake(ask))) return
    const name = latin1Text((yield* content(ask, { kind: 'version' }, 'version')) ?? noBytes)
    if (!version.test(name)) return
    const serial = yield* content(ask, { kind: 'serial' }, 'serial')
    if (serial === null) return
    const serialNumber = toHex(serial)
    if (memory.identity !== serialNumber) {
      memory.identity = serialNumber
      const [model = name, firmware = null] = name.split(' ')
      yield { kind: 'identity', model, serialNumber, firmware }
    }
    for (const bank of banks) yield* readBank(ask, bank, memory.said)
    yield* answerTo(ask, { kind: 'end' }, null)
    // It says "OFF" behind its answer.
    yield* ask(null, isContent)
  },
})

/** The monitor is in its PC mode when it answers a run of zeros by OK. */
function* wake(ask: Ask<HemReport>): Talk<boolean> {
  yield { kind: 'send', bytes: Uint8Array.of(1, 1), why: 'PC mode', as: 'feature' }
  const zeros = encodeHemReport({ kind: 'part', bytes: new Uint8Array(7) })
  const last = encodeHemReport({ kind: 'part', bytes: new Uint8Array(2) })
  for (let tried = 0; tried < wakeTries; tried++) {
    for (let sent = 0; sent < 4; sent++) yield { kind: 'send', bytes: zeros, why: 'wake' }
    const heard = yield* ask({ bytes: last, why: 'wake' }, isContent)
    if (heard?.kind === 'part' && isHemAnswerWhole(heard.bytes, null)) return true
    yield* leaveAlone(wakeEveryMs)
  }
  return false
}

function isContent(report: HemReport): boolean {
  return report.kind === 'not-ready' || report.bytes.length > 0
}

/** null when the monitor stayed busy, silent or broken through all tries. */
function* content(
  ask: Ask<HemReport>,
  question: HemQuestion,
  kind: HemContent,
): Talk<Uint8Array | null> {
  for (let tried = 0; tried < askTries; tried++) {
    const answer = yield* answerTo(ask, question, kind)
    if (answer === null) return null
    const read = readHemAnswer(answer, kind)
    if (read.ok) return read.value
    if (read.reason !== 'busy') yield { kind: 'noise', reason: read.reason, bytes: answer }
    yield* leaveAlone(busyMs)
  }
  return null
}

/** null when it stayed silent. */
function* answerTo(
  ask: Ask<HemReport>,
  question: HemQuestion,
  kind: HemContent | null,
): Talk<Uint8Array | null> {
  const reports = hemReportsOf(encodeHemQuestion(question))
  for (const bytes of reports.slice(0, -1)) yield { kind: 'send', bytes, why: question.kind }
  let next = yield* ask({ bytes: reports.at(-1) ?? noBytes, why: question.kind }, isContent)
  let answer: Uint8Array = noBytes
  while (next?.kind === 'part') {
    answer = joinBytes(answer, next.bytes)
    if (isHemAnswerWhole(answer, kind)) return answer
    next = yield* ask(null, isContent)
  }
  return null
}

/** The oldest first. */
function* readBank(ask: Ask<HemReport>, bank: HemBank, said: Once): Session {
  const counted = yield* content(ask, { kind: 'count', bank }, 'count')
  const { readings } = counted === null ? { readings: 0 } : readHemCount(counted)
  for (let index = readings - 1; index >= 0; index--) {
    const found = yield* content(ask, { kind: 'reading', bank, index }, 'reading')
    const reading = found === null ? null : readHemReading(found)
    if (reading?.ok !== true) continue
    const { seriesMember } = reading.value
    const record = timeKey(reading.value.deviceTime)
    if (!said.isNew(JSON.stringify([bank, reading.value]))) continue
    yield cuffMeasured(reading.value, {
      from: 'memory',
      bank: String(bank + 1),
      record: `${bank + 1} ${record}`,
      ...(seriesMember === null ? {} : { seriesMember: String(seriesMember) }),
    })
  }
}
