/**
 * The way of an image from the DICOM node to the journal: stamped with the time of its first byte,
 * stored, and only then answered. Also what the page shows of the devices that send images.
 */
import type { Image } from '../protocols/packet/record.ts'
import { monotonicMs, type Clock, type MonotonicMs } from '../protocols/world/clock.ts'
import type { UtcSource } from './clock/time-keeper.ts'
import { stamp } from './devices/stamp.ts'
import type { Trouble } from './errors/trouble.ts'
import type { ImagingHears } from './imaging/imaging.ts'
import type { AssociationEvent, ReceivedImage, StoreOutcome } from './imaging/received-image.ts'
import type { Journal } from './journal/journal.ts'
import type { Log } from './world.ts'

export interface ImageDeskParts {
  readonly clock: Clock
  readonly time: UtcSource
  readonly journal: Pick<Journal, 'adopt' | 'objectsOfImage'>
  readonly log: Log
  /** A new image is in the journal. */
  readonly stored: (device: string, image: Image) => void
  /** Something that the page shows is different. */
  readonly changed: () => void
}

/** What is known of one device that sends images. */
export interface SenderView {
  readonly device: string
  readonly simulated: boolean
  readonly aeTitle: string
  /** null before its first association since the start. */
  readonly lastHeardMs: MonotonicMs | null
  readonly storedCount: number
  readonly storedBytes: number
}

/** More names than devices fit into a van; the oldest is forgotten. */
const sendersMax = 64

export class ImageDesk implements ImagingHears {
  readonly #parts: ImageDeskParts
  readonly #senders = new Map<string, SenderView>()
  #trouble: { readonly trouble: Trouble; readonly atMs: MonotonicMs } | null = null

  constructor(
    parts: ImageDeskParts,
    known: readonly { device: string; aeTitle: string; simulated: boolean }[],
  ) {
    this.#parts = parts
    for (const { device, aeTitle, simulated } of known) {
      const nothing = { lastHeardMs: null, storedCount: 0, storedBytes: 0 }
      this.#senders.set(device, { device, aeTitle, simulated, ...nothing })
    }
  }

  known(sopInstanceUid: string): Promise<readonly string[]> {
    return this.#parts.journal.objectsOfImage(sopInstanceUid)
  }

  async store(received: ReceivedImage): Promise<StoreOutcome> {
    const { clock, time, journal, stored } = this.#parts
    const { device, simulated, receivingMs, temporaryPath } = received
    const firstByteMs = monotonicMs(clock.monotonicMs() - receivingMs)
    const image: Image = {
      ...received.image,
      ...stamp(time, firstByteMs, { source: 'device', simulated }),
    }
    const status = await journal.adopt(device, image, temporaryPath)
    if (status === 'stored') {
      this.#heard(received, image.object.sizeBytes)
      stored(device, image)
    }
    return { status }
  }

  trouble(trouble: Trouble): void {
    this.#parts.log.warn('imaging has a trouble', trouble.logFields())
    this.#trouble = { trouble, atMs: this.#parts.clock.monotonicMs() }
    this.#parts.changed()
  }

  association(event: AssociationEvent): void {
    const { device, callingAeTitle, ending, storedCount, refusedCount } = event
    this.#parts.log.info('imaging association', {
      device,
      count: storedCount,
      code: ending ?? 'opened',
      ...(refusedCount > 0 ? { why: `${refusedCount} refused` } : {}),
    })
    this.#touch(device, { aeTitle: callingAeTitle })
    this.#parts.changed()
  }

  senders(): readonly SenderView[] {
    return [...this.#senders.values()]
  }

  /** The newest trouble of the node; null when there was none since the start. */
  lastTrouble(): { readonly trouble: Trouble; readonly atMs: MonotonicMs } | null {
    return this.#trouble
  }

  #heard(received: ReceivedImage, bytes: number): void {
    const { device, simulated } = received
    const before = this.#senders.get(device)
    this.#touch(device, {
      simulated,
      aeTitle: received.image.callingAeTitle,
      storedCount: (before?.storedCount ?? 0) + 1,
      storedBytes: (before?.storedBytes ?? 0) + bytes,
    })
  }

  #touch(device: string, change: Partial<SenderView>): void {
    const before = this.#senders.get(device) ?? {
      device,
      simulated: false,
      aeTitle: '',
      storedCount: 0,
      storedBytes: 0,
    }
    this.#senders.delete(device)
    const lastHeardMs = this.#parts.clock.monotonicMs()
    this.#senders.set(device, { ...before, ...change, lastHeardMs })
    if (this.#senders.size <= sendersMax) return
    const [oldest] = this.#senders.keys()
    if (oldest !== undefined) this.#senders.delete(oldest)
  }
}
