/**
 * Runs one session of a driver: gives it what was heard, and does what it wants. The session is a
 * plain generator, so all waiting happens here.
 */
import type { Heard, Said, Session, Want } from '../../drivers/driver.ts'
import {
  elapsedMs,
  monotonicMs,
  type Clock,
  type MonotonicMs,
} from '../../protocols/world/clock.ts'
import type { Trouble } from '../errors/trouble.ts'
import { deviceTrouble } from '../errors/devices.ts'

export interface DialogueHears {
  /** `atMs`: the first byte of what caused it. */
  said(said: Said, atMs: MonotonicMs): void
  packet(atMs: MonotonicMs): void
  noise(reason: string, bytes: Uint8Array): void
  send(bytes: Uint8Array, as?: 'feature'): Promise<void>
  /**
   * Resolves, after a limited time, with true when all that was said is on the disk, and with false
   * when it is not. `isHeard` says whether the session still waits for the answer.
   */
  commit(isHeard: () => boolean): Promise<boolean>
  /** Bytes that came while the session was busy, and found no room. */
  overflowed(bytes: number): void
  /** The session came to its end by itself. Nothing is heard afterwards. */
  ended(): void
  /** It cannot go on: the driver's mistake, or the wire's. Nothing is heard afterwards. */
  failed(trouble: Trouble): void
}

export interface DialogueParts {
  /** Begins the session. */
  readonly begin: () => Session
  readonly clock: Clock
  readonly hears: DialogueHears
  /** For the words of what went wrong, and for the list of timers. */
  readonly device: string
  readonly driver: string
  readonly label: string
}

/** A session hears at most so many bytes at once, so that one chunk cannot want too much. */
const heardBytesMax = 4_096

/** So many wants for one thing heard: several a byte. More is a loop that never listens. */
const wantsPerHeardMax = 50_000

/** What waits while a session sends: at 115,200 baud 22 s. */
const queueBytesMax = 262_144

/** When we stop, a device that waits for its answer is given so long. */
const acknowledgeLimitMs = 5_000

/** A serial port without flow control takes what it is given at the speed of the line. */
const writeLimitMs = 10_000

interface Queued {
  readonly bytes: Uint8Array
  readonly atMs: MonotonicMs
  readonly consumed: (() => void) | null
}

export class Dialogue {
  readonly #parts: DialogueParts
  #session: Session | null = null
  #beganMs: MonotonicMs
  readonly #queue: Queued[] = []
  #queuedBytes = 0
  #state: 'busy' | 'listening' | 'stopped' = 'busy'
  #cancelTimer: (() => void) | null = null
  /** From a commit until the session listens again: meanwhile it answers the device. */
  #isCommitting = false
  #tellAcknowledged: (() => void) | null = null
  /** The first byte of what the session talks about now. */
  #causeMs: MonotonicMs
  /** Called when the session has said all that what it heard last made it say. */
  #consumed: (() => void) | null = null

  constructor(parts: DialogueParts) {
    this.#parts = parts
    this.#beganMs = parts.clock.monotonicMs()
    this.#causeMs = this.#beganMs
  }

  /** Lets the session begin. What was heard before waits until it listens. */
  start(): void {
    this.#beganMs = this.#parts.clock.monotonicMs()
    this.#causeMs = this.#beganMs
    this.#resume(undefined)
  }

  /** The bytes are the dialogue's from now on: nobody may change them. */
  hear(bytes: Uint8Array, atMs: MonotonicMs): void {
    if (!this.#hasRoom(bytes)) return
    for (let from = 0; from < bytes.length; from += heardBytesMax) {
      const piece = bytes.subarray(from, from + heardBytesMax)
      this.#queue.push({ bytes: piece, atMs, consumed: null })
    }
    this.#heard(bytes)
  }

  /**
   * One thing that must not be cut. `consumed` is called when the session listens again after it,
   * and never when it comes to its end instead.
   */
  hearWhole(bytes: Uint8Array, atMs: MonotonicMs, consumed: (() => void) | null = null): void {
    if (!this.#hasRoom(bytes)) return
    this.#queue.push({ bytes, atMs, consumed })
    this.#heard(bytes)
  }

  /** One that is larger than all the room may have it alone. */
  #hasRoom(bytes: Uint8Array): boolean {
    if (this.#state === 'stopped') return false
    if (this.#queuedBytes === 0 || this.#queuedBytes + bytes.length <= queueBytesMax) return true
    this.#parts.hears.overflowed(bytes.length)
    return false
  }

  #heard(bytes: Uint8Array): void {
    this.#queuedBytes += bytes.length
    if (this.#state !== 'listening') return
    this.#endWait()
    this.#resume(this.#nextHeard())
  }

  /**
   * Resolves when the device has been told whether what it said is stored, if it waits for that;
   * otherwise at once. Who stops before leaves it to say everything again.
   */
  async acknowledged(): Promise<void> {
    if (!this.#isCommitting) return
    await new Promise<void>((resolve) => {
      const cancel = this.#parts.clock.after(
        `${this.#parts.device}: acknowledging`,
        acknowledgeLimitMs,
        resolve,
      )
      this.#tellAcknowledged = () => {
        cancel()
        resolve()
      }
    })
  }

  /** Nothing is heard afterwards. The session's `finally` runs. */
  stop(): void {
    if (this.#state === 'stopped') return
    const running = this.#state === 'busy'
    this.#close()
    if (running) return
    try {
      this.#session?.return()
    } catch {
      // A driver that cannot even end: it is gone all the same.
    }
  }

  #close(): void {
    this.#state = 'stopped'
    this.#endCommit()
    this.#queue.length = 0
    this.#queuedBytes = 0
    this.#endWait()
  }

  #endWait(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
  }

  #nextHeard(): Heard | undefined {
    const queued = this.#queue.shift()
    if (queued === undefined) return undefined
    this.#queuedBytes -= queued.bytes.length
    this.#causeMs = queued.atMs
    this.#consumed = queued.consumed
    const atMs = Math.max(0, elapsedMs(this.#beganMs, queued.atMs))
    return { kind: 'bytes', bytes: queued.bytes, atMs }
  }

  /** Runs the session until it waits for something. */
  #resume(first: Heard | undefined): void {
    this.#state = 'busy'
    try {
      this.#run(first)
    } catch (cause) {
      this.#fail(deviceTrouble('driver-failed', { driver: this.#parts.driver }, cause))
    }
  }

  #run(first: Heard | undefined): void {
    this.#session ??= this.#parts.begin()
    let heard = first
    for (let wants = 0; wants < wantsPerHeardMax; wants++) {
      const step = this.#session.next(heard)
      heard = undefined
      if (this.#hasStopped()) return
      if (step.done === true) {
        this.#close()
        this.#parts.hears.ended()
        return
      }
      const want = step.value
      if (want.kind === 'send') {
        this.#send(want.bytes, want.as)
        return
      }
      if (want.kind === 'commit') {
        this.#commit()
        return
      }
      if (want.kind === 'listen') {
        this.#endCommit()
        this.#tellConsumed()
        if (this.#hasStopped()) return
        heard = this.#nextHeard()
        if (heard === undefined) {
          this.#listen(want.ms)
          return
        }
        wants = 0
      } else {
        this.#tell(want)
        if (this.#hasStopped()) return
      }
    }
    this.#fail(deviceTrouble('driver-ran-away', { driver: this.#parts.driver }))
  }

  #tellConsumed(): void {
    const consumed = this.#consumed
    this.#consumed = null
    consumed?.()
  }

  #tell(want: Exclude<Want, { kind: 'send' | 'listen' | 'commit' }>): void {
    const { hears } = this.#parts
    switch (want.kind) {
      case 'packet':
        this.#causeMs = monotonicMs(this.#beganMs + want.atMs)
        hears.packet(this.#causeMs)
        break
      case 'noise':
        hears.noise(want.reason, want.bytes)
        break
      default:
        hears.said(want, this.#causeMs)
    }
  }

  /** A method, because whoever hears something may stop us from within. */
  #hasStopped(): boolean {
    return this.#state === 'stopped'
  }

  #fail(trouble: Trouble): void {
    this.#close()
    this.#parts.hears.failed(trouble)
  }

  #endCommit(): void {
    this.#isCommitting = false
    this.#tellAcknowledged?.()
    this.#tellAcknowledged = null
  }

  #listen(ms: number): void {
    this.#state = 'listening'
    const { clock, device } = this.#parts
    this.#cancelTimer = clock.after(`${device}: listening`, Math.max(0, ms), () => {
      this.#cancelTimer = null
      const atMs = clock.monotonicMs()
      this.#causeMs = atMs
      this.#resume({ kind: 'silence', atMs: atMs - this.#beganMs })
    })
  }

  #commit(): void {
    const { clock, hears } = this.#parts
    this.#isCommitting = true
    const answer = (isStored: boolean): void => {
      if (this.#hasStopped()) return
      const atMs = elapsedMs(this.#beganMs, clock.monotonicMs())
      this.#resume({ kind: 'committed', isStored, atMs })
    }
    hears
      .commit(() => !this.#hasStopped())
      .then(answer, (cause: unknown) => {
        this.#fail(deviceTrouble('driver-failed', { driver: this.#parts.driver }, cause))
      })
  }

  #send(bytes: Uint8Array, as: 'feature' | undefined): void {
    const { clock, device, hears, label } = this.#parts
    this.#cancelTimer = clock.after(`${device}: sending`, writeLimitMs, () => {
      const seconds = writeLimitMs / 1_000
      this.#fail(deviceTrouble('device-write-stuck', { label, seconds }))
    })
    hears.send(bytes, as).then(
      () => {
        if (this.#hasStopped()) return undefined
        this.#endWait()
        this.#resume(undefined)
        return undefined
      },
      // A write fails because the link ended, and whoever opened the link hears that too.
      () => undefined,
    )
  }
}
