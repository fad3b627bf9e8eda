/** One opening of a port at one line setting: all that may be there are tried on what is heard. */
import type { Driver, SerialLine } from '../../../drivers/driver.ts'
import { elapsedMs, type Clock, type MonotonicMs } from '../../../protocols/world/clock.ts'
import type { Ear } from '../../links/ear.ts'
import type { Link, Links } from '../../world.ts'
import { bitsOf, evidenceFor, noEvidence, type Evidence } from './evidence.ts'
import type { HeldLink } from './handover.ts'
import { priorBits, type UsbWords } from './prior.ts'
import { Transcript } from './transcript.ts'
import { Trial } from './trial.ts'
import { mayMatter, verdictOf, type Candidate, type Found } from './verdict.ts'

export interface ListeningParts {
  readonly clock: Clock
  readonly links: Pick<Links, 'open'>
  readonly path: string
  readonly line: SerialLine
  readonly usb: UsbWords | null
  /** All that know this setting. */
  readonly drivers: readonly Driver[]
  /** Whose questions are sent; null: nothing is sent. */
  readonly asker: Driver | null
  /** Sees everything that goes over the wire, for the recorder. */
  readonly passed: (
    direction: 'heard' | 'sent',
    bytes: Uint8Array,
    atMs: MonotonicMs,
    line: SerialLine,
  ) => void
}

/**
 * After so many bytes without a packet a driver is not the one. The longest packets are shorter.
 */
const patienceBytes = 4_096
/** So long it is measured without a breath for the other devices. */
const breathMs = 4
/**
 * Evidence is measured anew when there are so many times more packets than at the last time, or
 * things said; and at the end of a line for what came since.
 */
const measureAgainFactor = 2

interface Tried {
  readonly trial: Trial
  evidence: Evidence
  measuredPackets: number
  measuredSaid: number
}

export class Listening {
  readonly line: SerialLine
  readonly beganMs: MonotonicMs
  readonly transcript = new Transcript()
  readonly #parts: ListeningParts
  readonly #link = Promise.withResolvers<Link>()
  #tried: Tried[] = []
  #asked: Tried | null = null
  #ear: Ear | null = null
  #cancelWake: (() => void) | null = null
  #closedBy: Error | null = null
  #isClosed = false
  #isStopped = false

  /** Rejects with a `Trouble` when the port cannot be opened. */
  static async open(parts: ListeningParts): Promise<Listening> {
    const listening = new Listening(parts)
    await listening.#open()
    return listening
  }

  private constructor(parts: ListeningParts) {
    this.#parts = parts
    this.line = parts.line
    this.beganMs = parts.clock.monotonicMs()
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Why the port closed by itself; null while it is open, or when we closed it. */
  get trouble(): Error | null {
    return this.#closedBy
  }

  /** Whose questions are sent; null: nobody is asked. */
  get asker(): Driver | null {
    return this.#parts.asker
  }

  /** Somebody understands more of it than not. */
  get isPromising(): boolean {
    return this.#tried.some((tried) => isPromising(tried.trial) && !this.#isBeside(tried))
  }

  /** All who would have answered what was heard, and would have sent nothing without it. */
  get answering(): readonly Driver[] {
    return this.#tried
      .filter(
        ({ trial }) =>
          trial.driver.asks === 'nothing' &&
          trial.hasAnswered &&
          (trial.packets > 0 || 2 * trial.noiseBytes < trial.heardBytes),
      )
      .map(({ trial }) => trial.driver)
  }

  /** Of those who understand something: noise since their last packet, where it is least. */
  get rubbishBytes(): number {
    const understood = this.#tried.filter(({ trial }) => trial.packets > 0)
    return Math.min(...understood.map(({ trial }) => trial.noiseSincePacketBytes))
  }

  /**
   * What the evidence comes to by now; at the end nothing that was heard is left out. Measuring it
   * is done in small pieces.
   */
  async found(isEnd = false): Promise<Found | null> {
    for (const tried of this.#tried) await this.#measure(tried, isEnd)
    const candidates = this.#tried
      .filter((tried) => tried.evidence.share > 0 && !this.#isBeside(tried))
      .map((tried) => this.#candidate(tried))
    return verdictOf(candidates)
  }

  /** It would have answered what another was answered: what it understood was not said to it. */
  #isBeside(tried: Tried): boolean {
    return this.#asked !== null && tried !== this.#asked && tried.trial.hasAnswered
  }

  /** Only these are tried on what comes from now on: the others have nothing to say. */
  keepOnly(drivers: readonly Driver[]): void {
    for (const { trial } of this.#tried) if (!drivers.includes(trial.driver)) trial.stop()
    this.#tried = this.#tried.filter(({ trial }) => drivers.includes(trial.driver))
  }

  /** The trials end, and what is heard from now on belongs to whoever takes the link. */
  async handOver(): Promise<HeldLink> {
    this.#endTrials()
    const link = await this.#link.promise
    return {
      link,
      handTo: (ear) => {
        if (this.#isClosed) return false
        this.#ear = ear
        return true
      },
    }
  }

  async close(): Promise<void> {
    this.#endTrials()
    if (this.#isClosed) return
    try {
      await (await this.#link.promise).close()
    } catch {
      // It is gone, which is what was wanted.
    }
  }

  async #open(): Promise<void> {
    const { clock, drivers, links, path, line, asker } = this.#parts
    const link = await links.open({ kind: 'serial', path, line }, 'bytes', {
      bytes: (bytes) => {
        if (this.#ear === null) this.#heard(new Uint8Array(bytes), clock.monotonicMs())
        else this.#ear.bytes(bytes)
      },
      closed: (trouble) => {
        this.#isClosed = true
        this.#closedBy = trouble
        this.#endTrials()
        this.#ear?.closed(trouble)
      },
    })
    this.#link.resolve(link)
    for (const driver of drivers) this.#try(driver, driver === asker ? link : null)
    this.#wake()
  }

  #try(driver: Driver, link: Link | null): void {
    const { clock, line, passed } = this.#parts
    const beganMs = this.beganMs
    const trial =
      link === null
        ? new Trial(driver, { beganMs })
        : new Trial(driver, {
            beganMs,
            send: (bytes) => {
              passed('sent', bytes, clock.monotonicMs(), line)
              // A write fails because the link ended, which is heard as well.
              link.write(bytes).catch(() => undefined)
            },
          })
    const tried = { trial, evidence: noEvidence, measuredPackets: 0, measuredSaid: 0 }
    this.#tried.push(tried)
    if (link !== null) this.#asked = tried
    // What was heard between the opening and now.
    for (const piece of this.transcript.pieces) trial.hear(piece.bytes, piece.atMs)
  }

  #heard(bytes: Uint8Array, atMs: MonotonicMs): void {
    this.transcript.add(bytes, atMs)
    this.#parts.passed('heard', bytes, atMs, this.line)
    if (this.#isStopped) return
    this.#tried = this.#tried.filter((tried) => {
      const { trial } = tried
      trial.hear(bytes, atMs)
      const isHopeless = trial.packets === 0 && trial.heardBytes > patienceBytes
      if (isHopeless) trial.stop()
      return !trial.hasFailed && (!isHopeless || tried === this.#asked)
    })
    this.#wake()
  }

  /** The one who asks must notice that no answer comes; the others only have to know the time. */
  #wake(): void {
    this.#cancelWake?.()
    this.#cancelWake = null
    const wakesAtMs = this.#asked?.trial.wakesAtMs ?? null
    if (wakesAtMs === null || this.#isStopped) return
    const { clock, path } = this.#parts
    const ms = Math.max(1, wakesAtMs - clock.monotonicMs() + 1)
    this.#cancelWake = clock.after(`${path}: asking`, ms, () => {
      this.#asked?.trial.pass(clock.monotonicMs())
      this.#wake()
    })
  }

  async #measure(tried: Tried, isEnd: boolean): Promise<void> {
    const { trial } = tried
    const { clock } = this.#parts
    trial.pass(clock.monotonicMs())
    if (trial.isLineWrong || !mayMatter(trial.heardBytes, trial.noiseBytes)) {
      tried.evidence = noEvidence
      return
    }
    const { packets, saidCount } = trial
    const isNews =
      packets >= measureAgainFactor * tried.measuredPackets ||
      (saidCount > 0 && saidCount >= measureAgainFactor * tried.measuredSaid) ||
      (isEnd && (packets > tried.measuredPackets || saidCount > tried.measuredSaid))
    if (packets === 0 || !isNews) return
    tried.measuredPackets = packets
    tried.measuredSaid = saidCount
    const measuring = evidenceFor(trial.driver, this.transcript, this.beganMs)
    let beganMs = clock.monotonicMs()
    for (let step = measuring.next(); ; step = measuring.next()) {
      if (step.done === true) {
        tried.evidence = step.value
        return
      }
      if (elapsedMs(beganMs, clock.monotonicMs()) < breathMs) continue
      await clock.sleep(0)
      beganMs = clock.monotonicMs()
    }
  }

  #candidate({ trial, evidence }: Tried): Candidate {
    const { usb } = this.#parts
    return {
      driver: trial.driver,
      packets: trial.packets,
      noiseBytes: trial.noiseBytes,
      bits: bitsOf(evidence, trial.heardBytes, trial.noiseBytes),
      isChecked: evidence.isChecked,
      priorBits: priorBits(trial.driver, usb, this.line),
      identity: trial.identity,
      isAsked: this.#asked?.trial === trial,
    }
  }

  #endTrials(): void {
    this.#isStopped = true
    this.#cancelWake?.()
    this.#cancelWake = null
    for (const { trial } of this.#tried) trial.stop()
  }
}

function isPromising(trial: Trial): boolean {
  return !trial.isLineWrong && trial.packets > 0 && 2 * trial.noiseBytes < trial.heardBytes
}
