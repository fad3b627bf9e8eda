/**
 * The way to one destination, by itself: what is slow or broken here holds nobody else. A way that
 * failed is tried again for ever, less and less often.
 */
import { retryMs } from './back-off.ts'
import type { Carrier, CarrierWorld, Errand, Ledger, Stops } from './carrier.ts'
import type { Destination } from './destinations.ts'
import { PeerFailed } from './peer-failed.ts'
import type { ForwardQueue } from './queue.ts'

/** So much is taken at once; then what is newer has its turn. */
const imagesMost = 100
const unprovenMost = 500
/** Without a call the queue is looked at so often: what was put off becomes due. */
const lookEveryMs = 2_000

export class Lane {
  readonly #world: CarrierWorld
  readonly #destination: Destination
  readonly #queue: ForwardQueue
  readonly #carrier: Carrier
  readonly #ledger: Ledger
  readonly #stops: Stops
  #bell: (() => void) | null = null
  #isCalled = false
  #failures = 0

  constructor(
    world: CarrierWorld,
    destination: Destination,
    queue: ForwardQueue,
    carrier: Carrier,
    ledger: Ledger,
    stops: Stops,
  ) {
    this.#world = world
    this.#destination = destination
    this.#queue = queue
    this.#carrier = carrier
    this.#ledger = ledger
    this.#stops = stops
  }

  /** There may be something new. */
  call(): void {
    this.#isCalled = true
    this.#bell?.()
  }

  /** Resolves when it was told to stop. Rejects never: whatever fails is waited for. */
  async run(): Promise<void> {
    const { soon } = this.#stops
    while (!soon.aborted) {
      try {
        const errand = this.#errand()
        if (errand === null) {
          await this.#wait()
          continue
        }
        await this.#carrier.carry(errand, this.#ledger, this.#stops)
        this.#failures = 0
        this.#note(null)
      } catch (err) {
        if (soon.aborted) return
        await this.#failed(err)
      }
    }
  }

  #errand(): Errand | null {
    const wallMs = this.#wallMs()
    const { name, proof } = this.#destination
    const images = this.#images(wallMs)
    const unproven = proof === 'none' ? [] : this.#queue.unproven(name, wallMs, unprovenMost)
    return images.length === 0 && unproven.length === 0 ? null : { images, unproven }
  }

  #images(wallMs: number) {
    const destination = this.#destination
    if (destination.kind === 'dicom' && destination.profile === 'satusehat-router') {
      return this.#queue.dueStudy(destination.name, wallMs, destination.quietSeconds * 1_000)
    }
    return this.#queue.due(destination.name, wallMs, imagesMost)
  }

  async #failed(err: unknown): Promise<void> {
    this.#failures += 1
    const words = err instanceof PeerFailed ? err.message : 'we failed, see the log'
    const { name } = this.#destination
    try {
      this.#note(words)
    } catch (noteErr) {
      this.#world.log.error('the trouble of a destination cannot be stored', {
        destination: name,
        err: noteErr,
      })
    }
    if (!(err instanceof PeerFailed)) {
      this.#world.log.error('forwarding failed', { destination: name, err })
    }
    await this.#sleep(retryMs(this.#failures, this.#world.random))
  }

  /** A line in the log when it is news. */
  #note(trouble: string | null): void {
    const { name } = this.#destination
    if (!this.#queue.noteTrouble(name, trouble, this.#wallMs())) return
    if (trouble === null) this.#world.log.info('images go to a destination', { destination: name })
    else this.#world.log.warn('images do not go', { destination: name, why: trouble })
  }

  async #wait(): Promise<void> {
    if (!this.#isCalled) {
      await new Promise<void>((resolve) => {
        const cancel = this.#world.clock.after('forward: look', lookEveryMs, resolve)
        this.#bell = () => {
          cancel()
          resolve()
        }
        if (this.#stops.soon.aborted) this.#bell()
      })
      this.#bell = null
    }
    this.#isCalled = false
  }

  async #sleep(ms: number): Promise<void> {
    try {
      await this.#world.clock.sleep(ms, this.#stops.soon)
    } catch (err) {
      if (!this.#stops.soon.aborted) throw err
    }
  }

  #wallMs(): number {
    return Math.round(this.#world.clock.wallMs())
  }
}
