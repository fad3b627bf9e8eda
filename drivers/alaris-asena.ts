/** Alaris syringe pumps: what they infuse, asked every few seconds. Nothing is ever set. */
import {
  alarisInfusion,
  alarisLimitBytes,
  alarisQuestions,
  alarisText,
  encodeAlarisQuestion,
  scanAlaris,
  type AlarisInfusion,
  type AlarisLine,
  type AlarisQuestion,
} from '../protocols/alaris/line.ts'
import type { Words } from '../protocols/packet/record.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { Alarms } from './alarms.ts'
import { polling, type Ask, type Talk } from './asking.ts'
import { Live } from './live.ts'
import { valueOf } from './measured.ts'

interface Memory {
  readonly alarms: Alarms
  readonly live: Live
  serialNumber: string | null
}

const noAlarm = 'AL_NOALM'

const why: { readonly [question in AlarisQuestion]: string } = {
  protocol: 'version',
  serialNumber: 'serial number',
  infusion: 'what it infuses',
  volumeToInfuse: 'volume to be infused',
  syringe: 'syringe',
  alarm: 'alarm',
}

export const alarisAsena = polling({
  id: 'alaris-asena',
  label: 'Alaris Asena, GH, CC syringe pump',
  source: 'Pump drivers of OpenICE, with replies of a pump that are kept in them',
  evidence: 'documented',
  confidence: 'medium',
  links: [
    {
      kind: 'serial',
      lines: [{ baud: 38_400, dataBits: 8, parity: 'none', stopBits: 1 }],
      usb: [],
      splits: 'bytes',
    },
  ],
  // A pump is spoken to only when somebody said that it is one.
  asks: 'only-when-chosen',
  waves: [],
  streams: ['numerics', 'event'],
  silentAfterMs: 10_000,

  scan: scanAlaris,
  packetLimitBytes: alarisLimitBytes,
  answerWithinMs: 500,
  tries: 3,
  lateWithinMs: 200,
  againAfterMs: 2_500,
  remember: (): Memory => ({ alarms: new Alarms(), live: new Live(), serialNumber: null }),
  *talk(ask, memory) {
    const named = yield* answerTo(ask, 'serialNumber')
    if (named === null) return
    const serialNumber = alarisText(named, 0)
    if (serialNumber !== memory.serialNumber) {
      const protocol = yield* answerTo(ask, 'protocol')
      memory.serialNumber = serialNumber
      const firmware = protocol === null ? null : alarisText(protocol, 0)
      yield { kind: 'identity', model: 'Alaris syringe pump', serialNumber, firmware }
    }
    const alarm = yield* answerTo(ask, 'alarm')
    const kind = alarm === null ? null : alarisText(alarm, 0)
    if (kind !== null) {
      const on = kind === noAlarm ? [] : [{ key: kind, level: 'alarm', detail: { kind } } as const]
      for (const event of memory.alarms.become(on)) yield event
    }
    const answer = yield* answerTo(ask, 'infusion')
    const infusion = answer === null ? null : alarisInfusion(answer)
    if (infusion === null) return
    const syringe = yield* answerTo(ask, 'syringe')
    // Without an answer it is not known which syringe the numbers belong to.
    if (syringe === null) return
    const values = [
      valueOf(terms.infusionRate, infusion.rateMlPerHour),
      valueOf(terms.infusedVolume, infusion.infusedMl),
      valueOf(terms.infusionPressure, infusion.pressureMmHg),
    ]
    for (const said of memory.live.say('infusion', values, wordsOf(infusion, syringe))) yield said
  },
})

function* answerTo(ask: Ask<AlarisLine>, question: AlarisQuestion): Talk<AlarisLine | null> {
  const name = alarisQuestions[question]
  const bytes = encodeAlarisQuestion(question)
  return yield* ask({ bytes, why: why[question] }, (line) => line.name === name)
}

function wordsOf({ mode, timeLeft }: AlarisInfusion, syringe: AlarisLine): Words {
  const [make, size] = [alarisText(syringe, 0), alarisText(syringe, 1)]
  return {
    ...(mode === null ? {} : { mode }),
    ...(timeLeft === null ? {} : { timeLeft }),
    ...(make === null ? {} : { syringe: make }),
    ...(size === null ? {} : { syringeMl: size }),
  }
}
