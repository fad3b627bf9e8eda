/** The receiving side of the dialogue with a Contour meter. */
import { encodeAstm, type AstmPacket } from '../protocols/astm/frame.ts'
import { astmMessageLimitBytes } from '../protocols/astm/receiver.ts'
import { parseAstm } from '../protocols/astm/records.ts'
import { readContourHeader, type ContourHeader } from '../protocols/contour/records.ts'
import type { Ask, Talk } from './asking.ts'
import type { Session } from './driver.ts'

const beginTries = 6
const refusalsMax = 6
/** Results of the largest memory, 2,000, and what is around them. */
const framesMax = 3_000

const lastRecord = /(?:^|\r)L\|/

type Frame = Extract<AstmPacket, { kind: 'frame' }>

export function contourHeaderIn(text: string): ContourHeader | null {
  const message = parseAstm(text)
  return message.ok ? readContourHeader(message.value) : null
}

/** How characters and frames travel. */
export interface ContourWay {
  readonly ask: Ask<AstmPacket>
  /** What is sent for them. */
  readonly carried: (bytes: Uint8Array) => Uint8Array
}

export class ContourLine {
  readonly #way: ContourWay
  /** It has said that it is such a meter. */
  #isKnown = false

  constructor(way: ContourWay) {
    this.#way = way
  }

  /** The header that comes with its greeting, empty when none did; null when nobody is there. */
  *begin(): Talk<string | null> {
    for (let tried = 0; tried < beginTries; tried++) {
      const question = { bytes: this.#bytesOf('end'), why: 'begin anew' }
      let next = yield* this.#next(question)
      if (next === null) return null
      let header = ''
      for (; next !== null; next = yield* this.#next()) {
        if (next.kind === 'broken') yield { ...next, kind: 'noise' }
        if (next.kind === 'frame') header = next.text
        if (next.kind === 'enquiry') return header
        if (next.kind === 'refused') break
      }
    }
    return null
  }

  /** All records, up to where the dialogue broke off. */
  *records(): Talk<{ readonly text: string; readonly isWhole: boolean }> {
    let text = ''
    let expected: number | null = null
    let refusals = 0
    yield* this.#answer('accepted')
    for (let frames = 0; frames < framesMax && text.length < astmMessageLimitBytes; frames++) {
      const next = yield* this.#next()
      if (next === null) return { text, isWhole: false }
      if (next.kind === 'end') return { text, isWhole: lastRecord.test(text) }
      if (next.kind === 'frame' && isNext(next, expected)) {
        text += next.text
        expected = (next.number + 1) % 8
        yield* this.#answer('accepted')
      } else if (next.kind === 'enquiry' && !this.#isKnown) {
        // An analyser asks again and again, and its header is not that of a meter.
        if (++refusals > refusalsMax) return { text, isWhole: false }
        yield { kind: 'noise', reason: 'an enquiry of nobody known', bytes: encodeAstm(next) }
        yield* this.#answer('accepted')
      } else if (next.kind === 'enquiry' || (next.kind === 'frame' && isRepeated(next, expected))) {
        yield* this.#answer('accepted')
      } else if (next.kind === 'frame' || next.kind === 'broken') {
        if (++refusals > refusalsMax) return { text, isWhole: false }
        if (next.kind === 'broken') yield { ...next, kind: 'noise' }
        yield* this.#answer('refused')
      }
    }
    return { text, isWhole: false }
  }

  /**
   * Line ends stand behind frames, or do not. Frames in front of its header may be those of an
   * analyser, which must not hear that its results have arrived.
   */
  *#next(question: Parameters<Ask<AstmPacket>>[0] = null): Talk<AstmPacket | null> {
    let due = question
    for (;;) {
      const next = yield* this.#way.ask(due, ({ kind }) => kind !== 'line-end')
      due = null
      if (next?.kind === 'frame') this.#isKnown ||= isHeader(next)
      if (next?.kind !== 'frame' || this.#isKnown) return next
      yield { kind: 'noise', reason: 'a frame of another instrument', bytes: encodeAstm(next) }
    }
  }

  *#answer(kind: 'accepted' | 'refused'): Session {
    yield { kind: 'send', bytes: this.#bytesOf(kind), why: kind }
  }

  #bytesOf(kind: 'accepted' | 'refused' | 'end'): Uint8Array {
    return this.#way.carried(encodeAstm({ kind }))
  }
}

/** Of a header in several frames the first does not say yet whose it is. */
function isHeader({ text, end }: Frame): boolean {
  const isWhole = end === 'last' || text.includes('\r')
  return isWhole ? contourHeaderIn(text) !== null : text.startsWith('H')
}

function isNext({ number }: Frame, expected: number | null): boolean {
  return expected === null || number === expected
}

/** The meter did not hear that we have it. */
function isRepeated({ number }: Frame, expected: number | null): boolean {
  return expected !== null && number === (expected + 7) % 8
}
