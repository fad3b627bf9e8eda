/**
 * The cellular modem of the van: how strong its signal is, and whether it is in a network. The port
 * must be one that nobody else writes to: what dials out has its own.
 */
import {
  encodeModemQuestion,
  lteSignalOf,
  modemAnswerLimitBytes,
  operatorOf,
  plainLineOf,
  registrationOf,
  scanModem,
  signalOf,
  type ModemAnswer,
  type ModemQuestion,
  type ModemRegistration,
} from '../protocols/modem/answer.ts'
import type { Words } from '../protocols/packet/record.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { polling, type Ask, type Talk } from './asking.ts'
import { Current } from './condition.ts'
import { Live } from './live.ts'
import { valueOf } from './measured.ts'

interface Memory {
  readonly network: Current
  readonly live: Live
  isKnown: boolean
}

const why: { readonly [question in ModemQuestion]: string } = {
  model: 'which model',
  signal: 'signal strength',
  extendedSignal: 'signal strength of LTE',
  registration: 'in a network',
  packetRegistration: 'in a network for packets',
  lteRegistration: 'in a network of LTE',
  operator: 'whose network',
}

export const modemSignal = polling({
  id: 'modem-signal',
  label: 'Cellular modem (AT commands: signal and network)',
  source: '3GPP TS 27.007; manuals of six makers, which agree about the signal strength',
  evidence: 'documented',
  confidence: 'high',
  links: [
    {
      kind: 'serial',
      lines: [{ baud: 115_200, dataBits: 8, parity: 'none', stopBits: 1 }],
      usb: ['2c7c:0125', '1e0e:9001'],
      splits: 'bytes',
    },
  ],
  // Words of text, which could mean something to another device.
  asks: 'only-when-chosen',
  waves: [],
  streams: ['numerics', 'event'],
  silentAfterMs: 100_000,

  scan: scanModem,
  packetLimitBytes: modemAnswerLimitBytes,
  answerWithinMs: 5_000,
  tries: 2,
  lateWithinMs: 300,
  againAfterMs: 30_000,
  remember: (): Memory => ({ network: new Current(), live: new Live(), isKnown: false }),
  *talk(ask, memory) {
    if (!memory.isKnown) {
      const named = yield* asked(ask, 'model')
      if (named === null) return
      memory.isKnown = true
      const model = named.isOk ? plainLineOf(named) : null
      if (model !== null) yield { kind: 'identity', model, serialNumber: null, firmware: null }
    }
    const answer = yield* asked(ask, 'signal')
    const signal = answer === null ? null : signalOf(answer)
    if (signal === null) return
    const extended = yield* asked(ask, 'extendedSignal')
    const registration = yield* networkOf(ask)
    const operator = yield* asked(ask, 'operator')
    const name = operator === null ? null : operatorOf(operator)
    const words: Words = {
      ...(signal.bound === null ? {} : { bound: signal.bound }),
      ...(registration === null ? {} : { registration }),
      ...(name === null ? {} : { operator: name.name }),
      ...(name === null || name.technology === null ? {} : { technology: name.technology }),
    }
    if (registration !== null) {
      const isIn = registration === 'home' || registration === 'roaming'
      const out = {
        code: 'network-lost',
        level: 'warning',
        detail: { kind: registration },
      } as const
      yield* memory.network.become(isIn ? null : out)
    }
    const lteDbm = extended === null ? null : lteSignalOf(extended)
    yield* memory.live.say(
      'signal',
      [
        valueOf(terms.signalStrength, signal.strengthDbm),
        ...(lteDbm === null ? [] : [valueOf(terms.signalPower, lteDbm)]),
      ],
      words,
    )
  },
})

/** For packets it may be in one network only, of those that it knows. */
function* networkOf(ask: Ask<ModemAnswer>): Talk<ModemRegistration | null> {
  let found: ModemRegistration | null = null
  for (const question of ['lteRegistration', 'packetRegistration', 'registration'] as const) {
    const answer = yield* asked(ask, question)
    const registration = answer === null ? null : registrationOf(answer)
    if (registration === 'home' || registration === 'roaming') return registration
    if (registration !== null && (found === null || found === 'none')) found = registration
  }
  return found
}

function* asked(ask: Ask<ModemAnswer>, question: ModemQuestion): Talk<ModemAnswer | null> {
  return yield* ask({ bytes: encodeModemQuestion(question), why: why[question] })
}
