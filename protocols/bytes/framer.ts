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
  *feed(bytes: Uint8Array, atMs: number): Generator<Framed<Packet>, void, undefined> {
    if (bytes.length === 0) return
    this.#pieces.push({ from: this.#pending.length, atMs })
    this.#pending = joinBytes(this.#pending, bytes)
    yield* this.#cut(this.#packetLimitBytes)
  }

  /**
   * The stream paused: what is half received will not be completed. Its first byte becomes noise
   * and the rest is looked at again, so that a whole packet behind a false beginning is still
   * found.
   */
  *pause(): Generator<Framed<Packet>, void, undefined> {
    yield* this.#cut(0)
    yield* this.#tellNoise()
  }

  *#cut(keepBytes: number): Generator<Framed<Packet>, void, undefined> {
    let at = 0
    while (at < this.#pending.length) {
      const rest = this.#pending.subarray(at)
      const found = this.#scan(rest)
      if (found.kind === 'packet') {
        yield* this.#tellNoise()
        yield { kind: 'packet', packet: found.packet, atMs: this.#heardAtMs(at) }
        at += found.length
        continue
      }
      if (found.kind === 'incomplete' && rest.length <= keepBytes) break
      const length = found.kind === 'noise' ? found.length : 1
      this.#keepNoise(
        found.kind === 'noise' ? found.reason : 'cut short',
        rest.slice(0, Math.max(1, length)),
      )
      if (this.#noiseBytes >= this.#packetLimitBytes) yield* this.#tellNoise()
      at += Math.max(1, length)
    }
    this.#drop(at)
  }

  #heardAtMs(offset: number): number {
    let atMs = 0
    for (const piece of this.#pieces) if (piece.from <= offset) atMs = piece.atMs
    return atMs
  }

  /** Forgets the first bytes, and the pieces that ended before what is left. */
  #drop(bytes: number): void {
    const left = this.#pending.length - bytes
    const firstAtMs = this.#heardAtMs(bytes)
    const later = this.#pieces.filter((piece) => piece.from > bytes)
    this.#pieces =
      left === 0
        ? []
        : [
            { from: 0, atMs: firstAtMs },
            ...later.map((piece) => ({ from: piece.from - bytes, atMs: piece.atMs })),
          ]
    // A copy, so that a large piece is not kept alive by its last three bytes.
    this.#pending = left === 0 ? noBytes : this.#pending.slice(bytes)
  }

  #keepNoise(reason: string, bytes: Uint8Array): void {
    if (this.#noiseBytes === 0) this.#noiseReason = reason
    this.#noise.push(bytes)
    this.#noiseBytes += bytes.length
  }

  *#tellNoise(): Generator<Framed<Packet>, void, undefined> {
    if (this.#noiseBytes === 0) return
    const bytes = joinBytes(...this.#noise)
    this.#noise = []
    this.#noiseBytes = 0
    yield { kind: 'noise', reason: this.#noiseReason, bytes }
  }
}
