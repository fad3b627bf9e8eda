/**
 * The hashes under which an object travels, made while its bytes pass by: that of the whole, and
 * one for each chunk as the header of its packet carries it.
 */
import { createHash } from 'node:crypto'
import { hashBytes } from '../../protocols/packet/packet.ts'

const firstChunks = 16

export class ChunkHashes {
  readonly #chunkBytes: number
  readonly #whole = createHash('sha256')
  #chunk = createHash('sha256')
  #leftInChunk: number
  /** Grows with the object: 256 bytes for each MiB of it. */
  #digests = new Uint8Array(firstChunks * hashBytes)
  #count = 0

  constructor(chunkBytes: number) {
    this.#chunkBytes = chunkBytes
    this.#leftInChunk = chunkBytes
  }

  update(bytes: Uint8Array): void {
    this.#whole.update(bytes)
    for (let at = 0; at < bytes.length;) {
      const end = Math.min(bytes.length, at + this.#leftInChunk)
      this.#chunk.update(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end))
      this.#leftInChunk -= end - at
      at = end
      if (this.#leftInChunk === 0) this.#nextChunk()
    }
  }

  /** Once. `sha256` is lower-case hex. */
  end(): { readonly sha256: string; readonly chunkDigests: Uint8Array } {
    if (this.#leftInChunk < this.#chunkBytes) this.#nextChunk()
    const sha256 = this.#whole.digest('hex')
    return { sha256, chunkDigests: this.#digests.slice(0, this.#count * hashBytes) }
  }

  #nextChunk(): void {
    if ((this.#count + 1) * hashBytes > this.#digests.length) {
      const larger = new Uint8Array(this.#digests.length * 2)
      larger.set(this.#digests)
      this.#digests = larger
    }
    const digest = this.#chunk.digest().subarray(0, hashBytes)
    this.#digests.set(digest, this.#count * hashBytes)
    this.#count++
    this.#chunk = createHash('sha256')
    this.#leftInChunk = this.#chunkBytes
  }
}
