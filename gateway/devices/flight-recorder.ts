/**
 * The last minute of what was said on a wire, in both directions, for the moment when somebody asks
 * what the device really sent. One ring of bytes and one of entries, so that it costs a copy and
 * nothing for the garbage collector, however long it runs.
 */
import { monotonicMs, type MonotonicMs } from '../../protocols/world/clock.ts'

export interface RecordedPiece {
  /** `heard` from the device, or `sent` to it. */
  readonly direction: 'heard' | 'sent'
  readonly atMs: MonotonicMs
  readonly bytes: Uint8Array
}

export const recordedMs = 60_000

/** A minute at 115,200 baud fits; a faster device has a shorter past. */
export const recordedBytesMax = 1_048_576

/** Beyond, the oldest pieces go, however few bytes they are. */
export const recordedPiecesMax = 8_192

/** Bytes of one direction that follow so closely are one piece. */
const joinWithinMs = 10

const firstBytes = 16_384

export class FlightRecorder {
  #ring = new Uint8Array(firstBytes)
  /** Where the next byte goes, counted since the beginning; the ring holds the last of them. */
  #written = 0
  readonly #times = new Float64Array(recordedPiecesMax)
  readonly #ends = new Float64Array(recordedPiecesMax)
  readonly #sent = new Uint8Array(recordedPiecesMax)
  /** Pieces since the beginning, and the first that is still held. */
  #pieces = 0
  #firstPiece = 0
  /** Where the first held piece begins. */
  #firstByte = 0

  add(direction: RecordedPiece['direction'], bytes: Uint8Array, atMs: MonotonicMs): void {
    const kept =
      bytes.length > recordedBytesMax ? bytes.subarray(bytes.length - recordedBytesMax) : bytes
    if (kept.length === 0) return
    this.#dropOlderThan(atMs - recordedMs)
    this.#makeRoom(kept.length)
    this.#write(kept)

    const sent = direction === 'sent' ? 1 : 0
    const newest = (this.#pieces - 1) % recordedPiecesMax
    const joins =
      this.#pieces > this.#firstPiece &&
      this.#sent[newest] === sent &&
      atMs - (this.#times[newest] ?? 0) < joinWithinMs
    if (joins) {
      this.#ends[newest] = this.#written
      return
    }
    if (this.#pieces - this.#firstPiece === recordedPiecesMax) this.#dropFirst()
    const piece = this.#pieces++ % recordedPiecesMax
    this.#times[piece] = atMs
    this.#ends[piece] = this.#written
    this.#sent[piece] = sent
  }

  /** What is held, the oldest first. The bytes are copies. */
  pieces(nowMs: MonotonicMs): readonly RecordedPiece[] {
    this.#dropOlderThan(nowMs - recordedMs)
    const pieces: RecordedPiece[] = []
    let from = this.#firstByte
    for (let index = this.#firstPiece; index < this.#pieces; index++) {
      const piece = index % recordedPiecesMax
      const to = this.#ends[piece] ?? from
      pieces.push({
        direction: this.#sent[piece] === 1 ? 'sent' : 'heard',
        atMs: monotonicMs(this.#times[piece] ?? 0),
        bytes: this.#read(from, to),
      })
      from = to
    }
    return pieces
  }

  #dropOlderThan(atMs: number): void {
    while (this.#firstPiece < this.#pieces) {
      const piece = this.#firstPiece % recordedPiecesMax
      if ((this.#times[piece] ?? 0) >= atMs) return
      this.#dropFirst()
    }
  }

  #dropFirst(): void {
    this.#firstByte = this.#ends[this.#firstPiece % recordedPiecesMax] ?? this.#written
    this.#firstPiece++
  }

  #makeRoom(count: number): void {
    while (this.#written - this.#firstByte + count > recordedBytesMax) this.#dropFirst()
    const needed = this.#written - this.#firstByte + count
    if (needed <= this.#ring.length) return
    let size = this.#ring.length
    while (size < needed) size *= 2
    const held = this.#read(this.#firstByte, this.#written)
    this.#ring = new Uint8Array(size)
    const begin = this.#firstByte
    this.#written = begin
    this.#write(held)
  }

  #write(bytes: Uint8Array): void {
    const at = this.#written % this.#ring.length
    const room = this.#ring.length - at
    this.#ring.set(bytes.subarray(0, room), at)
    if (bytes.length > room) this.#ring.set(bytes.subarray(room), 0)
    this.#written += bytes.length
  }

  #read(from: number, to: number): Uint8Array {
    const at = from % this.#ring.length
    const bytes = new Uint8Array(to - from)
    const first = this.#ring.subarray(at, at + bytes.length)
    bytes.set(first)
    bytes.set(this.#ring.subarray(0, bytes.length - first.length), first.length)
    return bytes
  }
}
