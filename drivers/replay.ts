/**
 * Plays a capture to a driver without a world: time passes as the capture says, and bytes are heard
 * in pieces of any size. Tests and the command line use it; the daemon has the interpreter instead.
 */
import { joinBytes } from '../protocols/bytes/bytes.ts'
import { sameBytes, toHex } from '../protocols/packet/hex.ts'
import { formatSaid } from './capture-said.ts'
import type { CaptureStep } from './capture.ts'
import type { Driver, DriverLink, Heard, Said, Session } from './driver.ts'

export interface Replayed {
  readonly said: readonly Said[]
  readonly noiseBytes: number
  /** Why bytes were not understood, each reason once. */
  readonly noiseReasons: readonly string[]
  readonly packets: number
  /** In which way it was not as the capture says; empty when all of it came as it must. */
  readonly problems: readonly string[]
}

/** null: every line of the capture is heard as one piece. */
export type CutBytes = number | null

/** For what the driver waits for at most when the capture says that it must send. */
const sendWithinMs = 60_000
/** Time after the last line, so that what ends by silence ends. */
export const settleMs = 2_000
/** A session that asks for more without listening is broken. */
const wantsWithoutListeningMax = 100_000

export function replay(
  driver: Driver,
  steps: readonly CaptureStep[],
  cutBytes: CutBytes,
  over?: DriverLink['kind'],
): Replayed {
  const player = new Player(driver.session(over))
  const problems: string[] = []
  let checked = 0
  let noiseBytes = 0
  for (const step of mergedSteps(steps, cutBytes)) {
    switch (step.kind) {
      case 'device':
        for (const piece of cut(step.bytes, cutBytes)) player.hear(piece)
        break
      case 'host':
        problems.push(...player.mustSend(step.bytes))
        break
      case 'wait':
        player.pass(step.ms)
        break
      case 'said':
        problems.push(...sameSaid(player.said[checked], step.said))
        checked++
        break
      case 'noise':
        noiseBytes += step.bytes
        break
      case 'comment':
        break
    }
  }
  if (player.unexpectedlySent > 0) problems.push(`sent ${player.unexpectedlySent} times too often`)
  player.pass(settleMs)
  for (const more of player.said.slice(checked)) problems.push(`also said ${formatSaid(more)}`)
  if (player.noiseBytes !== noiseBytes) {
    problems.push(`expected ${noiseBytes} bytes of noise, found ${player.noiseBytes}`)
  }
  const { said, packets } = player
  const noiseReasons = [...player.noiseReasons]
  return { said, noiseBytes: player.noiseBytes, noiseReasons, packets, problems }
}

/** Bytes of neighbouring lines are one stream when they are cut: a cut may join two lines. */
function mergedSteps(steps: readonly CaptureStep[], cutBytes: CutBytes): readonly CaptureStep[] {
  const merged: CaptureStep[] = []
  for (const step of steps) {
    const last = merged.at(-1)
    if (cutBytes !== null && step.kind === 'device' && last?.kind === 'device') {
      merged[merged.length - 1] = { kind: 'device', bytes: joinBytes(last.bytes, step.bytes) }
    } else {
      merged.push(step)
    }
  }
  return merged
}

function cut(bytes: Uint8Array, cutBytes: CutBytes): readonly Uint8Array[] {
  if (cutBytes === null) return [bytes]
  return Array.from({ length: Math.ceil(bytes.length / cutBytes) }, (_, index) =>
    bytes.slice(index * cutBytes, (index + 1) * cutBytes),
  )
}

function sameSaid(found: Said | undefined, expected: Said): readonly string[] {
  const [one, other] = [found === undefined ? 'nothing' : formatSaid(found), formatSaid(expected)]
  return one === other ? [] : [`expected ${other}, found ${one}`]
}

/** One session of a driver, driven by hand. */
export class Player {
  readonly said: Said[] = []
  noiseBytes = 0
  readonly noiseReasons = new Set<string>()
  packets = 0
  readonly #session: Session
  #sent: Uint8Array[] = []
  #nowMs = 0
  /** Until when the session listens; null when it has ended. */
  #listensUntilMs: number | null = 0

  constructor(session: Session) {
    this.#session = session
    this.#run(undefined)
  }

  /** What was said since the last call, for whoever plays for long. */
  takeSaid(): readonly Said[] {
    return this.said.splice(0)
  }

  get unexpectedlySent(): number {
    return this.#sent.length
  }

  hear(bytes: Uint8Array): void {
    if (this.#listensUntilMs !== null) this.#run({ kind: 'bytes', bytes, atMs: this.#nowMs })
  }

  pass(ms: number): void {
    const untilMs = this.#nowMs + ms
    while (this.#listensUntilMs !== null && this.#listensUntilMs <= untilMs) this.#passSilence()
    this.#nowMs = untilMs
  }

  mustSend(bytes: Uint8Array): readonly string[] {
    const untilMs = this.#nowMs + sendWithinMs
    while (this.#sent.length === 0 && (this.#listensUntilMs ?? Infinity) <= untilMs) {
      this.#passSilence()
    }
    const sent = this.#sent.shift()
    if (sent === undefined) return [`expected to send ${toHex(bytes)}, sent nothing`]
    return sameBytes(sent, bytes) ? [] : [`expected to send ${toHex(bytes)}, sent ${toHex(sent)}`]
  }

  #passSilence(): void {
    this.#nowMs = this.#listensUntilMs ?? this.#nowMs
    this.#run({ kind: 'silence', atMs: this.#nowMs })
  }

  #run(heard: Heard | undefined): void {
    let answer = heard
    for (let wants = 0; wants < wantsWithoutListeningMax; wants++) {
      const next = this.#session.next(answer)
      answer = undefined
      if (next.done === true) {
        this.#listensUntilMs = null
        return
      }
      const want = next.value
      if (want.kind === 'listen') {
        this.#listensUntilMs = this.#nowMs + want.ms
        if (want.ms > 0) return
        answer = { kind: 'silence', atMs: this.#nowMs }
      } else if (want.kind === 'send') this.#sent.push(want.bytes)
      else if (want.kind === 'commit') {
        answer = { kind: 'committed', isStored: true, atMs: this.#nowMs }
      } else if (want.kind === 'noise') {
        this.noiseBytes += want.bytes.length
        this.noiseReasons.add(want.reason)
      } else if (want.kind === 'packet') this.packets++
      else this.said.push(want)
    }
    throw new Error('the session wants without end and never listens')
  }
}
