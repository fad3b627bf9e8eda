/** The receiving side of the dialogue with a Contour meter. */
import { encodeAstm, type AstmPacket } from '../protocols/astm/frame.ts'
import { astmMessageLimitBytes } from '../protocols/astm/receiver.ts'
import type { Ask, Talk } from './asking.ts'
import type { Session } from './driver.ts'

const beginTries = 6
const refusalsMax = 6
/** Results of the largest memory, 2,000, and what is around them. */
const framesMax = 3_000

const lastRecord = /(?:^|\r)L\|/

type Frame = Extract<AstmPacket, { kind: 'frame' }>

/** How characters and frames travel. */
export interface ContourWay {
  readonly ask: Ask<AstmPacket>
  /** What is sent for them. */
  readonly carried: (bytes: Uint8Array) => Uint8Array
}

export class ContourLine {
  readonly #way: ContourWay

  constructor(way: ContourWay) {
    this.#way = way
  }

  /** The header that comes with its greeting, empty when none did; null when nobody is there. */
  *begin(): Talk<string | null> {
    for (let tried = 0; tried < beginTries; tried++) {
      const question = { bytes: this.#bytesOf('end'), why: 'begin anew' }
      let next = yield* this.#way.ask(question, isSaying)
      if (next === null) return null
      let header = ''
      for (; next !== null; next = yield* this.#way.ask(null, isSaying)) {
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
      const next = yield* this.#way.ask(null, isSaying)
      if (next === null) return { text, isWhole: false }
      if (next.kind === 'end') return { text, isWhole: lastRecord.test(text) }
      if (next.kind === 'frame' && isNext(next, expected)) {
        text += next.text
        expected = (next.number + 1) % 8
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

  *#answer(kind: 'accepted' | 'refused'): Session {
    yield { kind: 'send', bytes: this.#bytesOf(kind), why: kind }
  }

  #bytesOf(kind: 'accepted' | 'refused' | 'end'): Uint8Array {
    return this.#way.carried(encodeAstm({ kind }))
  }
}

/** Line ends stand behind frames, or do not. */
function isSaying({ kind }: AstmPacket): boolean {
  return kind !== 'line-end'
}

function isNext({ number }: Frame, expected: number | null): boolean {
  return expected === null || number === expected
}

/** The meter did not hear that we have it. */
function isRepeated({ number }: Frame, expected: number | null): boolean {
  return expected !== null && number === (expected + 7) % 8
}
