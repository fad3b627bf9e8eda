/**
 * The way of an image from the DICOM node to the journal: stamped with the time of its first byte,
 * stored, and only then answered. Also what the page shows of the devices that send images.
 */
import type { Image } from '../protocols/packet/record.ts'
import { elapsedMs, monotonicMs, type Clock, type MonotonicMs } from '../protocols/world/clock.ts'
import type { UtcSource } from './clock/time-keeper.ts'
import { stamp } from './devices/stamp.ts'
import type { Trouble } from './errors/trouble.ts'
import type { ImagingHears } from './imaging/imaging.ts'
import type { AssociationEvent, ReceivedImage, StoreOutcome } from './imaging/received-image.ts'
import type { KnownSender } from './imaging/senders.ts'
import type { Journal } from './journal/journal.ts'
import type { SenderBook } from './sender-book.ts'
import type { Arrival, ImageFacts } from './visits/image-identities.ts'
import type { Log } from './world.ts'

export interface ImageDeskParts {
  readonly clock: Clock
  readonly time: UtcSource
  readonly journal: Pick<Journal, 'adopt' | 'objectsOfImage'>
  readonly log: Log
  /** Whether it is decided later in which form images travel. */
  readonly isPacked: boolean
  readonly book: SenderBook
  /** Compares an image with the orders on board; null: it goes on without. */
  readonly identify?: (image: ImageFacts) => Promise<Arrival | null>
  /** Somebody has said who a sender is. */
  readonly known: (senders: readonly KnownSender[]) => void
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
  /** False: nobody has said which device this is. */
  readonly known: boolean
  /** From where it called last; empty before. */
  readonly peerAddress: string
  /** null before its first association since the start. */
  readonly lastHeardMs: MonotonicMs | null
  readonly storedCount: number
  readonly storedBytes: number
}

/** More names than devices fit into a van; the oldest is forgotten. */
const sendersMax = 64

/** A trouble of an association that is over is shown for so long. */
const troubleShownMs = 600_000
/** One for each sender, and for each address that never said who it is. */
const troublesMax = 64

interface SeenTrouble {
  readonly trouble: Trouble
  readonly atMs: MonotonicMs
}

export class ImageDesk implements ImagingHears {
  readonly #parts: ImageDeskParts
  readonly #senders = new Map<string, SenderView>()
  /** The newest of each, the newest last. */
  readonly #troubles = new Map<string, SeenTrouble>()

  constructor(parts: ImageDeskParts) {
    this.#parts = parts
    for (const sender of parts.book.all()) this.#expect(sender)
  }

  known(sopInstanceUid: string): Promise<readonly string[]> {
    return this.#parts.journal.objectsOfImage(sopInstanceUid)
  }

  async store(received: ReceivedImage): Promise<StoreOutcome> {
    const { clock, time, journal, isPacked, stored } = this.#parts
    const { device, simulated, receivingMs, temporaryPath } = received
    const firstByteMs = monotonicMs(clock.monotonicMs() - receivingMs)
    const image: Image = {
      ...received.image,
      ...stamp(time, firstByteMs, { source: received.source ?? 'device', simulated }),
    }
    const arrival = (await this.#parts.identify?.(factsOf(received, image))) ?? null
    const flags = arrival?.isOpen === true ? [...image.flags, 'identity-open'] : image.flags
    const flagged = { ...image, flags }
    const form = isPacked ? 'undecided' : 'as-is'
    let status
    try {
      await arrival?.announce()
      status = await journal.adopt(device, flagged, temporaryPath, form)
    } catch (error) {
      arrival?.withdraw()
      throw error
    }
    if (status === 'stored') {
      this.#heard(received, image.object.sizeBytes)
      stored(device, flagged)
      // The image is safe, and goes on as it is whether this is on record or not.
      arrival?.settle().catch((err: unknown) => {
        this.#parts.log.warn('whose an image is was not stored', { device, err })
      })
    }
    return { status }
  }

  trouble(trouble: Trouble): void {
    this.#parts.log.warn('imaging has a trouble', trouble.logFields())
    const { device = '', peer = '' } = trouble.details
    const key = String(device === '' ? peer : device)
    this.#troubles.delete(key)
    this.#troubles.set(key, { trouble, atMs: this.#parts.clock.monotonicMs() })
    if (this.#troubles.size > troublesMax) {
      const [oldest] = this.#troubles.keys()
      if (oldest !== undefined) this.#troubles.delete(oldest)
    }
    this.#parts.changed()
  }

  /** Of whom it is asked which device they are. One that gives no title cannot be told again. */
  strangers(): readonly SenderView[] {
    return this.senders().filter(({ known, aeTitle }) => !known && aeTitle !== '')
  }

  /**
   * A person says which device an AE title is. What it sent before stays where it is, and keeps its
   * flag. Rejects with a `Trouble` when that is no name for a device.
   */
  async answer(aeTitle: string, device: string): Promise<void> {
    const { book, known, changed } = this.#parts
    await book.answer(aeTitle, device)
    for (const sender of this.strangers()) {
      if (sender.aeTitle !== aeTitle) continue
      this.#senders.delete(sender.device)
      this.#troubles.delete(sender.device)
    }
    if (!this.#senders.has(device)) this.#expect({ aeTitle, device, simulated: false })
    known(book.all())
    changed()
  }

  association(event: AssociationEvent): void {
    const { device, known, peerAddress, callingAeTitle, ending, storedCount, refusedCount } = event
    this.#parts.log.info('imaging association', {
      device,
      count: storedCount,
      code: ending ?? 'opened',
      ...(refusedCount > 0 ? { why: `${refusedCount} refused` } : {}),
    })
    // One that began before the answer was given is not asked about again.
    const isKnown = known || this.#parts.book.all().some((one) => one.aeTitle === callingAeTitle)
    this.#touch(device, { aeTitle: callingAeTitle, known: isKnown, peerAddress })
    this.#parts.changed()
  }

  senders(): readonly SenderView[] {
    return [...this.#senders.values()]
  }

  /**
   * What went wrong lately, newest first. The detail `device` names whose trouble it is; it is
   * absent or empty when that is not known, or when it is the node's own.
   */
  troubles(): readonly Trouble[] {
    const nowMs = this.#parts.clock.monotonicMs()
    return [...this.#troubles.values()]
      .filter(({ atMs }) => elapsedMs(atMs, nowMs) < troubleShownMs)
      .map(({ trouble }) => trouble)
      .toReversed()
  }

  #heard(received: ReceivedImage, bytes: number): void {
    const { device, simulated } = received
    // What the sender has tried again and done is over; what asks a person stays.
    if (this.#troubles.get(device)?.trouble.retriable === true) this.#troubles.delete(device)
    const before = this.#senders.get(device)
    this.#touch(device, {
      simulated,
      aeTitle: received.image.callingAeTitle,
      storedCount: (before?.storedCount ?? 0) + 1,
      storedBytes: (before?.storedBytes ?? 0) + bytes,
    })
  }

  #expect({ device, aeTitle, simulated }: KnownSender): void {
    const nothing = { peerAddress: '', lastHeardMs: null, storedCount: 0, storedBytes: 0 }
    this.#senders.set(device, { device, aeTitle, simulated, known: true, ...nothing })
  }

  #touch(device: string, change: Partial<SenderView>): void {
    const before = this.#senders.get(device) ?? {
      device,
      simulated: false,
      aeTitle: '',
      known: true,
      peerAddress: '',
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

function factsOf({ device, simulated, identity }: ReceivedImage, image: Image): ImageFacts {
  const { object, sopInstanceUid, studyInstanceUid, seriesInstanceUid } = image
  const { modality, callingAeTitle, utcMs } = image
  return {
    of: object.sha256,
    sopInstanceUid,
    device,
    simulated,
    said: identity,
    studyInstanceUid,
    seriesInstanceUid,
    modality,
    callingAeTitle,
    utcMs,
  }
}
