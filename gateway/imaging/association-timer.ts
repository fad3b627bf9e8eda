/** The one timer of an association. */
import type { Timer } from '../../protocols/dicom/service.ts'
import type { Clock } from '../../protocols/world/clock.ts'

export class AssociationTimer {
  readonly #clock: Pick<Clock, 'after'>
  readonly #timersMs: { readonly [T in Timer]: number }
  /** How long nothing has come, in ms. */
  readonly #quietMs: () => number
  #running: { readonly kind: Timer; cancel: () => void } | null = null

  constructor(
    clock: Pick<Clock, 'after'>,
    timersMs: { readonly [T in Timer]: number },
    quietMs: () => number,
  ) {
    this.#clock = clock
    this.#timersMs = timersMs
    this.#quietMs = quietMs
  }

  arm(kind: Timer, work: () => void): void {
    // The idle timer is armed with every piece that comes: it looks at the time when it rings.
    if (kind === 'idle' && this.#running?.kind === 'idle') return
    this.disarm()
    const ms = this.#timersMs[kind]
    const ring = (): void => {
      const left = kind === 'idle' ? ms - this.#quietMs() : 0
      if (left <= 0) {
        this.#running = null
        work()
      } else if (this.#running !== null) {
        this.#running.cancel = this.#clock.after(`dicom ${kind}`, left, ring)
      }
    }
    this.#running = { kind, cancel: this.#clock.after(`dicom ${kind}`, ms, ring) }
  }

  disarm(): void {
    this.#running?.cancel()
    this.#running = null
  }
}
