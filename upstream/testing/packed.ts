/** A file, and what it is packed: without a wasm coder, so that it costs nothing. */
import { createHash } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import { encodeFrameLength, encodePackedHead } from '../../protocols/packed-image/packed-image.ts'

const head = new Uint8Array(300).fill(1)
const frames = [new Uint8Array(4_000).fill(2), new Uint8Array(4_000).fill(3)]
export const file = new Uint8Array(Buffer.concat([head, ...frames, Uint8Array.of(9)]))

export function packed(frame: (pixels: Uint8Array) => Uint8Array = zstdCompressSync): Uint8Array {
  const header = {
    v: 1,
    sha256: new Uint8Array(createHash('sha256').update(file).digest()),
    sizeBytes: file.length,
    headBytes: head.length,
    tailBytes: 1,
    coding: 'zstd',
    frames: 2,
    rows: 40,
    columns: 50,
    samples: 1,
    bitsAllocated: 16,
    bitsStored: 12,
    signed: 0,
  } as const
  const coded = frames.flatMap((pixels) => {
    const bytes = frame(pixels)
    return [encodeFrameLength(bytes.length), bytes]
  })
  return new Uint8Array(Buffer.concat([encodePackedHead(header, head, Uint8Array.of(9)), ...coded]))
}
