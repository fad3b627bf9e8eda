/** One opening of a device's link, from `open` to `close`, with one session of its driver on it. */
import type { Driver, Said } from '../../drivers/driver.ts'
import { elapsedMs, monotonicMs, type MonotonicMs } from '../../protocols/world/clock.ts'
import { deviceTrouble } from '../errors/devices.ts'
import { linkTrouble } from '../errors/links.ts'
import { Trouble } from '../errors/trouble.ts'
import type { FileOutcome, Link, LinkHears, Splits, World } from '../world.ts'
import { Dialogue } from './dialogue.ts'
import type { Reach } from './reach.ts'
import type { WaveBlock } from './wave-blocks.ts'
import { Waves } from './waves.ts'

export interface OpeningHears {
  opened(): void
  /** As they came, before anything is made of them. */
  bytesIn(bytes: Uint8Array, atMs: MonotonicMs): void
  bytesOut(bytes: Uint8Array, atMs: MonotonicMs): void
  packet(atMs: MonotonicMs): void
  said(said: Exclude<Said, { kind: 'samples' }>, atMs: MonotonicMs): void
  block(block: WaveBlock): void
  noise(reason: string, bytes: Uint8Array): void
  /**
   * Resolves with true when everything that was heard here before is on the disk. `isHeard` says
   * whether the answer still reaches the device.
   */
  commit(isHeard: () => boolean): Promise<boolean>
  /** Bytes for which there was no room while the driver was sending. */
  overflowed(bytes: number): void
  /** A file of a folder brought nothing, and why. */
  unreadable(why: string): void
}

export interface OpeningParts {
  readonly device: string
  readonly driver: Driver
  readonly reach: Reach
  readonly open: (splits: Splits, hears: LinkHears) => Promise<Link>
  readonly world: Pick<World, 'clock'>
  /** The link is closed when the session has come to its end; otherwise it stays open. */
  readonly endsWithSession: boolean
  /** Of its samples: no two openings share one, also when the gateway was restarted. */
  readonly run: number
  /**
   * After so long without a byte the opening ends, if the driver knows silence at all. At least the
   * driver's `silentAfterMs`, and may change.
   */
  readonly patienceMs: () => number
  readonly hears: OpeningHears
}

export interface Ending {
  readonly why: 'not-opened' | 'closed' | 'driver' | 'silent' | 'stopped'
  readonly trouble: Trouble | null
}

export class Opening {
  readonly #parts: OpeningParts
  readonly #ending = Promise.withResolvers<Ending>()
  readonly #dialogue: Dialogue
  readonly #waves: Waves
  #dialogueEnded = false
  #link: Link | null = null
  /** The newest byte, or the opening itself. */
  #quietSinceMs: MonotonicMs
  #cancelSilence: (() => void) | null = null
  /** The file that the session reads. */
  #taken: ((outcome: FileOutcome) => void) | null = null
  #fileStored: Promise<void> | null = null
  #packets = 0

  constructor(parts: OpeningParts) {
    const { clock } = parts.world
    this.#parts = parts
    this.#quietSinceMs = clock.monotonicMs()
    const options = { device: parts.device, run: parts.run, clock }
    this.#waves = new Waves(parts.driver, options, (block) => parts.hears.block(block))
    this.#dialogue = this.#makeDialogue()
  }

  /** Resolves when all is closed again. */
  async run(): Promise<Ending> {
    const { splits } = this.#parts.reach
    const opening = this.#parts.open(splits, this.#linkHears(splits))
    const opened = await Promise.race([opening.catch(asTrouble), this.#ending.promise])
    if (opened instanceof Trouble) return { why: 'not-opened', trouble: opened }
    if ('why' in opened) {
      // It may still open, when nobody wants it any more.
      opening.then(closeLink, () => undefined)
      this.#dialogue.stop()
      return opened
    }
    this.#link = opened
    this.#begin()
    const ending = await this.#ending.promise
    this.#cancelSilence?.()
    if (ending.why === 'stopped') await this.#dialogue.acknowledged()
    this.#dialogue.stop()
    this.#waves.end()
    // Whether it is stored must be known: otherwise it would be handed over again.
    await this.#fileStored
    this.#fileTaken(ending.why === 'driver' ? 'driver-failed' : 'not-stored')
    await closeLink(opened)
    return ending
  }

  /** Ends it; the first ending counts. */
  end(ending: Ending): void {
    this.#ending.resolve(ending)
  }

  #begin(): void {
    const { driver, hears } = this.#parts
    hears.opened()
    if (driver.silentAfterMs !== null) this.#watchSilence(driver.silentAfterMs)
    this.#dialogue.start()
  }

  #linkHears(splits: Splits): LinkHears {
    const { hears, world } = this.#parts
    const arrived = (bytes: Uint8Array): MonotonicMs => {
      this.#quietSinceMs = world.clock.monotonicMs()
      hears.bytesIn(bytes, this.#quietSinceMs)
      return this.#quietSinceMs
    }
    return {
      bytes: (bytes, ageMs = 0) => {
        const nowMs = splits === 'lines' ? world.clock.monotonicMs() : arrived(bytes)
        const atMs = monotonicMs(nowMs - ageMs)
        if (this.#dialogueEnded) hears.noise('after the end of the dialogue', bytes)
        else if (splits === 'whole') this.#dialogue.hearWhole(bytes, atMs)
        else this.#dialogue.hear(bytes, atMs)
      },
      raw: (bytes) => {
        arrived(bytes)
      },
      noise: (reason, bytes) => hears.noise(reason, bytes),
      file: (bytes, taken) => this.#file(bytes, arrived(bytes), taken),
      unreadable: (why) => hears.unreadable(why),
      closed: (error) => {
        this.end({ why: 'closed', trouble: error === null ? null : asTrouble(error) })
      },
    }
  }

  #file(bytes: Uint8Array, atMs: MonotonicMs, taken: (outcome: FileOutcome) => void): void {
    const packetsBefore = this.#packets
    this.#taken = taken
    if (this.#dialogueEnded) this.#fileTaken('not-stored')
    else {
      this.#dialogue.hearWhole(bytes, atMs, () => {
        this.#fileStored = this.#fileRead(packetsBefore)
      })
    }
  }

  /** The session has said what is in it: it may be forgotten once that is on the disk. */
  async #fileRead(packetsBefore: number): Promise<void> {
    const { hears } = this.#parts
    if (this.#packets === packetsBefore) {
      hears.unreadable('not understood')
      this.#fileTaken('not-understood')
      return
    }
    const isStored = await hears.commit(() => true)
    this.#fileTaken(isStored ? 'stored' : 'not-stored')
  }

  #fileTaken(outcome: FileOutcome): void {
    const taken = this.#taken
    this.#taken = null
    taken?.(outcome)
  }

  #makeDialogue(): Dialogue {
    const { device, driver, hears, reach, world } = this.#parts
    return new Dialogue({
      begin: () => driver.session(reach.over),
      clock: world.clock,
      device,
      driver: driver.id,
      label: driver.label,
      hears: {
        said: (said, atMs) => {
          if (said.kind === 'samples') this.#waves.add(said, atMs)
          else hears.said(said, atMs)
        },
        packet: (atMs) => {
          this.#packets++
          hears.packet(atMs)
        },
        noise: (reason, bytes) => hears.noise(reason, bytes),
        overflowed: (bytes) => hears.overflowed(bytes),
        send: async (bytes, as) => {
          await this.#link?.write(bytes, as)
          hears.bytesOut(bytes, world.clock.monotonicMs())
        },
        commit: (isHeard) => {
          this.#waves.flush()
          return hears.commit(isHeard)
        },
        // A port stays open: who unplugs and plugs in begins a new dialogue.
        ended: () => {
          this.#dialogueEnded = true
          this.#fileTaken('not-stored')
          if (this.#parts.endsWithSession) this.end({ why: 'closed', trouble: null })
        },
        failed: (trouble) => this.end({ why: 'driver', trouble }),
      },
    })
  }

  #watchSilence(ms: number): void {
    const { device, driver, patienceMs, world } = this.#parts
    this.#cancelSilence = world.clock.after(`${device}: silence`, ms, () => {
      if (this.#dialogueEnded) return
      const quietMs = elapsedMs(this.#quietSinceMs, world.clock.monotonicMs())
      const restMs = patienceMs() - quietMs
      if (restMs > 0) {
        // Patience may have become shorter by the next look, because something was heard.
        this.#watchSilence(Math.min(restMs, driver.silentAfterMs ?? restMs))
        return
      }
      const seconds = Math.round(quietMs / 1_000)
      const trouble = deviceTrouble('device-silent', { label: driver.label, seconds })
      this.end({ why: 'silent', trouble })
    })
  }
}

async function closeLink(link: Link): Promise<void> {
  try {
    await link.close()
  } catch {
    // It is gone, which is what was wanted.
  }
}

export function asTrouble(error: unknown): Trouble {
  if (error instanceof Trouble) return error
  const why = error instanceof Error ? error.message : 'unknown'
  return linkTrouble('link-not-opened', { path: 'the port', why }, error)
}
