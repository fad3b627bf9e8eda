/**
 * Some PDUs in one buffer, with room for their heads, that a file is read into and that goes out as
 * it is. Used again for the next piece, so that images of any size take the same memory.
 *
 *     | head (12) | data | head (12) | data | ...
 */
import type { FileHandle } from 'node:fs/promises'
import { fragmentHeadBytes, writeFragmentHead } from '../../protocols/dicom/message.ts'

/** As much data as is read at once. */
const dataBytesWanted = 262_144
/** The system reads into 1024 pieces at once at most. */
const fragmentsMost = 1_000

export class Slab {
  readonly #fragmentBytes: number
  readonly #bytes: Uint8Array
  readonly #fragments: number
  /** Resolves when nothing reads the buffer any more. */
  flushed: Promise<void> = Promise.resolve()

  /** `fragmentBytes`: how much data fits into one PDU. */
  constructor(fragmentBytes: number) {
    this.#fragmentBytes = fragmentBytes
    const wanted = Math.floor(dataBytesWanted / fragmentBytes)
    this.#fragments = Math.min(fragmentsMost, Math.max(1, wanted))
    this.#bytes = new Uint8Array(this.#fragments * (fragmentHeadBytes + fragmentBytes))
  }

  /** From `at` on, at most to `end`. null when the file ends before it should. */
  async fill(
    handle: FileHandle,
    at: number,
    end: number,
    contextId: number,
  ): Promise<{ readonly bytes: Uint8Array; readonly dataBytes: number } | null> {
    const dataBytes = Math.min(end - at, this.#fragments * this.#fragmentBytes)
    const pieces: Uint8Array[] = []
    let offset = 0
    for (let left = dataBytes; left > 0; left -= this.#fragmentBytes) {
      const bytes = Math.min(left, this.#fragmentBytes)
      const last = left === bytes && at + dataBytes === end
      writeFragmentHead(this.#bytes, offset, { contextId, bytes, last })
      offset += fragmentHeadBytes
      pieces.push(this.#bytes.subarray(offset, offset + bytes))
      offset += bytes
    }
    const isWhole = await readInto(handle, pieces, at)
    return isWhole ? { bytes: this.#bytes.subarray(0, offset), dataBytes } : null
  }
}

/** Fills the pieces one after the other. False when the file ends before. */
async function readInto(
  handle: FileHandle,
  pieces: readonly Uint8Array[],
  position: number,
): Promise<boolean> {
  let open = pieces
  let at = position
  while (open.length > 0) {
    const { bytesRead } = await handle.readv([...open], at)
    if (bytesRead === 0) return false
    at += bytesRead
    open = withoutFirst(open, bytesRead)
  }
  return true
}

function withoutFirst(pieces: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let left = count
  return pieces.flatMap((piece) => {
    const taken = Math.min(left, piece.length)
    left -= taken
    return taken === piece.length ? [] : [piece.subarray(taken)]
  })
}
