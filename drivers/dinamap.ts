/** GE Dinamap PRO, ProCare, CARESCAPE V100: what the monitor shows, asked over its host port. */
import {
  dinamapLimitBytes,
  encodeDinamapQuestion,
  scanDinamap,
  type DinamapPacket,
  type DinamapQuestion,
} from '../protocols/dinamap/host.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { polling, type Ask, type Talk } from './asking.ts'
import { cuffMeasured } from './blood-pressure.ts'
import type { Session } from './driver.ts'
import { Live } from './live.ts'
import { valueOf } from './measured.ts'

type Pressures = Extract<DinamapPacket, { kind: 'pressures' }>

interface Memory {
  readonly live: Live
  /** The result that was shown last; null: none was heard yet. */
  shown: Pressures | null
}

export const dinamap = polling({
  id: 'dinamap',
  label: 'GE Dinamap PRO / ProCare, CARESCAPE V100 monitor (host port)',
  source: 'Two published programs, whose six commands agree with the rule of the check characters',
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
  streams: ['measurement', 'numerics'],
  silentAfterMs: 15_000,

  scan: scanDinamap,
  packetLimitBytes: 2 * dinamapLimitBytes,
  answerWithinMs: 1_000,
  tries: 3,
  lateWithinMs: 200,
  againAfterMs: 2_000,
  remember: (): Memory => ({ live: new Live(), shown: null }),
  *talk(ask, memory) {
    const pressures = yield* answerTo(ask, 'pressures')
    if (pressures === null) return
    if (pressures.isValid) yield* sayWhenNew(ask, pressures, memory)
    const saturation = yield* answerTo(ask, 'saturation')
    const pulse = yield* answerTo(ask, 'pulse')
    // No answer is not the same as no finger.
    if (saturation === null || pulse === null) return
    yield* sayAll(
      memory.live.say('oximeter', [
        valueOf(terms.saturation, saturation.saturationPercent),
        valueOf(terms.oximeterPulse, pulse.pulsePerMinute),
      ]),
    )
  },
})

function* answerTo<Question extends DinamapQuestion>(
  ask: Ask<DinamapPacket>,
  question: Question,
): Talk<Extract<DinamapPacket, { kind: Question }> | null> {
  const isAnswer = (packet: DinamapPacket): packet is Extract<DinamapPacket, { kind: Question }> =>
    packet.kind === question
  const bytes = encodeDinamapQuestion(question)
  const answer = yield* ask({ bytes, why: question }, isAnswer)
  return answer !== null && isAnswer(answer) ? answer : null
}

/**
 * The monitor shows a result until the next. The one that it shows when we come is not said, since
 * nobody can tell whose it is.
 */
function* sayWhenNew(ask: Ask<DinamapPacket>, pressures: Pressures, memory: Memory): Session {
  const before = memory.shown
  const isYounger = (pressures.age ?? Infinity) < (before?.age ?? -Infinity)
  const isOther = before !== null && numbersOf(before) !== numbersOf(pressures)
  const isThere = pressures.systolicMmHg !== null && pressures.diastolicMmHg !== null
  if ((isYounger || isOther) && isThere) {
    const rate = yield* answerTo(ask, 'heart-rate')
    // Without an answer the next talk finds the result as new as it is now.
    if (rate === null) return
    const pulsePerMinute = rate.heartRatePerMinute
    yield cuffMeasured({ ...pressures, pulsePerMinute, deviceTime: null })
  }
  memory.shown = pressures
}

function numbersOf({ systolicMmHg, diastolicMmHg, meanMmHg }: Pressures): string {
  return `${systolicMmHg} ${diastolicMmHg} ${meanMmHg}`
}

function* sayAll(said: ReturnType<Live['say']>): Session {
  for (const one of said) yield one
}
