/**
 * Takes the images that the landing has to the archives of the hospital.
 *
 *   landing ─▶ queue ─▶ lane ─▶ carrier ─▶ archive
 *                 ▲                          │
 *                 └── proof, or a reason ◀───┘
 *
 * The queue lies in the landing's database; everything else here may be lost at any time.
 */
import type { CommitmentReport } from '../../protocols/dicom/commitment.ts'
import type { LandingStore } from '../landing/store.ts'
import type { UpstreamWorld } from '../world.ts'
import type { Carrier, Ledger } from './carrier.ts'
import { listenForReports, type ReportListener } from './commitment-listener.ts'
import type { Destination, ForwardSettings } from './destinations.ts'
import { DicomCarrier, type ReportDesk } from './dicom-carrier.ts'
import { Lane } from './lane.ts'
import { proofsOf } from './proofs.ts'
import type { Addressee, ForwardQueue } from './queue.ts'
import { WebCarrier } from './web-carrier.ts'

export type ForwardWorld = Pick<UpstreamWorld, 'clock' | 'random' | 'log'>

export interface Forwarder {
  /** The landing says: the file of an object has become whole. */
  objectWhole(sha256: string): void
  /** Where reports of commitment are taken; null: nowhere. */
  readonly reportPort: number | null
  /** Finishes the image that is under way, or cuts it after a while. */
  stop(): Promise<void>
}

/** Images whose record came after their file are found by looking. */
const takeInEveryMs = 2_000
const lookForFilesEveryMs = 60_000
const farewellMs = 10_000

/** Rejects when reports cannot be listened for. */
export async function startForwarder(
  world: ForwardWorld,
  store: LandingStore,
  settings: ForwardSettings,
): Promise<Forwarder> {
  const queue = store.forwardQueue(world.random.fork('forward queue'))
  const desk = (report: CommitmentReport): void => {
    const proofs = proofsOf(report, queue.asked(report.transactionUid))
    queue.prove(proofs, Math.round(world.clock.wallMs()))
  }
  const { listen } = settings
  const listener = listen === null ? null : await listenForReports(listen, desk, world.log)
  return new Service(world, store, queue, settings, listener, desk)
}

class Service implements Forwarder {
  readonly #world: ForwardWorld
  readonly #queue: ForwardQueue
  readonly #listener: ReportListener | null
  readonly #soon = new AbortController()
  readonly #now = new AbortController()
  readonly #addressees: readonly Addressee[]
  readonly #lanes: readonly Lane[]
  readonly #running: Promise<unknown>
  readonly #timers = new Map<string, () => void>()

  constructor(
    world: ForwardWorld,
    store: LandingStore,
    queue: ForwardQueue,
    settings: ForwardSettings,
    listener: ReportListener | null,
    take: (report: CommitmentReport) => void,
  ) {
    this.#world = world
    this.#queue = queue
    this.#listener = listener
    const reports: ReportDesk = { take, isListening: listener !== null }
    const stops = { soon: this.#soon.signal, now: this.#now.signal }
    const ledger: Ledger = {
      settle: (outcomes) => queue.settle(outcomes, this.#wallMs()),
      prove: (proofs) => queue.prove(proofs, this.#wallMs()),
      pathOf: (sha256) => store.objectPath(sha256),
      stillGoes: (image) => queue.stillGoes(image),
    }
    this.#addressees = settings.destinations.map((destination) => ({
      ...destination,
      needsOrder: destination.kind === 'dicom' && destination.profile === 'satusehat-router',
    }))
    this.#lanes = settings.destinations.map((destination) => {
      const carrier = carrierOf(world, destination, reports)
      return new Lane(world, destination, queue, carrier, ledger, stops)
    })
    this.#running = Promise.all(this.#lanes.map((lane) => lane.run()))
    this.#later('images', 0, () => this.#takeIn())
    this.#later('files', 0, () => this.#lookForFiles())
  }

  get reportPort(): number | null {
    return this.#listener?.port ?? null
  }

  objectWhole(sha256: string): void {
    if (this.#soon.signal.aborted) return
    // The record of the image is often here already; then the image goes at once.
    this.#guarded(() => {
      this.#queue.fileWhole(sha256, this.#wallMs())
      this.#takeInNow()
    })
  }

  #takeInNow(): void {
    this.#timers.get('images')?.()
    this.#timers.delete('images')
    this.#later('images', 0, () => this.#takeIn())
  }

  #takeIn(): void {
    let hasMore = false
    this.#guarded(() => {
      hasMore = this.#queue.takeIn(this.#addressees, this.#wallMs())
      const count = this.#queue.takeLate()
      if (count > 0)
        this.#world.log.warn('images were decided otherwise after they went', { count })
      for (const lane of this.#lanes) lane.call()
    })
    this.#later('images', hasMore ? 0 : takeInEveryMs, () => this.#takeIn())
  }

  #lookForFiles(): void {
    this.#guarded(() => this.#queue.lookForFiles(this.#wallMs()))
    this.#later('files', lookForFilesEveryMs, () => this.#lookForFiles())
  }

  /** What the database cannot do now, a later look makes good. */
  #guarded(work: () => void): void {
    try {
      work()
    } catch (err) {
      this.#world.log.error('the queue of images cannot be used', { err })
    }
  }

  #later(name: string, ms: number, work: () => void): void {
    if (this.#soon.signal.aborted) return
    const cancel = this.#world.clock.after(`forward: ${name}`, ms, () => {
      this.#timers.delete(name)
      work()
    })
    this.#timers.set(name, cancel)
  }

  #wallMs(): number {
    return Math.round(this.#world.clock.wallMs())
  }

  async stop(): Promise<void> {
    this.#soon.abort()
    for (const cancel of this.#timers.values()) cancel()
    for (const lane of this.#lanes) lane.call()
    const cancel = this.#world.clock.after('forward: farewell', farewellMs, () => this.#now.abort())
    await this.#running
    cancel()
    this.#now.abort()
    await this.#listener?.stop()
  }
}

function carrierOf(world: ForwardWorld, destination: Destination, reports: ReportDesk): Carrier {
  return destination.kind === 'dicom'
    ? new DicomCarrier(world, destination, reports)
    : new WebCarrier(world, destination)
}
