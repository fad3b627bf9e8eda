/**
 * Cuts a stream of bytes into packets, whatever the size of the pieces it arrives in. What a packet
 * looks like, and how far to skip when it is broken, is the scanner's business.
 */
import { joinBytes, noBytes } from './bytes.ts'
import type { Scanner } from './scan.ts'

export type Framed<Packet> =
  | { readonly kind: 'packet'; readonly packet: Packet; readonly atMs: number }
  | { readonly kind: 'noise'; readonly reason: string; readonly bytes: Uint8Array }

/** Where in the pending bytes a piece begins, and when it was heard. */
interface Piece {
  readonly from: number
  readonly atMs: number
}

/**
 * Holds at most `packetLimitBytes` between two pieces. Neighbouring noise becomes one answer, given
 * when a packet follows, when it reaches the limit, or when the stream pauses.
 */
export class Framer<Packet> {
  readonly #scan: Scanner<Packet>
  readonly #packetLimitBytes: number
  #pending: Uint8Array = noBytes
  #pieces: Piece[] = []
  #noise: Uint8Array[] = []
  #noiseBytes = 0
  #noiseReason = ''

  constructor(scan: Scanner<Packet>, packetLimitBytes: number) {
    this.#scan = scan
    this.#packetLimitBytes = packetLimitBytes
  }

  /** Whether there is half a packet, or noise that was not told yet. */
  get isWaiting(): boolean {
    return this.#pending.length > 0 || this.#noiseBytes > 0
  }

  /** Takes the next piece, heard at `atMs`. A packet carries the time of its first byte. */
  feed(bytes: Uint8Array, atMs: number): readonly Framed<Packet>[] {
    if (bytes.length === 0) return []
    this.#pieces.push({ from: this.#pending.length, atMs })
    this.#pending = this.#pending.length === 0 ? bytes.slice() : joinBytes(this.#pending, bytes)
    return this.#cut(this.#packetLimitBytes)
  }

  /**
   * The stream paused: what is half received will not be completed. Its first byte becomes noise
   * and the rest is looked at again, so that a whole packet behind a false beginning is still
   * found.
   */
  pause(): readonly Framed<Packet>[] {
    const framed = this.#cut(0)
    this.#tellNoise(framed)
    return framed
  }

  #cut(keepBytes: number): Framed<Packet>[] {
    const framed: Framed<Packet>[] = []
    const pending = this.#pending
    let at = 0
    /** What lies between here and `at` is noise that was not kept yet. */
    let noiseFrom = 0
    while (at < pending.length) {
      const found = this.#scan(at === 0 ? pending : pending.subarray(at))
      if (found.kind === 'packet') {
        if (noiseFrom < at) this.#keepNoise(pending.slice(noiseFrom, at))
        this.#tellNoise(framed)
        framed.push({ kind: 'packet', packet: found.packet, atMs: this.#heardAtMs(at) })
        at += found.length
        noiseFrom = at
        continue
      }
      if (found.kind === 'incomplete' && pending.length - at <= keepBytes) break
      if (this.#noiseBytes === 0 && noiseFrom === at) {
        this.#noiseReason = found.kind === 'noise' ? found.reason : 'cut short'
      }
      at = Math.min(pending.length, at + (found.kind === 'noise' ? Math.max(1, found.length) : 1))
      if (this.#noiseBytes + at - noiseFrom >= this.#packetLimitBytes) {
        this.#keepNoise(pending.slice(noiseFrom, at))
        this.#tellNoise(framed)
        noiseFrom = at
      }
    }
    if (noiseFrom < at) this.#keepNoise(pending.slice(noiseFrom, at))
    this.#drop(at)
    return framed
  }

  #heardAtMs(offset: number): number {
    let atMs = 0
    for (const piece of this.#pieces) if (piece.from <= offset) atMs = piece.atMs
    return atMs
  }

  /** Forgets the first bytes, and the pieces that ended before what is left. */
  #drop(bytes: number): void {
    if (bytes === this.#pending.length) {
      this.#pieces = []
      this.#pending = noBytes
      return
    }
    if (bytes === 0) return
    const firstAtMs = this.#heardAtMs(bytes)
    const later = this.#pieces.filter((piece) => piece.from > bytes)
    this.#pieces = [
      { from: 0, atMs: firstAtMs },
      ...later.map((piece) => ({ from: piece.from - bytes, atMs: piece.atMs })),
    ]
    // A copy, so that a large piece is not kept alive by its last three bytes.
    this.#pending = this.#pending.slice(bytes)
  }

  #keepNoise(bytes: Uint8Array): void {
    this.#noise.push(bytes)
    this.#noiseBytes += bytes.length
  }

  #tellNoise(framed: Framed<Packet>[]): void {
    if (this.#noiseBytes === 0) return
    framed.push({ kind: 'noise', reason: this.#noiseReason, bytes: joinBytes(...this.#noise) })
    this.#noise = []
    this.#noiseBytes = 0
  }
}
