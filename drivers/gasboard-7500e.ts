/** The sensor in an oxygen concentrator: how pure its oxygen is, and how much of it flows. */
import {
  encodeGasboardQuestion,
  gasboardLimitBytes,
  scanGasboard,
} from '../protocols/gasboard/frame.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { polling } from './asking.ts'
import { Current } from './condition.ts'
import { repeated, valueOf } from './measured.ts'

/** Below that a concentrator must be serviced (ISO 80601-2-69). */
const pureFromPercent = 82
/**
 * It is warm after a minute, and does not say for how long it has been on: so many polls after we
 * came it is.
 */
const warmAfterPolls = 12

interface Memory {
  readonly warmth: Current
  readonly purity: Current
  isKnown: boolean
  /** Polls with an answer since the beginning. */
  polls: number
}

export const gasboard7500e = polling({
  id: 'gasboard-7500e',
  label: 'Oxygen concentrator with Cubic Gasboard 7500E sensor',
  source: 'Open firmware that runs with this sensor',
  evidence: 'documented',
  confidence: 'high',
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
  streams: ['numerics', 'event'],
  silentAfterMs: 20_000,

  scan: scanGasboard,
  packetLimitBytes: gasboardLimitBytes,
  answerWithinMs: 500,
  tries: 3,
  lateWithinMs: 100,
  againAfterMs: 5_000,
  remember: (): Memory => ({
    warmth: new Current(),
    purity: new Current(),
    isKnown: false,
    polls: 0,
  }),
  *talk(ask, memory) {
    const reading = { bytes: encodeGasboardQuestion('reading'), why: 'oxygen and flow' }
    const answer = yield* ask(reading, ({ kind }) => kind === 'reading')
    if (answer?.kind !== 'reading') return
    memory.polls++
    const isWarm = memory.polls > warmAfterPolls
    const isImpure = isWarm && answer.flowLPerMin > 0 && answer.oxygenPercent < pureFromPercent
    yield* memory.purity.become(isImpure ? { code: 'oxygen-impure', level: 'warning' } : null)
    yield* memory.warmth.become(isWarm ? null : { code: 'oxygen-sensor-warming', level: 'info' })
    yield repeated(
      [
        valueOf(terms.oxygenPurity, answer.oxygenPercent),
        valueOf(terms.oxygenFlow, answer.flowLPerMin),
      ],
      { gasTemperatureCel: String(answer.temperatureCel) },
    )
    if (!memory.isKnown) {
      const question = { bytes: encodeGasboardQuestion('version'), why: 'version' }
      const named = yield* ask(question, ({ kind }) => kind === 'version')
      memory.isKnown = true
      const firmware = named?.kind === 'version' ? named.version : null
      yield { kind: 'identity', model: 'Gasboard 7500E', serialNumber: null, firmware }
    }
  },
})
