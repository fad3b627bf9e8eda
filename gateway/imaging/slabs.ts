/**
 * Memory for what waits for the disk, used again and again. What a socket hands over is copied in
 * here: kept itself, each of its pieces would be garbage that nobody collects before there are tens
 * of megabytes of it.
 */

export const slabBytes = 131_072
/** More than usually wait at one time. What is given back beyond is left to the collector. */
const keptMax = 16

export class Slabs {
  readonly #free: Uint8Array[] = []

  /** Of `slabBytes`, with whatever was written into it before. */
  take(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(new ArrayBuffer(slabBytes))
  }

  /** Nobody may hold a view of it any more. */
  giveBack(slab: Uint8Array): void {
    if (this.#free.length < keptMax) this.#free.push(slab)
  }
}
