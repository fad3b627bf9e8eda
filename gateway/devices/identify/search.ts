/**
 * Finds out what is plugged into one port: listens at the likely settings, going round; asks when
 * nothing was heard; holds the port open, and keeps what is said, once a device is recognised.
 */
import type { Driver, SerialLine } from '../../../drivers/driver.ts'
import { joinBytes } from '../../../protocols/bytes/bytes.ts'
import { elapsedMs, type Clock, type MonotonicMs } from '../../../protocols/world/clock.ts'
import type { Links } from '../../world.ts'
import type { HeldLink } from './handover.ts'
import { Listening } from './listening.ts'
import { askingPlan, driversAt, listeningPlan, type Asking } from './plan.ts'
import { sameLine, type UsbWords } from './prior.ts'
import { sightOf, type Sight } from './sight.ts'
import type { Transcript } from './transcript.ts'
import type { Found } from './verdict.ts'

export interface SearchParts {
  readonly clock: Clock
  readonly links: Pick<Links, 'open'>
  /** Opened and shown. */
  readonly path: string
  readonly usb: UsbWords | null
  readonly drivers: readonly Driver[]
  /** Where to begin: what is missing elsewhere may have been plugged in here. */
  readonly first: readonly Asking[]
  readonly changed: () => void
}

export type SearchState =
  | { readonly kind: 'listening'; readonly line: SerialLine }
  | { readonly kind: 'asking'; readonly line: SerialLine; readonly driver: Driver }
  | { readonly kind: 'found'; readonly line: SerialLine; readonly found: Found }
  /** Somebody else has the port, or it is gone. */
  | { readonly kind: 'closed'; readonly trouble: Error }
  /** Not begun, or ended. */
  | { readonly kind: 'off' }

/** What was heard at one setting in one go. */
export interface HeardPiece {
  readonly direction: 'heard' | 'sent'
  readonly atMs: MonotonicMs
  readonly bytes: Uint8Array
  readonly line: SerialLine
}

/** An open port with everything that was heard on it at its setting. */
export interface Taken {
  readonly held: HeldLink
  readonly line: SerialLine
  readonly transcript: Transcript
  readonly beganMs: MonotonicMs
  /** Whose questions were sent; null: nobody was asked. */
  readonly asker: Driver | null
}

/** udev may still be busy with a new port, and a modem manager with probing it. */
const settleMs = 1_000
/** The slowest monitors repeat their numbers every second or two. */
const listenMs = 1_500
/** Where somebody speaks only after a measurement; longer at a likely setting. */
const waitMs = 6_000
/** What is understood a little is heard out. */
const weakMs = 30_000
/** After such a silence a packet is over, and the slowest of them takes so long. */
const pausedMs = 400
const packetMs = 1_500
const askMs = 2_500
const lookEveryMs = 250
/** Once recognised, so much longer, so that others who understand as much are found. */
const surelyMs = 750
/** Every so many rounds it is asked, beginning with the first. */
const askEveryRounds = 4
/**
 * From one round to the next the waits are stretched by another share of this, or a device that
 * speaks at an even pace may fall into step with the rounds and never be heard. No multiple of the
 * golden ratio comes near a whole number.
 */
const stretchMax = 0.5
const goldenRatio = 0.618
/** So little may be the flicker of a line, or the end of what was said at another setting. */
const flickerBytes = 16
const deafRounds = 2
/** A held device that says only rubbish for so many bytes is another one. */
const rubbishBytes = 1_024
const openAgainMs = 5_000
const knockedMax = 8
const piecesMax = 2_048
const recordedBytesMax = 65_536
const sightBytesMax = 2_048

export class Search {
  readonly #parts: SearchParts
  readonly #stop = new AbortController()
  readonly #heard = new Map<string, { line: SerialLine; bytes: Uint8Array }>()
  /** Who would have answered what was heard. */
  #knocked: Asking[] = []
  /** In which round nothing else was heard at a setting. */
  readonly #rubbish = new Map<string, number>()
  #recorded: HeardPiece[] = []
  #recordedBytes = 0
  #state: SearchState = { kind: 'off' }
  #listening: Listening | null = null
  #running: Promise<void> | null = null
  #rounds = 0
  /** Those that a person said it is not. */
  #excluded: readonly Driver[] = []
  #release: (() => void) | null = null
  #isTaken = false

  constructor(parts: SearchParts) {
    this.#parts = parts
  }

  start(): void {
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#release?.()
    if (!this.#isTaken) await this.#listening?.close()
    await this.#running
    this.#become({ kind: 'off' })
  }

  get state(): SearchState {
    return this.#state
  }

  /** How often all settings were listened to. */
  get rounds(): number {
    return this.#rounds
  }

  /** How many settings there are to listen to. */
  get settings(): number {
    return this.#plan().length
  }

  /** What was seen so far, where nothing was recognised. */
  sight(): Sight {
    return sightOf([...this.#heard.values()])
  }

  /** Everything that went over the wire lately, for the recorder. */
  recorded(): readonly HeardPiece[] {
    return this.#recorded
  }

  /** It is none of those that were found: the search goes on without them. */
  reject(): void {
    if (this.#state.kind !== 'found') return
    const { best, alternatives } = this.#state.found
    this.#excluded = [...this.#excluded, best.driver, ...alternatives.map(({ driver }) => driver)]
    this.#release?.()
  }

  /**
   * Ends the search and gives the open port away, with what was heard at its setting; null when it
   * is not open for this driver.
   */
  async take(driver: Driver): Promise<Taken | null> {
    const listening = this.#listening
    const fits =
      this.#state.kind === 'found' &&
      listening !== null &&
      driversAt([driver], listening.line).length > 0
    if (!fits) {
      await this.stop()
      return null
    }
    this.#isTaken = true
    const held = await listening.handOver()
    this.#stop.abort()
    this.#release?.()
    await this.#running
    const { line, transcript, beganMs, asker } = listening
    return { held, line, transcript, beganMs, asker }
  }

  async #run(): Promise<void> {
    await this.#sleep(settleMs)
    for (const { driver, line } of this.#parts.first) {
      await this.#listenAt(line, null, driver.silentAfterMs === null ? waitMs : listenMs)
      if (driver.asks === 'harmless') await this.#listenAt(line, driver, askMs)
    }
    while (!this.#isStopped()) {
      await this.#listenRound()
      // What speaks by itself need hardly be asked, unless it waits for an answer.
      const turn = this.#heard.size > 0 ? askEveryRounds - 1 : 0
      if (this.#knocked.length > 0 || this.#rounds % askEveryRounds === turn) {
        await this.#askRound()
      }
      this.#rounds++
      this.#parts.changed()
    }
  }

  async #listenRound(): Promise<void> {
    const plan = this.#plan()
    const open = plan.filter(({ line }) => !this.#isDeaf(line))
    for (const { line, isWorthWaiting, share } of open.length > 0 ? open : plan) {
      // What speaks all the time is heard in the first round. What was heard and is silent now
      // speaks only when there is a result.
      const hasRests = this.#rounds > 0 || this.#heard.size > 0
      const ms = isWorthWaiting && hasRests ? waitMs * (0.5 + 4 * share) : listenMs
      const stretch = 1 + stretchMax * ((this.#rounds * goldenRatio) % 1)
      await this.#listenAt(line, null, ms * stretch)
    }
  }

  async #askRound(): Promise<void> {
    for (const { driver, line } of askingPlan(this.#drivers(), this.#parts.usb)) {
      await this.#listenAt(line, driver, askMs)
    }
    // It knocks, and says no more until it is answered: an analyser, for example. Those who ask
    // come first, because they know one device, and a protocol is spoken by many.
    const knocked = this.#knocked
    this.#knocked = []
    for (const { driver, line } of knocked) await this.#listenAt(line, driver, weakMs)
  }

  /** At this setting only rubbish was heard a moment ago: it is another one. */
  #isDeaf(line: SerialLine): boolean {
    const round = this.#rubbish.get(JSON.stringify(line))
    return round !== undefined && this.#rounds - round < deafRounds
  }

  #plan() {
    return listeningPlan(this.#drivers(), this.#parts.usb)
  }

  #drivers(): readonly Driver[] {
    return this.#parts.drivers.filter((driver) => !this.#excluded.includes(driver))
  }

  /** Returns when nobody was recognised, or when what was found is given up or taken. */
  async #listenAt(line: SerialLine, asker: Driver | null, ms: number): Promise<void> {
    if (this.#isStopped()) return
    const { clock, links, path, usb } = this.#parts
    const drivers = driversAt(this.#drivers(), line)
    const listening = await Listening.open({
      clock,
      links,
      path,
      line,
      usb,
      drivers,
      asker,
      passed: (direction, bytes, atMs, at) => this.#record({ direction, bytes, atMs, line: at }),
    }).catch((error: unknown) => this.#cannotOpen(error))
    if (listening === null) {
      await this.#sleep(openAgainMs)
      return
    }
    this.#listening = listening
    this.#become(
      asker === null ? { kind: 'listening', line } : { kind: 'asking', line, driver: asker },
    )
    const found = await this.#await(listening, ms)
    if (found !== null) await this.#hold(listening, found)
    else if (listening.trouble !== null) this.#cannotOpen(listening.trouble)
    if (this.#isTaken) return
    if (found === null && asker === null) this.#noteKnocks(listening)
    if (found === null && isRubbish(listening)) {
      this.#rubbish.set(JSON.stringify(line), this.#rounds)
    }
    this.#keepHeard(listening)
    await listening.close()
    this.#listening = null
  }

  #noteKnocks({ answering, line }: Listening): void {
    for (const driver of answering) {
      const isNoted = this.#knocked.some((one) => one.driver === driver && sameLine(one.line, line))
      if (!isNoted && this.#knocked.length < knockedMax) this.#knocked.push({ driver, line })
    }
  }

  async #await(listening: Listening, ms: number): Promise<Found | null> {
    const { clock } = this.#parts
    let found: Found | null = null
    let foundMs: MonotonicMs | null = null
    let seenBytes = 0
    while (!this.#isStopped() && !listening.isClosed) {
      await this.#sleep(lookEveryMs)
      const nowMs = clock.monotonicMs()
      if (listening.transcript.bytes !== seenBytes) {
        seenBytes = listening.transcript.bytes
        found = await listening.found()
        if (found !== null) foundMs ??= nowMs
      }
      if (foundMs !== null && elapsedMs(foundMs, nowMs) >= surelyMs) return found
      if (
        foundMs === null &&
        this.#isHeardOut(listening, ms, elapsedMs(listening.beganMs, nowMs))
      ) {
        return await listening.found(true)
      }
    }
    return found
  }

  #isHeardOut(listening: Listening, ms: number, waitedMs: number): boolean {
    if (listening.isPromising) return waitedMs >= weakMs
    const lastMs = listening.transcript.pieces.at(-1)?.atMs
    // Who is asked may need time for an answer, and who knocks comes again.
    if (lastMs === undefined || listening.asker !== null) return waitedMs >= ms
    // Nobody understands it. A packet may be on its way, but a stream of rubbish never ends.
    const quietMs = elapsedMs(lastMs, this.#parts.clock.monotonicMs())
    return waitedMs >= listenMs && (quietMs >= pausedMs || waitedMs >= listenMs + packetMs)
  }

  /** Keeps the port open and all that is said, until somebody decides. */
  async #hold(listening: Listening, found: Found): Promise<void> {
    const released = new AbortController()
    this.#release = () => released.abort()
    this.#become({ kind: 'found', line: listening.line, found })
    const { line } = listening
    const drivers = [found.best, ...found.alternatives].map(({ driver }) => driver)
    listening.keepOnly(drivers)
    while (!released.signal.aborted && !this.#isStopped() && !listening.isClosed) {
      await this.#sleep(1_000, released.signal)
      if (listening.rubbishBytes > rubbishBytes) break
      const now = await listening.found()
      if (now === null || isSame(now, found)) continue
      found = now
      this.#become({ kind: 'found', line, found })
    }
    this.#release = null
  }

  #cannotOpen(error: unknown): null {
    const trouble = error instanceof Error ? error : new Error(String(error))
    this.#become({ kind: 'closed', trouble })
    return null
  }

  #become(state: SearchState): void {
    this.#state = state
    this.#parts.changed()
  }

  #keepHeard({ line, transcript }: Listening): void {
    if (transcript.bytes === 0) return
    const key = JSON.stringify(line)
    const bytes = joinBytes(...transcript.head(sightBytesMax).map((piece) => piece.bytes))
    const known = this.#heard.get(key)
    // What speaks seldom is put together over the rounds.
    const all = known === undefined ? bytes : joinBytes(known.bytes, bytes).slice(-sightBytesMax)
    this.#heard.set(key, { line, bytes: all })
  }

  #record(piece: HeardPiece): void {
    this.#recorded.push(piece)
    this.#recordedBytes += piece.bytes.length
    while (this.#recordedBytes > recordedBytesMax || this.#recorded.length > piecesMax) {
      this.#recordedBytes -= this.#recorded.shift()?.bytes.length ?? 0
    }
  }

  #isStopped(): boolean {
    return this.#stop.signal.aborted
  }

  /** Ends early, and without a word, when there is no more to wait for. */
  async #sleep(ms: number, stop: AbortSignal = this.#stop.signal): Promise<void> {
    await this.#parts.clock.sleep(ms, stop).catch(() => undefined)
  }
}

/** What was cut off at its beginning may have been a packet. */
function isRubbish({ beganMs, transcript, isPromising }: Listening): boolean {
  const [first] = transcript.pieces
  if (first === undefined || transcript.bytes <= flickerBytes || isPromising) return false
  return elapsedMs(beganMs, first.atMs) >= pausedMs
}

function isSame(one: Found, other: Found): boolean {
  const ids = ({ best, alternatives }: Found): string =>
    [best, ...alternatives].map(({ driver }) => driver.id).join(' ')
  return (
    ids(one) === ids(other) &&
    one.isSure === other.isSure &&
    one.best.packets === other.best.packets &&
    one.best.identity === other.best.identity
  )
}
