/** What was heard on a port at one line setting, with its times. */
import { joinBytes } from '../../../protocols/bytes/bytes.ts'
import type { MonotonicMs } from '../../../protocols/world/clock.ts'

export interface Piece {
  readonly atMs: MonotonicMs
  readonly bytes: Uint8Array
}

/** A day of blood pressures, or some minutes of a monitor with all its waves. */
export const transcriptBytesMax = 4_194_304

/** One entry costs as much as some dozens of bytes. */
const piecesMax = 65_536

/** Bytes that follow so closely were one piece before a thread was slow. */
const joinWithinMs = 5
const joinedBytesMax = 1_024

/** Keeps the newest; what had to go is counted. */
export class Transcript {
  #pieces: Piece[] = []
  #bytes = 0
  #lostBytes = 0

  get bytes(): number {
    return this.#bytes
  }

  /** How many of the oldest bytes had to be forgotten. */
  get lostBytes(): number {
    return this.#lostBytes
  }

  get pieces(): readonly Piece[] {
    return this.#pieces
  }

  add(bytes: Uint8Array, atMs: MonotonicMs): void {
    const last = this.#pieces.at(-1)
    const joins =
      last !== undefined &&
      atMs - last.atMs < joinWithinMs &&
      last.bytes.length + bytes.length <= joinedBytesMax
    if (joins) {
      this.#pieces[this.#pieces.length - 1] = { ...last, bytes: joinBytes(last.bytes, bytes) }
    } else this.#pieces.push({ atMs, bytes })
    this.#bytes += bytes.length
    while (this.#bytes > transcriptBytesMax || this.#pieces.length > piecesMax) this.#forgetFirst()
  }

  /** The first bytes, at most so many, with their times. */
  head(bytesMax: number): readonly Piece[] {
    const head: Piece[] = []
    let room = bytesMax
    for (const piece of this.#pieces) {
      if (room <= 0) break
      head.push({ ...piece, bytes: piece.bytes.subarray(0, room) })
      room -= piece.bytes.length
    }
    return head
  }

  /** Takes everything out; the transcript is empty afterwards. */
  take(): readonly Piece[] {
    const pieces = this.#pieces
    this.#pieces = []
    this.#bytes = 0
    return pieces
  }

  #forgetFirst(): void {
    const first = this.#pieces.shift()
    if (first === undefined) return
    this.#bytes -= first.bytes.length
    this.#lostBytes += first.bytes.length
  }
}
