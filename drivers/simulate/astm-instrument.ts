/**
 * The sending side of ASTM: an instrument that has a result now and then, asks whether it may send,
 * repeats what was refused and keeps what nobody took.
 *
 * Source: CLSI LIS01-A2 section 8: 15 s for an answer, 10 s after a refused ENQ, six times a frame.
 */
import { control, encodeAstm, framesOf, type AstmLayout } from '../../protocols/astm/frame.ts'
import { noBytes } from '../../protocols/bytes/bytes.ts'
import type { Random } from '../../protocols/world/random.ts'
import type { Simulated, Spoken } from './simulated.ts'

export interface AstmInstrumentOptions {
  readonly random: Random
  readonly everyMs: number
  readonly jitterMs: number
  readonly layout: AstmLayout
  /** Results are distinct, and count on from here. */
  readonly firstNumber: number
  /** Records of the message with this number, each ended by CR. */
  readonly message: (number: number) => readonly string[]
}

const lookEveryMs = 10
const answerWithinMs = 15_000
const againAfterMs = 10_000
const triesMax = 6

type Answer = 'taken' | 'refused' | 'none'

export function* simulateAstmInstrument(options: AstmInstrumentOptions): Simulated {
  const { random, everyMs, jitterMs, layout, firstNumber, message } = options
  for (let number = firstNumber; ; number++) {
    yield* wait(everyMs + random.below(jitterMs + 1))
    const frames = framesOf(message(number), layout).map(encodeAstm)
    // What was not taken is sent again: a result leaves the instrument only when it arrived.
    while (!(yield* transmit(frames))) yield* wait(againAfterMs)
  }
}

function* transmit(
  frames: readonly Uint8Array[],
): Generator<Spoken, boolean, Uint8Array | undefined> {
  let answer = yield* ask(encodeAstm({ kind: 'enquiry' }))
  if (answer === 'refused') return false
  for (const frame of frames) {
    if (answer !== 'taken') break
    answer = 'refused'
    for (let tries = 0; tries < triesMax && answer === 'refused'; tries++)
      answer = yield* ask(frame)
  }
  yield { afterMs: 0, bytes: encodeAstm({ kind: 'end' }) }
  return answer === 'taken'
}

function* ask(bytes: Uint8Array): Generator<Spoken, Answer, Uint8Array | undefined> {
  let heard = yield { afterMs: 0, bytes }
  for (let waitedMs = 0; waitedMs < answerWithinMs; waitedMs += lookEveryMs) {
    for (const byte of heard ?? noBytes) {
      if (byte === control.ack) return 'taken'
      if (byte === control.nak) return 'refused'
    }
    heard = yield { afterMs: lookEveryMs, bytes: noBytes }
  }
  return 'none'
}

function* wait(ms: number): Simulated {
  yield { afterMs: ms, bytes: noBytes }
}

/** Each patient has other numbers, so that a result that is lost or doubled is seen. */
export function haematology(number: number): readonly string[] {
  const two = (part: number) => String(part).padStart(2, '0')
  const time = `202603${two(1 + (number % 28))}${two(number % 24)}${two(number % 60)}00`
  const result = (index: number, test: string, value: string, unit: string) =>
    `R|${index}|^^^^${test}^1|${value}|${unit}||N||F||||${time}\r`
  return [
    'H|\\^&|||XP-100^00-13^^^^A0001^SIMULATED||||||||E1394-97\r',
    'P|1\r',
    `O|1||^^${String(number).padStart(15)}^A|^^^^WBC\\^^^^HGB\\^^^^PLT|||||||N\r`,
    result(1, 'WBC', (4 + (number % 60) / 10).toFixed(1), '10*3/uL'),
    result(2, 'HGB', (9 + (number % 80) / 10).toFixed(1), 'g/dL'),
    result(3, 'PLT', String(100 + (number % 300)), '10*3/uL'),
    'L|1|N\r',
  ]
}

export function tuberculosis(number: number): readonly string[] {
  const two = (part: number) => String(part).padStart(2, '0')
  const time = `202603${two(1 + (number % 28))}${two(number % 24)}${two(number % 60)}00`
  const outcome = (index: number, panel: string, analyte: string, words: string) =>
    `R|${index}|^MTB-RIF^^${panel}^Xpert MTB-RIF Ultra^4^${analyte}^|${words}^|||||F||||${time}\r`
  const isFound = number % 5 === 0
  return [
    `H|@^\\|SIM-${number}||simulated^GeneXpert^6.4|||||HOST||P|1394-97|${time}\r`,
    'P|1\r',
    `O|1|SIM-${number}||^^^MTB-RIF|R|${time}\r`,
    outcome(1, 'Xpert', 'MTB', isFound ? 'DETECTED LOW' : 'NOT DETECTED'),
    outcome(2, 'RIF', 'RIF Resistance', isFound ? 'NOT DETECTED' : ''),
    'L|1|N\r',
  ]
}
