/** The receiving side of the dialogue with a Contour meter. */
import {
  astmFrameLimitBytes,
  encodeAstm,
  scanAstm,
  type AstmPacket,
} from '../protocols/astm/frame.ts'
import { astmMessageLimitBytes } from '../protocols/astm/receiver.ts'
import { Framer } from '../protocols/bytes/framer.ts'
import { encodeContourReport } from '../protocols/contour/report.ts'
import type { Ask, Talk } from './asking.ts'
import type { Session } from './driver.ts'

const beginTries = 6
const refusalsMax = 6
/** Results of the largest memory, 2,000, and what is around them. */
const framesMax = 3_000

const lastRecord = /(?:^|\r)L\|/

type Frame = Extract<AstmPacket, { kind: 'frame' }>

export class ContourLine {
  readonly #ask: Ask<Uint8Array>
  readonly #carries: 'reports' | 'bytes'
  readonly #framer = new Framer(scanAstm, astmFrameLimitBytes)
  readonly #heard: AstmPacket[] = []

  constructor(ask: Ask<Uint8Array>, carries: 'reports' | 'bytes') {
    this.#ask = ask
    this.#carries = carries
  }

  /** The header that comes with its greeting, empty when none did; null when nobody is there. */
  *begin(): Talk<string | null> {
    for (let tried = 0; tried < beginTries; tried++) {
      const bytes = this.#bytesOf('end')
      const piece = yield* this.#ask({ bytes, why: 'begin anew' })
      if (piece === null) return null
      yield* this.#take(piece)
      let header = ''
      for (let next = yield* this.#next(); next !== null; next = yield* this.#next()) {
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
    const bytes = encodeAstm({ kind })
    return this.#carries === 'reports' ? encodeContourReport(bytes) : bytes
  }

  *#next(): Talk<AstmPacket | null> {
    for (;;) {
      const next = this.#heard.shift()
      if (next !== undefined) return next
      const piece = yield* this.#ask(null)
      if (piece === null) return null
      yield* this.#take(piece)
    }
  }

  *#take(piece: Uint8Array): Session {
    for (const one of this.#framer.feed(piece, 0)) {
      if (one.kind === 'noise') yield one
      else if (one.packet.kind !== 'line-end') this.#heard.push(one.packet)
    }
  }
}

function isNext({ number }: Frame, expected: number | null): boolean {
  return expected === null || number === expected
}

/** The meter did not hear that we have it. */
function isRepeated({ number }: Frame, expected: number | null): boolean {
  return expected !== null && number === (expected + 7) % 8
}
