/** What has gone over a device's wire, counted. */
import { elapsedMs, type MonotonicMs } from '../../protocols/world/clock.ts'
import type { DeviceStatus, Hearing } from './device-status.ts'

type View = Pick<
  DeviceStatus,
  'bytesIn' | 'bytesOut' | 'packets' | 'noiseCount' | 'noiseBytes' | 'lastNoise' | 'lastHeardMs'
>

/** Switching a device off or on makes its line flicker, which is read as a byte or two. */
const flickerBytesMax = 4

export class Counts {
  readonly #windowMs: number
  #bytesIn = 0
  #bytesOut = 0
  #packets = 0
  #noiseCount = 0
  #noiseBytes = 0
  #lastNoise: string | null = null
  #lastHeardMs: MonotonicMs | null = null
  /** Within this opening. */
  #heardMs: MonotonicMs | null = null
  #packetMs: MonotonicMs | null = null
  /** Something that may have been a packet came behind the last one. */
  #isBroken = false

  /** Within the window, what was heard is fresh; null: within the whole opening. */
  constructor(windowMs: number | null) {
    this.#windowMs = windowMs ?? Number.POSITIVE_INFINITY
  }

  openedAnew(): void {
    this.#heardMs = null
    this.#packetMs = null
    this.#isBroken = false
  }

  heard(bytes: number, atMs: MonotonicMs): void {
    this.#bytesIn += bytes
    this.#lastHeardMs = atMs
    this.#heardMs = atMs
  }

  sent(bytes: number): void {
    this.#bytesOut += bytes
  }

  /** True for the first of this opening. */
  packet(nowMs: MonotonicMs): boolean {
    const isFirst = this.#packetMs === null
    this.#packets++
    this.#packetMs = nowMs
    this.#isBroken = false
    return isFirst
  }

  isUnderstood(): boolean {
    return this.#packetMs !== null
  }

  noise(reason: string, bytes: number): void {
    this.#noiseCount++
    this.#noiseBytes += bytes
    if (bytes > flickerBytesMax) this.#isBroken = true
    this.#lastNoise = reason
  }

  hearing(nowMs: MonotonicMs): Hearing {
    if (this.#isFresh(this.#packetMs, nowMs)) {
      const saysOnce = this.#windowMs === Number.POSITIVE_INFINITY
      return saysOnce && this.#isBroken ? 'broken' : 'packets'
    }
    return this.#isFresh(this.#heardMs, nowMs) ? 'bytes' : 'nothing'
  }

  view(): View {
    return {
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      packets: this.#packets,
      noiseCount: this.#noiseCount,
      noiseBytes: this.#noiseBytes,
      lastNoise: this.#lastNoise,
      lastHeardMs: this.#lastHeardMs,
    }
  }

  #isFresh(atMs: MonotonicMs | null, nowMs: MonotonicMs): boolean {
    return atMs !== null && elapsedMs(atMs, nowMs) <= this.#windowMs
  }
}
