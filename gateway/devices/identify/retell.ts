/**
 * Begins the session of a device that was recognised with what it said meanwhile: a blood pressure
 * that was sent while we still listened must not be lost, and must not come twice.
 *
 * The session hears all of it again in a time of its own, silences included, so that it comes to
 * just the state in which it would be had it run all the while; then it goes on with what is heard
 * now. What it says of the past carries the time of the past.
 *
 * - What it sends about the past is not sent: either it was sent then, or it is too late. Only when
 *   nobody was asked, what it sends before its first packet is sent now, because that is how the
 *   device is told to talk.
 * - What it wants committed in the past is withheld, and the session is told that it was not
 *   stored. So was the device when it said it: it kept its result and says it again.
 */
import type { Heard, Session, Want } from '../../../drivers/driver.ts'
import type { Piece } from './transcript.ts'

export interface Past {
  /** Taken out piece by piece, so that a session that breaks off goes on where it was. */
  readonly pieces: Piece[]
  /** When listening began, on the clock of the pieces. */
  readonly beganMs: number
  /** Whether what the session sends was sent then. */
  readonly wasAsked: boolean
}

/** So many things are said between two breaths of the thread. */
const breathEvery = 2_000

/** `nowMs` is read once, when the outer session begins. */
export function* retold(session: Session, past: Past, nowMs: () => number): Session {
  const teller = new Teller(session, past, nowMs())
  yield* teller.past()
  yield* teller.present()
}

class Teller {
  readonly #session: Session
  readonly #past: Past
  /** From the time of the outer session to that of the inner one. */
  readonly #offsetMs: number
  readonly #pieces: Piece[]
  /** On the inner clock. */
  #nowMs = 0
  #listensUntilMs = 0
  #hasEnded = false
  #hasPacket = false
  /** Said since the session last listened, with what is needed to stamp it. */
  #said: Want[] = []
  /** Of what is said next: the first byte of what caused it. */
  #causeMs = 0
  #isStamped = false
  /** Since the last breath. */
  #toldWants = 0

  constructor(session: Session, past: Past, outerBeganMs: number) {
    this.#session = session
    this.#past = past
    this.#pieces = past.pieces
    this.#offsetMs = outerBeganMs - past.beganMs
  }

  *past(): Session {
    yield* this.#run(undefined)
    for (;;) {
      const piece = this.#pieces.shift()
      if (piece !== undefined) {
        yield* this.#passTo(piece.atMs - this.#past.beganMs)
        yield* this.#hear({ kind: 'bytes', bytes: piece.bytes, atMs: this.#nowMs })
        if (this.#toldWants < breathEvery) continue
      }
      const untilMs = yield* this.#breathe()
      if (untilMs === null || this.#hasEnded) return
      if (this.#pieces.length > 0) continue
      if (this.#listensUntilMs >= untilMs) return
      yield* this.#passTo(untilMs)
    }
  }

  /** From here on the inner session hears what the outer one hears. */
  *present(): Session {
    let want: Want | null = this.#hasEnded
      ? null
      : { kind: 'listen', ms: Math.max(1, this.#listensUntilMs - this.#nowMs) }
    while (want !== null) {
      const shifted: Want =
        want.kind === 'packet' ? { ...want, atMs: want.atMs - this.#offsetMs } : want
      const heard: Heard | undefined = yield shifted
      want = this.#next(
        heard === undefined ? undefined : { ...heard, atMs: heard.atMs + this.#offsetMs },
      )
    }
  }

  #next(answer: Heard | undefined): Want | null {
    const step = this.#session.next(answer)
    if (step.done === true) {
      this.#hasEnded = true
      return null
    }
    return step.value
  }

  *#passTo(toMs: number): Session {
    while (!this.#hasEnded && this.#listensUntilMs < toMs) {
      this.#nowMs = Math.max(this.#nowMs, this.#listensUntilMs)
      yield* this.#hear({ kind: 'silence', atMs: this.#nowMs })
    }
    this.#nowMs = Math.max(this.#nowMs, toMs)
  }

  *#hear(heard: Heard): Session {
    if (this.#hasEnded) return
    this.#causeMs = heard.atMs
    this.#isStamped = false
    yield* this.#run(heard)
  }

  *#run(first: Heard | undefined): Session {
    let answer = first
    for (;;) {
      const want = this.#next(answer)
      answer = undefined
      if (want === null || want.kind === 'listen') {
        yield* this.#tell()
        if (want === null) return
        this.#listensUntilMs = this.#nowMs + want.ms
        if (want.ms > 0) return
        answer = { kind: 'silence', atMs: this.#nowMs }
      } else if (want.kind === 'commit') {
        this.#said = this.#said.filter((one) => one.kind === 'noise')
        answer = { kind: 'committed', isStored: false, atMs: this.#nowMs }
      } else if (want.kind === 'send') {
        const isOpening = !this.#past.wasAsked && !this.#hasPacket
        if (isOpening) {
          yield* this.#tell()
          yield want
        }
      } else this.#keep(want)
    }
  }

  #keep(want: Exclude<Want, { kind: 'send' | 'listen' | 'commit' }>): void {
    if (want.kind === 'packet') {
      this.#hasPacket = true
      this.#isStamped = true
      this.#said.push({ ...want, atMs: want.atMs - this.#offsetMs })
    } else {
      // Without a packet of the driver's own, it would be stamped with the present.
      if (want.kind !== 'noise' && !this.#isStamped) {
        this.#isStamped = true
        this.#said.push({ kind: 'packet', atMs: this.#causeMs - this.#offsetMs })
      }
      this.#said.push(want)
    }
  }

  *#tell(): Session {
    const said = this.#said
    this.#said = []
    this.#toldWants += said.length
    for (const one of said) yield one
  }

  /** Lets the thread do something else. Answers the inner time that it is now; null: it is over. */
  *#breathe(): Generator<Want, number | null, Heard | undefined> {
    this.#toldWants = 0
    const heard: Heard | undefined = yield { kind: 'listen', ms: 0 }
    if (heard === undefined) return null
    const atMs = heard.atMs + this.#offsetMs
    if (heard.kind === 'bytes') {
      this.#pieces.push({ bytes: heard.bytes, atMs: (atMs + this.#past.beganMs) as Piece['atMs'] })
    }
    return atMs
  }
}
