/** Baxter AS50 syringe pump: the rate that it is programmed to, and what it does. */
import {
  as50LimitBytes,
  as50Questions,
  encodeAs50Question,
  scanAs50,
  type As50Frame,
  type As50Question,
} from '../protocols/baxter-as50/frame.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { polling, type Ask, type Talk } from './asking.ts'
import { Live } from './live.ts'
import { valueOf } from './measured.ts'

interface Memory {
  readonly live: Live
  isKnown: boolean
}

const why: { readonly [question in As50Question]: string } = {
  device: 'who it is',
  status: 'what it does',
  rate: 'rate',
}

export const baxterAs50 = polling({
  id: 'baxter-as50',
  label: 'Baxter AS50 syringe pump',
  source: 'Pump driver of OpenICE, whose check sums agree with the rule',
  evidence: 'inferred',
  confidence: 'low',
  links: [
    {
      kind: 'serial',
      lines: [{ baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1 }],
      usb: [],
      splits: 'bytes',
    },
  ],
  // A pump is spoken to only when somebody said that it is one.
  asks: 'only-when-chosen',
  waves: [],
  streams: ['numerics'],
  silentAfterMs: 20_000,

  scan: scanAs50,
  packetLimitBytes: as50LimitBytes,
  answerWithinMs: 1_000,
  tries: 3,
  lateWithinMs: 200,
  againAfterMs: 5_000,
  remember: (): Memory => ({ live: new Live(), isKnown: false }),
  *talk(ask, memory) {
    if (!memory.isKnown) {
      const device = yield* answerTo(ask, 'device')
      if (device === null) return
      memory.isKnown = true
      yield { kind: 'identity', model: device.value, serialNumber: null, firmware: null }
    }
    const status = yield* answerTo(ask, 'status')
    const rate = yield* answerTo(ask, 'rate')
    // A rate without what the pump does could be one that it was only programmed to.
    if (status === null || rate === null || status.value === null) return
    const text = rate.value ?? ''
    const number = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : null
    const words = { status: status.value, rate: 'programmed', unit: 'assumed' }
    const said = memory.live.say('infusion', [valueOf(terms.infusionRate, number)], words)
    for (const one of said) yield one
  },
})

function* answerTo(ask: Ask<As50Frame>, question: As50Question): Talk<As50Frame | null> {
  const name = as50Questions[question]
  const bytes = encodeAs50Question(question)
  return yield* ask({ bytes, why: why[question] }, (one) => one.name === name && !one.isQuestion)
}
