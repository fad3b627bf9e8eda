/**
 * A capture as a device that is there all day: what it says by itself it says again and again, and
 * what it answers it answers whenever it is asked, in whatever order.
 */
import { joinBytes, noBytes } from '../../protocols/bytes/bytes.ts'
import { sameBytes } from '../../protocols/packet/hex.ts'
import type { CaptureStep } from '../capture.ts'
import type { Simulated, Spoken } from './simulated.ts'

/** How often it looks whether the host has said something. */
const lookEveryMs = 10
const heardLimitBytes = 4_096

/** Something that the device says, `afterMs` after what it said or heard before. */
type Saying = Spoken

interface Part {
  /** What the host must have said before; null for what the device says by itself. */
  readonly question: Uint8Array | null
  readonly sayings: readonly Saying[]
}

/** `everyMs`: from the end of what it says by itself to its beginning. */
export function* repeatCapture(steps: readonly CaptureStep[], everyMs: number): Simulated {
  const parts = partsOf(steps)
  const questions = parts.filter(({ question }) => question !== null)
  const own = parts.find(({ question }) => question === null)?.sayings ?? []
  if (questions.length === 0 && own.length === 0) return
  const ear = new Ear(questions)
  for (;;) {
    for (const saying of own) yield* say(saying, ear)
    for (let waitedMs = 0; waitedMs < everyMs; waitedMs += lookEveryMs) {
      ear.hear(yield { afterMs: lookEveryMs, bytes: noBytes })
      for (let part = ear.asked(); part !== null; part = ear.asked()) {
        for (const saying of part.sayings) yield* say(saying, ear)
        // It is asked something else as soon as it has answered, and rests only afterwards.
        waitedMs = 0
      }
    }
  }
}

function* say({ afterMs, bytes }: Saying, ear: Ear): Simulated {
  ear.hear(yield { afterMs, bytes })
}

/** Listens for the questions of the capture. */
class Ear {
  readonly #questions: readonly Part[]
  #heard: Uint8Array = noBytes
  /** Behind the question that was answered last: the same may be asked twice, for two answers. */
  #next = 0

  constructor(questions: readonly Part[]) {
    this.#questions = questions
  }

  hear(more: Uint8Array | undefined): void {
    if (more !== undefined) this.#heard = joinBytes(this.#heard, more).slice(-heardLimitBytes)
  }

  /** The question that was heard first, and is from then on not heard any more. */
  asked(): Part | null {
    let best: { part: Part; index: number; at: number } | null = null
    const count = this.#questions.length
    for (let step = 0; step < count; step++) {
      const index = (this.#next + step) % count
      const part = this.#questions[index]
      if (part?.question === null || part === undefined) continue
      const at = indexOf(this.#heard, part.question)
      if (at !== -1 && (best === null || at < best.at)) best = { part, index, at }
    }
    if (best === null) return null
    this.#heard = this.#heard.slice(best.at + (best.part.question?.length ?? 0))
    this.#next = (best.index + 1) % count
    return best.part
  }
}

function partsOf(steps: readonly CaptureStep[]): readonly Part[] {
  const parts: { question: Uint8Array | null; sayings: Saying[] }[] = [
    { question: null, sayings: [] },
  ]
  let waitMs = 0
  for (const step of steps) {
    if (step.kind === 'wait') waitMs += step.ms
    if (step.kind === 'host') {
      parts.push({ question: step.bytes, sayings: [] })
      waitMs = 0
    }
    if (step.kind === 'device') {
      parts.at(-1)?.sayings.push({ afterMs: waitMs, bytes: step.bytes })
      waitMs = 0
    }
  }
  return parts
}

function indexOf(bytes: Uint8Array, part: Uint8Array): number {
  for (let at = 0; at + part.length <= bytes.length; at++) {
    if (sameBytes(bytes.subarray(at, at + part.length), part)) return at
  }
  return -1
}
