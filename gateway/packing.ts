/**
 * Images that are stored and answered, on their way to a form in which they travel: previews first,
 * then packed when that is smaller and proven, else as they came. One after the other, and never in
 * the way of what comes in. Coerced forms of images go the same way, without previews.
 */
import { packedMediaType } from '../protocols/packed-image/packed-image.ts'
import { chunkLimitBytes } from '../protocols/packet/limits.ts'
import type { Rendition } from '../protocols/packet/record.ts'
import type { Clock } from '../protocols/world/clock.ts'
import type { UtcSource } from './clock/time-keeper.ts'
import { stamp } from './devices/stamp.ts'
import { Trouble } from './errors/trouble.ts'
import type { MadeFile } from './imaging/transcode/messages.ts'
import type { Transcoder } from './imaging/transcode/transcoder.ts'
import type { Journal, Undecided } from './journal/journal.ts'
import type { Log } from './world.ts'

export interface PackingParts {
  readonly clock: Clock
  readonly time: UtcSource
  readonly journal: Pick<Journal, 'adopt' | 'undecided' | 'sendAsIs'>
  /** null: what waits goes as it is. */
  readonly transcoder: Transcoder | null
  /** A file that the journal did not take. */
  readonly remove: (path: string) => void
  readonly log: Log
  /** Something is new to send. */
  readonly decided: () => void
}

const askCount = 16
/** After the journal had no room. */
const againMs = 30_000

export class Packing {
  readonly #parts: PackingParts
  #running: Promise<void> | null = null
  #asked = false
  /** The next image that waits has waited since an earlier life. */
  #isFirst = false
  #stopping = false
  #cancelAgain: (() => void) | null = null

  constructor(parts: PackingParts) {
    this.#parts = parts
  }

  /**
   * The oldest image of an earlier life goes as it is: its pixels may be what ended that life, and
   * a box that starts again and again of one image serves nobody.
   */
  start(): void {
    this.#isFirst = true
    this.nudge()
  }

  /** An image was stored that is undecided. */
  nudge(): void {
    this.#asked = true
    if (this.#stopping) return
    this.#running ??= this.#run().finally(() => {
      this.#running = null
      if (this.#asked) this.nudge()
    })
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#cancelAgain?.()
    await this.#parts.transcoder?.stop()
    await this.#running
  }

  async #run(): Promise<void> {
    const { journal, log, clock } = this.#parts
    this.#asked = false
    try {
      for (;;) {
        const waiting = await journal.undecided(askCount)
        const [oldest] = waiting
        if (oldest !== undefined && this.#isFirst) await this.#asIs(oldest, 'a life ended with it')
        const rest = this.#isFirst ? waiting.slice(1) : waiting
        this.#isFirst = false
        if (waiting.length === 0) return
        for (const one of rest) {
          if (this.#stopping) return
          await this.#decide(one)
        }
      }
    } catch (error) {
      const code = error instanceof Trouble ? error.code : ''
      log.warn('images wait for the form in which they travel', { code, err: error })
      if (this.#stopping) return
      this.#cancelAgain = clock.after('packing: again', againMs, () => this.nudge())
    }
  }

  async #decide(undecided: Undecided): Promise<void> {
    const { transcoder, log } = this.#parts
    if (transcoder === null) return this.#asIs(undecided, 'nothing is packed here')
    const { device, image, path } = undecided
    const { sizeBytes, sha256 } = image.object
    const previews: Promise<void>[] = []
    const startedMs = this.#parts.clock.monotonicMs()
    const outcome = await transcoder.transcode({ path, sizeBytes, sha256 }, (frame, file) => {
      // A coerced form looks like its image, whose previews are there.
      if (image.kind === 'rendition') this.#parts.remove(file.path)
      else previews.push(this.#keep(undecided, { role: 'preview', frame, file }))
    })
    await Promise.all(previews)
    // What was under way is packed after the next start.
    if (outcome.kind === 'as-is')
      return this.#stopping ? undefined : this.#asIs(undecided, outcome.why)
    await this.#keep(undecided, { role: 'packed', frame: null, file: outcome.file })
    // When the journal did not take it; otherwise nothing waits any more.
    await this.#asIs(undecided, null)
    const ms = this.#parts.clock.monotonicMs() - startedMs
    log.debug('an image was packed', {
      device,
      bytes: sizeBytes - outcome.file.sizeBytes,
      ms,
      code: outcome.coding,
    })
  }

  async #asIs({ device, image }: Undecided, why: string | null): Promise<void> {
    const { journal, log, decided } = this.#parts
    await journal.sendAsIs(image.object.sha256)
    if (why !== null) log.debug('an image travels as it came', { device, why })
    decided()
  }

  /** A form that the journal does not take is no loss: the image has another. */
  async #keep(
    { device, image }: Undecided,
    made: Pick<Rendition, 'role' | 'frame'> & { readonly file: MadeFile },
  ): Promise<void> {
    const { journal, time, clock, remove, log, decided } = this.#parts
    const { role, frame, file } = made
    const { path, sizeBytes, sha256 } = file
    const mediaType = role === 'preview' ? 'image/jpeg' : packedMediaType
    const { source, simulated } = image
    const record: Rendition = {
      kind: 'rendition',
      ...stamp(time, clock.monotonicMs(), { source, simulated }),
      role,
      of: image.object.sha256,
      object: { sha256, sizeBytes, mediaType, chunkBytes: chunkLimitBytes },
      frame,
    }
    try {
      await journal.adopt(device, record, path)
      decided()
    } catch (error) {
      remove(path)
      log.warn(`no room for a ${role}`, { device, bytes: sizeBytes, err: error })
    }
  }
}
