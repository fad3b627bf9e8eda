/**
 * A driver that is tried on what is heard. Its session runs in a time of its own: who feeds it says
 * when something was heard and how far time has come, so that the same bytes can be heard again
 * with a bit flipped.
 */
import type { Driver, Heard, Said, Session, Want } from '../../../drivers/driver.ts'
import { linkOf } from '../../../drivers/link.ts'
import { cutLines, type LineCutter } from '../../links/lines.ts'

/** More for one thing heard is a loop that never listens. */
const wantsPerHeardMax = 50_000

/** What a driver says that understands although the port is set wrong. */
const lineWrongCode = 'serial-setting-wrong'

export type Identity = Extract<Said, { kind: 'identity' }>

export interface TrialOptions {
  /** The beginning of its time. */
  readonly beganMs: number
  /** Takes what the session sends. Without it nothing is sent, and the session does not know. */
  readonly send?: (bytes: Uint8Array) => void
  /** Sees everything that is said, for comparing. */
  readonly said?: (said: Said) => void
}

export class Trial {
  readonly driver: Driver
  readonly #options: TrialOptions
  readonly #session: Session
  readonly #lines: LineCutter | null
  #nowMs: number
  /** Until when the session listens; null when it has come to its end. */
  #listensUntilMs: number | null
  #packets = 0
  #saidCount = 0
  #noiseSincePacketBytes = 0
  #noiseBytes = 0
  #heardBytes = 0
  #identity: Identity | null = null
  #isLineWrong = false
  #hasAnswered = false
  #hasFailed = false

  constructor(driver: Driver, options: TrialOptions) {
    this.driver = driver
    this.#options = options
    this.#nowMs = options.beganMs
    this.#listensUntilMs = options.beganMs
    this.#lines =
      linkOf(driver, 'serial')?.splits === 'lines'
        ? cutLines(() => this.#nowMs, {
            line: (line) => this.#hear(line),
            noise: (_reason, bytes) => this.#noise(bytes),
          })
        : null
    this.#session = driver.session('serial')
    this.#run(undefined)
  }

  /** Whole packets, those that noise may well contain not counted. */
  get packets(): number {
    return this.#packets
  }

  /** What it has made of them. Some say nothing before the last packet is there. */
  get saidCount(): number {
    return this.#saidCount
  }

  get noiseSincePacketBytes(): number {
    return this.#noiseSincePacketBytes
  }

  get noiseBytes(): number {
    return this.#noiseBytes
  }

  get heardBytes(): number {
    return this.#heardBytes
  }

  /** What it says of itself; null while it has not. */
  get identity(): Identity | null {
    return this.#identity
  }

  /** The driver understands, and says that the line is set wrong all the same. */
  get isLineWrong(): boolean {
    return this.#isLineWrong
  }

  /** It has wanted to answer something: not what it sends before anything was heard. */
  get hasAnswered(): boolean {
    return this.#hasAnswered
  }

  /** Its mistake: it threw, or never listened. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /** When it must be woken if nothing is heard; null when it has ended. */
  get wakesAtMs(): number | null {
    return this.#listensUntilMs
  }

  /** Bytes as they came over the wire; a driver of lines hears them line by line. */
  hear(bytes: Uint8Array, atMs: number): void {
    this.pass(atMs)
    this.#heardBytes += bytes.length
    if (this.#lines === null) this.#hear(bytes)
    else this.#lines.write(bytes)
  }

  /** Nothing was heard until then. */
  pass(toMs: number): void {
    while (this.#listensUntilMs !== null && this.#listensUntilMs < toMs) {
      this.#nowMs = Math.max(this.#nowMs, this.#listensUntilMs)
      this.#run({ kind: 'silence', atMs: this.#sinceBeginMs() })
    }
    this.#nowMs = Math.max(this.#nowMs, toMs)
  }

  /** Nothing is heard afterwards. */
  stop(): void {
    this.#listensUntilMs = null
    try {
      this.#session.return()
    } catch {
      // A driver that cannot even end: it is gone all the same.
    }
  }

  #sinceBeginMs(): number {
    return Math.max(0, this.#nowMs - this.#options.beganMs)
  }

  #hear(bytes: Uint8Array): void {
    if (this.#listensUntilMs === null) this.#noise(bytes)
    else this.#run({ kind: 'bytes', bytes, atMs: this.#sinceBeginMs() })
  }

  #run(heard: Heard | undefined): void {
    try {
      this.#resume(heard)
    } catch {
      this.#fail()
    }
  }

  #resume(heard: Heard | undefined): void {
    let answer = heard
    for (let wants = 0; wants < wantsPerHeardMax; wants++) {
      const next = this.#session.next(answer)
      answer = undefined
      if (next.done === true) {
        this.#listensUntilMs = null
        return
      }
      const want = next.value
      if (want.kind === 'listen') {
        if (want.ms > 0) {
          this.#listensUntilMs = this.#nowMs + want.ms
          return
        }
        answer = { kind: 'silence', atMs: this.#sinceBeginMs() }
      } else if (want.kind === 'commit') {
        // Nothing is stored while we only listen, and the device must not be told that it is.
        answer = { kind: 'committed', isStored: false, atMs: this.#sinceBeginMs() }
      } else this.#take(want)
    }
    this.#fail()
  }

  #take(want: Exclude<Want, { kind: 'listen' | 'commit' }>): void {
    if (want.kind === 'send') {
      if (this.#heardBytes > 0) this.#hasAnswered = true
      this.#options.send?.(want.bytes)
    } else if (want.kind === 'noise') this.#noise(want.bytes)
    else if (want.kind === 'packet') {
      this.#packets++
      this.#noiseSincePacketBytes = 0
    } else {
      if (want.kind === 'identity') this.#identity = want
      if (want.kind === 'event' && want.code === lineWrongCode) this.#isLineWrong = true
      this.#saidCount++
      this.#options.said?.(want)
    }
  }

  #noise(bytes: Uint8Array): void {
    this.#noiseBytes += bytes.length
    this.#noiseSincePacketBytes += bytes.length
  }

  #fail(): void {
    this.#hasFailed = true
    this.stop()
  }
}
