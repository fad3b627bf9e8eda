/**
 * Keeps a flood of the same trouble from flooding the log: the first is told at once, repetitions
 * within the window as one with a count when it ends.
 */
import type { Clock } from '../../protocols/world/clock.ts'
import type { ImagingNotice } from './received-image.ts'

const windowMs = 30_000
const openMax = 256

export class Notices {
  readonly #clock: Pick<Clock, 'after'>
  readonly #tell: (notice: ImagingNotice) => void
  readonly #open = new Map<string, { notice: ImagingNotice; count: number; cancel: () => void }>()

  constructor(clock: Pick<Clock, 'after'>, tell: (notice: ImagingNotice) => void) {
    this.#clock = clock
    this.#tell = tell
  }

  /** `key` says what counts as the same, within one code. */
  add(notice: ImagingNotice, key: string): void {
    const name = `${notice.code} ${key}`
    const open = this.#open.get(name)
    if (open !== undefined) {
      open.notice = notice
      open.count++
      return
    }
    if (this.#open.size >= openMax) this.#closeOldest()
    const cancel = this.#clock.after('imaging notice', windowMs, () => this.#close(name))
    this.#open.set(name, { notice, count: 0, cancel })
    this.#tell(notice)
  }

  /** Tells what is counted and stops its timers. */
  end(): void {
    for (const name of this.#open.keys()) this.#close(name)
  }

  #closeOldest(): void {
    const [oldest] = this.#open.keys()
    if (oldest !== undefined) this.#close(oldest)
  }

  #close(name: string): void {
    const open = this.#open.get(name)
    if (open === undefined) return
    this.#open.delete(name)
    open.cancel()
    if (open.count === 0) return
    const { code, details } = open.notice
    this.#tell({ code, details: { ...details, repeats: open.count } })
  }
}
