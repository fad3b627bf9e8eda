/**
 * A TCP port at which devices call us: each connection is an opening of its own, with a dialogue of
 * its own, so that neither hears what is meant for the other. What they say is one device's.
 */
import { elapsedMs } from '../../protocols/world/clock.ts'
import type { Link, LinkHears, Listening, World } from '../world.ts'
import { asTrouble, type Ending, Opening, type OpeningParts } from './opening.ts'
import type { Reach } from './reach.ts'

/** A ward has fewer devices at one port; more are a device that forgets to hang up. */
export const callsMax = 16

export interface CallsParts {
  readonly device: string
  readonly world: Pick<World, 'clock' | 'links'>
  readonly port: number
  readonly reach: Reach
  readonly opened: () => void
  /** What each connection is opened with. */
  readonly call: () => Omit<OpeningParts, 'open'>
  /** One has ended, and the others go on. */
  readonly ended: (ending: Ending, lastedMs: number) => void
  /** Nobody has been connected for a while. */
  readonly deserted: () => void
}

/** Some devices call for each message: in between they are not gone. */
export const desertedAfterMs = 120_000

export class Calls {
  readonly #parts: CallsParts
  readonly #ending = Promise.withResolvers<Ending>()
  /** The oldest first. */
  readonly #open = new Map<Opening, Promise<void>>()
  #cancelDeserted: (() => void) | null = null
  #isOver = false

  constructor(parts: CallsParts) {
    this.#parts = parts
  }

  /** Resolves when the port and all connections are closed again. */
  async run(): Promise<Ending> {
    const { world, port, reach, opened } = this.#parts
    let listening: Listening
    try {
      listening = await world.links.listen(port, reach.splits, {
        called: (accept) => this.#called(accept),
        closed: (trouble) => {
          this.end({ why: 'closed', trouble: trouble === null ? null : asTrouble(trouble) })
        },
      })
    } catch (error) {
      return { why: 'not-opened', trouble: asTrouble(error) }
    }
    opened()
    const ending = await this.#ending.promise
    this.#isOver = true
    this.#cancelDeserted?.()
    for (const call of this.#open.keys()) call.end(ending)
    await Promise.all(this.#open.values())
    await listening.close()
    return ending
  }

  /** The first ending counts. */
  end(ending: Ending): void {
    this.#ending.resolve(ending)
  }

  #called(accept: (hears: LinkHears) => Link): void {
    // The longest one there has been cut off without our noticing, most likely.
    if (this.#open.size >= callsMax) this.#open.keys().next().value?.end(replaced)
    const opening = new Opening({
      ...this.#parts.call(),
      open: async (_splits, hears) => accept(hears),
    })
    const { clock } = this.#parts.world
    const beganMs = clock.monotonicMs()
    this.#cancelDeserted?.()
    const over = opening.run().then((ending) => {
      this.#open.delete(opening)
      if (this.#isOver) return undefined
      this.#parts.ended(ending, elapsedMs(beganMs, clock.monotonicMs()))
      if (this.#open.size === 0) this.#watchDeserted()
      return undefined
    })
    this.#open.set(opening, over)
  }

  #watchDeserted(): void {
    const { device, world, deserted } = this.#parts
    this.#cancelDeserted = world.clock.after(`${device}: nobody calls`, desertedAfterMs, deserted)
  }
}

const replaced: Ending = { why: 'closed', trouble: null }
